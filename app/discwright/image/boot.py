# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a computer starts from an image: El Torito, isohybrid MBR, GPT, EFI System Partition."""

from collections.abc import Iterator
from dataclasses import dataclass

from discwright.image.fat import open_fat
from discwright.image.iso9660 import boot_record, descriptors, iso_volumes
from discwright.image.isotree import IsoTree
from discwright.image.sectors import Sectors
from discwright.image.tree import Tree, find
from discwright.image.udf import read_udf
from discwright.image.udftree import UdfTree
from discwright.transfer.reader import SECTOR, SectorReader
from discwright.wording import _, shown

_CATALOG_SECTORS = 4
_PLATFORMS = {0: "BIOS", 1: "PowerPC", 2: "Mac", 0xEF: "UEFI"}
_BOOTABLE = 0x88
_MORE_SECTIONS, _LAST_SECTION, _EXTENSION = 0x90, 0x91, 0x44
_ESP_TYPE = 0xEF
_ESP_GUID = bytes.fromhex("28732ac11ff8d211ba4b00a0c93ec93b")
"""C12A7328-F81F-11D2-BA4B-00A0C93EC93B as it lies in a GPT (UEFI 2.10, 5.3.3)."""
_MOST_GPT_ENTRIES = 256
_MOST_LOADERS = 16


@dataclass(frozen=True)
class BootEntry:
    """An entry of the El Torito boot catalog (El Torito 1.0, section 2)."""

    platform: str
    """"BIOS", "UEFI", "PowerPC", "Mac", or the platform's number in hexadecimal."""
    bootable: bool
    lba: int
    sectors_512: int
    """Length in 512-byte units, as the entry says it; UEFI: 0 or 1 mean to the end."""


@dataclass(frozen=True)
class BootReport:
    """What was found, and what follows from it."""

    el_torito: tuple[BootEntry, ...] = ()
    isohybrid_mbr: bool = False
    """An MBR with boot code and a non-empty partition entry lies in the system area."""
    gpt: bool = False
    esp: bool = False
    """A partition for UEFI is declared by MBR type 0xEF or its GPT type."""
    efi_loaders: tuple[str, ...] = ()
    """Such as "BOOTX64.EFI", from \\EFI\\BOOT of the EFI image or, if there is none, the disc."""
    windows_installer: bool = False
    remarks: tuple[str, ...] = ()
    """What is wrong with the boot records, in sentences."""

    @property
    def disc_bios(self) -> bool:
        """Whether a PC BIOS starts from the disc."""
        return any(entry.bootable and entry.platform == "BIOS" for entry in self.el_torito)

    @property
    def disc_uefi(self) -> bool:
        """Whether UEFI firmware starts from the disc."""
        return any(entry.bootable and entry.platform == "UEFI" for entry in self.el_torito)

    @property
    def stick_bios(self) -> bool:
        """Whether a PC BIOS starts from a stick that the image was written to unchanged."""
        return self.isohybrid_mbr

    @property
    def stick_uefi(self) -> bool:
        """Whether UEFI firmware starts from a stick that the image was written to unchanged."""
        return self.esp and bool(self.efi_loaders)


def read_boot(reader: SectorReader) -> BootReport:
    """Find what computers start from; unreadable sectors count as holding nothing.

    Raises ReadError only if the reader's sectors are not 2048 bytes.
    """
    sectors = Sectors(reader, ahead=8)
    found = list(descriptors(sectors))
    remarks: list[str] = []
    entries: tuple[BootEntry, ...] = ()
    catalog = boot_record(found)
    if catalog is not None:
        entries = tuple(_catalog(sectors, catalog, remarks))

    mbr = sectors.at(0, 512) or bytes(512)
    partitions = list(_mbr_partitions(mbr))
    gpt = _gpt_header(sectors)
    fat_places = [start * 512 for kind, start in partitions if kind == _ESP_TYPE]
    if gpt is not None:
        fat_places += _gpt_esps(sectors, *gpt)
    esp = bool(fat_places)
    fat_places += [e.lba * SECTOR for e in entries if e.platform == "UEFI" and e.bootable]

    trees: list[Tree] = [IsoTree(sectors, volume) for volume in iso_volumes(found)]
    if any(one.identifier in {b"NSR02", b"NSR03"} for one in found):
        udf = read_udf(sectors)
        if udf is not None:
            trees.append(UdfTree(sectors, udf))
    return BootReport(
        el_torito=entries,
        isohybrid_mbr=any(mbr[:440]) and bool(partitions),
        gpt=gpt is not None,
        esp=esp,
        efi_loaders=_loaders(sectors, trees, fat_places),
        windows_installer=any(_is_windows_installer(tree) for tree in trees),
        remarks=tuple(remarks),
    )


