# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of bytes on a stick: what differs, what was written again."""

from collections.abc import Iterable
from dataclasses import dataclass

UNIT = 512
"""Bytes in which differences are listed."""


@dataclass(frozen=True, order=True)
class ByteRange:
    """``length`` bytes from ``offset`` on."""

    offset: int
    length: int

    @property
    def end(self) -> int:
        """The first byte after the run."""
        return self.offset + self.length


def joined(ranges: Iterable[ByteRange]) -> tuple[ByteRange, ...]:
    """Sort runs and join those that touch or overlap."""
    found: list[ByteRange] = []
    for run in sorted(ranges):
        if found and run.offset <= found[-1].end:
            end = max(run.end, found[-1].end)
            found[-1] = ByteRange(found[-1].offset, end - found[-1].offset)
        elif run.length > 0:
            found.append(run)
    return tuple(found)


def differences(offset: int, wanted: memoryview, found: memoryview) -> tuple[ByteRange, ...]:
    """List where ``found`` is not ``wanted``, in units of 512 bytes; both begin at ``offset``."""
    one, other = bytes(wanted), bytes(found)  # views are compared byte by byte, ten times slower
    if one == other:
        return ()
    return joined(
        ByteRange(offset + at, min(UNIT, len(one) - at))
        for at in range(0, len(one), UNIT)
        if one[at : at + UNIT] != other[at : at + UNIT]
    )
