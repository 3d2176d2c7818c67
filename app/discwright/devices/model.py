# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives and sticks as plain data."""

from dataclasses import dataclass
from enum import StrEnum

from discwright.wording import device_name


class MediumState(StrEnum):
    """What udev knows of the medium without waking the disc."""

    NO_MEDIUM = "no-medium"
    """No disc, or the tray is open: udev can't tell them apart."""
    BLANK = "blank"
    APPENDABLE = "appendable"
    COMPLETE = "complete"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Medium:
    """The medium in a drive, from udev's properties alone."""

    state: MediumState
    kind: str = ""
    """As people call it: "CD-R", "DVD+RW DL", "BD-RE"; "" if not known."""
    label: str = ""
    """ID_FS_LABEL, safe to show."""
    file_system: str = ""
    """ID_FS_TYPE, such as "iso9660", "udf"."""
    sessions: int = 0
    tracks: int = 0
    audio_tracks: int = 0
    data_tracks: int = 0
    size: int = 0
    """Bytes, from /sys/block/*/size; 0 if not known."""


@dataclass(frozen=True)
class Drive:
    """An optical drive that is plugged in."""

    node: str
    """The device node, such as /dev/sr0."""
    vendor: str
    model: str
    firmware: str
    serial: str
    bus: str
    """"usb", "ata", "scsi" ..."""
    diskseq: int | None
    medium: Medium
    reads: tuple[str, ...] = ()
    """The families of media that it reads, as udev says: "CD", "DVD", "Blu-ray"."""
    writes: tuple[str, ...] = ()
    """The kinds of media that it writes: "CD-R", "DVD+RW", "BD-R" ..."""
    sys_path: str = ""

    @property
    def name(self) -> str:
        """Vendor and model as people know them, or the node."""
        return device_name(self.vendor, self.model) or self.node


@dataclass(frozen=True)
class Stick:
    """A removable USB stick or memory card that is plugged in."""

    node: str
    vendor: str
    model: str
    serial: str
    bus: str
    size: int
    diskseq: int | None
    labels: tuple[str, ...] = ()
    """The names of the file systems on it, safe to show."""
    read_only: bool = False
    sys_path: str = ""

    @property
    def name(self) -> str:
        """Vendor and model as people know them, or the node."""
        return device_name(self.vendor, self.model) or self.node


Device = Drive | Stick
