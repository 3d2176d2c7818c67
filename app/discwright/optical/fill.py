# SPDX-License-Identifier: GPL-3.0-or-later
r"""What stands in an image where a sector couldn't be read.

Not zeros, which could pass for data: each lost sector says so itself, with its address, so that
``grep -c`` finds the losses in an image whose report is long gone. The pattern is the line

    ``DISCWRIGHT: SECTOR nnnnnnnnnn COULD NOT BE READ FROM THE DISC.\n``

of 64 bytes, repeated 32 times, with the sector's LBA in ten decimal digits.
"""

from discwright.transfer.reader import SECTOR

_LINE = "DISCWRIGHT: SECTOR {lba:010} COULD NOT BE READ FROM THE DISC."


def filler(lba: int) -> bytes:
    """Give the 2048 bytes that stand for an unreadable sector."""
    line = _LINE.format(lba=lba).ljust(63) + "\n"
    return line.encode("ascii") * (SECTOR // 64)
