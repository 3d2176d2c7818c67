# SPDX-License-Identifier: GPL-3.0-or-later
"""Sectors from a file or from memory, with sectors that can't be read."""

from pathlib import Path

from discwright.errors import ReadError

SECTOR = 2048


class MemoryReader:
    """An image in memory. Counts what is asked of it."""

    sector_size = SECTOR

    def __init__(self, data: bytes, bad: frozenset[int] = frozenset()) -> None:
        self.data = data
        self.bad = bad
        self.sectors = len(data) // SECTOR
        self.asked: list[int] = []

    def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
        self.asked += range(lba, lba + count)
        if lba < 0 or lba + count > self.sectors or self.bad & set(range(lba, lba + count)):
            raise ReadError("unreadable", lba=lba, count=count)
        buffer[: count * SECTOR] = self.data[lba * SECTOR : (lba + count) * SECTOR]


def FileReader(path: Path, bad: frozenset[int] = frozenset()) -> MemoryReader:
    return MemoryReader(path.read_bytes(), bad)


class SparseReader(MemoryReader):
    """A huge image of which only some sectors are not zero."""

    def __init__(self, sectors: dict[int, bytes], count: int) -> None:
        super().__init__(b"")
        self.sectors = count
        self.some = sectors

    def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
        for n in range(count):
            data = self.some.get(lba + n, b"").ljust(SECTOR, b"\0")
            buffer[n * SECTOR : (n + 1) * SECTOR] = data
