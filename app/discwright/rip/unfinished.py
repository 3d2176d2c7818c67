# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy under way, on the disk: its part file, its map and its record, and how they are kept.

The map on the disk never calls finished what isn't in the part file on the disk: a save first
takes what is on its way out of the map, then flushes the part file, then writes the map.
"""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from discwright.errors import DiscwrightError, TargetError
from discwright.optical.fill import filled, filler
from discwright.rip.earlier import Earlier, Kind, find
from discwright.rip.map import Current, RescueMap, Stage, Status
from discwright.rip.mapfile import MapError, map_text, read_map
from discwright.rip.plan import RipPlan
from discwright.rip.record import Reading, as_text, read_record, record
from discwright.rip.report import RipReport
from discwright.rip.rescue import Rescue
from discwright.transfer.extents import Extent
from discwright.transfer.outcome import State
from discwright.transfer.partfile import PartFile, write_file
from discwright.transfer.progress import Listener
from discwright.transfer.reader import SECTOR
from discwright.wording import _, shown

SAVED_EVERY_S = 30.0
"""How much work a crash of the machine may cost. Also how long a copy without damage must have
been read for before it is worth keeping: what is read again in that time leaves no litter."""


_SOON_S = 0.5
"""After the first trouble: what was read before it reaches the file meanwhile."""


class Unfinished:
    """The files of a copy; as a context manager they are closed, and kept if they were there."""

    def __init__(self, plan: RipPlan, started: str, listener: Listener) -> None:
        """Open or make the part file. Raises TargetError."""
        self.plan = plan
        self.places = plan.places
        self.map = RescueMap(plan.sectors)
        self.rescue: Rescue | None = None
        self._started = started
        self._began = time.monotonic()
        self._listener = listener
        self._saving = threading.Lock()
        self.saved = False
        """Whether a map is on the disk."""
        self._over = False
        self._keeping = False
        self.whole_left = False
        """Whether it was finished, but could not get its name and still has that of a part."""
        earlier = plan.earlier
        self.adopted = earlier is not None and earlier.kind is not Kind.IMAGE
        self.part = PartFile(plan.target, plan.size, adopt=self.adopted)
        try:
            if earlier is not None:
                self._take_over(earlier)
            if not self.adopted:
                self._forget_the_replaced()
        except TargetError:
            self.close()
            raise
        self._keeps_record = self._may_keep_record()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def earlier_readings(self) -> tuple[Reading, ...]:
        """What the runs before this one read."""
        before = self.plan.earlier.record if self.plan.earlier is not None else None
        return before.readings if before is not None else ()

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What each drive gave."""
        sectors = self.rescue.read.runs if self.rescue is not None else ()
        disc = self.plan.disc
        drive = disc.source if disc.drive is None else f"{disc.drive} {disc.drive.firmware}"
        own = (Reading(drive.strip(), self._started, sectors),) if sectors else ()
        return (*self.earlier_readings, *own)

    @property
    def safe(self) -> RescueMap:
        """What is in the file: the map without what is still on its way there."""
        return self.map if self.rescue is None else self.rescue.ledger.without(self.map)

    @property
    def worth_keeping(self) -> bool:
        """Whether somebody would miss it: hours of a rescue, or what was asked to be kept.

        Half a minute of a disc without damage is read again as quickly.
        """
        if self.adopted:
            return True
        rescue = self.rescue
        if rescue is None or not rescue.read.runs:
            return False
        asked = self.plan.options.resume or self.plan.options.map_file is not None
        return asked or rescue.trouble or time.monotonic() - self._began >= SAVED_EVERY_S

    def begin(self, rescue: Rescue) -> None:
        """Take note of what reads it, which shares this map."""
        self.part.written = min(self.part.written, self.plan.size)
        self.rescue = rescue

    def place(self, piece: memoryview) -> None:
        """Write the next piece that was read to its place; made for the pump."""
        if self.rescue is not None:
            self.rescue.ledger.place(piece, self.part.write_at)

    def take_image(self, piece: memoryview) -> None:
        """Put the next piece of the image that is made better in place; made for the pump.

        A sector that says itself that it wasn't read is believed, whatever the map says.
        """
        lba = self.part.written // SECTOR
        self.part.write(piece)
        for sector in filled(bytes(piece), lba):
            if self.map.at(sector) is Status.FINISHED:
                self.map.forget(Extent(sector, 1))

    def save(self) -> None:
        """Bring all that was read to the disk, then the map that says so. Raises TargetError."""
        rescue = self.rescue
        if rescue is None:
            return
        with self._saving:
            safe, current = self.safe, rescue.current
            self._flush()
            self._write(safe, current)

    def _flush(self) -> None:
        # By a descriptor of its own: the other may be closed while this one still waits.
        try:
            descriptor = os.open(self.part.path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise TargetError(
                _("{name} could not be brought to the disk.").format(
                    name=shown(self.part.path.name)
                ),
                cause=str(error),
            ) from error

    def _write(self, safe: RescueMap, current: Current) -> None:
        if self._over:
            return
        write_file(self.places.part_map, map_text(safe, current).encode(), overwrite=True)
        self.saved = True
        if self._keeps_record:
            report = RipReport(
                State.CANCELLED,
                _("This copy is unfinished."),
                unread_sectors=safe.open,
                readings=self.readings,
            )
            text = as_text(record(self.plan, report, unfinished=True))
            write_file(self.places.part_record, text.encode("ascii"), overwrite=True)

    def keep(self) -> bool:
        """Leave it so that it can be gone on with; give whether it was kept. Raises TargetError.

        What was still on its way is written first. A copy without a map would be no use: it goes.
        """
        rescue = self.rescue
        if self._over:
            return True
        self._keeping = True
        try:
            if rescue is not None:
                rescue.ledger.settle(self.part.write_at)
        finally:
            self.part.keep()  # gives back what was reserved: there may be room for the map then
            try:
                with self._saving:
                    if rescue is not None:
                        self._write(self.safe, rescue.current)
            finally:
                self._over = True
                if not (self.saved or self.adopted):
                    self.part.path.unlink(missing_ok=True)
        return True

    def leave(self) -> None:
        """Leave it as the last save told, without waiting for a disk that hangs."""
        self._over = True
        self.part.leave()

    def doubt(self) -> None:
        """Take back all that was read in this run: it may be of another disc."""
        if self.rescue is not None:
            for run in self.rescue.read.runs:
                self.map.forget(run)
            self.rescue.read = type(self.rescue.read)()

    def fill_rest(self) -> None:
        """Put the pattern of the unreadable wherever nothing was read. Raises TargetError."""
        for run in self.map.unfinished().runs:
            for lba in range(run.lba, run.end):
                self.part.write_at(lba * SECTOR, memoryview(filler(lba)))

    def commit(self) -> str:
        """Give it its name; "" or a warning. Raises TargetError.

        One that can't get its name keeps its map: without, it would be read again.
        """
        overwrite = self.plan.options.overwrite or self.places.bettering
        with self._saving:
            try:
                return self.part.commit(overwrite=overwrite)
            except TargetError:
                self.whole_left = os.path.lexists(self.part.path)
                if self.whole_left and self.worth_keeping:
                    with suppress(TargetError):
                        self._write(self.map, Current(stage=Stage.FINISHED))
                raise
            finally:
                self._over = True

    def conclude(self) -> tuple[str, ...]:
        """Leave the map of what was not read, or none; give warnings. Call after the commit."""
        bad, wanted = self.map.unfinished().count, self.plan.options.map_file is not None
        try:
            if bad or wanted:
                text = map_text(self.map, Current(stage=Stage.FINISHED))
                write_file(self.places.map, text.encode("ascii"), overwrite=True)
            elif self._map_is_mine():
                self.places.map.unlink(missing_ok=True)
            if self.places.bettering:
                self.places.part_map.unlink(missing_ok=True)
                self.places.part_record.unlink(missing_ok=True)
        except DiscwrightError as error:
            self._listener.log(f"The map could not be written: {error} {error.cause}")
            return (_("The map could not be written: {why}").format(why=error.sentence()),)
        except OSError as error:
            return (_("An old map could not be removed: {why}").format(why=error.strerror),)
        return ()

    def _map_is_mine(self) -> bool:
        """Whether the map beside the image is this copy's, or of the image that it replaced."""
        saved_there = self.saved and not self.places.bettering
        return saved_there or self.plan.earlier is not None or self._old_map()

    def _forget_the_replaced(self) -> None:
        """Remove map and record of a part file that is gone: they tell nothing of the new one."""
        with suppress(OSError):
            if self.places.bettering or self._old_map():
                self.places.part_map.unlink(missing_ok=True)
            there = read_record(self.places.part_record)
            if there is not None and there.unfinished:
                self.places.part_record.unlink(missing_ok=True)

    def _old_map(self) -> bool:
        """Whether there is a map of the image that was replaced."""
        try:
            return self.plan.options.overwrite and bool(read_map(self.places.map))
        except (MapError, DiscwrightError):
            return False

    @property
    def has_map(self) -> bool:
        """Whether :meth:`conclude` leaves a map."""
        return self.map.unfinished().count > 0 or self.plan.options.map_file is not None

    def close(self) -> None:
        """Let go of the files; what was made in this run and is not kept goes."""
        if self._over or (self._keeping and (self.saved or self.adopted)):
            return  # concluded; or being kept by a thread that the disk holds up
        if not self._saving.acquire(timeout=1):
            return  # a save hangs, which needs the files
        self._over = True
        self._saving.release()
        if self.adopted:
            with suppress(DiscwrightError):
                self.part.keep()
            return
        self.part.discard()
        if self.saved:
            for path in (self.places.part_map, self.places.part_record):
                with suppress(OSError):
                    path.unlink(missing_ok=True)

    def _take_over(self, earlier: Earlier) -> None:
        if self.adopted:
            # Now that nobody else can write it: it may have grown since the plan was made.
            now = find(self.plan.target, self.plan.options.map_file)
            if now is None or now.kind is not earlier.kind or now.sectors > self.plan.sectors:
                raise TargetError(
                    _("The unfinished copy was changed meanwhile."),
                    remedy=_("Look at it again, and start anew."),
                )
            earlier = now
        self.map = earlier.map.copy()
        self.map.extend(self.plan.sectors, Status.NON_TRIED)

    def _may_keep_record(self) -> bool:
        """Whether the place of the record is free, or holds one of an unfinished copy."""
        path = self.places.part_record
        there = read_record(path)
        return not os.path.lexists(path) or (there is not None and there.unfinished)


class Keeper:
    """Saves a copy every :data:`SAVED_EVERY_S` seconds, and soon after trouble, in a thread."""

    def __init__(self, save: Callable[[], None], listener: Listener) -> None:
        self._save = save
        self._listener = listener
        self._wanted = threading.Event()
        self._ended = False
        self._poked = False
        self.thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self.thread.start()

    def poke(self) -> None:
        """Save soon, the first time that this is called."""
        if not self._poked:
            self._poked = True
            self._wanted.set()

    def stop(self) -> None:
        """Save no more. Doesn't wait for a save under way: the disk may hang."""
        self._ended = True
        self._wanted.set()

    def _run(self) -> None:
        while not self._ended:
            self._wanted.wait(SAVED_EVERY_S)
            self._wanted.clear()
            if not self._ended and self._poked:
                self._wanted.wait(_SOON_S)
            if self._ended:
                return
            try:
                self._save()
            except DiscwrightError as error:
                self._listener.log(f"The map could not be saved: {error} {error.cause}")
