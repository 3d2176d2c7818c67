# SPDX-License-Identifier: GPL-3.0-or-later
"""Raw disks as sfdisk, mkfs, mtools and syslinux make them."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from images.parts import MIB, SYSLINUX, esp, fat, put, run, syslinux_config, there

START = 1 * MIB
SIZE = 8 * MIB


def mbr(*, active: bool) -> Callable[[Path, str], None]:
    """An MBR whose boot code starts the active partition: a FAT with SYSLINUX."""

    def make(path: Path, greeting: str) -> None:
        part = _syslinux(path.with_suffix(".part"), greeting)
        _partitioned(path, f"label: dos\nstart=2048, type=c{', bootable' if active else ''}\n")
        put(path, START, part)
        put(path, 0, there(SYSLINUX / "mbr" / "mbr.bin"))

    return make


def mbr_efi(block: int) -> Callable[[Path, str], None]:
    """An MBR without boot code, with an EFI System Partition (type EF)."""

    def make(path: Path, greeting: str) -> None:
        options = () if block == 512 else ("-S", str(block))
        part = esp(path.with_suffix(".part"), greeting, SIZE, *options)
        _partitioned(path, f"label: dos\nstart={START // block}, type=ef\n", block)
        put(path, START, part)

    return make


def mbr_fat_efi(path: Path, greeting: str) -> None:
    """An MBR with an ordinary FAT partition (type 0C) that holds a UEFI loader.

    What people get who copy an installer's files to a stick; firmware looks into any FAT there.
    """
    part = esp(path.with_suffix(".part"), greeting)
    _partitioned(path, "label: dos\nstart=2048, type=c\n")
    put(path, START, part)


def gpt(block: int) -> Callable[[Path, str], None]:
    """A GPT with an EFI System Partition, for sticks with blocks of 512 or 4096 bytes."""

    def make(path: Path, greeting: str) -> None:
        options = () if block == 512 else ("-S", str(block))
        part = esp(path.with_suffix(".part"), greeting, SIZE, *options)
        _partitioned(path, f"label: gpt\nstart={START // block}, type=U\n", block)
        put(path, START, part)

    return make


def gpt_no_loader(path: Path, _greeting: str) -> None:
    """A GPT with an EFI System Partition that holds no loader."""
    part = fat(path.with_suffix(".part"), SIZE, {})
    _partitioned(path, "label: gpt\nstart=2048, type=U\n")
    put(path, START, part)


def floppy(*, boots: bool) -> Callable[[Path, str], None]:
    """A FAT without a partition table: as mkfs.vfat makes it, or with SYSLINUX on it."""

    def make(path: Path, greeting: str) -> None:
        if boots:
            _syslinux(path, greeting)
        else:
            fat(path, SIZE, {})

    return make


def floppy_efi(path: Path, greeting: str) -> None:
    """A FAT without a partition table that holds a UEFI loader."""
    esp(path, greeting)


def raspberry(path: Path, _greeting: str) -> None:
    """As Raspberry Pi OS: an MBR without boot code, a FAT with the Pi's firmware, an ext4.

    A Raspberry Pi starts from it, a PC doesn't.
    """
    folder = path.with_suffix(".files")
    folder.mkdir()
    names = ("bootcode.bin", "start4.elf", "fixup4.dat", "config.txt", "cmdline.txt", "kernel8.img")
    for name in names:
        (folder / name).write_bytes(b"not the real one")
    part = fat(path.with_suffix(".part"), SIZE, {name: folder / name for name in names})
    root = path.with_suffix(".root")
    run("mkfs.ext4", "-q", root, "8M")
    table = "label: dos\nstart=2048, size=16384, type=c\nstart=18432, type=83\n"
    _partitioned(path, table, size=20 * MIB)
    put(path, START, part)
    put(path, 18432 * 512, root)


def _partitioned(path: Path, table: str, block: int = 512, size: int = SIZE + 2 * MIB) -> None:
    """Make an empty disk with a partition table in sfdisk's words."""
    with path.open("wb") as file:
        file.truncate(size)
    if block == 512:
        run("sfdisk", "-q", path, given=table)
        return
    if os.geteuid() != 0:
        pytest.skip("only root can make disks with blocks of another size")
    command = ["losetup", "--find", "--show", f"--sector-size={block}", str(path)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"no loop device: {made.stderr.strip()}")
    node = made.stdout.strip()
    try:
        run("sfdisk", "-q", "--no-reread", "--no-tell-kernel", node, given=table)
    finally:
        subprocess.run(["losetup", "--detach", node], check=True)


def _syslinux(path: Path, greeting: str) -> Path:
    """Make a FAT file system with SYSLINUX on it."""
    config = path.with_suffix(".cfg")
    config.write_text(syslinux_config(greeting))
    # The geometry and the place in front of it, which the boot sector must know (hidden sectors).
    hidden = 0 if path.suffix == ".img" else START // 512
    fat(path, SIZE, {"syslinux.cfg": config}, "-h", str(hidden), "-F", "16", "-s", "2")
    run("syslinux", "--install", path)
    return path
