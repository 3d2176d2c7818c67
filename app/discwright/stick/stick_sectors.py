# SPDX-License-Identifier: GPL-3.0-or-later
"""The image on a stick as sectors, to look for what starts from it once it is unpacked there."""

from discwright.errors import DiscwrightError, ReadError
from discwright.image.boot import BootReport, read_boot
from discwright.stick.device import PAGE, Watched, aligned, rounded_up
from discwright.transfer.reader import SECTOR


class StickSectors:
    """Reads sectors of 2048 bytes from an open stick, whatever its own blocks are."""

    sector_size = SECTOR

    def __init__(self, target: Watched, size: int) -> None:
        self._target = target
        self.sectors = size // SECTOR

    def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
        """Read whole sectors. Raises ReadError."""
        start, length = lba * SECTOR, count * SECTOR
        first = start - start % PAGE
        end = min(rounded_up(start + length, PAGE), self._target.size)
        around = aligned(end - first)
        try:
            self._target.read(around, first)
        except DiscwrightError as error:
            raise ReadError(error.message, lba=lba, count=count, cause=error.cause) from error
        buffer[:length] = around[start - first : start - first + length]


def boot_of_stick(target: Watched, size: int) -> BootReport | None:
    """Say what starts from the image of ``size`` bytes on a stick; None if it can't be read."""
    try:
        return read_boot(StickSectors(target, size))
    except DiscwrightError:
        return None
