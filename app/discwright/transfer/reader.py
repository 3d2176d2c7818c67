# SPDX-License-Identifier: GPL-3.0-or-later
"""The one interface for whatever sectors are read from: a drive, an ISO, a BIN/CUE."""

from typing import Protocol

SECTOR = 2048
"""Bytes of user data in a sector of a data disc (ECMA-119 6.1.2, ECMA-130 Mode 1)."""


class SectorReader(Protocol):
    """Sectors by number."""

    @property
    def sector_size(self) -> int:
        """Bytes in a sector."""

    @property
    def sectors(self) -> int:
        """How many sectors there are, as far as the reader knows."""

    def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
        """Read ``count`` sectors from ``lba`` on into the start of ``buffer``.

        All of them or :class:`discwright.errors.ReadError`; after an error the buffer's content
        means nothing.
        """


def read_sectors(reader: SectorReader, lba: int, count: int) -> bytes:
    """Read a few sectors into a new ``bytes``; for descriptors, not for bulk."""
    buffer = bytearray(count * reader.sector_size)
    reader.read_into(lba, count, memoryview(buffer))
    return bytes(buffer)
