# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Q channel beside the sectors says: track and index of a place, ISRC, catalogue number.

Pure. Sources: MMC-6 4.2.3 and 6.18 (READ CD), 6.24 (READ SUB-CHANNEL); IEC 60908 17.5.
"""

from dataclasses import dataclass

from discwright.image.layout import FRAMES_PER_SECOND, catalog_of, isrc_of

FORMATTED, RAW = 2, 1
"""The sub-channel selections of READ CD that bring Q: by itself, or within all of P to W."""

SIZES = {FORMATTED: 16, RAW: 96}
"""Bytes beside each sector."""

_Q = 12
_ADR_POSITION = 1
_NEAR = FRAMES_PER_SECOND
"""Sectors by which what a drive tells may be off: it has its own idea of where it was."""

_SUB_Q_VALID = 0x80


@dataclass(frozen=True)
class Place:
    """Where a sector is, by its own Q channel."""

    lba: int
    track: int
    index: int
    """0 in the pause before a track."""
    control: int
    """As in the table of contents (MMC-6 6.25.3.2)."""


def q_of(data: bytes, selection: int) -> bytes:
    """Give the twelve bytes of Q from what came beside a sector."""
    if selection == FORMATTED:
        return data[:_Q]
    bits = 0
    for byte in data[:96]:
        bits = bits << 1 | byte >> 6 & 1
    return bits.to_bytes(_Q, "big")


def place_of(q: bytes, asked: int, *, checked: bool) -> Place | None:
    """Read a Q channel that was asked for at sector ``asked``; None if it tells no place.

    ``checked``: its checksum must be right. Else that may be missing (zeros), as with Q by itself
    it is the drive's choice. Most drives give the numbers as they are on the disc, in BCD, some as
    plain numbers: the one counts by which the sector lies nearer to where it was asked for.
    """
    if len(q) < _Q or q[0] & 0x0F != _ADR_POSITION:
        return None
    told = int.from_bytes(q[10:12], "big")
    if (checked or told) and told != crc_of(q[:10]):
        return None
    found = []
    for numbers in (_from_bcd(q), tuple(q)):
        if numbers is None:
            continue
        minute, second, frame = numbers[7:10]
        lba = (minute * 60 + second) * FRAMES_PER_SECOND + frame - 2 * FRAMES_PER_SECOND
        sensible = second < 60 and frame < FRAMES_PER_SECOND
        if sensible and 1 <= numbers[1] <= 99 and numbers[2] <= 99 and abs(lba - asked) <= _NEAR:
            found.append(Place(lba, numbers[1], numbers[2], q[0] >> 4))
    return min(found, key=lambda place: abs(place.lba - asked), default=None)


def _from_bcd(q: bytes) -> tuple[int, ...] | None:
    numbers = [q[0]]
    for byte in q[1:10]:
        if byte >> 4 > 9 or byte & 0x0F > 9:
            return None
        numbers.append((byte >> 4) * 10 + (byte & 0x0F))
    return tuple(numbers)


def crc_of(data: bytes) -> int:
    """Give the CRC of Q and of CD-TEXT: x^16 + x^12 + x^5 + 1, inverted (IEC 60908 17.5.1)."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _bit in range(8):
            crc = (crc << 1 ^ (0x1021 if crc & 0x8000 else 0)) & 0xFFFF
    return crc ^ 0xFFFF


def parse_catalog(data: bytes) -> str:
    """Read the media catalogue number (MMC-6 6.24.3.2); "" if there is none."""
    if len(data) < 22 or data[4] != 2 or not data[8] & _SUB_Q_VALID:
        return ""
    return catalog_of(data[9:22].decode("ascii", "replace"))


def parse_isrc(data: bytes, track: int) -> str:
    """Read a track's ISRC (MMC-6 6.24.3.3); "" if there is none, or it is another track's."""
    if len(data) < 21 or data[4] != 3 or not data[8] & _SUB_Q_VALID:
        return ""
    return isrc_of(data[9:21].decode("ascii", "replace")) if data[6] in {0, track} else ""
