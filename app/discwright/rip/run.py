# SPDX-License-Identifier: GPL-3.0-or-later
"""The rip itself: read, write, prove, name."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from discwright.devices.mounts import mounted_at
from discwright.devices.udisks import unmount
from discwright.errors import DiscwrightError, ReadError, SourceError
from discwright.image.affected import files_at
from discwright.optical.fingerprint import same
from discwright.optical.iso_file import IsoFile
from discwright.optical.patience import PatientReader
from discwright.optical.profile import Family
from discwright.optical.source import DiscSource, open_source
from discwright.rip.findings import Findings
from discwright.rip.guard import guard
from discwright.rip.map import Current, RescueMap, Stage, Status
from discwright.rip.mapfile import map_text
from discwright.rip.plan import RipPlan
from discwright.rip.report import RipReport, refused
from discwright.rip.sidecar import write_sidecars
from discwright.transfer.buffers import Ring
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.comparison import Comparison
from discwright.transfer.digests import DigestSet
from discwright.transfer.extents import Extents
from discwright.transfer.meter import Meter
from discwright.transfer.outcome import State
from discwright.transfer.partfile import PartFile, write_file
from discwright.transfer.progress import Listener, Phase
from discwright.transfer.pump import Consumer, pump
from discwright.transfer.reader import SECTOR
from discwright.wording import _

SPEED_1X_KB = {Family.CD: 176.4, Family.DVD: 1385.0, Family.BD: 4495.5}
"""kB/s (1000 bytes) that people call 1x (MMC-6 6.37; DVD and BD physical format parts)."""


def run_rip(plan: RipPlan, listener: Listener, cancel: CancelToken) -> RipReport:
    """Copy the disc as planned. Whatever goes wrong with discs and files is in the report."""
    began = time.monotonic()
    started = datetime.now().astimezone().isoformat(timespec="seconds")
    rip = _Rip(plan, listener, cancel)
    try:
        report = rip.run()
    except Cancelled:
        report = RipReport(
            State.CANCELLED, _("The copy was cancelled. Nothing was kept."), warnings=plan.warnings
        )
    except DiscwrightError as error:
        report = rip.failure(error)
    finally:
        rip.close()
    report = replace(report, started=started, duration_s=time.monotonic() - began)
    if report.target is not None:
        sidecars, warnings = write_sidecars(plan, report)
        report = replace(report, sidecars=sidecars, warnings=(*report.warnings, *warnings))
    listener.log(f"{report.state}: {report.message} {report.cause}".strip())
    return report


class _Rip:
    """One run: the open source and what is known so far."""

    def __init__(self, plan: RipPlan, listener: Listener, cancel: CancelToken) -> None:
        self._plan = plan
        self._listener = listener
        self._cancel = cancel
        self._meter = Meter(listener)
        self._source: DiscSource | None = None
        self._hanging: list[threading.Thread] = []
        self._warnings: list[str] = []

    def run(self) -> RipReport:
        """Do it. Raises Cancelled and DiscwrightError; then nothing is left behind."""
        plan = self._plan
        self._meter.start(Phase.PREPARING, None)
        source = self._opened()
        refusal = guard(plan, source.files)
        if refusal is not None:
            return refused(refusal)
        digests = DigestSet(plan.options.hashes)
        with PartFile(plan.target, plan.size) as part:
            reader = self._patient(source)
            self._pump(reader, Phase.READING, (part.write, *digests.consumers()))
            if reader.bad.count == plan.sectors:
                raise SourceError(
                    _("Not one sector of the disc could be read."),
                    remedy=_("Clean the disc, or try another drive."),
                )
            self._meter.start(Phase.FLUSHING, None)
            self._flush(part)
            differing = self._compare(source, part, reader.bad) if plan.options.verify else None
            self._meter.start(Phase.FINISHING, None)
            affected = self._files_at(part, reader.bad)
            self._cancel.raise_if_cancelled()
            doubt = part.commit(overwrite=plan.options.overwrite)
        self._meter.finish()
        found = Findings(reader.bad, differing, plan.disc.wholeness)
        return RipReport(
            found.state,
            found.message(plan.target.name, plan.size),
            found.remedy,
            target=plan.target,
            bytes=part.written,
            digests=digests.hexdigests(),
            bad_sectors=reader.bad.runs,
            files_affected=(*affected, *found.files_missing),
            differing_sectors=() if differing is None else differing.runs,
            missing_sectors=found.missing,
            recovered_sectors=reader.recovered,
            verified=None if differing is None else not differing.count,
            warnings=(
                *plan.warnings,
                *self._warnings,
                *((doubt,) if doubt else ()),
                *self._write_map(reader),
                *self._eject(source),
            ),
        )

    def failure(self, error: DiscwrightError) -> RipReport:
        """Give the report of a run that could not go on."""
        message = error.message
        if isinstance(error, ReadError):
            message = _("{what} This was at sector {lba} of {n}; the copy was not kept.").format(
                what=message, lba=error.lba, n=self._plan.sectors
            )
        return RipReport(
            State.FAILED, message, error.remedy, error.cause, warnings=self._plan.warnings
        )

    def close(self) -> None:
        """Let go of the disc; later, if a thread is still inside a call to its drive."""

        def wait_and_close() -> None:
            for thread in self._hanging:
                thread.join()
            if self._source is not None:
                self._source.close()

        if self._hanging:
            threading.Thread(target=wait_and_close, name="close-drive", daemon=True).start()
        else:
            wait_and_close()

    def _aside(self, act: Callable[[], object]) -> None:
        """Do it in another thread: what hangs there is not to keep a cancel waiting."""

        def fill(_buffer: memoryview) -> int:
            act()
            return 0

        pump(fill, (), cancel=self._cancel, ring=Ring(1, 1), stuck=self._hanging.append)

    def _opened(self) -> DiscSource:
        opened: list[DiscSource] = []
        self._aside(lambda: opened.append(self._open()))
        return opened[0]

    def _flush(self, part: PartFile) -> None:
        """Bring the image to the disk, which can take minutes on a slow one."""

        def sync() -> None:
            # By a descriptor of its own: the other may be closed while this one still waits.
            with suppress(OSError):  # told by the part file, which hears of it too
                descriptor = os.open(part.path, os.O_RDONLY | os.O_CLOEXEC)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)

        self._aside(sync)
        part.flush()

    def _open(self) -> DiscSource:
        options, disc = self._plan.options, self._plan.disc
        source = self._source = self._with_control() or open_source(disc.source)
        source.wait_ready(self._cancel)
        if not same(source.fingerprint(), disc.fingerprint):
            raise SourceError(
                _("Another disc is in the drive than the one that was looked at."),
                remedy=_("Look at the disc again, then start the copy."),
            )
        if options.speed is not None:
            unit = SPEED_1X_KB.get(disc.profile.family, SPEED_1X_KB[Family.CD])
            why = source.set_speed(round(options.speed * unit), self._plan.sectors)
            if why:
                self._listener.log(f"The drive did not take the speed {options.speed:g}x: {why}")
                self._warnings.append(_("The drive did not take the reading speed asked for."))
        return source

    def _with_control(self) -> DiscSource | None:
        """Open it so that its speed can be set; None if that isn't wanted or permitted."""
        if self._plan.options.speed is None:
            return None
        try:
            return open_source(self._plan.disc.source, control=True)
        except SourceError as error:
            self._listener.log(f"Opening for control: {error} {error.cause}")
            return None

    def _patient(self, source: DiscSource, known_bad: Extents | None = None) -> PatientReader:
        return PatientReader(
            source,
            self._plan.sectors,
            retries=self._plan.options.retries,
            fingerprint=self._plan.disc.fingerprint,
            listener=self._listener,
            cancel=self._cancel,
            known_bad=known_bad,
        )

    def _pump(
        self, reader: PatientReader, phase: Phase, consumers: tuple[Consumer, ...], bad: int = 0
    ) -> None:
        """Move the whole disc through the consumers, telling the progress.

        ``bad``: sectors that were bad before, and aren't tried again.
        """
        meter = self._meter
        meter.start(phase, self._plan.size)

        def fill(buffer: memoryview) -> int:
            length = reader.fill(buffer)
            tell()
            return length

        def tell() -> None:
            position = reader.position
            found = bad + reader.bad.count
            meter.update(position * SECTOR, position=position, bad_sectors=found)

        pump(fill, consumers, cancel=self._cancel, tick=tell, stuck=self._hanging.append)

    def _compare(self, source: DiscSource, part: PartFile, bad: Extents) -> Extents:
        comparison = Comparison(part.path, bad)
        try:
            reader = self._patient(source, bad)
            self._pump(reader, Phase.VERIFYING, (comparison.take,), bad.count)
        finally:
            if not self._hanging:
                comparison.close()
        return comparison.differing

    def _files_at(self, part: PartFile, bad: Extents) -> tuple[str, ...]:
        if not bad.count:
            return ()
        image = IsoFile(part.path)
        try:
            return files_at(image, bad.runs)
        finally:
            image.close()

    def _write_map(self, reader: PatientReader) -> tuple[str, ...]:
        """Write it once the image has its name: what it calls finished must be in a file."""
        path = self._plan.options.map_file
        if path is None:
            return ()
        rescue = RescueMap(self._plan.sectors, Status.FINISHED)
        for run in reader.bad.runs:
            rescue.set(run.lba, run.count, Status.BAD)
        text = map_text(rescue, Current(stage=Stage.FINISHED))
        try:
            write_file(path, text.encode("ascii"), overwrite=self._plan.options.overwrite)
        except DiscwrightError as error:
            self._listener.log(f"The map could not be written: {error} {error.cause}")
            return (_("The map could not be written: {why}").format(why=error.sentence()),)
        return ()

    def _eject(self, source: DiscSource) -> tuple[str, ...]:
        if not self._plan.options.eject:
            return ()
        node = self._plan.disc.source
        try:
            if mounted_at(node):
                unmount(node)
            source.eject()
        except DiscwrightError as error:
            self._listener.log(error.cause)
            return (error.sentence(),)
        return ()
