# SPDX-License-Identifier: GPL-3.0-or-later
"""Which images there are, what truly starts from a stick or disc made from each, and why.

:data:`IMAGES` lists them by name, and :func:`made` gives the path of one. It is made the first
time it is asked for, in a second or two, and kept for as long as this process runs; it must not be
changed. Where a tool is missing the test is skipped and says which. All are for PCs, of less than
40 MiB, and at the place where the boot loader says "hello" (screen and first serial port, 115200
baud) it prints the image's :attr:`BootImage.greeting`, which lies in a file of its file system.

Debian packages: grub-pc-bin grub-efi-amd64-bin grub-common mtools xorriso (GRUB), isolinux
syslinux-common syslinux syslinux-utils (SYSLINUX; isohybrid is in the last), genisoimage,
fdisk dosfstools e2fsprogs (raw disks), memtest86+, ipxe (finished images).
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from images import disks, isos, parts


@dataclass(frozen=True)
class BootImage:
    """An image, and the truth about it."""

    name: str
    make: Callable[[Path, str], None]
    """Makes it at a path, with a greeting."""
    stick_bios: bool
    stick_uefi: bool
    """Whether a PC starts from a stick with it; UEFI: one with a 64-bit x86 processor."""
    disc_bios: bool = False
    disc_uefi: bool = False
    block: int = 512
    """Bytes of a logical block of the sticks it is made for."""
    greets: bool = True
    """It prints the greeting. Finished images have words of their own, see ``says``."""
    own_words: str = ""
    """What a finished image shows on the screen or the serial port."""

    @property
    def greeting(self) -> str:
        """What it prints when it has started."""
        return f"STARTED-{self.name}" if self.greets else self.own_words


IMAGES: dict[str, BootImage] = {
    one.name: one
    for one in (
        # ISOs for discs and sticks
        BootImage("grub-hybrid", isos.grub(), True, True, True, True),
        BootImage("grub-bios", isos.grub("i386-pc"), True, False, True, False),
        BootImage("grub-uefi", isos.grub("x86_64-efi"), False, True, False, True),
        BootImage("isohybrid", isos.isohybrid, True, False, True, False),
        BootImage("isohybrid-uefi", isos.isohybrid_uefi, True, True, True, True),
        BootImage("basdat", isos.basdat, True, True, True, True),
        BootImage("appended-mbr", isos.appended_mbr, True, True, True, True),
        BootImage("appended-gpt", isos.appended_gpt, True, True, True, True),
        BootImage("memtest", isos.memtest, True, True, True, True, greets=False,
                  own_words="Memtest86+"),
        # Its MBR is isohybrid's and starts a BIOS; its EFI image is in El Torito only.
        BootImage("ipxe", isos.ipxe, True, False, True, True, greets=False, own_words="iPXE"),
        # An ISO for discs only
        BootImage("plain-iso", isos.plain, False, False, True, False),
        # Raw disks
        BootImage("mbr-active", disks.mbr(active=True), True, False),
        BootImage("mbr-none-active", disks.mbr(active=False), False, False),
        BootImage("mbr-efi", disks.mbr_efi(512), False, True),
        BootImage("mbr-efi-4096", disks.mbr_efi(4096), False, True, block=4096),
        BootImage("mbr-fat-efi", disks.mbr_fat_efi, False, True),
        BootImage("gpt-esp", disks.gpt(512), False, True),
        BootImage("gpt-esp-4096", disks.gpt(4096), False, True, block=4096),
        BootImage("gpt-no-loader", disks.gpt_no_loader, False, False),
        BootImage("floppy-syslinux", disks.floppy(boots=True), True, False),
        BootImage("floppy-mkfs", disks.floppy(boots=False), False, False),
        BootImage("floppy-efi", disks.floppy_efi, False, True),
        BootImage("raspberry", disks.raspberry, False, False),
    )
}  # fmt: skip


def made(name: str) -> Path:
    """Give the path of an image by its name; skip the test where a tool is missing."""
    return _made(name)


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="discwright-images-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _made(name: str) -> Path:
    path = _folder() / f"{name}.img"
    image = IMAGES[name]
    image.make(path, image.greeting)
    parts.whole_sectors(path)
    return path
