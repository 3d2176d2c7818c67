# SPDX-License-Identifier: GPL-3.0-or-later
"""What a target path is like before anything is written: plain data for plans."""

import contextlib
import errno
import os
import re
import stat
from dataclasses import dataclass, replace
from pathlib import Path

from discwright.transfer.partfile import SUFFIX
from discwright.transfer.target_errors import target_error

FAT_FILE_LIMIT = (1 << 32) - 1
"""Bytes that a file on FAT can have: DIR_FileSize has 32 bits (FAT specification 1.03)."""

_FAT = frozenset({"vfat", "msdos"})
_MOUNTS = Path("/proc/self/mountinfo")


@dataclass(frozen=True)
class Destination:
    """The place where a file is to be made, as it was at one moment.

    ``path`` is absolute. ``exists`` is also true for a symbolic link that leads nowhere;
    ``is_directory`` follows links. ``writable``: files can be made in its directory.
    ``free_bytes``: what can still be written there, None if not known. ``file_system``: its type
    as the kernel calls it ("ext4", "vfat"), "" if not known. ``max_file_size``: bytes, None if
    there is no limit to care about. ``problem``: what is wrong with the path itself or kept the
    survey from seeing the place, as a sentence with its remedy; "" if nothing.
    """

    path: Path
    exists: bool = False
    is_directory: bool = False
    is_symlink: bool = False
    parent_exists: bool = False
    writable: bool = False
    free_bytes: int | None = None
    file_system: str = ""
    max_file_size: int | None = None
    problem: str = ""


def survey(path: Path, *, mounts: Path = _MOUNTS) -> Destination:
    """Look at the place that ``path`` names; never raises, whatever the path."""
    place = Destination(path)
    try:
        place = replace(place, path=path.absolute())
        place = _survey_directory(place, mounts)
        place = _survey_name(place)
        if place.parent_exists and not place.exists:  # PartFile's name must fit as well
            _stat_missing(place.path.with_name(place.path.name + SUFFIX))
    except OSError as error:
        return _problem(place, error)
    except ValueError as error:  # a NUL character in the path
        return _problem(place, OSError(errno.EINVAL, str(error)))
    return place


def _stat_missing(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.lstat()


def _problem(place: Destination, error: OSError) -> Destination:
    return replace(place, problem=target_error(error, place.path).sentence())


def _survey_directory(place: Destination, mounts: Path) -> Destination:
    try:
        directory = Path(os.path.realpath(place.path.parent, strict=True))
        if not stat.S_ISDIR(directory.stat().st_mode):
            return place
    except (FileNotFoundError, NotADirectoryError):
        return place
    space = os.statvfs(directory)
    file_system = file_system_of(directory, mounts)
    return replace(
        place,
        parent_exists=True,
        writable=os.access(directory, os.W_OK | os.X_OK),
        free_bytes=space.f_bavail * space.f_frsize if space.f_blocks else None,
        file_system=file_system,
        max_file_size=FAT_FILE_LIMIT if file_system in _FAT else None,
    )


def _survey_name(place: Destination) -> Destination:
    try:
        mode = place.path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return place
    return replace(
        place,
        exists=True,
        is_directory=place.path.is_dir(),
        is_symlink=stat.S_ISLNK(mode),
    )


def file_system_of(directory: Path, mounts: Path = _MOUNTS) -> str:
    """Give the type of the file system that a resolved directory is on; "" if not known.

    By the mount points, not by device numbers: those of btrfs subvolumes are in no list.
    """
    try:
        lines = mounts.read_bytes().splitlines()
    except OSError:
        return ""
    longest, found = -1, b""
    wanted = os.fsencode(directory)
    for line in lines:  # proc(5): ... (5) mount point ... "-" type source options
        fields, _dash, rest = line.partition(b" - ")
        parts, kind = fields.split(b" "), rest.split(b" ")
        if len(parts) < 5:
            continue
        point = _unescaped(parts[4])
        inside = wanted == point or wanted.startswith(point.rstrip(b"/") + b"/")
        if inside and len(point) >= longest:  # of two on one point the later hides the earlier
            longest, found = len(point), kind[0]
    return os.fsdecode(found)


def _unescaped(field: bytes) -> bytes:
    return re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8) & 255]), field)
