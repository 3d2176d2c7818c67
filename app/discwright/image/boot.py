# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a computer starts from an image: El Torito, isohybrid MBR, GPT, EFI System Partition."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BootEntry:
    """An entry of the El Torito boot catalog (El Torito 1.0, section 2)."""

    platform: str
    """"BIOS", "UEFI", "PowerPC" or "Mac"."""
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
    """Such as "BOOTX64.EFI", found in \\EFI\\BOOT of the ISO or the EFI image."""
    windows_installer: bool = False

    @property
    def disc_bios(self) -> bool:
        """Whether a PC BIOS starts from the disc."""
        return any(entry.bootable and entry.platform == "BIOS" for entry in self.el_torito)

    @property
    def disc_uefi(self) -> bool:
        """Whether UEFI firmware starts from the disc."""
        return any(entry.bootable and entry.platform == "UEFI" for entry in self.el_torito)
