# SPDX-License-Identifier: GPL-3.0-or-later
"""Images made by the tools that people use, and readers for them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from .fat_maker import fat_image

BIG = 300_000


def run(*command: object) -> None:
    """Run a tool, or skip where it isn't installed."""
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"{command[0]} is not installed")
    subprocess.run([str(word) for word in command], check=True, capture_output=True)


@pytest.fixture(scope="session")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("content")
    (folder / "docs" / "deeper").mkdir(parents=True)
    (folder / "docs" / "a readme with a long name.txt").write_text("hello\n")
    (folder / "docs" / "deeper" / "Größe.dat").write_bytes(b"x" * 5000)
    (folder / "big.bin").write_bytes(bytes(range(250)) * (BIG // 250))
    return folder


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("images")


@pytest.fixture(scope="session")
def bridge_iso(images: Path, content: Path) -> Path:
    """ISO 9660, Joliet, Rock Ridge and UDF over the same files."""
    path = images / "bridge.iso"
    run("genisoimage", "-quiet", "-input-charset", "utf-8", "-udf", "-J", "-R",
        "-V", "My Holiday", "-publisher", "Ann", "-o", path, content)  # fmt: skip
    return path


@pytest.fixture(scope="session")
def joliet_iso(images: Path, content: Path) -> Path:
    path = images / "joliet.iso"
    run("genisoimage", "-quiet", "-input-charset", "utf-8", "-J",
        "-V", "A_LABEL_OF_MORE_THAN_16", "-o", path, content)  # fmt: skip
    return path


@pytest.fixture(scope="session")
def plain_iso(images: Path, content: Path) -> Path:
    path = images / "plain.iso"
    run("genisoimage", "-quiet", "-input-charset", "utf-8", "-V", "PLAIN", "-o", path, content)
    return path


@pytest.fixture(scope="session")
def hfs_iso(images: Path, content: Path) -> Path:
    path = images / "hfs.iso"
    run("genisoimage", "-quiet", "-hfs", "-V", "MACDISC",
        "-o", path, content)  # fmt: skip
    return path


@pytest.fixture(scope="session")
def udf_image(images: Path) -> Path:
    path = images / "udf.img"
    run("mkudffs", "--utf8", "--new-file", "--label", "Grüße", "-b", 2048, path, 4096)
    return path


@pytest.fixture(scope="session")
def bootable(images: Path) -> Path:
    """A folder with what a Linux installer has: a BIOS boot image and an EFI image."""
    folder = images / "bootable"
    (folder / "boot").mkdir(parents=True)
    (folder / "boot" / "bios.img").write_bytes(b"B" * 2048)
    (folder / "boot" / "efi.img").write_bytes(fat_image("BOOTX64.EFI"))
    return folder


@pytest.fixture(scope="session")
def hybrid_iso(images: Path, bootable: Path) -> Path:
    path = images / "hybrid.iso"
    mbr = images / "mbr.bin"
    mbr.write_bytes(b"\xfa" * 432)
    run("xorriso", "-as", "mkisofs", "-quiet", "-o", path, "-V", "HYBRID", "-J", "-R",
        "-b", "boot/bios.img", "-no-emul-boot", "-boot-load-size", "4",
        "-eltorito-alt-boot", "-e", "boot/efi.img", "-no-emul-boot",
        "-isohybrid-mbr", mbr, "-isohybrid-gpt-basdat", bootable)  # fmt: skip
    return path
