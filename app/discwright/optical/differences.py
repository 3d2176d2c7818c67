# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a disc differs from its image, and what that pattern tells. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from discwright.transfer.extents import Extent, Extents
from discwright.wording import _, counted

NAMED = 5
"""Ranges that a sentence lists; the report has them all."""


class Pattern(StrEnum):
    """How differences lie."""

    NONE = "none"
    TAIL = "tail"
    """From some sector on to the end: the disc wasn't written or closed to its end."""
    RANGE = "range"
    """One place: a scratch, or a moment at which writing went wrong."""
    SCATTERED = "scattered"
    """Many places: a bad disc, or too fast."""
    ALL = "all"
    """Everything: another image, or an old one."""


@dataclass(frozen=True)
class Differences:
    """Sectors of ``total`` that don't come back as they were written."""

    total: int
    differing: tuple[Extent, ...] = ()
    """Read without an error, but with other bytes."""
    unreadable: tuple[Extent, ...] = ()
    content_end: int | None = None
    """Where only zeros follow in the image, which a disc that ends early may have too."""

    @property
    def runs(self) -> tuple[Extent, ...]:
        """Both together, joined."""
        return Extents((*self.differing, *self.unreadable)).runs

    @property
    def count(self) -> int:
        """How many sectors."""
        return sum(run.count for run in self.runs)

    @property
    def pattern(self) -> Pattern:
        """How they lie."""
        runs = self.runs
        if not runs:
            return Pattern.NONE
        if self.count * 10 >= self.total * 9:
            return Pattern.ALL
        if len(runs) > 1:
            return Pattern.SCATTERED
        end = self.total if self.content_end is None else self.content_end
        return Pattern.TAIL if runs[0].end >= end else Pattern.RANGE

    def sentences(self) -> tuple[str, ...]:
        """Say what is wrong and where; () if nothing is."""
        said = []
        if self.differing:
            said.append(
                counted(
                    "The disc is different from the image in {n} sector",
                    "The disc is different from the image in {n} sectors",
                    _count(self.differing),
                )
                + " "
                + _("(different at LBA {where}).").format(where=_listed(self.differing))
            )
        if self.unreadable:
            said.append(
                counted(
                    "{n} sector of the disc can't be read",
                    "{n} sectors of the disc can't be read",
                    _count(self.unreadable),
                )
                + " "
                + _("(LBA {where}).").format(where=_listed(self.unreadable))
            )
        return (*said, self._meaning()) if said else ()

    def _meaning(self) -> str:
        match self.pattern:
            case Pattern.TAIL:
                return _("Only the end is wrong: the disc was not written to its end.")
            case Pattern.RANGE:
                return _("All of it lies in one place: the disc may have a flaw there.")
            case Pattern.ALL:
                return _("Nearly nothing is right: the disc may hold something else.")
            case Pattern.NONE | Pattern.SCATTERED:
                return _("It is spread over the disc: a bad disc, or it was written too fast.")


def without(runs: Iterable[Extent], taken: Iterable[Extent]) -> tuple[Extent, ...]:
    """Give the sectors of ``runs`` that are not in ``taken``; both ascending and disjoint."""
    left: list[Extent] = []
    holes = list(taken)
    for run in runs:
        at = run.lba
        for hole in holes:
            if hole.end <= at or hole.lba >= run.end:
                continue
            if hole.lba > at:
                left.append(Extent(at, hole.lba - at))
            at = max(at, hole.end)
        if at < run.end:
            left.append(Extent(at, run.end - at))
    return tuple(left)


def _count(runs: Iterable[Extent]) -> int:
    return sum(run.count for run in runs)


def _listed(runs: tuple[Extent, ...]) -> str:
    names = ", ".join(str(run) for run in runs[:NAMED])
    return f"{names} …" if len(runs) > NAMED else names
