# SPDX-License-Identifier: GPL-3.0-or-later
"""What each of many sectors is, kept as runs: ten million sectors of a kind cost as much as one."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from typing import Generic, Self, TypeVar

from discwright.transfer.extents import Extent

Value = TypeVar("Value")


class Ranges(Generic[Value]):
    """A value for each sector from 0 to ``length`` (not included), without gaps.

    Neighbours of the same value are always one run. What lies outside is cut off.
    """

    def __init__(self, length: int, value: Value) -> None:
        self.length = max(0, length)
        self._starts = [0] if length > 0 else []
        self._values = [value] if length > 0 else []
        self._counts: Counter[Value] = Counter({value: self.length})

    def copy(self) -> Self:
        """Give another one with the same runs."""
        other = object.__new__(type(self))
        other.length = self.length
        other._starts = self._starts.copy()
        other._values = self._values.copy()
        other._counts = self._counts.copy()
        return other

    def set(self, lba: int, count: int, value: Value) -> None:
        """Give ``count`` sectors from ``lba`` on this value."""
        lba, end = max(0, lba), min(self.length, lba + count)
        if lba >= end:
            return
        first = self._index(lba)
        after = bisect_left(self._starts, end)
        for index in range(first, after):
            there = min(self._end(index), end) - max(self._starts[index], lba)
            self._counts[self._values[index]] -= there
        self._counts[value] += end - lba
        pieces = [(lba, value)]
        if self._starts[first] < lba:
            pieces.insert(0, (self._starts[first], self._values[first]))
        elif first > 0:
            first -= 1
            pieces.insert(0, (self._starts[first], self._values[first]))
        if self._end(after - 1) > end:
            pieces.append((end, self._values[after - 1]))
        elif after < len(self._starts):
            pieces.append((end, self._values[after]))
            after += 1
        joined = pieces[:1]
        for start, own in pieces[1:]:
            if own != joined[-1][1]:
                joined.append((start, own))
        self._starts[first:after] = [start for start, _own in joined]
        self._values[first:after] = [own for _start, own in joined]

    def at(self, lba: int) -> Value:
        """Give the value of a sector. Raises IndexError outside."""
        if not 0 <= lba < self.length:
            raise IndexError(lba)
        return self._values[self._index(lba)]

    def count(self, value: Value) -> int:
        """How many sectors have this value."""
        return self._counts[value]

    def runs(self, lba: int = 0, end: int | None = None) -> Iterator[tuple[Extent, Value]]:
        """Give the runs of a part in ascending order, cut at its ends."""
        end = self.length if end is None else min(end, self.length)
        lba = max(0, lba)
        index = self._index(lba) if lba < end else len(self._starts)
        while index < len(self._starts) and self._starts[index] < end:
            start = max(self._starts[index], lba)
            yield Extent(start, min(self._end(index), end) - start), self._values[index]
            index += 1

    def of(self, value: Value) -> list[Extent]:
        """Give the runs of this value in ascending order."""
        return [run for run, own in self.runs() if own == value]

    def first(self, value: Value, lba: int = 0, end: int | None = None) -> Extent | None:
        """Give the first run of this value from ``lba`` to ``end``, cut there; None if none is."""
        return next((run for run, own in self.runs(lba, end) if own == value), None)

    def last(self, value: Value, end: int) -> Extent | None:
        """Give the last run of this value before ``end``, cut there; None if there is none."""
        end = min(end, self.length)
        for index in range(bisect_left(self._starts, end) - 1, -1, -1):
            if self._values[index] == value:
                start = self._starts[index]
                return Extent(start, min(self._end(index), end) - start)
        return None

    def extend(self, length: int, value: Value) -> None:
        """Make it longer; what is new has this value."""
        if length <= self.length:
            return
        old, self.length = self.length, length
        self._counts[value] += length - old
        if not self._values or self._values[-1] != value:
            self._starts.append(old)
            self._values.append(value)

    def __len__(self) -> int:
        """How many runs there are."""
        return len(self._starts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ranges) and list(self.runs()) == list(other.runs())

    __hash__ = None  # type: ignore[assignment]

    def _index(self, lba: int) -> int:
        return bisect_right(self._starts, lba) - 1

    def _end(self, index: int) -> int:
        return self._starts[index + 1] if index + 1 < len(self._starts) else self.length
