# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of sectors: what is listed as bad, slow or different."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, order=True)
class Extent:
    """``count`` sectors from ``lba`` on."""

    lba: int
    count: int

    @property
    def end(self) -> int:
        """The first sector after the run."""
        return self.lba + self.count

    def __str__(self) -> str:
        return str(self.lba) if self.count == 1 else f"{self.lba}–{self.end - 1}"


class Extents:
    """A set of sectors kept as ascending, disjoint, joined runs."""

    def __init__(self, extents: Iterable[Extent] = ()) -> None:
        self._runs: list[Extent] = []
        for extent in extents:
            self.add(extent)

    def add(self, extent: Extent) -> Self:
        """Add a run, joining it with those that it touches."""
        if extent.count <= 0:
            return self
        first = bisect_left(self._runs, extent.lba, key=lambda run: run.end)
        after = bisect_right(self._runs, extent.end, lo=first, key=lambda run: run.lba)
        if first < after:
            lba = min(extent.lba, self._runs[first].lba)
            end = max(extent.end, self._runs[after - 1].end)
            extent = Extent(lba, end - lba)
        self._runs[first:after] = [extent]
        return self

    @property
    def runs(self) -> tuple[Extent, ...]:
        """The runs in ascending order."""
        return tuple(self._runs)

    @property
    def count(self) -> int:
        """How many sectors there are in all."""
        return sum(run.count for run in self._runs)

    def __contains__(self, lba: object) -> bool:
        if not isinstance(lba, int):
            return False
        after = bisect_right(self._runs, lba, key=lambda run: run.lba)
        return after > 0 and lba < self._runs[after - 1].end


def pairs(runs: Iterable[Extent]) -> list[list[int]]:
    """Give first sector and count of each, as the command line contract has them."""
    return [[run.lba, run.count] for run in runs]
