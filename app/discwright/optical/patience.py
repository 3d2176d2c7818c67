# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a disc from the first sector to the last, and not giving up at the first failure.

Each request that fails is taken apart: its sectors are read one by one, those that fail again are
tried as often as asked for, and what stays unreadable is filled and listed. A drive that needs a
moment is waited for. A disc that was taken out, or another one, ends the reading.
"""

import time
from typing import TYPE_CHECKING

from discwright.optical.attempts import Attempts, Readable
from discwright.optical.drive import MAX_REQUEST
from discwright.optical.fill import filler
from discwright.optical.marks import Marks
from discwright.transfer.cancel import CancelToken
from discwright.transfer.extents import Extent, Extents
from discwright.transfer.progress import Listener, Mark
from discwright.transfer.reader import SECTOR

if TYPE_CHECKING:
    from discwright.errors import ReadError

__all__ = ["SLOW_S", "PatientReader", "Readable"]

SLOW_S = 2.0
"""A request that takes longer is shown as slow: the drive struggled with it."""


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
        self._sectors = sectors
        self._retries = retries
        self._attempts = Attempts(source, fingerprint=fingerprint, listener=listener, cancel=cancel)
        self._listener = listener
        self._cancel = cancel
        self._marks = Marks(listener)
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
            self._attempts.ensure_same_disc()
        return room * self._size

    def read_once_more(self, lba: int, buffer: memoryview) -> None:
        """Read one sector that was read before, as patiently; fills it if it can't be read now.

        Raises as :meth:`fill` does.
        """
        error = self._attempts.read(lba, 1, buffer)
        if error is not None:
            self._put_filler(lba, buffer)

    def _request(self, lba: int, count: int, buffer: memoryview) -> None:
        self._cancel.raise_if_cancelled()
        if self._knows_bad and any(n in self._known_bad for n in range(lba, lba + count)):
            self._around_known_bad(lba, count, buffer)
            return
        began = time.monotonic()
        error = self._attempts.read(lba, count, buffer)
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
            error = self._attempts.read(lba, 1, buffer)
            if error is None:
                if attempt:
                    self.recovered += 1
                    self._listener.log(f"LBA {lba}: read at try {attempt + 1}")
                self._marks.add(lba, 1, Mark.RETRIED if attempt else Mark.READ)
                return
            if self._attempts.hopeless(error):
                break
        self._listener.log(f"LBA {lba}: bad: {error.cause if error else ''}")
        self._put_filler(lba, buffer)
        self.bad.add(Extent(lba, 1))
        self._marks.add(lba, 1, Mark.BAD)
