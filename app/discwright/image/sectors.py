# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading descriptors from untrusted sources: bounded, cached, and never fatal."""

from collections import OrderedDict

from discwright.errors import ReadError
from discwright.transfer.reader import SECTOR, SectorReader, read_sectors

_CACHED_CHUNKS = 64


class Sectors:
    """A few sectors at a time of a reader; what can't be read is None, not an error.

    ``ahead``: how many sectors (aligned) are fetched at once; 1 touches nothing but what is
    asked for, more makes walking a file system fast. ``unreadable`` lists the sectors (LBA) that
    were asked for and gave a read error; those past the end are merely absent. After
    ``patience`` of them (a drive can take half a minute for each) or ``budget`` sectors nothing
    more is read.
    """

    def __init__(
        self, reader: SectorReader, *, ahead: int = 1, patience: int = 8, budget: int = 16_384
    ) -> None:
        if reader.sector_size != SECTOR:
            raise ReadError("These sectors hold no plain data.", lba=0, count=1)
        self._reader = reader
        self._ahead = ahead
        self._patience = patience
        self._budget = budget
        self._chunks: OrderedDict[int, bytes | None] = OrderedDict()
        self.count = max(0, reader.sectors)
        self.unreadable: list[int] = []

    def sector(self, lba: int) -> bytes | None:
        """Give one sector of 2048 bytes, None if it is unreadable or past the end."""
        if not 0 <= lba < self.count:
            return None
        if self._ahead > 1:
            first = lba - lba % self._ahead
            chunk = self._chunk(first, min(self._ahead, self.count - first))
            if chunk is not None:
                return chunk[(lba - first) * SECTOR : (lba - first + 1) * SECTOR]
        return self._chunk(lba, 1)

    def run(self, lba: int, count: int) -> bytes:
        """Give the readable sectors from ``lba`` on, up to the first that can't be had."""
        parts = []
        for at in range(lba, lba + count):
            data = self.sector(at)
            if data is None:
                break
            parts.append(data)
        return b"".join(parts)

    def at(self, offset: int, length: int) -> bytes | None:
        """Give ``length`` bytes from byte ``offset`` on, None unless all can be had."""
        if offset < 0 or length <= 0 or offset + length > self.count * SECTOR:
            return None
        first = offset // SECTOR
        last = (offset + length - 1) // SECTOR
        data = self.run(first, last - first + 1)
        start = offset - first * SECTOR
        part = data[start : start + length]
        return part if len(part) == length else None

    def _chunk(self, lba: int, count: int) -> bytes | None:
        # Odd keys for single sectors, even ones for chunks, so that both fit one cache.
        key = lba * 2 + (count == 1)
        if key in self._chunks:
            self._chunks.move_to_end(key)
            return self._chunks[key]
        if len(self.unreadable) >= self._patience or self._budget < count:
            return None
        self._budget -= count
        try:
            data: bytes | None = read_sectors(self._reader, lba, count)
        except ReadError:
            data = None
            if count == 1:
                self.unreadable.append(lba)
        self._chunks[key] = data
        if len(self._chunks) > _CACHED_CHUNKS:
            self._chunks.popitem(last=False)
        return data
