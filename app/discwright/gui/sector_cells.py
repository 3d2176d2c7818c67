# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rip did with the sectors so far, gathered in a fixed number of cells. Knows no Qt."""

from enum import IntEnum
from itertools import pairwise

from discwright.transfer.progress import Mark

CELLS = 4096
"""The most cells: memory and painting time don't grow with the disc."""

POINTS = 400
"""The points of the speed curve."""


class Cell(IntEnum):
    """What a cell shows; the worst of its sectors wins."""

    TO_DO = 0
    READ = 1
    SLOW = 2
    RETRIED = 3
    BAD = 4


_CELL_OF = {
    Mark.UNTRIED: Cell.TO_DO,
    Mark.READ: Cell.READ,
    Mark.SLOW: Cell.SLOW,
    Mark.RETRIED: Cell.RETRIED,
    Mark.BAD: Cell.BAD,
    Mark.SKIPPED: Cell.TO_DO,
}


class SectorCells:
    """The disc in at most :data:`CELLS` cells of neighbouring sectors."""

    def __init__(self, sectors: int) -> None:
        self.sectors = max(1, sectors)
        self.count = min(CELLS, self.sectors)
        self._cells = bytearray(self.count)
        self._totals = dict.fromkeys(Cell, 0)

    def _cell(self, lba: int) -> int:
        return lba * self.count // self.sectors

    def mark(self, lba: int, count: int, mark: Mark) -> None:
        """Take note of what became of ``count`` sectors from ``lba`` on."""
        first, last = max(0, lba), min(self.sectors, lba + count) - 1
        cell = _CELL_OF[mark]
        if last < first or cell is Cell.TO_DO:
            return
        self._totals[cell] += last - first + 1
        start, end = self._cell(first), self._cell(last) + 1
        if cell is Cell.READ:
            self._cells[start:end] = bytes(max(value, cell) for value in self._cells[start:end])
        else:
            for index in range(start, end):
                self._cells[index] = max(self._cells[index], cell)

    def total(self, cell: Cell) -> int:
        """Give how many sectors were marked so."""
        return self._totals[cell]

    def shown_in(self, places: int) -> list[Cell]:
        """Give the cells gathered once more into so many places; fewer if there are fewer."""
        places = min(places, self.count)
        if places <= 0:
            return []
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
        return -(-start * self.sectors // self.count), -(-end * self.sectors // self.count)


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
