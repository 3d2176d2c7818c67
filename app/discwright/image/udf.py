# SPDX-License-Identifier: GPL-3.0-or-later
"""The volume structures of UDF (ECMA-167 part 3, OSTA UDF 2.60)."""

import binascii
from dataclasses import dataclass, field

from discwright.image.sectors import Sectors
from discwright.image.text import dstring, udf_time
from discwright.transfer.reader import SECTOR
from discwright.wording import _, shown

_BLOCK_SIZES = (2048, 512, 4096)
_MOST_DESCRIPTORS = 128
_MOST_MAPS = 8

TAG_PVD, TAG_AVDP, TAG_VDP, TAG_PARTITION, TAG_LVD, TAG_TERMINATOR = 1, 2, 3, 5, 6, 8


@dataclass(frozen=True)
class Partition:
    """A partition descriptor (ECMA-167 3/10.5), in blocks."""

    number: int
    start: int
    blocks: int


@dataclass(frozen=True)
class PartitionMap:
    """An entry of the logical volume's partition maps (ECMA-167 3/10.7, UDF 2.2.8-2.2.10)."""

    kind: str
    """"plain", "metadata", "sparable", "virtual" or "unknown"."""
    number: int
    metadata_file: int = 0
    """The partition block of the metadata file's entry."""
    metadata_mirror: int = 0