def boot_sentence(report: BootReport) -> str:
    """Say in plain words what starts from the disc, and from a stick written from it."""
    sentences = [
        {
            (True, True): _("A computer starts from this disc, with BIOS as well as with UEFI."),
            (True, False): _(
                "A computer with BIOS starts from this disc; one with UEFI only won't."
            ),
            (False, True): _("A computer with UEFI starts from this disc; one with BIOS won't."),
            (False, False): _("A PC won't start from this disc."),
        }[report.disc_bios, report.disc_uefi],
        {
            (True, True): _("It also starts from a USB stick written from it, with BIOS and UEFI."),
            (True, False): _("From a USB stick written from it, it starts with BIOS only."),
            (False, True): _("From a USB stick written from it, it starts with UEFI only."),
            (False, False): _("It won't start from a USB stick written from it."),
        }[report.stick_bios, report.stick_uefi]
        if report.el_torito or report.stick_bios or report.esp or report.windows_installer
        else "",
    ]
    if report.windows_installer and not (report.stick_bios or report.stick_uefi):
        sentences.append(
            _("It installs Windows: for a stick that starts, its files must be copied to one.")
        )
    if (report.disc_uefi or report.esp) and not report.efi_loaders:
        sentences.append(_("It has a place for UEFI, but no UEFI boot loader was found there."))
    return " ".join(sentence for sentence in sentences if sentence)


def _catalog(sectors: Sectors, lba: int, remarks: list[str]) -> Iterator[BootEntry]:
    """Give the entries of the boot catalog (El Torito 1.0, 2.1-2.5)."""
    data = sectors.run(lba, _CATALOG_SECTORS)
    head = data[:32]
    words = sum(int.from_bytes(head[n : n + 2], "little") for n in range(0, 32, 2))
    if len(head) < 32 or head[0] != 1 or head[30:32] != b"\x55\xaa" or words & 0xFFFF:
        remarks.append(_("The disc announces a boot catalog, but the catalog is damaged."))
        return
    yield _entry(sectors, data[32:64], head[1], remarks)
    at = 64
    more = True
    while more and at + 32 <= len(data) and data[at] in {_MORE_SECTIONS, _LAST_SECTION}:
        more = data[at] == _MORE_SECTIONS
        platform = data[at + 1]
        count = int.from_bytes(data[at + 2 : at + 4], "little")
        at += 32
        while count and at + 32 <= len(data):
            if data[at] != _EXTENSION:
                yield _entry(sectors, data[at : at + 32], platform, remarks)
                count -= 1
            at += 32
        while at + 32 <= len(data) and data[at] == _EXTENSION:
            at += 32


def _entry(sectors: Sectors, data: bytes, platform: int, remarks: list[str]) -> BootEntry:
    lba = int.from_bytes(data[8:12], "little")
    bootable = data[0] == _BOOTABLE
    if bootable and not 0 < lba < sectors.count:
        remarks.append(
            _("The boot catalog names a boot image at sector {lba}, where there is none.").format(
                lba=lba
            )
        )
        bootable = False
    return BootEntry(
        platform=_PLATFORMS.get(platform, f"0x{platform:02X}"),
        bootable=bootable,
        lba=lba,
        sectors_512=int.from_bytes(data[6:8], "little"),
    )


def _mbr_partitions(mbr: bytes) -> Iterator[tuple[int, int]]:
    """Give type and first 512-byte block of the non-empty partition entries of an MBR."""
    if mbr[510:512] != b"\x55\xaa":
        return
    for at in range(446, 510, 16):
        entry = mbr[at : at + 16]
        if entry[0] in {0x00, 0x80} and entry[4] and any(entry[12:16]):
            yield entry[4], int.from_bytes(entry[8:12], "little")


def _gpt_header(sectors: Sectors) -> tuple[int, bytes] | None:
    """Give the block size in bytes and the GPT header (UEFI 2.10, 5.3.2), if there is one."""
    for block in (512, 2048, 4096):
        header = sectors.at(block, 92)
        if header is not None and header[:8] == b"EFI PART":
            return block, header
    return None


def _gpt_esps(sectors: Sectors, block: int, header: bytes) -> Iterator[int]:
    """Give the byte offsets of the EFI System Partitions."""
    table = int.from_bytes(header[72:80], "little") * block
    count = int.from_bytes(header[80:84], "little")
    size = int.from_bytes(header[84:88], "little")
    if not 128 <= size <= 4096:
        return
    for index in range(min(count, _MOST_GPT_ENTRIES)):
        entry = sectors.at(table + index * size, 48)
        if entry is None:
            return
        if entry[:16] == _ESP_GUID:
            yield int.from_bytes(entry[32:40], "little") * block


def _loaders(sectors: Sectors, trees: list[Tree], places: list[int]) -> tuple[str, ...]:
    """Give the names of the loaders of the removable media rule (UEFI 2.10, 3.5.1.1).

    Firmware reads FAT: where there is such an image, only what lies in it counts.
    """
    names: list[str] = []
    volumes = [open_fat(sectors, place) for place in dict.fromkeys(places)]
    for volume in volumes:
        if volume is not None:
            names += [e.name for e in volume.listing("EFI", "BOOT") if not e.directory]
    for tree in trees if not any(volumes) else ():
        directory = find(tree, "EFI", "BOOT")
        if directory is not None and directory.directory:
            names += [node.name for node in tree.children(directory) if not node.directory]
    upper = {shown(name, 64).upper() for name in names}
    loaders = sorted(n for n in upper if n.startswith("BOOT") and n.endswith(".EFI"))
    return tuple(loaders[:_MOST_LOADERS])


def _is_windows_installer(tree: Tree) -> bool:
    """Whether the boot manager and an image of Windows are there (install.swm: split ones)."""
    sources = find(tree, "sources")
    if sources is None or not sources.directory or find(tree, "bootmgr") is None:
        return False
    images = ("install.wim", "install.esd", "install.swm", "boot.wim")
    return next(tree.children(sources, images), None) is not None
