# SPDX-License-Identifier: GPL-3.0-or-later
"""The sample disc: a small image that a newcomer can rip within a minute, the same every time."""

import hashlib
import io
import re
from pathlib import Path

import pycdlib

from discwright.image.iso9660 import FIRST_DESCRIPTOR, descriptors, iso_volumes
from discwright.image.isotree import IsoTree
from discwright.image.sectors import Sectors
from discwright.image.tree import walk
from discwright.transfer.partfile import PartFile
from discwright.transfer.reader import SECTOR

LABEL = "DISCWRIGHT_SAMPLE"

_JOLIET_LABEL = 16
"""Characters of a label in Joliet; pycdlib gives the same one to both volume descriptors."""

_README = """\
This is the sample disc of Discwright.

It was made by the program itself, so that you can try things out without a drive:
open it as a virtual disc, press "Rip disc to ISO", and compare the checksums.
Its files hold nothing but patterns. Delete it whenever you like.
"""
_PATTERNS = (("PATTERN1.BIN", "pattern one.bin", 2), ("PATTERN2.BIN", "pattern two.bin", 3))
"""ISO 9660 name, the name that people see, MiB."""

_TIME = (124, 1, 1, 0, 0, 0, 0)
"""2024-01-01 00:00:00 UTC as in a directory record (ECMA-119 9.1.5)."""
_TIME_DIGITS = b"2024010100000000\0"
_NO_TIME = b"0" * 16 + b"\0"


def make_sample(path: Path) -> Path:
    """Write the sample disc image (about 5 MB) to ``path``, replacing an earlier one.

    Its bytes are the same wherever and whenever it is made. Raises TargetError if it can't be
    written.
    """
    image = _image()
    with PartFile(path, len(image)) as part:
        part.write(memoryview(image))
        part.commit(overwrite=True)
    return path


def _image() -> bytearray:
    iso = pycdlib.PyCdlib()
    iso.new(
        interchange_level=3,
        vol_ident=LABEL[:_JOLIET_LABEL],
        joliet=3,
        rock_ridge="1.12",
        app_ident_str="DISCWRIGHT",
    )
    try:
        iso.add_directory("/PATTERNS", rr_name="patterns", joliet_path="/patterns")
        files = [("/README.TXT;1", "README.txt", "/README.txt", _README.encode())]
        for number, (name, long, mebibytes) in enumerate(_PATTERNS):
            data = _pattern(number, mebibytes * 1024 * 1024)
            files.append((f"/PATTERNS/{name};1", long, f"/patterns/{long}", data))
        for iso_path, name, joliet, data in files:
            iso.add_fp(io.BytesIO(data), len(data), iso_path, rr_name=name, joliet_path=joliet)
        out = io.BytesIO()
        iso.write_fp(out)
    finally:
        iso.close()
    image = bytearray(out.getvalue())
    primary = FIRST_DESCRIPTOR * SECTOR
    image[primary + 40 : primary + 72] = LABEL.encode().ljust(32)
    _set_times(image)
    return image


def _pattern(number: int, length: int) -> bytes:
    """Give bytes that look random, so that no sector is like another, and never change."""
    return hashlib.shake_128(f"Discwright sample {number}".encode()).digest(length)


class _Memory:
    """An image in memory as sectors."""

    sector_size = SECTOR

    def __init__(self, image: bytearray) -> None:
        self._image = image
        self.sectors = len(image) // SECTOR

    def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
        buffer[: count * SECTOR] = self._image[lba * SECTOR : (lba + count) * SECTOR]


def _set_times(image: bytearray) -> None:
    """Put one fixed time wherever pycdlib wrote that of the clock."""
    sectors = Sectors(_Memory(image))
    for volume in iso_volumes(list(descriptors(sectors))):
        base = volume.lba * SECTOR
        for at, value in ((813, _TIME_DIGITS), (830, _TIME_DIGITS), (847, _NO_TIME),
                          (864, _TIME_DIGITS)):  # fmt: skip
            image[base + at : base + at + 17] = value
        image[base + 156 + 18 : base + 156 + 25] = bytes(_TIME)
        directories = [node for _path, node in walk(IsoTree(sectors, volume)) if node.directory]
        for directory in directories:
            for extent in directory.extents:
                for lba in range(extent.lba, extent.end):
                    _set_record_times(image, lba * SECTOR)


def _set_record_times(image: bytearray, base: int) -> None:
    at = base
    while at < base + SECTOR and image[at]:
        image[at + 18 : at + 25] = bytes(_TIME)
        # Rock Ridge's times (RRIP 4.1.6): TF, length, version 1, flags, then 7 bytes for each.
        found = re.search(rb"TF(.)\x01", image[at : at + image[at]], re.DOTALL)
        if found is not None:
            first = at + found.start() + 5
            end = at + found.start() + found[1][0]
            image[first:end] = bytes(_TIME) * ((end - first) // 7)
        at += image[at]
