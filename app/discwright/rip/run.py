# SPDX-License-Identifier: GPL-3.0-or-later
"""The rip itself: read, write, prove, name."""

import threading
import time
from dataclasses import replace
from datetime import datetime

from discwright.errors import DiscwrightError, ReadError, SourceError
from discwright.image.affected import files_at
from discwright.optical.attempts import Attempts, OtherDiscError
from discwright.optical.iso_file import IsoFile
from discwright.optical.patience import PatientReader
from discwright.optical.source import DiscSource
from discwright.rip.drive_use import SPEED_1X_KB, DriveUse
from discwright.rip.earlier import Earlier, Kind
from discwright.rip.findings import Findings
from discwright.rip.guard import guard
from discwright.rip.identity import ensure_same
from discwright.rip.map import Status
from discwright.rip.plan import RipPlan
from discwright.rip.report import RipReport, refused
from discwright.rip.rereading import Rereading
from discwright.rip.rescue import Rescue
from discwright.rip.sidecar import conclude
from discwright.rip.telling import Telling
from discwright.rip.unfinished import Keeper, Unfinished
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.comparison import Comparison
from discwright.transfer.digests import DigestSet
from discwright.transfer.extents import Extents
from discwright.transfer.meter import Meter
from discwright.transfer.outcome import State
from discwright.transfer.partfile import PartFile
from discwright.transfer.progress import Listener, Mark, Phase
from discwright.transfer.pump import FILLING, Consumer, pump
from discwright.transfer.reader import SECTOR
from discwright.wording import _, shown, size

__all__ = ["SPEED_1X_KB", "run_rip"]

KEPT_WITHIN_S = 20.0
"""How long the end of a job may wait for the disk to take what is kept."""

_MARKS = {
    Status.NON_TRIED: Mark.UNTRIED,
    Status.NON_TRIMMED: Mark.SKIPPED,
    Status.NON_SCRAPED: Mark.SKIPPED,
    Status.BAD: Mark.BAD,
    Status.FINISHED: Mark.READ,
}


def run_rip(plan: RipPlan, listener: Listener, cancel: CancelToken) -> RipReport:
    """Copy the disc as planned. Whatever goes wrong with discs and files is in the report."""
    began = time.monotonic()
    started = datetime.now().astimezone().isoformat(timespec="seconds")
    rip = _Rip(plan, started, listener, cancel)
    try:
        report = rip.run()
    finally:
        rip.close()
    return conclude(plan, report, started=started, began=began, listener=listener)


