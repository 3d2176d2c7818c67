# SPDX-License-Identifier: GPL-3.0-or-later
"""That the device which was opened is the one which was chosen.

Names such as sdb are used again for the next stick; the kernel's disk sequence number is not
(Linux 5.15, ``diskseq``: a new one for each disk, and for each medium put into a reader).
"""

import fcntl
import os
import stat
import struct
from dataclasses import dataclass
from pathlib import Path

from discwright.errors import TargetError
from discwright.wording import _, shown, size

BLKGETSIZE64 = 0x80081272
BLKGETDISKSEQ = 0x80081280
BLKSSZGET = 0x1268
BLKROGET = 0x125E
"""ioctls of linux/fs.h: bytes, disk sequence number, logical block, read-only."""

_BY_NUMBER = Path("/sys/dev/block")
_SERIAL_ABOVE = 5
"""Folders from a SCSI disk up to its USB device: target, host, interface, device; one to spare."""


@dataclass(frozen=True)
class Identity:
    """What tells one stick from another."""

    size: int = 0
    """Bytes."""
    diskseq: int | None = None
    serial: str = ""
    number: str = ""
    """Major and minor number; of a file: see :func:`file_number`."""


def check_identity(descriptor: int, chosen: Identity, name: str) -> None:
    """Compare an open descriptor with what was chosen; TargetError if it is another device."""
    found = identity_of(descriptor)
    if found == chosen:
        return
    differing = [
        f"{what}: {before} then, {now} now"
        for what, before, now in (
            ("size", chosen.size, found.size),
            ("diskseq", chosen.diskseq, found.diskseq),
            ("serial", shown(chosen.serial), shown(found.serial)),
            ("number", chosen.number, found.number),
        )
        if before != now
    ]
    raise TargetError(
        _("{name} is another device now than the one of {size} that was chosen.").format(
            name=shown(name), size=size(chosen.size)
        ),
        remedy=_("Nothing was written to it. Look at the list of devices and choose again."),
        cause="; ".join(differing),
    )


def identity_of(descriptor: int, by_number: Path = _BY_NUMBER) -> Identity:
    """Ask the kernel about an open device or file. Raises OSError."""
    status = os.fstat(descriptor)
    if not stat.S_ISBLK(status.st_mode):
        return Identity(status.st_size, number=file_number(status))
    number = f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
    (length,) = struct.unpack("Q", fcntl.ioctl(descriptor, BLKGETSIZE64, bytes(8)))
    folder = by_number / number
    return Identity(length, _diskseq(descriptor, folder), serial_of(folder), number)


def file_number(status: os.stat_result) -> str:
    """Give what stands for the device number of a regular file."""
    return f"file:{status.st_dev}:{status.st_ino}"


def serial_of(folder: Path) -> str:
    """Give the serial number nearest above a disk in sysfs: a card's own, or its USB device's."""
    place = Path(os.path.realpath(folder / "device"))
    for above in (place, *place.parents[:_SERIAL_ABOVE]):
        if serial := _text(above / "serial"):
            return serial
    return ""


def logical_block(descriptor: int) -> int:
    """Give the bytes of a logical block of an open device; 1 for a file. Raises OSError."""
    if not stat.S_ISBLK(os.fstat(descriptor).st_mode):
        return 1
    (length,) = struct.unpack("I", fcntl.ioctl(descriptor, BLKSSZGET, bytes(4)))
    found: int = length
    return found


def _diskseq(descriptor: int, folder: Path) -> int | None:
    try:
        (sequence,) = struct.unpack("Q", fcntl.ioctl(descriptor, BLKGETDISKSEQ, bytes(8)))
    except OSError:  # before Linux 5.15
        text = _text(folder / "diskseq")
        return int(text) if text.isdecimal() else None
    return int(sequence) or None


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
