# SPDX-License-Identifier: GPL-3.0-or-later
"""What was read but is not in the file yet: on its way through the pump."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from discwright.rip.map import RescueMap
from discwright.transfer.extents import Extent
from discwright.transfer.reader import SECTOR


@dataclass
class _Piece:
    lba: int
    count: int
    buffer: memoryview


class Ledger:
    """The pieces on their way, in the order in which they were read; and the lock of their map.

    A map may be saved only without them, and when a copy is broken off they are still in memory.
    """

    def __init__(self, sector_size: int = SECTOR) -> None:
        self._size = sector_size
        self.lock = threading.RLock()
        """To be held while the map of these pieces is changed or read by another thread."""
        self._pieces: deque[_Piece] = deque()
        self.closed = False
        """Whether what is read from now on is nobody's any more: it won't reach the file."""

    def enter(self, lba: int, buffer: memoryview) -> None:
        """Begin a piece that will be read into ``buffer``; it has no sectors yet."""
        with self.lock:
            self._pieces.append(_Piece(lba, 0, buffer))

    def grow(self, count: int) -> None:
        """Take note that so many more sectors of the last piece were read."""
        with self.lock:
            self._pieces[-1].count += count

    def drop_empty(self) -> None:
        """Forget the last piece if nothing was read into it."""
        with self.lock:
            if self._pieces and not self._pieces[-1].count:
                self._pieces.pop()

    def place(self, piece: memoryview, write: Callable[[int, memoryview], None]) -> None:
        """Write the oldest piece to its place; it counts as on its way until it is written."""
        write(self._pieces[0].lba * self._size, piece)
        with self.lock:
            self._pieces.popleft()

    def settle(self, write: Callable[[int, memoryview], None]) -> None:
        """Write what was still on its way when the pump was stopped. Raises what ``write`` does.

        The drive may still be in a request then: what that gives is too late, and not taken.
        """
        with self.lock:
            self.closed = True
        while self._pieces:
            oldest = self._pieces[0]
            self.place(oldest.buffer[: oldest.count * self._size], write)

    def without(self, rescue: RescueMap) -> RescueMap:
        """Give a copy of the map in which what is on its way is not in the file."""
        with self.lock:
            safe = rescue.copy()
            for piece in self._pieces:
                safe.forget(Extent(piece.lba, piece.count))
        return safe
