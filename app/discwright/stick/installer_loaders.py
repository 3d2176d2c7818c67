# SPDX-License-Identifier: GPL-3.0-or-later
"""What a computer starts a Windows installer by, and where that waits until it is proved. Pure.

UEFI's firmware looks for EFI/BOOT/BOOT*.EFI on every FAT that it finds, whatever the partition's
type (UEFI 2.10, 3.5.1.1). So the loaders are copied to a directory where it doesn't look, and
only moved to their places when they too were read back and found to be right.
"""

from collections.abc import Iterable

from discwright.image.contents import Contents, DiscFile

KINDS = {
    "bootx64.efi": "x64",
    "bootia32.efi": "IA-32",
    "bootaa64.efi": "ARM64",
    "bootarm.efi": "ARM",
}
"""The names of UEFI's loaders, and the processors that they are for."""


def is_loader(file: DiscFile) -> bool:
    """Whether a computer starts by this file: the boot managers in the root and EFI/BOOT."""
    parts = [part.casefold() for part in file.parts]
    return parts[:2] == ["efi", "boot"] or parts in (["bootmgr"], ["bootmgr.efi"])


def uefi_names(loaders: Iterable[DiscFile]) -> list[str]:
    """Give the names in :data:`KINDS` that are there."""
    # A symbolic link comes as a file without content: no computer starts by that.
    names = {file.parts[2].casefold() for file in loaders if len(file.parts) == 3 and file.size}
    return [name for name in KINDS if name in names]


def waiting_place(contents: Contents) -> str:
    """Give a name for the directory in which the loaders wait; nothing on the disc has it."""
    taken = {path[0].casefold() for path in (*contents.directories, *_paths(contents.files))}
    name, number = "unproved", 1
    while name in taken:
        number += 1
        name = f"unproved{number}"
    return name


def directories_of(files: Iterable[DiscFile]) -> tuple[tuple[str, ...], ...]:
    """Give the directories in which files lie, each after the one that it is in; not the root."""
    found = {path[:depth]: None for path in _paths(files) for depth in range(1, len(path))}
    return tuple(sorted(found, key=len))


def _paths(files: Iterable[DiscFile]) -> list[tuple[str, ...]]:
    return [file.parts for file in files]