class _Rip:
    """One run: the open source and what is known so far."""

    def __init__(
        self, plan: RipPlan, started: str, listener: Listener, cancel: CancelToken
    ) -> None:
        self._plan = plan
        self._started = started
        self._listener = listener
        self._cancel = cancel
        self._meter = Meter(listener)
        self._drive = DriveUse(plan, listener, cancel)
        self._telling = Telling(self._meter, SECTOR)

    def close(self) -> None:
        """Let go of the disc."""
        self._drive.close()

    def run(self) -> RipReport:
        """Do it, and give the report, whatever comes in between."""
        copy: Unfinished | None = None
        try:
            self._meter.start(Phase.PREPARING, None)
            source = self._drive.open()
            refusal = guard(self._plan, source.files)
            if refusal is not None:
                return refused(refusal)
            copy = Unfinished(self._plan, self._started, self._listener)
            return self._copy(source, copy)
        except (Cancelled, DiscwrightError) as error:
            return self._broken_off(error, copy)
        finally:
            if copy is not None:
                copy.close()

    def _copy(self, source: DiscSource, copy: Unfinished) -> RipReport:
        """Copy it. Raises Cancelled and DiscwrightError."""
        plan, part = self._plan, copy.part
        if plan.earlier is not None:
            self._go_on(plan.earlier, source, copy)
        digests = DigestSet(plan.options.hashes)
        rescue = self._read(source, copy, digests)
        if not copy.map.finished:
            raise SourceError(
                _("Not one sector of the disc could be read."),
                remedy=_("Clean the disc, or try another drive."),
            )
        bad = copy.map.unfinished()
        self._meter.start(Phase.FLUSHING, None)
        self._drive.aside(copy.fill_rest)
        self._drive.flush(part)
        if not rescue.whole:
            digests = DigestSet(plan.options.hashes)
            self._digest(part, digests)
        differing = self._compare(source, part, bad) if plan.options.verify else None
        self._meter.start(Phase.FINISHING, None)
        affected = self._files_at(part, bad)
        self._drive.restore_speed()
        self._cancel.raise_if_cancelled()
        doubt = copy.commit()
        self._meter.finish()
        found = Findings(bad, differing, plan.disc.wholeness)
        left = copy.conclude()
        return RipReport(
            found.state,
            found.message(plan.target.name, plan.size),
            found.remedy,
            target=plan.target,
            bytes=part.written,
            digests=digests.hexdigests(),
            bad_sectors=bad.runs,
            files_affected=(*affected, *found.files_missing),
            differing_sectors=() if differing is None else differing.runs,
            missing_sectors=found.missing,
            recovered_sectors=rescue.recovered,
            verified=None if differing is None else not differing.count,
            map=copy.places.map if copy.has_map else None,
            readings=copy.readings,
            warnings=(
                *plan.warnings,
                *self._drive.warnings,
                *((doubt,) if doubt else ()),
                *left,
                *self._drive.eject(source),
            ),
        )

    def _go_on(self, earlier: Earlier, source: DiscSource, copy: Unfinished) -> None:
        """Make sure that it is the same disc; put an image that is made better in place."""
        file = self._plan.target if earlier.kind is Kind.IMAGE else copy.part.path
        attempts = self._attempts(source)
        self._drive.aside(
            lambda: ensure_same(self._plan.disc, attempts, replace(earlier, map=copy.map), file)
        )
        if earlier.kind is Kind.IMAGE:
            with Rereading(file, self._plan.size) as image:
                self._meter.start(Phase.PREPARING, image.size)
                self._pump_file(image, (copy.take_image,))

    def _digest(self, part: PartFile, digests: DigestSet) -> None:
        """Take the checksums from the file: the disc was not read in one go."""
        if digests.names:
            with Rereading(part.path, part.written) as image:
                self._meter.start(Phase.HASHING, image.size)
                self._pump_file(image, digests.consumers())

    def _read(self, source: DiscSource, copy: Unfinished, digests: DigestSet) -> Rescue:
        plan = self._plan
        rescue = Rescue(
            self._attempts(source),
            copy.map,
            end=plan.disc.length.sectors,
            retries=plan.options.retries,
            listener=self._listener,
            before_retries=self._drive.slow_down,
        )
        copy.begin(rescue)
        if plan.earlier is not None:
            for run, status in copy.map.runs():
                self._listener.mark(run.lba, run.count, _MARKS[status])

        def tell() -> None:
            self._telling.tell(rescue)
            if rescue.trouble:
                keeper.poke()

        def fill(buffer: memoryview) -> int:
            length = rescue.fill(buffer)
            tell()
            return length

        def in_order(take: Consumer) -> Consumer:
            return lambda piece: take(piece) if rescue.in_order else None

        consumers = (copy.place, *map(in_order, digests.consumers()))
        keeper = Keeper(copy.save, self._listener)
        keeper.start()
        try:
            pump(fill, consumers, cancel=self._cancel, tick=tell, stuck=self._drive.hanging.append)
        finally:
            keeper.stop()
        self._drive.aside(keeper.thread.join)
        return rescue

    def _broken_off(self, error: Exception, copy: Unfinished | None) -> RipReport:
        """Keep what was read, if somebody would miss it, and say so."""
        if copy is not None and isinstance(error, OtherDiscError):
            copy.doubt()
        kept = copy is not None and copy.worth_keeping and self._keep(copy)
        fate = self._fate(copy, kept=kept)
        warnings = (*self._plan.warnings, *self._drive.warnings)
        if isinstance(error, DiscwrightError):
            message = error.message
            if isinstance(error, ReadError):
                message = _("{what} This was at sector {lba} of {n}.").format(
                    what=message, lba=error.lba, n=self._plan.sectors
                )
            state, remedy, cause = State.FAILED, error.remedy, error.cause
        else:
            state, message, remedy, cause = State.CANCELLED, _("The copy was cancelled."), "", ""
        report = RipReport(state, f"{message} {fate}".strip(), remedy, cause, warnings=warnings)
        if copy is None or not kept:
            return report
        go_on = _("Go on with it later, in this drive or in another one.")
        return replace(
            report,
            remedy=f"{remedy} {go_on}".strip(),
            kept=copy.part.path,
            map=copy.places.part_map,
            unread_sectors=copy.safe.open,
            readings=copy.readings,
        )

    def _keep(self, copy: Unfinished) -> bool:
        """Leave the copy on the disk; give whether it can be gone on with."""
        failed: list[DiscwrightError] = []

        def keep() -> None:
            try:
                copy.keep()
            except DiscwrightError as error:
                failed.append(error)
                self._listener.log(f"Keeping: {error} {error.cause}")

        if all(thread.name == FILLING for thread in self._drive.hanging):
            thread = threading.Thread(target=keep, name="keep", daemon=True)
            thread.start()
            thread.join(KEPT_WITHIN_S)
            if thread.is_alive():
                self._drive.hanging.append(thread)
        elif copy.adopted or copy.saved:
            copy.leave()
        if failed:
            self._drive.warnings.append(
                _("Not all of what was read could be kept: {why}").format(why=failed[0].message)
            )
        return copy.adopted or copy.saved

    def _fate(self, copy: Unfinished | None, *, kept: bool) -> str:
        """Say what became of what was read."""
        if kept and copy is not None:
            return _("What was read so far is kept: {done} of {all}.").format(
                done=size(copy.safe.finished * SECTOR), all=size(self._plan.size)
            )
        if copy is not None and copy.whole_left:
            return ""
        if self._plan.earlier is not None and self._plan.earlier.kind is Kind.IMAGE:
            return _("{name} is as it was.").format(name=shown(self._plan.target.name))
        if self._plan.earlier is not None:
            return _("The unfinished copy is as it was.")
        return _("Nothing was kept.")

    def _attempts(self, source: DiscSource) -> Attempts:
        return Attempts(
            source,
            fingerprint=self._plan.disc.fingerprint,
            listener=self._listener,
            cancel=self._cancel,
            watchful=True,
        )

    def _pump_file(self, file: Rereading, consumers: tuple[Consumer, ...]) -> None:
        """Move a file through the consumers, telling the progress."""

        def fill(buffer: memoryview) -> int:
            length = file.fill(buffer)
            self._meter.update(file.position)
            return length

        pump(fill, consumers, cancel=self._cancel, stuck=self._drive.hanging.append)

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

        pump(fill, consumers, cancel=self._cancel, tick=tell, stuck=self._drive.hanging.append)

    def _compare(self, source: DiscSource, part: PartFile, bad: Extents) -> Extents:
        comparison = Comparison(part.path, bad)
        try:
            reader = self._patient(source, bad)
            self._pump(reader, Phase.VERIFYING, (comparison.take,), bad.count)
        finally:
            if not self._drive.hanging:
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
