# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a computer starts from an image: El Torito, isohybrid MBR, GPT, EFI System Partition."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from discwright.image.boot_sector import NoBios, bios_obstacle, gpt_partitions, mbr_partitions
from discwright.image.fat import FatVolume, open_fat
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
_MOST_LOADERS = 16
_MOST_PLACES = 16
_PROCESSORS = {
    "BOOTX64.EFI": "x86-64",
    "BOOTIA32.EFI": "x86",
    "BOOTAA64.EFI": "ARM64",
    "BOOTARM.EFI": "ARM",
    "BOOTRISCV64.EFI": "RISC-V",
    "BOOTLOONGARCH64.EFI": "LoongArch",
}
"""For which processors the loaders of the removable media rule are (UEFI 2.10, 3.5.1.1)."""


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
    """The first sector holds boot code that starts a PC, as that of a hybrid ISO or a raw disk."""
    no_bios: NoBios = NoBios.CODE
    """Why it doesn't, if it doesn't."""
    gpt: bool = False
    esp: bool = False
    """A partition for UEFI is declared by MBR type 0xEF or its GPT type."""
    efi_loaders: tuple[str, ...] = ()
    """Such as "BOOTX64.EFI", from \\EFI\\BOOT of the EFI image or, if there is none, the disc."""
    stick_loaders: tuple[str, ...] = ()
    """Those of them that firmware finds on a stick: in a FAT partition, or a FAT without any."""
    raspberry_pi: bool = False
    """The firmware of a Raspberry Pi lies in a FAT partition."""
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
        return bool(self.stick_loaders)

    @property
    def uefi_processors(self) -> tuple[str, ...]:
        """For which processors the UEFI loaders are, in the makers' words."""
        return tuple(_PROCESSORS.get(name, name) for name in self.stick_loaders or self.efi_loaders)

    def to_json(self) -> dict[str, object]:
        """Give all of it, and what follows from it."""
        return {
            **asdict(self),
            "disc_bios": self.disc_bios,
            "disc_uefi": self.disc_uefi,
            "stick_bios": self.stick_bios,
            "stick_uefi": self.stick_uefi,
        }


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
    gpt = gpt_partitions(sectors)
    partitions = (*mbr_partitions(sectors, mbr), *(gpt or ()))
    volumes = _fat_volumes(sectors, [one.offset for one in partitions] or [0])
    on_esps = _fat_volumes(sectors, [one.offset for one in partitions if one.esp])
    el_torito = [e.lba * SECTOR for e in entries if e.platform == "UEFI" and e.bootable]
    on_disc = _fat_volumes(sectors, el_torito)
    obstacle = bios_obstacle(sectors, mbr, partitions)

    trees: list[Tree] = [IsoTree(sectors, volume) for volume in iso_volumes(found)]
    if any(one.identifier in {b"NSR02", b"NSR03"} for one in found):
        udf = read_udf(sectors)
        if udf is not None:
            trees.append(UdfTree(sectors, udf))
    return BootReport(
        el_torito=entries,
        isohybrid_mbr=obstacle is None,
        no_bios=obstacle or NoBios.CODE,
        gpt=gpt is not None,
        esp=any(one.esp for one in partitions),
        efi_loaders=_loaders([*on_esps, *volumes, *on_disc], trees),
        stick_loaders=_loaders(volumes, []),
        raspberry_pi=any(_is_raspberry_pi(volume) for volume in volumes),
        windows_installer=any(_is_windows_installer(tree) for tree in trees),
        remarks=tuple(remarks),
    )


def boot_sentence(report: BootReport) -> str:
    """Say in plain words what starts from the disc, and from a stick written from it, and why."""
    for_discs = bool(report.el_torito) or report.windows_installer
    for_sticks = report.stick_bios or report.esp or report.gpt or bool(report.stick_loaders)
    for_sticks = for_sticks or report.raspberry_pi or report.no_bios is not NoBios.CODE
    sentences = []
    if for_discs or not for_sticks:
        sentences.append(_disc_sentence(report))
    if for_discs or for_sticks:
        sentences.append(_stick_sentence(report))
    if report.windows_installer and not (report.stick_bios or report.stick_uefi):
        sentences.append(
            _("It installs Windows: for a stick that starts, its files must be copied to one.")
        )
    elif for_discs or for_sticks:
        sentences += obstacles(report)
    return " ".join(sentences)


