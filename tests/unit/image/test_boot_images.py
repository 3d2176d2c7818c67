# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a computer starts from images as other tools make them, and what is said of it."""

import subprocess

import pytest

from discwright.image.boot import boot_sentence, read_boot
from discwright.image.boot_sector import NoBios
from discwright.optical.iso_file import IsoFile
from images.catalogue import IMAGES, made

from .readers import MemoryReader

LACKS = {
    "grub-uefi": NoBios.CODE,  # Apple's driver descriptor lies where the code would
    "plain-iso": NoBios.CODE,
    "mbr-none-active": NoBios.ACTIVE,
    "mbr-efi": NoBios.CODE,
    "floppy-mkfs": NoBios.MESSAGE,
    "floppy-efi": NoBios.MESSAGE,
    "raspberry": NoBios.CODE,
}

SAYS = {
    "grub-hybrid": "It also starts from a USB stick written from it, with BIOS and UEFI.",
    "isohybrid": "with BIOS only. For UEFI it has no boot loader.",
    "ipxe": "lies in no partition: few computers find it on a stick",
    "mbr-none-active": "goes on with the active partition, and none that starts is marked",
    "gpt-no-loader": "no UEFI boot loader was found there",
    "raspberry": "A Raspberry Pi starts from a stick or card written from it, a PC doesn't.",
}


def report_of(name: str):
    image = IsoFile(made(name))
    try:
        return read_boot(image)
    finally:
        image.close()


@pytest.mark.parametrize("name", IMAGES)
def test_what_starts_is_what_is_said(name):
    image, report = IMAGES[name], report_of(name)
    assert (report.stick_bios, report.stick_uefi, report.disc_bios, report.disc_uefi) == (
        image.stick_bios, image.stick_uefi, image.disc_bios, image.disc_uefi,
    )  # fmt: skip


@pytest.mark.parametrize("name", LACKS)
def test_it_is_known_why_a_bios_does_not_start(name):
    assert report_of(name).no_bios is LACKS[name]


@pytest.mark.parametrize("name", SAYS)
def test_the_reason_is_said(name):
    assert SAYS[name] in boot_sentence(report_of(name))


def changed(name: str, *changes: tuple[int, bytes]):
    data = bytearray(made(name).read_bytes())
    for offset, part in changes:
        data[offset : offset + len(part)] = part
    return read_boot(MemoryReader(bytes(data)))


def test_an_active_partition_without_boot_code_starts_nothing():
    report = changed("mbr-active", (1 << 20, bytes(512)))
    assert report.no_bios is NoBios.ACTIVE


def test_a_boot_sector_whose_system_is_missing_starts_nothing():
    """As Windows formats a stick: the code looks for BOOTMGR, which isn't there."""
    report = changed("floppy-syslinux", (400, b"BOOTMGR    "))
    assert report.no_bios is NoBios.FILES


def test_boot_code_without_any_partition_is_not_trusted():
    report = changed("isohybrid", (446, bytes(64)))
    assert report.no_bios is NoBios.TABLE


def test_a_loader_that_only_a_disc_offers_does_not_count_for_a_stick():
    """The EFI System Partition is empty: that the disc's own EFI image has a loader is no help."""
    report = changed("basdat", (0x200, bytes(8)), (446 + 16, bytes(16)))
    assert (report.efi_loaders, report.stick_uefi) == (("BOOTX64.EFI",), False)


def test_loaders_for_other_processors_are_named(tmp_path):
    image = tmp_path / "arm.img"
    image.write_bytes(made("floppy-efi").read_bytes())
    subprocess.run(
        ["mren", "-i", image, "::/EFI/BOOT/BOOTX64.EFI", "BOOTAA64.EFI"],
        check=True, capture_output=True,
    )  # fmt: skip
    report = read_boot(MemoryReader(image.read_bytes()))
    assert "for other processors than those of most PCs: ARM64" in boot_sentence(report)
