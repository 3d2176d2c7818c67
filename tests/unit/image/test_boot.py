# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a computer starts from a disc, and from a stick written from it."""

import struct
from pathlib import Path

import pytest

from discwright.image.boot import BootEntry, BootReport, boot_sentence, read_boot

from .conftest import run
from .fat_maker import fat_image
from .readers import SECTOR, FileReader, MemoryReader

BIOS = BootEntry("BIOS", True, 35, 4)
UEFI = BootEntry("UEFI", True, 40, 0)


def test_a_linux_installer_starts_everywhere(hybrid_iso: Path) -> None:
    report = read_boot(FileReader(hybrid_iso))
    assert [entry.platform for entry in report.el_torito] == ["BIOS", "UEFI"]
    assert report.disc_bios
    assert report.disc_uefi
    assert report.isohybrid_mbr
    assert report.gpt
    assert report.esp
    assert report.efi_loaders == ("BOOTX64.EFI",)
    assert report.stick_bios
    assert report.stick_uefi
    assert report.remarks == ()


def test_an_efi_partition_appended_as_gpt_is_found(images: Path, bootable: Path) -> None:
    path = images / "appended.iso"
    run("xorriso", "-as", "mkisofs", "-quiet", "-o", path, "-R",
        "-append_partition", "2", "0xef", bootable / "boot" / "efi.img",
        "-appended_part_as_gpt", "-eltorito-alt-boot",
        "-e", "--interval:appended_partition_2:all::", "-no-emul-boot", bootable)  # fmt: skip
    report = read_boot(FileReader(path))
    assert report.gpt
    assert report.esp
    assert report.efi_loaders == ("BOOTX64.EFI",)
    assert not report.isohybrid_mbr, "there is no boot code"
    assert not report.disc_bios
    assert report.disc_uefi


def test_a_disc_of_files_starts_nothing(bridge_iso: Path) -> None:
    report = read_boot(FileReader(bridge_iso))
    assert report == BootReport()
    assert boot_sentence(report) == "A PC won't start from this disc."


def test_a_disc_that_only_bioses_start_from(images: Path, bootable: Path) -> None:
    path = images / "bios.iso"
    run("genisoimage", "-quiet", "-R", "-b", "boot/bios.img", "-no-emul-boot",
        "-c", "boot/boot.cat", "-o", path, bootable)  # fmt: skip
    report = read_boot(FileReader(path))
    assert report.disc_bios
    assert not report.disc_uefi
    assert not report.stick_bios


@pytest.mark.parametrize("bits", [12, 16, 32])
def test_loaders_are_found_in_every_kind_of_fat(hybrid_iso: Path, bits: int) -> None:
    report = read_boot(MemoryReader(_with_efi_image(hybrid_iso, fat_image("BOOTIA32.EFI", bits))))
    assert report.efi_loaders == ("BOOTIA32.EFI",)


def test_loaders_with_long_names_are_found(hybrid_iso: Path) -> None:
    fat = fat_image("BootRiscV64.efi", long_name=True)
    report = read_boot(MemoryReader(_with_efi_image(hybrid_iso, fat)))
    assert report.efi_loaders == ("BOOTRISCV64.EFI",)


def test_a_loader_beside_the_efi_image_does_not_help(tmp_path: Path, bootable: Path) -> None:
    """Firmware reads the FAT image, not the file system of the disc."""
    (tmp_path / "EFI" / "BOOT").mkdir(parents=True)
    (tmp_path / "EFI" / "BOOT" / "BOOTX64.EFI").write_bytes(b"MZ")
    (tmp_path / "efi.img").write_bytes(fat_image("NOTES.TXT"))
    path = tmp_path.parent / "beside.iso"
    run("xorriso", "-as", "mkisofs", "-quiet", "-o", path, "-R",
        "-e", "efi.img", "-no-emul-boot", tmp_path)  # fmt: skip
    report = read_boot(FileReader(path))
    assert report.disc_uefi
    assert report.efi_loaders == ()
    assert "no UEFI boot loader" in boot_sentence(report)


def test_a_damaged_catalog_starts_nothing_and_is_remarked(hybrid_iso: Path) -> None:
    data = bytearray(hybrid_iso.read_bytes())
    catalog = _catalog(data)
    data[catalog + 28] ^= 1
    report = read_boot(MemoryReader(bytes(data)))
    assert not report.disc_bios
    assert any("damaged" in remark for remark in report.remarks)


def test_a_boot_image_outside_of_the_disc_starts_nothing(hybrid_iso: Path) -> None:
    data = bytearray(hybrid_iso.read_bytes())
    struct.pack_into("<I", data, _catalog(data) + 32 + 8, 0xFFFFFFF0)
    report = read_boot(MemoryReader(bytes(data)))
    assert not report.disc_bios
    assert report.disc_uefi
    assert any(str(0xFFFFFFF0) in remark for remark in report.remarks)


