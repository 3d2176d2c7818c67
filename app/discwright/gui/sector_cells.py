# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rip did with the sectors so far, gathered in a fixed number of cells. Knows no Qt."""

from enum import IntEnum
from itertools import pairwise

from discwright.transfer.progress import Mark
from discwright.transfer.ranges import Ranges

CELLS = 4096
"""The most cells: memory and painting time don't grow with the disc."""

POINTS = 400
"""The points of the speed curve."""


class Cell(IntEnum):
    """What a cell shows; of its sectors the one that matters most wins."""

    TO_DO = 0
    READ = 1
    SLOW = 2
    RETRIED = 3
    SKIPPED = 4
    """To be done too, but later: in a request that failed, or jumped over."""
    BAD = 5


_CELL_OF = {
    Mark.UNTRIED: Cell.TO_DO,
    Mark.READ: Cell.READ,
    Mark.SLOW: Cell.SLOW,
    Mark.RETRIED: Cell.RETRIED,
    Mark.SKIPPED: Cell.SKIPPED,
    Mark.BAD: Cell.BAD,
}

_OPEN = (Cell.TO_DO, Cell.SKIPPED)


class SectorCells:
    """The disc in at most :data:`CELLS` cells of neighbouring sectors."""

    def __init__(self, sectors: int) -> None:
        self.sectors = max(1, sectors)
        self.count = min(CELLS, self.sectors)
        self._cells = bytearray(self.count)
        self._ranges = Ranges(self.sectors, Cell.TO_DO)
        self._stale: set[int] = set()
        """Cells that have to be looked at again before they are shown."""

    def _cell(self, lba: int) -> int:
        return lba * self.count // self.sectors

    def mark(self, lba: int, count: int, mark: Mark) -> None:
        """Take note of what became of ``count`` sectors from ``lba`` on.

        A second reading of the disc tells nothing new of what was slow, retried or bad.
        """
        first, last = max(0, lba), min(self.sectors, lba + count) - 1
        if last < first:
            return
        cell = _CELL_OF[mark]
        if cell is Cell.READ:
            for run, before in list(self._ranges.runs(first, last + 1)):
                if before in _OPEN:
                    self._ranges.set(run.lba, run.count, cell)
        else:
            self._ranges.set(first, last - first + 1, cell)
        self._stale.update(range(self._cell(first), self._cell(last) + 1))

    def _sectors_of(self, first: int, after: int) -> tuple[int, int]:
        return -(-first * self.sectors // self.count), -(-after * self.sectors // self.count)

    def _worst(self, start: int, end: int) -> Cell:
        there = {cell for _run, cell in self._ranges.runs(start, end)}
        return Cell.TO_DO if there == {Cell.TO_DO, Cell.READ} else max(there, default=Cell.TO_DO)

    def total(self, cell: Cell) -> int:
        """Give how many sectors are so."""
        return self._ranges.count(cell)

    def shown_in(self, places: int) -> list[Cell]:
        """Give the cells gathered once more into so many places; fewer if there are fewer."""
        places = min(places, self.count)
        if places <= 0:
            return []
        for index in self._stale:
            self._cells[index] = self._worst(*self._sectors_of(index, index + 1))
        self._stale.clear()
        bounds = [index * self.count // places for index in range(places + 1)]
        return [self._gathered(self._cells[start:end]) for start, end in pairwise(bounds)]

    @staticmethod
    def _gathered(cells: bytearray) -> Cell:
        worst = max(cells)
        # Partly read is not read: a place is filled when all of it was dealt with.
        return Cell.TO_DO if worst == Cell.READ and min(cells) == Cell.TO_DO else Cell(worst)

    def range_of(self, place: int, places: int) -> tuple[int, int]:
        """Give the first sector of a place and the first after it."""
        places = min(places, self.count)
        start, end = place * self.count // places, (place + 1) * self.count // places
        return self._sectors_of(start, end)


class SpeedPoints:
    """Reading speed over the disc: bytes per second at up to :data:`POINTS` places."""

    def __init__(self, sectors: int) -> None:
        self._sectors = max(1, sectors)
        self._rates: dict[int, float] = {}
        self.top = 0.0
        """The highest rate so far."""
        self.last: float | None = None

    def add(self, position: int, rate: float) -> None:
        """Take note of the rate at a sector."""
        place = min(POINTS - 1, max(0, position) * POINTS // self._sectors)
        self._rates[place] = rate
        self.top = max(self.top, rate)
        self.last = rate

    def points(self) -> list[tuple[float, float]]:
        """Give place on the disc (0 to 1) and rate (bytes per second), ascending."""
        return [((place + 0.5) / POINTS, rate) for place, rate in sorted(self._rates.items())]


def round_scale(top: float) -> float:
    """Give the end of an axis that ``top`` fits under: 1, 2, 2.5 or 5 times a power of ten."""
    if top <= 0:
        return 1.0
    power = 1.0
    while power * 10 <= top:
        power *= 10
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= top)
