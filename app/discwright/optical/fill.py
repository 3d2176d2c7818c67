# SPDX-License-Identifier: GPL-3.0-or-later
r"""What stands in an image where a sector couldn't be read.

Not zeros, which could pass for data: each lost sector says so itself, with its address, so that
``grep -c`` finds the losses in an image whose report is long gone. The pattern is the line

    ``DISCWRIGHT: SECTOR nnnnnnnnnn COULD NOT BE READ FROM THE DISC.\n``

of 64 bytes, repeated 32 times, with the sector's LBA in ten decimal digits.
"""

from collections.abc import Iterator

from discwright.transfer.reader import SECTOR

_BEGINNING = b"DISCWRIGHT: SECTOR "
_LINE = "DISCWRIGHT: SECTOR {lba:010} COULD NOT BE READ FROM THE DISC."


def filler(lba: int) -> bytes:
    """Give the 2048 bytes that stand for an unreadable sector."""
    line = _LINE.format(lba=lba).ljust(63) + "\n"
    return line.encode("ascii") * (SECTOR // 64)


def filled(data: bytes, lba: int) -> Iterator[int]:
    """Give the sectors that hold the pattern in an image's bytes from sector ``lba`` on."""
    at = data.find(_BEGINNING)
    while at >= 0:
        sector = lba + at // SECTOR
        if at % SECTOR == 0 and data[at : at + SECTOR] == filler(sector):
            yield sector
        at = data.find(_BEGINNING, (at // SECTOR + 1) * SECTOR)
