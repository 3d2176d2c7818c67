# SPDX-License-Identifier: GPL-3.0-or-later
"""Which speed to write at. Pure.

The fastest speed of a list is where discs get spoilt, and the slowest is one that today's drives
and media were not made for; so a middle one of the list that drive and medium agree on.
"""

from collections.abc import Sequence

from discwright.optical.profile import Family
from discwright.optical.writable import SPEED_1X_KB

_TOLERANCE = 1.06
"""Drives say 5540 kB/s for 4x, or 5600, or 5640."""


def choose_speed(
    offered: Sequence[int], *, wanted_kb: float | None = None, remembered_kb: int | None = None
) -> int | None:
    """Give a write speed in kB/s out of those ``offered``; None leaves it to the drive.

    ``wanted_kb`` is what the user asked for: the next one that isn't faster. ``remembered_kb``
    did well before with media of the same maker. Else the lower middle one.
    """
    speeds = sorted(offered)
    asked = wanted_kb or remembered_kb
    if not speeds:
        return round(asked) if asked else None
    if asked:
        slower = [speed for speed in speeds if speed <= asked * _TOLERANCE]
        return slower[-1] if slower else speeds[0]
    return speeds[(len(speeds) - 1) // 2]


def factor(kilobytes: float, family: Family) -> float:
    """Give a speed as people know it: 8 for 8x."""
    return kilobytes / SPEED_1X_KB.get(family, SPEED_1X_KB[Family.CD])


def kilobytes(times: float, family: Family) -> float:
    """Give 8x of a family in kB/s."""
    return times * SPEED_1X_KB.get(family, SPEED_1X_KB[Family.CD])


def speed_words(kilobytes: int, family: Family) -> str:
    """Give a speed as it is printed on discs: ``8x``, ``2.4x``."""
    return f"{factor(kilobytes, family):.1f}".removesuffix(".0") + "x"
