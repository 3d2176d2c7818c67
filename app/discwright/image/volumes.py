# SPDX-License-Identifier: GPL-3.0-or-later
"""Which file systems a disc or image holds, what they are called and where they end."""

from dataclasses import dataclass
from enum import StrEnum


class FileSystem(StrEnum):
    """A file system, in the words that people know."""

    ISO9660 = "ISO 9660"
    JOLIET = "Joliet"
    ROCK_RIDGE = "Rock Ridge"
    UDF = "UDF"
    HFS = "HFS"
    HFS_PLUS = "HFS+"


@dataclass(frozen=True)
class VolumeEnd:
    """Where one descriptor says that its file system ends: sectors from LBA 0 of the disc."""

    source: str
    """Which descriptor says so: "iso9660", "udf"."""
    sectors: int


@dataclass(frozen=True)
class Volumes:
    """What was found in the descriptors; everything here is the disc's own, untrusted word."""

    file_systems: tuple[FileSystem, ...] = ()
    label: str = ""
    """The volume's name, already safe to show; "" if it has none."""
    ends: tuple[VolumeEnd, ...] = ()
    created: str = ""
    """When the volume says that it was made, ISO 8601; "" if it doesn't."""
    publisher: str = ""
    application: str = ""
    remarks: tuple[str, ...] = ()
    """What is wrong with the descriptors, in sentences."""
