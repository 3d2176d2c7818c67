# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a disc from the first sector to the last, and not giving up at the first failure.

Each request that fails is taken apart: its sectors are read one by one, those that fail again are
tried as often as asked for, and what stays unreadable is filled and listed. A drive that needs a
moment is waited for. A disc that was taken out, or another one, ends the reading.
"""

import time
from typing import Protocol

from discwright.errors import ReadError, SourceError
from discwright.optical.drive import MAX_REQUEST, CommandError, DiscReadError
from discwright.optical.fill import filler
from discwright.optical.fingerprint import same
from discwright.optical.sense import ENDING, PASSING, Fault
from discwright.transfer.cancel import CancelToken
from discwright.transfer.extents import Extent, Extents
from discwright.transfer.progress import Listener, Mark
from discwright.transfer.reader import SECTOR, SectorReader
from discwright.wording import _

SLOW_S = 2.0
"""A request that takes longer is shown as slow: the drive struggled with it."""

INTERRUPTIONS = 8
"""How often one request may be interrupted by resets and changes before it is given up."""

CRASHES = 8
"""How many sectors in a row may be given up so: one that makes the drive crash is as good as bad,
but a drive that never reads again is at fault itself."""

_HOPELESS = frozenset({Fault.SCRAMBLED, Fault.ILLEGAL_MODE, Fault.OUT_OF_RANGE})
"""Failures that are an answer, not bad luck: trying again would only wear the drive."""


class Readable(Protocol):
    """What is needed of a disc to read it."""

    @property
    def reader(self) -> SectorReader:
        """Its sectors."""

    def wait_ready(self, cancel: CancelToken) -> None:
        """Wait until it can be read. Raises SourceError, Cancelled."""

    def fingerprint(self) -> str:
        """Give what discs are told apart by (see the module of that name). Raises SourceError."""


class PatientReader:
    """Fills buffers with the disc's sectors in order; made for the pump."""

    def __init__(
        self,
        source: Readable,
        sectors: int,
        *,
        retries: int,
        fingerprint: str,
        listener: Listener,
        cancel: CancelToken,
        known_bad: Extents | None = None,
    ) -> None:
        """Prepare; sectors of ``known_bad`` are filled without being tried again."""
        self._known_bad = known_bad or Extents()
        self._knows_bad = bool(self._known_bad.runs)
        self._size = source.reader.sector_size
        self._crashes = 0
        self._source = source
        self._sectors = sectors
        self._retries = retries
        self._fingerprint = fingerprint
        self._listener = listener
        self._cancel = cancel
        self._marks = _Marks(listener)
        self.position = 0
        """The next sector to read."""
        self.bad = Extents()
        self.recovered = 0
        """Sectors that were read, but not at the first try."""

    def fill(self, buffer: memoryview) -> int:
        """Put the next sectors into the buffer; give their bytes, 0 at the end.

        Raises ReadError and SourceError when the reading can't go on, Cancelled when asked to
        stop.
        """
        room = min(len(buffer) // self._size, self._sectors - self.position)
        most = MAX_REQUEST * SECTOR // self._size
        for at in range(0, room, most):
            count = min(most, room - at)
            piece = buffer[at * self._size : (at + count) * self._size]
            self._request(self.position, count, piece)
            self.position += count
        if room and self.position >= self._sectors:
            self._marks.flush()
            self._end()
        return room * self._size

    def _end(self) -> None:
        """Make sure that it was one disc.

        A change is told to one program only: another one, or the system, may have heard of it.
        """
        try:
            changed = not same(self._source.fingerprint(), self._fingerprint)
        except SourceError as error:  # taken out after its last sector was read
            self._listener.log(f"After the last sector: {error} {error.cause}".rstrip())
            return
        if changed:
            raise SourceError(
                _("The disc, or the image file that stands for it, was changed meanwhile."),
                remedy=_("Leave it alone until the job has ended, and start again."),
            )

    def read_once_more(self, lba: int, buffer: memoryview) -> None:
        """Read one sector that was read before, as patiently; fills it if it can't be read now.

        Raises as :meth:`fill` does.
        """
        error = self._read(lba, 1, buffer)
        if error is not None:
            self._put_filler(lba, buffer)

    def _request(self, lba: int, count: int, buffer: memoryview) -> None:
        self._cancel.raise_if_cancelled()
        if self._knows_bad and any(n in self._known_bad for n in range(lba, lba + count)):
            self._around_known_bad(lba, count, buffer)
            return
        began = time.monotonic()
        error = self._read(lba, count, buffer)
        if error is None:
            slow = time.monotonic() - began > SLOW_S
            self._marks.add(lba, count, Mark.SLOW if slow else Mark.READ)
            return
        self._listener.log(f"LBA {lba}, {count} sectors: {error.cause}")
        for offset in range(count):
            self._single(lba + offset, buffer[offset * self._size : (offset + 1) * self._size])

    def _put_filler(self, lba: int, sector: memoryview) -> None:
        sector[:] = filler(lba).ljust(self._size, b"\0")[: self._size]

    def _around_known_bad(self, lba: int, count: int, buffer: memoryview) -> None:
        for offset in range(count):
            sector = buffer[offset * self._size : (offset + 1) * self._size]
            if lba + offset in self._known_bad:
                self._put_filler(lba + offset, sector)
            else:
                self._single(lba + offset, sector)

    def _single(self, lba: int, buffer: memoryview) -> None:
        """Read one sector by itself; fill and list it if it stays unreadable."""
        error: ReadError | None = None
        for attempt in range(self._retries + 1):
            self._cancel.raise_if_cancelled()
            error = self._read(lba, 1, buffer)
            if error is None:
                if attempt:
                    self.recovered += 1
                    self._listener.log(f"LBA {lba}: read at try {attempt + 1}")
                self._marks.add(lba, 1, Mark.RETRIED if attempt else Mark.READ)
                return
            if _fault(error) in PASSING:
                self._crashes += 1
                if self._crashes >= CRASHES:
                    raise error
                break
            if _fault(error) in _HOPELESS:
                break
        self._listener.log(f"LBA {lba}: bad: {error.cause if error else ''}")
        self._put_filler(lba, buffer)
        self.bad.add(Extent(lba, 1))
        self._marks.add(lba, 1, Mark.BAD)

    def _read(self, lba: int, count: int, buffer: memoryview) -> ReadError | None:
        """Read once; give the error of unreadable sectors. What only interrupts is waited out.

        The error of a request that is interrupted each time is one of PASSING.
        """
        for _interruption in range(INTERRUPTIONS):
            try:
                self._source.reader.read_into(lba, count, buffer)
            except ReadError as error:
                fault = _fault(error)
                if fault in ENDING:
                    raise
                if fault not in PASSING:
                    if isinstance(error, DiscReadError) and error.sense is None:
                        self._source.wait_ready(self._cancel)  # bare EIO: is the drive still there?
                    return error
                self._listener.log(f"LBA {lba}: {error.cause}; waiting for the drive")
                self._source.wait_ready(self._cancel)
                if not same(self._source.fingerprint(), self._fingerprint):
                    changed = CommandError("READ", Fault.MEDIUM_CHANGED, None, 0)
                    raise DiscReadError(lba, count, changed) from error
            else:
                self._crashes = 0
                return None
        broken = CommandError("READ", Fault.BECOMING_READY, None, 0)
        return DiscReadError(lba, count, broken)


def _fault(error: ReadError) -> Fault:
    return error.fault if isinstance(error, DiscReadError) else Fault.BAD_SECTOR


class _Marks:
    """Joins neighbouring marks, and tells them at most 20 times a second."""

    INTERVAL_S = 0.05

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._waiting: list[tuple[int, int, Mark]] = []
        self._told = 0.0

    def add(self, lba: int, count: int, mark: Mark) -> None:
        last = self._waiting[-1] if self._waiting else None
        if last and last[2] is mark and last[0] + last[1] == lba:
            self._waiting[-1] = (last[0], last[1] + count, mark)
        else:
            self._waiting.append((lba, count, mark))
        if time.monotonic() - self._told >= self.INTERVAL_S:
            self.flush()

    def flush(self) -> None:
        for lba, count, mark in self._waiting:
            self._listener.mark(lba, count, mark)
        self._waiting.clear()
        self._told = time.monotonic()
