# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells how far sticks are to which files are copied: each by itself, all by the slowest."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from discwright.transfer.progress import Listener, Mark, Progress

Each = Callable[[str, Progress], None]
"""Hears of each stick by its node, from the sticks' threads, but never from two at once."""


@dataclass
class _Standing:
    """How far a stick is."""

    steps: int = 0
    """Phases that were begun."""
    last: Progress | None = None
    over: bool = False

    @property
    def rank(self) -> tuple[int, float]:
        """Lower for the slower."""
        last = self.last
        return self.steps, last.done / last.total if last and last.total else 0.0


class Board:
    """Has a place for each stick, which is the listener of its work."""

    def __init__(
        self, nodes: tuple[str, ...], names: tuple[str, ...], listener: Listener, each: Each | None
    ) -> None:
        self._listener = listener
        self._each = each
        self._nodes = nodes
        self._names = names
        self._standings = [_Standing() for _node in nodes]
        self._lock = threading.RLock()

    def place(self, number: int) -> Listener:
        """Give what the work on one stick tells."""
        return _Place(self, number)

    def everywhere(self) -> Listener:
        """Give what work that is done once for all sticks tells."""
        return _Place(self, None)

    def over(self, number: int) -> None:
        """Wait no more for a stick; tell of the slowest that is left."""
        with self._lock:
            self._standings[number].over = True
            slowest = self._slowest()
            last = None if slowest is None else self._standings[slowest].last
            if last is not None:
                self._listener.progress(last)

    def tell(self, number: int | None, progress: Progress) -> None:
        """Take note of where a stick is, or all are, and tell of it."""
        with self._lock:
            numbers = range(len(self._nodes)) if number is None else (number,)
            for one in numbers:
                standing = self._standings[one]
                if standing.over:  # it was given up
                    continue
                if standing.last is None or standing.last.phase is not progress.phase:
                    standing.steps += 1
                standing.last = progress
                if self._each is not None:
                    self._each(self._nodes[one], progress)
            if number in {None, self._slowest()}:
                self._listener.progress(progress)

    def log(self, number: int | None, line: str) -> None:
        """Log a line, with the stick's name if there are several."""
        several = number is not None and len(self._nodes) > 1
        self._listener.log(f"{self._names[number]}: {line}" if number is not None and several
                           else line)  # fmt: skip

    def _slowest(self) -> int | None:
        left = [at for at, one in enumerate(self._standings) if not one.over]
        return min(left, key=lambda at: self._standings[at].rank, default=None)


class _Place:
    """A listener."""

    def __init__(self, board: Board, number: int | None) -> None:
        self._board = board
        self._number = number

    def progress(self, progress: Progress) -> None:
        """Pass it on."""
        self._board.tell(self._number, progress)

    def log(self, line: str) -> None:
        """Pass it on."""
        self._board.log(self._number, line)

    def mark(self, lba: int, count: int, mark: Mark) -> None:
        """Nothing is marked: files have no sectors."""
