# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole sectors of data CDs: what their 2352 bytes tell, and what stands for a lost one. Pure.

A raw read may bring wrong bytes with good status: sync pattern, address, mode and EDC (ECMA-130
14, CD-ROM XA II 4) tell. Formless Mode 2 has no EDC: nothing can be told of it by itself. Neither
has Mode 0, but that is nothing but zeros.
"""

from dataclasses import dataclass
from enum import StrEnum

from discwright.image.layout import FRAMES_PER_SECOND, RAW_SECTOR
from discwright.optical.edc import are_right
from discwright.optical.fill import filler

SYNC = b"\0" + b"\xff" * 10 + b"\0"
_HEAD = slice(12, 15)
_MODE = 15
_SUBHEAD, _SUBHEAD_AGAIN = slice(16, 20), slice(20, 24)
_SUBMODE = 18
_FORM2 = 0x20
_MODE1 = slice(0, 2068)
"""What the EDC of Mode 1 is over, and itself; likewise of the forms of Mode 2."""
_FORM1_PART = slice(16, 2076)
_FORM2_PART = slice(16, RAW_SECTOR)
_USER_0 = slice(16, RAW_SECTOR)
_NOTHING = bytes(RAW_SECTOR - 16)
"""All that a sector of Mode 0 has (ECMA-130 14.2)."""
_NO_EDC = bytes(4)
_FORM1_SUBHEAD = b"\0\0\x08\0" * 2
"""File 0, channel 0, data, in both copies."""


class Flaw(StrEnum):
    """What is wrong with a sector of data."""

    SYNC = "no sync pattern"
    ADDRESS = "address of another sector"
    MODE = "unknown mode"
    EDC = "wrong EDC"


@dataclass(frozen=True)
class Judged:
    """What was found out about one sector."""

    mode: int
    """Of its header; -1 if it has no sync pattern."""
    flaw: Flaw | None = None
    checked: bool = True
    """Whether an EDC could tell; a sector without one is neither right nor wrong."""
    formless: bool = False
    """Whether it is of Mode 2 without subheaders: their two copies differ."""


def judge(lba: int, raw: memoryview) -> list[Judged]:
    """Tell of each sector of ``raw``, read from ``lba`` on, what its own bytes say of it."""
    found: list[Judged] = []
    by_length: dict[int, list[tuple[int, memoryview]]] = {}
    for number in range(len(raw) // RAW_SECTOR):
        sector = raw[number * RAW_SECTOR : (number + 1) * RAW_SECTOR]
        judged, part = _judge_head(lba + number, sector)
        found.append(judged)
        if part is not None:
            by_length.setdefault(len(part), []).append((number, part))
    for group in by_length.values():
        for (number, _part), right in zip(group, are_right([p for _n, p in group]), strict=True):
            if not right:
                found[number] = Judged(found[number].mode, Flaw.EDC)
    return found


def _judge_head(lba: int, sector: memoryview) -> tuple[Judged, memoryview | None]:
    """Judge all but the EDC; give what that is over, None where there is none."""
    if sector[:12] != SYNC:
        return Judged(-1, Flaw.SYNC), None
    mode = sector[_MODE]
    if sector[_HEAD] != address(lba):
        return Judged(mode, Flaw.ADDRESS), None
    if mode > 2 or (mode == 0 and sector[_USER_0] != _NOTHING):
        return Judged(mode, Flaw.MODE), None
    part = sector[_MODE1] if mode == 1 else _of_mode_2(sector) if mode == 2 else None
    formless = mode == 2 and sector[_SUBHEAD] != sector[_SUBHEAD_AGAIN]
    return Judged(mode, checked=part is not None, formless=formless), part


def _of_mode_2(sector: memoryview) -> memoryview | None:
    """Give what the EDC is over: none without subheaders, and Form 2 may leave it out.

    Source: CD-ROM XA II 4.3.3.
    """
    if sector[_SUBHEAD] != sector[_SUBHEAD_AGAIN]:
        return None
    if not sector[_SUBMODE] & _FORM2:
        return sector[_FORM1_PART]
    return None if sector[-4:] == _NO_EDC else sector[_FORM2_PART]


def address(lba: int) -> bytes:
    """Give minute, second and frame as a header has them, in BCD (ECMA-130 14.2).

    There is none for 100 minutes and more: overlong discs go on with A0h.
    """
    seconds, frame = divmod(lba + 2 * FRAMES_PER_SECOND, FRAMES_PER_SECOND)
    times = (seconds // 60, seconds % 60, frame)
    return bytes((time // 10 << 4 | time % 10) & 0xFF for time in times)


def unreadable_frame(lba: int, mode: int) -> bytes:
    """Give the 2352 bytes that stand for an unreadable sector of data.

    Sync pattern and header are as they would be, and the user data is the text that ISO images
    have there (:mod:`discwright.optical.fill`), so that programs find their way past it. EDC and
    ECC are zeros, which is wrong: whatever checks the image finds the sector bad.
    """
    head = SYNC + address(lba) + bytes((mode,))
    if mode == 2:
        head += _FORM1_SUBHEAD
    return (head + filler(lba)).ljust(RAW_SECTOR, b"\0")
