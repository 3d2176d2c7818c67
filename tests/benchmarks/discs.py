# SPDX-License-Identifier: GPL-3.0-or-later
"""Images to measure with."""

import os
import struct
import subprocess
from pathlib import Path

SECTOR = 2048
_PVD_VOLUME_SPACE_SIZE = 16 * SECTOR + 80
"""ECMA-119 8.4.8: the number of sectors, in both byte orders."""


def random_disc(path: Path, size: int) -> Path:
    """Make a valid ISO 9660 image of about ``size`` bytes that can't be compressed."""
    tree = path.with_suffix(".tree")
    tree.mkdir()
    noise = tree / "noise.bin"
    with noise.open("wb") as file:
        for _piece in range(size >> 20):
            file.write(os.urandom(1 << 20))
    subprocess.run(
        ["xorrisofs", "-quiet", "-iso-level", "3", "-V", "BENCHMARK", "-o", path, tree],
        check=True,
        capture_output=True,
    )
    noise.unlink()
    tree.rmdir()
    return path


def sparse_disc(path: Path, size: int) -> Path:
    """Make a valid ISO 9660 image of ``size`` bytes that takes next to no space."""
    random_disc(path, 1 << 20)
    sectors = size // SECTOR
    with path.open("r+b") as file:
        file.seek(_PVD_VOLUME_SPACE_SIZE)
        file.write(struct.pack("<I", sectors) + struct.pack(">I", sectors))
        file.truncate(sectors * SECTOR)
    return path


def warm(path: Path) -> Path:
    """Bring a file into the page cache, so that all runs read it from there."""
    with path.open("rb", buffering=0) as file:
        buffer = bytearray(1 << 20)
        while file.readinto(buffer):
            pass
    return path
