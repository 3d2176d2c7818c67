# SPDX-License-Identifier: GPL-3.0-or-later
"""A small disc like Windows' own: files in UDF only, a boot manager, install.wim, loaders."""

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from discwright.devices.identity import Identity
from discwright.devices.targets import StickTarget
from discwright.stick.installer_source import Tools

STICK = StickTarget("/dev/sdx", "Some Stick", Identity(8_000_000_000, 7, "A1", "8:16"))
PIECES = 4
PIECE = 700_000


def tools(scratch: Path = Path("/var/tmp"), **changes) -> Tools:
    found = {"wimlib": shutil.which("wimlib-imagex") or "", "scratch": scratch}
    return Tools(**{**found, "scratch_free": 1 << 40, **changes})


def make_installer(folder: Path, *, wim: bool = False, loader: bytes = b"") -> Path:
    """Make FOLDER/files and FOLDER/windows.iso of them.

    ``wim``: with a true install.wim; ``loader``: with this one for UEFI.
    """
    files = folder / "files"
    chance = random.Random(11)
    for name, size in {
        "bootmgr": 4000,
        "bootmgr.efi": 5000,
        "setup.exe": 90_000,
        "autorun.inf": 128,
        "boot/bootsect.exe": 11_000,
        "efi/boot/bootx64.efi": 1_300_000,
        "efi/microsoft/boot/bcd": 16_384,
        "sources/boot.wim": 2_500_001,
        "sources/empty.ini": 0,
        "support/Größe € und ein langer Name.txt": 77,
    }.items():
        path = files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(chance.randbytes(size))
    if loader:
        (files / "efi" / "boot" / "bootx64.efi").write_bytes(loader)
    (files / "nothing in it").mkdir()
    target = files / "sources" / "install.wim"
    if wim:
        inside = folder / "image"
        inside.mkdir()
        for number in range(PIECES):
            (inside / f"file {number}").write_bytes(chance.randbytes(PIECE))
        run("wimlib-imagex", "capture", inside, target, "Windows 11 Größe", "--compress=LZX")
    else:
        target.write_bytes(chance.randbytes(3_000_000))
    image = folder / "windows.iso"
    run("genisoimage", "-quiet", "-udf", "-iso-level", "3", "-allow-limited-size", "-input-charset",
        "utf-8", "-V", "CCCOMA_X64FRE", "-hide", "*", "-o", image, files)  # fmt: skip
    return image


def run(*command: object) -> None:
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"{command[0]} is not installed")
    subprocess.run([str(word) for word in command], check=True, capture_output=True)


def tree(folder: Path) -> dict[str, bytes]:
    """Give path and content of all files below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