def obstacles(report: BootReport) -> tuple[str, ...]:
    """Say why some computers don't start from a stick that the image was written to unchanged."""
    found = []
    if not report.stick_bios:
        found.append(
            {
                NoBios.CODE: _("For BIOS it has no boot code in its first sector."),
                NoBios.TABLE: _("Its boot code for BIOS stands alone, without any partition."),
                NoBios.MESSAGE: _(
                    "For BIOS its first sector holds only a message that nothing starts from it."
                ),
                NoBios.ACTIVE: _(
                    "Its boot code for BIOS goes on with the active partition, and none that "
                    "starts is marked as such."
                ),
                NoBios.FILES: _("The files that its boot code for BIOS loads are missing."),
            }[report.no_bios]
        )
    if not report.stick_uefi:
        if report.disc_uefi and report.efi_loaders:
            found.append(
                _("Its UEFI boot loader lies in no partition: few computers find it on a stick.")
            )
        elif report.disc_uefi or report.esp:
            found.append(_("It has a place for UEFI, but no UEFI boot loader was found there."))
        else:
            found.append(_("For UEFI it has no boot loader."))
    processors = report.uefi_processors
    if processors and "x86-64" not in processors:
        found.append(
            _(
                "Its UEFI boot loader is for other processors than those of most PCs: {names}."
            ).format(names=", ".join(processors))
        )
    return tuple(found)


def _disc_sentence(report: BootReport) -> str:
    return {
        (True, True): _("A computer starts from this disc, with BIOS as well as with UEFI."),
        (True, False): _("A computer with BIOS starts from this disc; one with UEFI only won't."),
        (False, True): _("A computer with UEFI starts from this disc; one with BIOS won't."),
        (False, False): _("A PC won't start from this disc."),
    }[report.disc_bios, report.disc_uefi]


def _stick_sentence(report: BootReport) -> str:
    if report.raspberry_pi and not (report.stick_bios or report.stick_uefi):
        return _("A Raspberry Pi starts from a stick or card written from it, a PC doesn't.")
    return {
        (True, True): _("It also starts from a USB stick written from it, with BIOS and UEFI.")
        if report.disc_bios or report.disc_uefi
        else _("A computer starts from a USB stick written from it, with BIOS and UEFI."),
        (True, False): _("From a USB stick written from it, a computer starts with BIOS only."),
        (False, True): _("From a USB stick written from it, a computer starts with UEFI only."),
        (False, False): _("A PC won't start from a USB stick written from it."),
    }[report.stick_bios, report.stick_uefi]


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


def _fat_volumes(sectors: Sectors, places: list[int]) -> list[FatVolume]:
    """Give the FAT file systems at these byte offsets."""
    found = [open_fat(sectors, place) for place in list(dict.fromkeys(places))[:_MOST_PLACES]]
    return [volume for volume in found if volume is not None]


def _loaders(volumes: list[FatVolume], trees: list[Tree]) -> tuple[str, ...]:
    """Give the names of the loaders of the removable media rule (UEFI 2.10, 3.5.1.1).

    Firmware reads FAT: where there is such an image, only what lies in it counts.
    """
    names: list[str] = []
    for volume in volumes:
        names += [e.name for e in volume.listing("EFI", "BOOT") if e.size and not e.directory]
    for tree in () if volumes else trees:
        directory = find(tree, "EFI", "BOOT")
        if directory is not None and directory.directory:
            names += [node.name for node in tree.children(directory) if not node.directory]
    upper = {shown(name, 64).upper() for name in names}
    loaders = sorted(n for n in upper if n.startswith("BOOT") and n.endswith(".EFI"))
    return tuple(loaders[:_MOST_LOADERS])


def _is_raspberry_pi(volume: FatVolume) -> bool:
    """Whether the first file of each generation's start-up is there, and its settings."""
    names = {entry.name.casefold() for entry in volume.listing()}
    firmware = {"bootcode.bin", "start.elf", "start4.elf", "kernel_2712.img"}
    return "config.txt" in names and bool(names & firmware)


def _is_windows_installer(tree: Tree) -> bool:
    """Whether the boot manager and an image of Windows are there (install.swm: split ones)."""
    sources = find(tree, "sources")
    if sources is None or not sources.directory or find(tree, "bootmgr") is None:
        return False
    images = ("install.wim", "install.esd", "install.swm", "boot.wim")
    return next(tree.children(sources, images), None) is not None
