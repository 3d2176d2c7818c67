# SPDX-License-Identifier: GPL-3.0-or-later
"""What several images share: boot loaders, file systems, and running the tools that make them."""

import os
import shutil
import subprocess
from pathlib import Path, PurePosixPath

import pytest

GRUB = Path("/usr/lib/grub")
ISOLINUX = Path("/usr/lib/ISOLINUX")
SYSLINUX = Path("/usr/lib/syslinux")
MIB = 1 << 20


def run(*command: str | Path, given: str | None = None) -> None:
    """Run a tool, or skip where it isn't installed; its output is shown if it fails."""
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"not installed: {command[0]}")
    done = subprocess.run(
        [str(word) for word in command],
        input=given, text=True, capture_output=True, check=False,
        env={**os.environ, "MTOOLS_SKIP_CHECK": "1"},
    )  # fmt: skip
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def there(path: Path) -> Path:
    """Give the path of a file of a package, or skip where it isn't installed."""
    if not path.exists():
        pytest.skip(f"not installed: {path}")
    return path


def whole_sectors(path: Path) -> None:
    """Pad an image to whole 2048-byte sectors."""
    os.truncate(path, -(-path.stat().st_size // 2048) * 2048)


def efi_loader(folder: Path, greeting: str) -> Path:
    """Give a BOOTX64.EFI that says that it has started, wherever it was started from."""
    there(GRUB / "x86_64-efi" / "echo.mod")
    config = folder / "early.cfg"
    config.write_text(f"echo {greeting}\n{_PAUSE}")
    loader = folder / "BOOTX64.EFI"
    run("grub-mkimage", "-O", "x86_64-efi", "-p", "/none", "-c", config, "-o", loader,
        "echo", "sleep", "halt")  # fmt: skip
    return loader


_PAUSE = "sleep 60\nhalt\n"
"""After the greeting, so that a shell's prompt doesn't scroll it away."""


def grub_config(folder: Path, greeting: str) -> None:
    """Lay a grub.cfg and its greeting in a folder that grub-mkrescue makes an image of."""
    (folder / "boot" / "grub").mkdir(parents=True)
    (folder / "greeting.txt").write_text(f"{greeting}\n")
    (folder / "boot" / "grub" / "grub.cfg").write_text(
        # UEFI's console is on the serial port by itself.
        "if [ $grub_platform = pc ]; then\n"
        "  serial --unit=0 --speed=115200\n  terminal_output serial console\nfi\n"
        f"cat /greeting.txt\n{_PAUSE}"
    )


def syslinux_config(greeting: str) -> str:
    """Give the text of syslinux.cfg or isolinux.cfg.

    SAY is seen on the screen only; the name of a kernel that isn't there, on the serial port too.
    """
    return f"SERIAL 0 115200\nSAY {greeting}\nPROMPT 0\nDEFAULT {greeting}\n"


def fat(path: Path, size: int, files: dict[str, Path], *options: str) -> Path:
    """Make a FAT file system of ``size`` bytes with files in it, by their paths there."""
    with path.open("wb") as file:
        file.truncate(size)
    run("mkfs.vfat", "-n", "FILES", *options, path)
    folders = {str(folder) for name in files for folder in PurePosixPath(name).parents}
    for folder in sorted(folders - {"."}):
        run("mmd", "-i", path, f"::/{folder}")
    for name, source in files.items():
        run("mcopy", "-i", path, source, f"::/{name}")
    return path


def esp(path: Path, greeting: str, size: int = 8 * MIB, *options: str) -> Path:
    """Make a FAT file system with a UEFI loader."""
    folder = path.parent / f"{path.name}.files"
    folder.mkdir()
    return fat(path, size, {"EFI/BOOT/BOOTX64.EFI": efi_loader(folder, greeting)}, *options)


def put(image: Path, offset: int, part: Path) -> None:
    """Write a file into an image at a byte offset."""
    with image.open("r+b") as file:
        file.seek(offset)
        file.write(part.read_bytes())
