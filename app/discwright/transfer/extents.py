# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of sectors: what is listed as bad, slow or different."""

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
        lba, end = extent.lba, extent.end
        if not self._runs or lba > self._runs[-1].end:
            self._runs.append(extent)
            return self
        before = [run for run in self._runs if run.end < lba]
        after = [run for run in self._runs if run.lba > end]
        touched = self._runs[len(before) : len(self._runs) - len(after)]
        for run in touched:
            lba, end = min(lba, run.lba), max(end, run.end)
        self._runs = [*before, Extent(lba, end - lba), *after]
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
        return isinstance(lba, int) and any(run.lba <= lba < run.end for run in self._runs)
