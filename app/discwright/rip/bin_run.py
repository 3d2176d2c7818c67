# SPDX-License-Identifier: GPL-3.0-or-later
"""The rip of a CD to BIN/CUE: look beside the sectors, read, write, prove, name both files."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from discwright.errors import DiscwrightError, ReadError, SourceError, TargetError
from discwright.image.affected import files_at
from discwright.image.cue_writer import write_cue
from discwright.image.layout import RAW_SECTOR
from discwright.optical.attempts import Attempts
from discwright.optical.compact_disc import CompactDisc, survey
from discwright.optical.drive_source import DriveSource
from discwright.optical.image_source import open_image
from discwright.optical.raw_sectors import (
    MOST_RAW,
    Content,
    Doubt,
    RawSource,
)
from discwright.rip.bin_disc import CopiedCd, contents_of
from discwright.rip.bin_files import BinFiles
from discwright.rip.bin_findings import BinFindings, losses_of, warnings_of
from discwright.rip.bin_layout import sheet_of
from discwright.rip.drive_use import DriveUse
from discwright.rip.guard import guard
from discwright.rip.map import RescueMap, Status
from discwright.rip.plan import RipPlan
from discwright.rip.record import Reading
from discwright.rip.report import RipReport, refused
from discwright.rip.rereading import Rereading
from discwright.rip.rescue import Rescue
from discwright.rip.sidecar import conclude
from discwright.rip.telling import Telling
from discwright.transfer.buffers import Ring
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.digests import DigestSet
from discwright.transfer.extents import Extent, Extents
from discwright.transfer.meter import Meter
from discwright.transfer.outcome import State
from discwright.transfer.partfile import PartFile
from discwright.transfer.progress import Listener, Phase
from discwright.transfer.pump import Consumer, pump
from discwright.wording import _, shown

_BUFFER = 32 * MOST_RAW * RAW_SECTOR
"""Bytes of whole requests that are whole pages too, for writing around the page cache."""

Write = Callable[[int, memoryview], None]


def run_bin(plan: RipPlan, listener: Listener, cancel: CancelToken) -> RipReport:
    """Copy the CD as planned. Whatever goes wrong with discs and files is in the report."""
    began = time.monotonic()
    started = datetime.now().astimezone().isoformat(timespec="seconds")
    rip = _BinRip(plan, started, listener, cancel)
    try:
        report = rip.run()
    finally:
        rip.drive.close()
    return conclude(plan, report, started=started, began=began, listener=listener)


class _BinRip:
    """One run: the open drive and what is known so far."""

    def __init__(
        self, plan: RipPlan, started: str, listener: Listener, cancel: CancelToken
    ) -> None:
        self._plan = plan
        self._started = started
        self._listener = listener
        self._cancel = cancel
        self._meter = Meter(listener)
        self.drive = DriveUse(plan, listener, cancel)
        self._files: BinFiles | None = None

    def run(self) -> RipReport:
        """Do it, and give the report, whatever comes in between."""
        plan = self._plan
        try:
            self._meter.start(Phase.PREPARING, None)
            source = self.drive.open()
            refusal = guard(plan, source.files)
            if refusal is not None:
                return refused(refusal)
            if not isinstance(source, DriveSource):
                raise SourceError(_("Only discs in a drive are copied to BIN/CUE."))
            cd = CopiedCd(source, self._survey(source))
            return self._copy(cd)
        except (Cancelled, DiscwrightError) as error:
            return self._broken_off(error)

    def _survey(self, source: DriveSource) -> CompactDisc:
        found: list[CompactDisc] = []
        known = self._plan.disc
        ends = [one.sectors for one in known.volumes.ends]
        self.drive.aside(
            lambda: found.append(survey(source, known.tracks, self._cancel, file_systems=ends))
        )
        disc = found[0]
        for track in disc.tracks:
            self._listener.log(f"Track {track.number}: {track}")
        return disc

    def _copy(self, cd: CopiedCd) -> RipReport:
        """Copy it. Raises Cancelled and DiscwrightError."""
        target, sheet = self._plan.target, self._plan.target.with_suffix(".cue")
        with BinFiles(target, sheet, cd.layout.sectors * RAW_SECTOR) as files:
            self._files = files
            return self._fill(cd, files)

    def _fill(self, cd: CopiedCd, files: BinFiles) -> RipReport:
        plan, disc, layout, reader = self._plan, cd.disc, cd.layout, cd.reader
        part = files.image
        digests = DigestSet(plan.options.hashes)
        rescue = self._read(cd, part, digests)
        bad = rescue.map.unfinished()
        if bad.count == layout.sectors and not reader.doubts:
            raise SourceError(
                _("Not one sector of the disc could be read."),
                remedy=_("Clean the disc, or try another drive."),
            )
        self._meter.start(Phase.FLUSHING, None)
        kept: dict[int, Doubt] = {}
        if bad.count:
            self.drive.aside(lambda: self._settle(cd, rescue.map, part, kept))
            bad = rescue.map.unfinished()
        self.drive.flush(part)
        if not rescue.whole:
            digests = self._digest(part)
        differing = self._compare(cd, part, bad) if plan.options.verify else None
        self._meter.start(Phase.FINISHING, None)
        self.drive.restore_speed()
        self._cancel.raise_if_cancelled()
        text = write_cue(sheet_of(disc, layout, plan.target.name, reader.modes))
        doubts = files.name(text, overwrite=plan.options.overwrite)
        self._meter.finish()
        losses = losses_of(disc, layout, bad, kept)
        unchecked = sum(map(len, reader.unchecked.values()))
        found = BinFindings(disc, layout, losses, differing, reader.c2, unchecked)
        return RipReport(
            found.state,
            found.message(plan.target.name, files.sheet.target.name, part.written),
            found.remedy,
            target=plan.target,
            sheet=files.sheet.target,
            bytes=part.written,
            digests=digests.hexdigests(),
            bad_sectors=bad.runs,
            losses=losses,
            files_affected=self._files_at(cd, bad),
            differing_sectors=() if differing is None else differing.runs,
            recovered_sectors=rescue.recovered,
            verified=None if differing is None else not differing.count,
            readings=(Reading(self._name_of_drive(), self._started, rescue.read.runs),),
            contents=contents_of(cd),
            warnings=(
                *plan.warnings,
                *self.drive.warnings,
                *warnings_of(disc),
                *doubts,
                *self.drive.eject(cd.source),
            ),
        )

    def _read(self, cd: CopiedCd, part: PartFile, digests: DigestSet) -> Rescue:
        rescue = self._rescue(cd, Extents(cd.layout.holes))

        def write(offset: int, piece: memoryview) -> None:
            part.write_at(cd.offset(offset // RAW_SECTOR), piece)

        def in_order(take: Consumer) -> Consumer:
            return lambda piece: take(piece) if rescue.in_order else None

        self._pump(rescue, write, *map(in_order, digests.consumers()))
        return rescue

    def _rescue(self, cd: CopiedCd, done: Extents) -> Rescue:
        """Prepare to read all but what is done."""
        rescue_map = RescueMap(cd.layout.end)
        for run in done.runs:
            rescue_map.set(run.lba, run.count, Status.FINISHED)
        return Rescue(
            self._attempts(cd),
            rescue_map,
            end=cd.layout.end,
            retries=self._plan.options.retries,
            listener=self._listener,
            before_retries=self.drive.slow_down,
            request=MOST_RAW,
        )

    def _pump(
        self, rescue: Rescue, write: Write, *more: Consumer, instead: Phase | None = None
    ) -> None:
        """Move what is read to ``write``, telling the progress."""
        telling = Telling(self._meter, RAW_SECTOR, instead=instead)
        ledger = rescue.ledger

        def fill(buffer: memoryview) -> int:
            length = rescue.fill(buffer)
            telling.tell(rescue)
            return length

        pump(
            fill,
            (lambda piece: ledger.place(piece, write), *more),
            cancel=self._cancel,
            ring=Ring(_BUFFER),
            tick=lambda: telling.tell(rescue),
            stuck=self.drive.hanging.append,
        )

    def _attempts(self, cd: CopiedCd) -> Attempts:
        return Attempts(
            RawSource(cd.source, cd.layout.end, cd.reader),
            fingerprint=self._plan.disc.fingerprint,
            listener=self._listener,
            cancel=self._cancel,
            watchful=True,
        )

    def _settle(
        self, cd: CopiedCd, rescue_map: RescueMap, part: PartFile, kept: dict[int, Doubt]
    ) -> None:
        """Put something in the place of each sector that was not read, or was not believed.

        What the drive delivers in spite of all doubt is taken as it is, once more asked for: some
        discs were made with wrong sectors.
        """
        attempts, reader = self._attempts(cd), cd.reader
        reader.strict = False
        sector = memoryview(bytearray(RAW_SECTOR))
        try:
            for run in rescue_map.unfinished().runs:
                for lba in range(run.lba, run.end):
                    if lba in reader.doubts and attempts.read(lba, 1, sector) is None:
                        part.write_at(cd.offset(lba), sector)
                        if lba in reader.doubts:
                            kept[lba] = reader.doubts[lba]
                        else:
                            rescue_map.set(lba, 1, Status.FINISHED)
                        continue
                    part.write_at(cd.offset(lba), memoryview(cd.substitute(lba)))
        finally:
            reader.strict = True
        attempts.ensure_same_disc()

    def _digest(self, part: PartFile) -> DigestSet:
        """Take the checksums from the file: the disc was not read in one go."""
        digests = DigestSet(self._plan.options.hashes)
        if digests.names:
            with Rereading(part.path, part.written) as image:
                self._meter.start(Phase.HASHING, image.size)

                def fill(buffer: memoryview) -> int:
                    length = image.fill(buffer)
                    self._meter.update(image.position)
                    return length

                stuck = self.drive.hanging.append
                pump(fill, digests.consumers(), cancel=self._cancel, stuck=stuck)
        return digests

    def _compare(self, cd: CopiedCd, part: PartFile, bad: Extents) -> Extents:
        """Read the disc once more, and give what isn't as in the file."""
        done = Extents((*cd.layout.holes, *bad.runs))
        rescue = self._rescue(cd, done)
        differing = Extents()
        descriptor = os.open(part.path, os.O_RDONLY | os.O_CLOEXEC)

        def compare(offset: int, piece: memoryview) -> None:
            lba = offset // RAW_SECTOR
            there = os.pread(descriptor, len(piece), cd.offset(lba))
            if there == piece:
                return
            for at in range(0, len(piece), RAW_SECTOR):
                if there[at : at + RAW_SECTOR] != piece[at : at + RAW_SECTOR]:
                    differing.add(Extent(lba + at // RAW_SECTOR, 1))

        try:
            with suppress(OSError):  # a hint: what is on the disk counts
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            self._pump(rescue, compare, instead=Phase.VERIFYING)
        except OSError as error:
            raise TargetError(
                _("The image {name} can't be read back from the disk.").format(
                    name=shown(part.path.name)
                ),
                remedy=_("Check the disk that it was written to."),
                cause=str(error),
            ) from error
        finally:
            if not self.drive.hanging:
                os.close(descriptor)
        for run in rescue.map.unfinished().runs:
            differing.add(run)
        return differing

    def _files_at(self, cd: CopiedCd, bad: Extents) -> tuple[str, ...]:
        """Name the files of the data track that lie on bad sectors, as far as they are known."""
        data = [run for whole in bad.runs for stretch, run in cd.layout.within(whole)
                if stretch.content is Content.DATA]  # fmt: skip
        sheet = self._plan.sheet
        if not data or sheet is None:
            return ()
        try:
            image = open_image(sheet)
        except DiscwrightError as error:
            self._listener.log(f"The files on bad sectors are not known: {error}")
            return ()
        try:
            return files_at(image.reader, data)
        finally:
            image.close()

    def _name_of_drive(self) -> str:
        disc = self._plan.disc
        return disc.source if disc.drive is None else f"{disc.drive} {disc.drive.firmware}".strip()

    def _broken_off(self, error: Exception) -> RipReport:
        warnings = (*self._plan.warnings, *self.drive.warnings)
        left = self._files is not None and self._files.left
        fate = "" if left else _("Nothing was kept.")
        if not isinstance(error, DiscwrightError):
            message = f"{_('The copy was cancelled.')} {fate}".strip()
            return RipReport(State.CANCELLED, message, warnings=warnings)
        message = error.message
        if isinstance(error, ReadError):
            message = _("{what} This was at sector {lba} of {n}.").format(
                what=message, lba=error.lba, n=self._plan.sectors
            )
        return RipReport(
            State.FAILED, f"{message} {fate}".strip(), error.remedy, error.cause, warnings=warnings
        )
