# SPDX-License-Identifier: GPL-3.0-or-later
"""The Mac's file systems on discs: HFS and HFS+, bare or in an Apple partition map."""

from dataclasses import dataclass

from discwright.image.sectors import Sectors
from discwright.transfer.reader import SECTOR
from discwright.wording import shown

_MOST_PARTITIONS = 64


@dataclass(frozen=True)
class HfsVolume:
    """An HFS or HFS+ volume."""

    plus: bool
    label: str
    end: int
    """Where it ends: bytes from LBA 0 of the disc."""

    @property
    def sectors(self) -> int:
        """:attr:`end` in sectors of 2048 bytes, rounded up."""
        return -(-self.end // SECTOR)


def read_hfs(sectors: Sectors) -> HfsVolume | None:
    """Look for a volume at the start of the disc, then in the Apple partition map."""
    for offset in (0, *_apple_partitions(sectors)):
        volume = _volume(sectors, offset)
        if volume is not None:
            return volume
    return None


def _apple_partitions(sectors: Sectors) -> list[int]:
    """Give the byte offsets of the Apple_HFS partitions (Inside Macintosh: Devices, 3)."""
    driver = sectors.at(0, 4)
    if driver is None or driver[:2] != b"ER":
        return []
    # Hybrid discs keep a map in 512-byte blocks whatever the driver record says.
    for block in dict.fromkeys((512, int.from_bytes(driver[2:4], "big"))):
        if block not in {512, 1024, 2048}:
            continue
        found = []
        total = 1
        for index in range(1, _MOST_PARTITIONS):
            entry = sectors.at(index * block, 512)
            if index > total or entry is None or entry[:2] != b"PM":
                break
            total = int.from_bytes(entry[4:8], "big")
            if entry[48:80].split(b"\0", 1)[0].startswith(b"Apple_HFS"):
                found.append(int.from_bytes(entry[8:12], "big") * block)
        if found:
            return found
    return []


def _volume(sectors: Sectors, offset: int) -> HfsVolume | None:
    header = sectors.at(offset + 1024, 512)
    if header is None:
        return None
    if header[:2] in {b"H+", b"HX"}:
        return _plus(sectors, offset, header)
    if header[:2] != b"BD":
        return None
    # Master directory block (Inside Macintosh: Files, 2-60). Zero block size: not a volume.
    blocks = int.from_bytes(header[18:20], "big")
    size = int.from_bytes(header[20:24], "big")
    first = int.from_bytes(header[28:30], "big") * 512
    if not blocks or not size or size % 512:
        return None
    if header[124:126] == b"H+":
        inner = offset + first + int.from_bytes(header[126:128], "big") * size
        wrapped = sectors.at(inner + 1024, 512)
        if wrapped is not None and wrapped[:2] == b"H+":
            return _plus(sectors, inner, wrapped)
    label = shown(header[37 : 37 + min(header[36], 27)].decode("mac-roman"))
    # The alternate master directory block and a spare one follow the last allocation block.
    return HfsVolume(plus=False, label=label, end=offset + first + blocks * size + 1024)


def _plus(sectors: Sectors, offset: int, header: bytes) -> HfsVolume | None:
    # Volume header (Apple TN1150).
    size = int.from_bytes(header[40:44], "big")
    blocks = int.from_bytes(header[44:48], "big")
    if size < 512 or size & (size - 1) or not blocks:
        return None
    catalog = offset + int.from_bytes(header[288:292], "big") * size
    return HfsVolume(plus=True, label=_plus_label(sectors, catalog), end=offset + blocks * size)


def _plus_label(sectors: Sectors, catalog: int) -> str:
    """Give the name of the root folder: the first leaf record of the catalog B-tree."""
    head = sectors.at(catalog, 512)
    if head is None or head[8] != 1:
        return ""
    leaf = int.from_bytes(head[24:28], "big")
    node = int.from_bytes(head[32:34], "big")
    data = sectors.at(catalog + leaf * node, 512) if leaf and node >= 512 else None
    if data is None or data[8] != 0xFF or data[16:20] != b"\0\0\0\x01":
        return ""
    length = min(int.from_bytes(data[20:22], "big"), 200)
    return shown(data[22 : 22 + 2 * length].decode("utf-16-be", "replace"))