@dataclass
class UdfVolume:
    """What the volume descriptor sequence says."""

    block_size: int
    anchors: list[int] = field(default_factory=list)
    """Blocks of the anchor volume descriptor pointers that were found."""
    sequences: list[tuple[int, int]] = field(default_factory=list)
    """First block and number of blocks of the descriptor sequences, main and reserve."""
    partitions: dict[int, Partition] = field(default_factory=dict)
    maps: list[PartitionMap] = field(default_factory=list)
    file_set: tuple[int, int] | None = None
    """Partition reference and block of the file set descriptor."""
    integrity: tuple[int, int] = (0, 0)
    """First block and number of blocks of the integrity sequence."""
    label: str = ""
    created: str = ""
    application: str = ""
    remarks: list[str] = field(default_factory=list)

    @property
    def blocks(self) -> int:
        """Where the last partition ends, or an anchor behind it: blocks from LBA 0."""
        ends = [part.start + part.blocks for part in self.partitions.values()]
        ends += [anchor + 1 for anchor in self.anchors]
        return max(ends, default=0)

    @property
    def sectors(self) -> int:
        """:attr:`blocks` in sectors of 2048 bytes, rounded up."""
        return -(-self.blocks * self.block_size // SECTOR)


def tag_of(data: bytes | None) -> int:
    """Give the identifier of a descriptor tag (ECMA-167 3/7.2), 0 if it isn't a sound one."""
    if data is None or len(data) < 16 or sum(data[:4] + data[5:16]) & 0xFF != data[4]:
        return 0
    length = int.from_bytes(data[10:12], "little")
    if 0 < length <= len(data) - 16 and binascii.crc_hqx(
        data[16 : 16 + length], 0
    ) != int.from_bytes(data[8:10], "little"):
        return 0
    return int.from_bytes(data[0:2], "little")


def read_udf(sectors: Sectors, session_start: int = 0) -> UdfVolume | None:
    """Read the volume descriptor sequence; None if no anchor leads to one."""
    for block_size in _BLOCK_SIZES:
        volume = _read(sectors, session_start * SECTOR // block_size, block_size)
        if volume is not None:
            return volume
    return None


def _read(sectors: Sectors, start: int, block_size: int) -> UdfVolume | None:
    total = sectors.count * SECTOR // block_size
    volume = UdfVolume(block_size)
    for block in (start + 256, total - 257, total - 1):  # ECMA-167 3/8.4.2.1
        if block < 0 or block in volume.anchors:
            continue
        anchor = _anchor(sectors, block, block_size)
        if anchor is None:
            continue
        volume.anchors.append(block)
        if not volume.sequences:
            volume.sequences = anchor
            for first, count in anchor:
                if _sequence(sectors, volume, first, count):
                    break
    if not volume.anchors:
        return None
    # Images often end behind the last sector of the volume, or before it: an anchor may also
    # follow right after the last partition.
    end = max((part.start + part.blocks for part in volume.partitions.values()), default=0)
    if end and end not in volume.anchors and _anchor(sectors, end, block_size) is not None:
        volume.anchors.append(end)
    if not volume.partitions:
        volume.remarks.append(_("The UDF file system names no partition that holds its files."))
    return volume


def _anchor(sectors: Sectors, block: int, block_size: int) -> list[tuple[int, int]] | None:
    data = sectors.at(block * block_size, 512)
    if tag_of(data) != TAG_AVDP or data is None:
        return None
    if int.from_bytes(data[12:16], "little") != block:
        return None
    extents = []
    for at in (16, 24):
        length = int.from_bytes(data[at : at + 4], "little") // block_size
        first = int.from_bytes(data[at + 4 : at + 8], "little")
        if length and first:
            extents.append((first, min(length, _MOST_DESCRIPTORS)))
    return extents


def _sequence(sectors: Sectors, volume: UdfVolume, first: int, count: int) -> bool:
    """Read one descriptor sequence into ``volume``; whether it told of a logical volume."""
    size = volume.block_size
    pending, looked = [(first, count)], 0
    told = False
    while pending:
        first, count = pending.pop()
        for block in range(first, first + count):
            looked += 1
            data = sectors.at(block * size, min(size, SECTOR))
            kind = tag_of(data)
            if data is None or kind in {0, TAG_TERMINATOR} or looked > _MOST_DESCRIPTORS:
                break
            if kind == TAG_VDP:
                length = int.from_bytes(data[20:24], "little") // size
                pending.append((int.from_bytes(data[24:28], "little"), min(length, 64)))
                break
            told = _descriptor(volume, kind, data) or told
    return told


def _descriptor(volume: UdfVolume, kind: int, data: bytes) -> bool:
    match kind:
        case 1:
            volume.created = udf_time(data[376:388])
            volume.application = shown(
                data[345:368].split(b"\0", 1)[0].decode("latin-1").lstrip("*")
            )
            volume.label = volume.label or dstring(data[24:56])
        case 5:
            number = int.from_bytes(data[22:24], "little")
            if len(volume.partitions) < _MOST_MAPS:
                volume.partitions[number] = Partition(
                    number,
                    int.from_bytes(data[188:192], "little"),
                    int.from_bytes(data[192:196], "little"),
                )
        case 6:
            volume.label = dstring(data[84:212]) or volume.label
            volume.file_set = (
                int.from_bytes(data[256:258], "little"),
                int.from_bytes(data[252:256], "little"),
            )
            volume.integrity = (
                int.from_bytes(data[436:440], "little"),
                int.from_bytes(data[432:436], "little") // volume.block_size,
            )
            volume.maps = _maps(data)
            return True
    return False


def _maps(data: bytes) -> list[PartitionMap]:
    maps: list[PartitionMap] = []
    at = 440
    for _index in range(min(int.from_bytes(data[268:272], "little"), _MOST_MAPS)):
        entry = data[at : at + data[at + 1]] if at + 2 <= len(data) else b""
        if len(entry) < 6:
            break
        at += len(entry)
        if entry[0] == 1:
            maps.append(PartitionMap("plain", int.from_bytes(entry[4:6], "little")))
            continue
        name = entry[5:28].rstrip(b"\0")
        number = int.from_bytes(entry[38:40], "little")
        if name == b"*UDF Metadata Partition" and len(entry) >= 64:
            maps.append(
                PartitionMap(
                    "metadata",
                    number,
                    int.from_bytes(entry[40:44], "little"),
                    int.from_bytes(entry[44:48], "little"),
                )
            )
        elif name == b"*UDF Sparable Partition":
            maps.append(PartitionMap("sparable", number))
        elif name == b"*UDF Virtual Partition":
            maps.append(PartitionMap("virtual", number))
        else:
            maps.append(PartitionMap("unknown", number))
    return maps
