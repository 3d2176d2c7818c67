# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking up directories in a FAT file system that lies somewhere in an image (FAT 12, 16, 32).

For EFI System Partitions and El Torito's UEFI images; reads only. Source of the layout: the
Microsoft FAT specification (EFI FAT32, version 1.03).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from discwright.image.sectors import Sectors

_MOST_CLUSTERS = 512
"""Clusters of one directory that are followed."""
_MOST_BYTES = 1024 * 1024
_DIRECTORY, _VOLUME_LABEL, _LONG_NAME = 0x10, 0x08, 0x0F


@dataclass(frozen=True)
class FatEntry:
    """A name in a directory."""

    name: str
    directory: bool
    cluster: int
    size: int
    """Bytes."""


class FatVolume:
    """A FAT file system at byte ``offset`` of a disc; use :func:`open_fat`."""

    def __init__(self, sectors: Sectors, offset: int, boot: bytes) -> None:
        number = int.from_bytes
        self._sectors = sectors
        self._offset = offset
        self._sector = number(boot[11:13], "little")
        self._per_cluster = boot[13]
        reserved = number(boot[14:16], "little")
        self._root_entries = number(boot[17:19], "little")
        per_fat = number(boot[22:24], "little") or number(boot[36:40], "little")
        total = number(boot[19:21], "little") or number(boot[32:36], "little")
        self._fat = reserved * self._sector
        self._root = (reserved + boot[16] * per_fat) * self._sector
        root_size = -(-self._root_entries * 32 // self._sector)
        self._data = self._root + root_size * self._sector
        clusters = (total - self._data // self._sector) // self._per_cluster
        # By the number of clusters, except that small FAT32 volumes break that rule in practice.
        self._bits = 12 if clusters < 4085 else 16 if clusters < 65525 else 32
        if not self._root_entries:
            self._bits = 32
        self._root_cluster = number(boot[44:48], "little")

    def listing(self, *names: str) -> list[FatEntry]:
        """Give what the directory of that path holds; empty if there is none."""
        found = list(self._entries(self._root_bytes()))
        for name in names:
            wanted = name.casefold()
            entry = next((e for e in found if e.directory and e.name.casefold() == wanted), None)
            if entry is None:
                return []
            found = list(self._entries(self._chain(entry.cluster)))
        return found

    def _root_bytes(self) -> bytes:
        if self._bits == 32:
            return self._chain(self._root_cluster)
        size = min(self._root_entries * 32, _MOST_BYTES)
        return self._sectors.at(self._offset + self._root, size) or b""

    def _chain(self, cluster: int) -> bytes:
        parts: list[bytes] = []
        seen: set[int] = set()
        length = self._sector * self._per_cluster
        while (
            2 <= cluster < (1 << min(self._bits, 28)) - 8
            and cluster not in seen
            and len(seen) < min(_MOST_CLUSTERS, _MOST_BYTES // length)
        ):
            seen.add(cluster)
            place = self._offset + self._data + (cluster - 2) * length
            data = self._sectors.at(place, length)
            if data is None:
                break
            parts.append(data)
            cluster = self._next(cluster)
        return b"".join(parts)

    def _next(self, cluster: int) -> int:
        place = self._offset + self._fat + cluster * self._bits // 8
        data = self._sectors.at(place, 4 if self._bits == 32 else 2)
        value = 0 if data is None else int.from_bytes(data, "little")
        if self._bits == 12:
            value = value >> 4 if cluster % 2 else value & 0xFFF
        return value & 0x0FFFFFFF

    @staticmethod
    def _entries(data: bytes) -> Iterator[FatEntry]:
        long: dict[int, str] = {}
        for at in range(0, len(data) - 31, 32):
            entry = data[at : at + 32]
            if entry[0] == 0:
                return
            if entry[0] == 0xE5:
                long = {}
                continue
            if entry[11] & 0x3F == _LONG_NAME:
                raw = entry[1:11] + entry[14:26] + entry[28:32]
                long[entry[0] & 0x1F] = raw.decode("utf-16-le", "replace")
                continue
            name = "".join(part for _order, part in sorted(long.items())).split("\0", 1)[0]
            long = {}
            if entry[11] & _VOLUME_LABEL or entry[0] == ord("."):
                continue
            if not name:
                stem = entry[:8].decode("cp437").rstrip()
                extension = entry[8:11].decode("cp437").rstrip()
                name = f"{stem}.{extension}" if extension else stem
            high, low = (int.from_bytes(entry[n : n + 2], "little") for n in (20, 26))
            yield FatEntry(
                name,
                bool(entry[11] & _DIRECTORY),
                high << 16 | low,
                int.from_bytes(entry[28:32], "little"),
            )


def open_fat(sectors: Sectors, offset: int) -> FatVolume | None:
    """Give the FAT file system that starts at a byte offset; None if there is none."""
    boot = sectors.at(offset, 512)
    if boot is None or boot[510:512] != b"\x55\xaa" or boot[0] not in {0xEB, 0xE9}:
        return None
    size = int.from_bytes(boot[11:13], "little")
    per_cluster = boot[13]
    power = per_cluster and not per_cluster & (per_cluster - 1)
    if size not in {512, 1024, 2048, 4096} or not power or boot[16] not in {1, 2}:
        return None
    return FatVolume(sectors, offset, boot)