def test_an_entry_marked_not_bootable_starts_nothing(hybrid_iso: Path) -> None:
    data = bytearray(hybrid_iso.read_bytes())
    data[_catalog(data) + 32] = 0
    assert not read_boot(MemoryReader(bytes(data))).disc_bios


@pytest.mark.parametrize("where", ["iso", "udf"])
def test_a_windows_installer_is_known_by_its_files(images: Path, where: str) -> None:
    folder = images / f"windows-{where}"
    (folder / "sources").mkdir(parents=True)
    (folder / "sources" / "install.wim").write_bytes(b"MSWIM")
    (folder / "bootmgr").write_bytes(b"x")
    path = images / f"windows-{where}.iso"
    run("genisoimage", "-quiet", "-udf", "-J", "-o", path, folder)
    data = bytearray(path.read_bytes())
    if where == "udf":  # as Microsoft's: the ISO 9660 part says only "use UDF"
        data[16 * SECTOR : 20 * SECTOR] = bytes(4 * SECTOR)
        udf = bytes(data[20 * SECTOR :])
        data[16 * SECTOR : 16 * SECTOR + len(udf[: 12 * SECTOR])] = udf[: 12 * SECTOR]
        data[16 * SECTOR : 19 * SECTOR] = b"".join(
            (b"\0" + name + b"\1").ljust(SECTOR, b"\0") for name in (b"BEA01", b"NSR02", b"TEA01")
        )
    report = read_boot(MemoryReader(bytes(data)))
    assert report.windows_installer
    assert "Windows" in boot_sentence(report)


def test_unreadable_boot_records_count_as_none(hybrid_iso: Path) -> None:
    assert read_boot(FileReader(hybrid_iso, bad=frozenset(range(1000)))) == BootReport()


@pytest.mark.parametrize(
    ("report", "says"),
    [
        (BootReport(el_torito=(BIOS, UEFI), isohybrid_mbr=True, esp=True,
                    efi_loaders=("BOOTX64.EFI",), stick_loaders=("BOOTX64.EFI",)),
         ("A computer starts from this disc, with BIOS as well as with UEFI. "
         "It also starts from a USB stick written from it, with BIOS and UEFI.")),
        (BootReport(el_torito=(BIOS,)),
         ("A computer with BIOS starts from this disc; one with UEFI only won't. "
         "A PC won't start from a USB stick written from it. "
         "For BIOS it has no boot code in its first sector. For UEFI it has no boot loader.")),
        (BootReport(el_torito=(UEFI,), efi_loaders=("BOOTAA64.EFI",),
                    stick_loaders=("BOOTAA64.EFI",), esp=True),
         ("A computer with UEFI starts from this disc; one with BIOS won't. "
         "From a USB stick written from it, a computer starts with UEFI only. "
         "For BIOS it has no boot code in its first sector. "
         "Its UEFI boot loader is for other processors than those of most PCs: ARM64.")),
        (BootReport(el_torito=(BIOS,), isohybrid_mbr=True),
         ("A computer with BIOS starts from this disc; one with UEFI only won't. "
         "From a USB stick written from it, a computer starts with BIOS only. "
         "For UEFI it has no boot loader.")),
        (BootReport(el_torito=(BIOS, UEFI), efi_loaders=("BOOTX64.EFI",), windows_installer=True),
         ("A computer starts from this disc, with BIOS as well as with UEFI. "
         "A PC won't start from a USB stick written from it. "
         "It installs Windows: for a stick that starts, its files must be copied to one.")),
    ],
)  # fmt: skip
def test_the_sentence_says_what_starts(report: BootReport, says: str) -> None:
    assert boot_sentence(report) == says


def _catalog(data: bytearray) -> int:
    return int.from_bytes(data[17 * SECTOR + 71 : 17 * SECTOR + 75], "little") * SECTOR


def _with_efi_image(iso: Path, fat: bytes) -> bytes:
    """Move the EFI image to the end of the disc, without any partition table."""
    data = bytearray(iso.read_bytes())
    data[: SECTOR * 16] = bytes(SECTOR * 16)
    catalog = _catalog(data)
    report = read_boot(FileReader(iso))
    old = report.el_torito[1].lba
    at = data.index(struct.pack("<I", old), catalog + 64)
    struct.pack_into("<I", data, at, len(data) // SECTOR)
    return bytes(data) + fat.ljust(-(-len(fat) // SECTOR) * SECTOR, b"\0")
