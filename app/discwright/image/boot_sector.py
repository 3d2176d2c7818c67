# SPDX-License-Identifier: GPL-3.0-or-later
"""The first sector of a stick, as a PC BIOS and UEFI see it: boot code, MBR and GPT partitions.

A BIOS loads the first 512 bytes and runs them if they end in 55 AA. What that code does then is
its own affair: isohybrid's and GRUB's go on by themselves, the classic one hands over to the
active partition, and that of mkfs.fat only says that nothing starts here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from discwright.image.fat import open_fat
from discwright.image.sectors import Sectors

ESP_TYPE = 0xEF
"""MBR partition type of an EFI System Partition (UEFI 2.10, 5.2.2)."""

_PROTECTIVE = 0xEE
_ESP_GUID = bytes.fromhex("28732ac11ff8d211ba4b00a0c93ec93b")
"""C12A7328-F81F-11D2-BA4B-00A0C93EC93B as it lies in a GPT (UEFI 2.10, 5.3.3)."""
_LEGACY_BOOT = 1 << 2
"""Attribute of a GPT partition that legacy boot code goes on with (UEFI 2.10, table 5.8)."""
_MOST_GPT_ENTRIES = 256

_HANDS_OVER = re.compile(rb"missing o[ps]|no active|invalid partition", re.IGNORECASE)
"""What boot code says when it finds no partition to hand over to."""
_ONLY_SAYS = re.compile(rb"not a bootable")
"""mkfs.fat, mkntfs."""
_NEXT_STAGES = {
    b"BOOTMGR": "bootmgr",
    b"NTLDR": "ntldr",
    b"IO      SYS": "io.sys",
    b"KERNEL  SYS": "kernel.sys",
}
"""Names in the boot sectors of Windows, DOS and FreeDOS, and the files that they load."""


class NoBios(StrEnum):
    """Why a PC BIOS doesn't start from the first sector."""

    CODE = "no boot code"
    TABLE = "boot code without partitions"
    MESSAGE = "only a message"
    ACTIVE = "no active partition that starts"
    FILES = "what the boot sector loads is missing"


@dataclass(frozen=True)
class Partition:
    """An entry of a partition table."""

    offset: int
    """Bytes from the start of the stick."""
    esp: bool
    """It is declared to be an EFI System Partition."""
    active: bool
    """Boot code that hands over goes on with it."""


def mbr_partitions(sectors: Sectors, mbr: bytes) -> tuple[Partition, ...]:
    """Give the non-empty entries of an MBR.

    Type 0 counts if the entry is active: some hybrid images have such a one.
    """
    block = mbr_block(sectors, mbr)
    return tuple(
        Partition(
            start * block,
            esp=entry[4] == ESP_TYPE,
            active=entry[0] == 0x80 and entry[4] != _PROTECTIVE,
        )
        for entry, start in _mbr_entries(mbr)
    )


def mbr_block(sectors: Sectors, mbr: bytes) -> int:
    """Give the bytes of the blocks that an MBR counts in: 512, or 4096 for sticks with such.

    The MBR doesn't say. It is told by where the partitions' file systems are.
    """
    starts = [start for _entry, start in _mbr_entries(mbr) if start]
    for block in (512, 4096):
        if any(_begins_with_file_system(sectors, start * block) for start in starts):
            return block
    return 512


def _mbr_entries(mbr: bytes) -> Iterator[tuple[bytes, int]]:
    """Give the non-empty entries and the block that each begins at."""
    if mbr[510:512] != b"\x55\xaa":
        return
    for at in range(446, 510, 16):
        entry = mbr[at : at + 16]
        used = entry[4] or entry[0] == 0x80
        if entry[0] in {0x00, 0x80} and used and any(entry[12:16]):
            yield entry, int.from_bytes(entry[8:12], "little")


def _begins_with_file_system(sectors: Sectors, offset: int) -> bool:
    """Whether there is a boot sector, or the superblock of an ext file system."""
    start = sectors.at(offset, 2048)
    return start is not None and (start[510:512] == b"\x55\xaa" or start[1080:1082] == b"\x53\xef")


def gpt_partitions(sectors: Sectors) -> tuple[Partition, ...] | None:
    """Give the entries of a GPT (UEFI 2.10, 5.3), None if there is none."""
    for block in (512, 2048, 4096):
        header = sectors.at(block, 92)
        if header is not None and header[:8] == b"EFI PART":
            return tuple(_gpt_entries(sectors, block, header))
    return None


def _gpt_entries(sectors: Sectors, block: int, header: bytes) -> Iterator[Partition]:
    table = int.from_bytes(header[72:80], "little") * block
    count = int.from_bytes(header[80:84], "little")
    size = int.from_bytes(header[84:88], "little")
    if not 128 <= size <= 4096:
        return
    for index in range(min(count, _MOST_GPT_ENTRIES)):
        entry = sectors.at(table + index * size, 56)
        if entry is None:
            return
        if any(entry[:16]):
            start = int.from_bytes(entry[32:40], "little") * block
            attributes = int.from_bytes(entry[48:56], "little")
            yield Partition(start, entry[:16] == _ESP_GUID, bool(attributes & _LEGACY_BOOT))


def bios_obstacle(sectors: Sectors, mbr: bytes, partitions: tuple[Partition, ...]) -> NoBios | None:
    """Say why a BIOS doesn't start from a stick with this first sector; None: it does.

    ``partitions``: those of the MBR and of the GPT.
    """
    if mbr[510:512] != b"\x55\xaa":
        return NoBios.CODE
    if _is_boot_sector(mbr):
        return _boot_sector_obstacle(sectors, 0)
    code = mbr[:440]
    if code[:4] == b"ER\x08\x00":  # Apple's driver descriptor shares the place with boot code
        code = code[8:]
    if not any(code):
        return NoBios.CODE
    if not partitions:
        return NoBios.TABLE
    if not _HANDS_OVER.search(code):
        return None
    active = [one for one in partitions if one.active]
    starts = any(_boot_sector_obstacle(sectors, one.offset) is None for one in active)
    return None if starts else NoBios.ACTIVE


def _is_boot_sector(sector: bytes) -> bool:
    """Whether it is a file system's boot sector, of FAT, exFAT or NTFS, and no MBR."""
    jumps = sector[0] in {0xEB, 0xE9}
    per_sector = int.from_bytes(sector[11:13], "little")
    fat = per_sector in {512, 1024, 2048, 4096} and sector[16] in {1, 2}
    return jumps and (fat or sector[3:11] in {b"EXFAT   ", b"NTFS    "})


def _boot_sector_obstacle(sectors: Sectors, offset: int) -> NoBios | None:
    """Say why the boot sector at a byte offset starts nothing; None: it does."""
    sector = sectors.at(offset, 512)
    if sector is None or sector[510:512] != b"\x55\xaa":
        return NoBios.CODE
    if not _is_boot_sector(sector):
        return None if any(sector[:440]) else NoBios.CODE
    # FAT12 and FAT16 have their code from byte 62 on, FAT32 from 90, NTFS 84, exFAT 120.
    if set(sector[120:510]) <= {0x00, 0xF4}:
        return NoBios.CODE
    if _ONLY_SAYS.search(sector) or sector[3:7] == b"MTOO":  # mformat's starts the hard disk
        return NoBios.MESSAGE
    wanted = [file for name, file in _NEXT_STAGES.items() if name in sector]
    volume = open_fat(sectors, offset) if wanted else None
    if volume is not None:
        there = {entry.name.casefold() for entry in volume.listing()}
        if not there.intersection(wanted):
            return NoBios.FILES
    return None
