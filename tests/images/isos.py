# SPDX-License-Identifier: GPL-3.0-or-later
"""ISO images as GRUB's, SYSLINUX's and xorriso's tools make them, and finished ones of Debian."""

import shutil
from collections.abc import Callable
from pathlib import Path

from images.parts import (
    GRUB,
    ISOLINUX,
    SYSLINUX,
    esp,
    grub_config,
    run,
    syslinux_config,
    there,
)


def grub(platform: str = "") -> Callable[[Path, str], None]:
    """grub-mkrescue: for BIOS and UEFI, or with ``-d`` for one platform."""

    def make(path: Path, greeting: str) -> None:
        folder = _folder(path)
        grub_config(folder, greeting)
        for name in [platform] if platform else ["i386-pc", "x86_64-efi"]:
            there(GRUB / name / "cat.mod")
        modules = f"--install-modules={_GRUB_MODULES}"
        only = [f"--directory={GRUB / platform}"] if platform else []
        run(
            "mformat", "--version"
        )  # grub-mkrescue leaves UEFI out without mtools, and says nothing
        run("grub-mkrescue", *only, modules, "--fonts=", "--locales=", "--themes=", "-o", path,
            folder)  # fmt: skip

    return make


def plain(path: Path, greeting: str) -> None:
    """genisoimage with ISOLINUX: El Torito, and nothing in the system area."""
    folder = _isolinux(path, greeting)
    run("genisoimage", "-quiet", "-R", "-J", "-V", "ISOLINUX", *_EL_TORITO, "-o", path, folder)


def isohybrid(path: Path, greeting: str) -> None:
    """The same, made a hybrid by isohybrid."""
    plain(path, greeting)
    run("isohybrid", path)


def isohybrid_uefi(path: Path, greeting: str) -> None:
    """With an EFI image, made a hybrid by isohybrid --uefi: MBR and GPT."""
    folder = _isolinux(path, greeting)
    esp(folder / "efi.img", greeting)
    shutil.rmtree(folder / "efi.img.files")
    run("genisoimage", "-quiet", "-R", "-J", "-V", "ISOLINUX", *_EL_TORITO, "-eltorito-alt-boot",
        "-e", "efi.img", "-no-emul-boot", "-o", path, folder)  # fmt: skip
    run("isohybrid", "--uefi", path)


def basdat(path: Path, greeting: str) -> None:
    """xorriso -isohybrid-gpt-basdat, as Debian's installer: the EFI image is a file of the ISO."""
    folder = _isolinux(path, greeting)
    esp(folder / "efi.img", greeting)
    shutil.rmtree(folder / "efi.img.files")
    run("xorriso", "-as", "mkisofs", "-quiet", "-R", "-J", "-V", "BASDAT",
        "-isohybrid-mbr", there(ISOLINUX / "isohdpfx.bin"), *_EL_TORITO, "-eltorito-alt-boot",
        "-e", "efi.img", "-no-emul-boot", "-isohybrid-gpt-basdat", "-o", path, folder)  # fmt: skip


def appended_mbr(path: Path, greeting: str) -> None:
    """As Arch Linux: ISOLINUX in front, an EFI System Partition appended behind, in the MBR."""
    folder = _isolinux(path, greeting)
    image = esp(path.with_suffix(".esp"), greeting)
    run("xorriso", "-as", "mkisofs", "-quiet", "-R", "-J", "-V", "APPENDED",
        "-isohybrid-mbr", there(ISOLINUX / "isohdpfx.bin"), "-partition_offset", "16",
        *_EL_TORITO, "-append_partition", "2", "0xef", image, "-eltorito-alt-boot",
        "-e", "--interval:appended_partition_2:all::", "-no-emul-boot", "-o", path,
        folder)  # fmt: skip


def appended_gpt(path: Path, greeting: str) -> None:
    """As Fedora: GRUB's MBR in front, an EFI System Partition appended behind, in a GPT."""
    folder = _folder(path)
    grub_config(folder, greeting)
    there(GRUB / "i386-pc" / "boot_hybrid.img")
    core = folder / "core.img"
    run("grub-mkimage", "-O", "i386-pc-eltorito", "-p", "/boot/grub", "-o", core,
        "biosdisk", "iso9660", "part_msdos", "part_gpt", "normal", "test", "cat",
        "serial", "terminal", "sleep", "halt", "search", "search_label")  # fmt: skip
    image = esp(path.with_suffix(".esp"), greeting)
    run("xorriso", "-as", "mkisofs", "-quiet", "-R", "-J", "-V", "FEDORALIKE",
        "--grub2-mbr", GRUB / "i386-pc" / "boot_hybrid.img", "-partition_offset", "16",
        "-append_partition", "2", "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", image,
        "-appended_part_as_gpt", "-b", "core.img", "-no-emul-boot", "-boot-load-size", "4",
        "-boot-info-table", "--grub2-boot-info", "-eltorito-alt-boot",
        "-e", "--interval:appended_partition_2:all::", "-no-emul-boot", "-o", path,
        folder)  # fmt: skip


def memtest(path: Path, _greeting: str) -> None:
    """Debian's package memtest86+, as it comes."""
    shutil.copyfile(there(Path("/usr/lib/memtest86+/memtest86+x64.iso")), path)


def ipxe(path: Path, _greeting: str) -> None:
    """Debian's package ipxe, as it comes: made by isohybrid without --uefi."""
    shutil.copyfile(there(Path("/usr/lib/ipxe/ipxe.iso")), path)


_GRUB_MODULES = (
    "normal test cat serial terminal sleep halt iso9660 part_gpt part_msdos part_acorn "
    "part_amiga part_bsd part_dfly part_dvh part_plan part_sun part_sunpc"
)
_EL_TORITO = (
    "-b", "isolinux/isolinux.bin", "-c", "isolinux/boot.cat",
    "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table",
)  # fmt: skip


def _folder(path: Path) -> Path:
    folder = path.with_suffix(".files")
    folder.mkdir()
    return folder


def _isolinux(path: Path, greeting: str) -> Path:
    """Give a folder with ISOLINUX for an image."""
    folder = _folder(path)
    (folder / "isolinux").mkdir()
    shutil.copyfile(there(ISOLINUX / "isolinux.bin"), folder / "isolinux" / "isolinux.bin")
    module = there(SYSLINUX / "modules" / "bios" / "ldlinux.c32")
    shutil.copyfile(module, folder / "isolinux" / "ldlinux.c32")
    (folder / "isolinux" / "isolinux.cfg").write_text(syslinux_config(greeting))
    return folder
