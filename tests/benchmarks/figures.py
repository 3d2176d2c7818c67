# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures, the goals beside them, and how they are taken: in turns, several rounds, medians."""

import operator
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_COMPARISONS = {"≤": operator.le, "≥": operator.ge, "<": operator.lt}


@dataclass(frozen=True)
class Goal:
    """What a figure should be: a sign of "≤", "≥", "<" and a number in the figure's unit."""

    sign: str
    number: float

    def met_by(self, number: float) -> bool:
        """Tell whether a figure meets it."""
        return bool(_COMPARISONS[self.sign](number, self.number))


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    what: str
    number: float
    unit: str
    goal: Goal | None = None

    def cells(self) -> tuple[str, str, str, str]:
        """Give the columns."""
        goal = f"{self.goal.sign} {_short(self.goal.number)} {self.unit}" if self.goal else ""
        met = "" if self.goal is None else "met" if self.goal.met_by(self.number) else "NOT MET"
        return self.what, f"{_short(self.number)} {self.unit}", goal, met


def _short(number: float) -> str:
    return f"{number:.0f}" if abs(number) >= 100 else f"{number:.3g}"


def in_turns(rounds: int, runs: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """Run each in turn, ``rounds`` times, and give the medians by name.

    In turns, so that a machine that gets slower or busier is unkind to all alike; every other
    round backwards, so that none always follows the same one.
    """
    numbers: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(rounds):
        for name in list(runs)[:: 1 if turn % 2 == 0 else -1]:
            numbers[name].append(runs[name]())
            tell(f"  {turn + 1}/{rounds} {name}: {_short(numbers[name][-1])}")
    return {name: statistics.median(taken) for name, taken in numbers.items()}


def tell(line: str) -> None:
    """Say on stderr what is going on, so that stdout holds only the table."""
    print(line, file=sys.stderr, flush=True)


def table(figures: Sequence[Figure]) -> str:
    """Lay the figures out in columns."""
    rows = [("figure", "median", "goal", ""), *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]}".rstrip()
        for row in rows
    )
