# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the bytes of files in the order in which they lie on the disc.

Only sectors of files that are wanted are read, in requests as large as the files that lie side by
side allow: a drive that has to seek between small files takes minutes for what it reads in seconds.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence

from discwright.errors import SourceError
from discwright.extract.plan import Item
from discwright.image.contents import DiscFile, Run
from discwright.optical.patience import PatientReader
from discwright.transfer.buffers import Ring
from discwright.transfer.extents import Extent, Extents
from discwright.transfer.reader import SECTOR
from discwright.wording import _


class FileReading:
    """Fills buffers with the bytes of one file after the other; a piece never holds those of two.

    Sectors that can't be read come as :func:`discwright.optical.fill.filler` makes them.
    """

    def __init__(self, reader: PatientReader, items: Sequence[Item]) -> None:
        self._reader = reader
        self._runs = deque(run for item in items for run in _cut(item.file))
        wanted = sorted({_sectors(run) for run in self._runs if run.recorded})
        self._wanted = Extents(wanted).runs
        (self._window,) = Ring(count=1).buffers
        self._first = self._count = 0
        """The sectors in the window."""
        self.done = 0
        """Bytes that were given."""

    def fill(self, buffer: memoryview) -> int:
        """Give the next bytes, 0 at the end. Raises as :meth:`PatientReader.fill` does."""
        if not self._runs:
            return 0
        run = self._runs.popleft()
        if run.recorded:
            count = self._copy(run.offset, min(run.length, len(buffer)), buffer)
        else:
            count = min(run.length, len(buffer))
            buffer[:count] = bytes(count)
        if count < run.length:
            self._runs.appendleft(Run(run.offset + count, run.length - count, run.recorded))
        self.done += count
        return count

    def _copy(self, offset: int, length: int, buffer: memoryview) -> int:
        lba = offset // SECTOR
        if not self._first <= lba < self._first + self._count:
            self._load(lba)
        start = offset - self._first * SECTOR
        count = min(length, self._count * SECTOR - start)
        buffer[:count] = self._window[start : start + count]
        return count

    def _load(self, lba: int) -> None:
        """Read on from this sector, as far as there are sectors of wanted files."""
        after = bisect_right(self._wanted, lba, key=lambda run: run.lba)
        room = len(self._window) // SECTOR
        self._first, self._count = lba, 0
        count = min(room, self._wanted[after - 1].end - lba)
        self._reader.position = lba
        if self._reader.fill(self._window[: count * SECTOR]) < count * SECTOR:
            raise SourceError(_("The disc ends before its files do: it was changed meanwhile."))
        self._count = count


def damaged(items: Sequence[Item], bad: Sequence[Extent]) -> list[Item]:
    """Give the files that lie on these sectors; ``bad`` in ascending order."""
    starts = [run.lba for run in bad]

    def lies_on(run: Run) -> bool:
        here = _sectors(run)
        after = bisect_right(starts, here.end - 1)
        return run.recorded and after > 0 and bad[after - 1].end > here.lba

    return [item for item in items if any(map(lies_on, _cut(item.file)))] if bad else []


def _cut(file: DiscFile) -> list[Run]:
    """Give the runs of a file that hold something."""
    return [run for run in file.runs if run.length]


def _sectors(run: Run) -> Extent:
    lba = run.offset // SECTOR
    return Extent(lba, -(-(run.offset + run.length) // SECTOR) - lba)
