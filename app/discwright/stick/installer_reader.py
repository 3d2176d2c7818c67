# SPDX-License-Identifier: GPL-3.0-or-later
"""One reading of a disc or an image for several sticks."""

import threading
from collections import OrderedDict

from discwright.errors import ReadError
from discwright.transfer.reader import SectorReader

PIECE = 512
"""Sectors that are read at once and kept together."""

KEPT = 64
"""Pieces that are kept, 64 MiB: so far may one stick be behind another without a second reading."""


class SharedReader:
    """Reads for several threads, one after the other, and keeps the latest of what it has read.

    Sticks that are about as fast get the same reading. One that falls behind has its sectors
    read anew, from where it is; it holds nobody.
    """

    def __init__(self, reader: SectorReader) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._pieces: OrderedDict[int, memoryview] = OrderedDict()
        self._bad: set[int] = set()

    @property
    def sector_size(self) -> int:
        """Bytes in a sector."""
        return self._reader.sector_size

    @property
    def sectors(self) -> int:
        """How many sectors there are."""
        return self._reader.sectors

    def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
        """Read ``count`` sectors from ``lba`` on. Raises ReadError."""
        size = self.sector_size
        with self._lock:
            at, end = lba, lba + count
            while at < end:
                number, skip = divmod(at, PIECE)
                part = min(PIECE - skip, end - at)
                target = buffer[(at - lba) * size : (at - lba + part) * size]
                piece = self._piece(number)
                if piece is None or len(piece) < (skip + part) * size:
                    self._reader.read_into(at, part, target)
                else:
                    target[:] = piece[skip * size : (skip + part) * size]
                at += part

    def _piece(self, number: int) -> memoryview | None:
        """Give a piece; None if not all of it can be read."""
        if number in self._bad:
            return None
        piece = self._pieces.get(number)
        if piece is None:
            count = min(PIECE, self.sectors - number * PIECE)
            if count <= 0:
                return None
            piece = memoryview(bytearray(count * self.sector_size))
            try:
                self._reader.read_into(number * PIECE, count, piece)
            except ReadError:  # who wants just the bad sectors of it will hear which they are
                self._bad.add(number)
                return None
            self._pieces[number] = piece
            if len(self._pieces) > KEPT:
                self._pieces.popitem(last=False)
        self._pieces.move_to_end(number)
        return piece
