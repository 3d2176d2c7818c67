# SPDX-License-Identifier: GPL-3.0-or-later
"""The things in the left list, in words. Knows no Qt."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from discwright.devices.model import Device, Drive, Medium, MediumState, Stick
from discwright.wording import _, counted, shown, size


class Group(Enum):
    """The parts of the list, in their order."""

    DRIVES = "drives"
    STICKS = "sticks"
    IMAGES = "images"

    @property
    def title(self) -> str:
        """The heading."""
        return {
            Group.DRIVES: _("Drives"),
            Group.STICKS: _("USB sticks"),
            Group.IMAGES: _("Images"),
        }[self]


@dataclass(frozen=True)
class Entry:
    """One line of the list."""

    key: str
    """The same as long as it is the same thing: a device node, the path of an image."""
    group: Group
    title: str
    subtitle: str
    icon: str
    has_disc: bool = False
    """Whether there is something that could be ripped."""
    closable: bool = False
    device: Device | None = None

    @property
    def spoken(self) -> str:
        """The line as one text, such as "UBUNTU 24.04 · DVD-ROM · 4.70 GB"."""
        return " · ".join(part for part in (self.title, self.subtitle) if part)


def medium_title(medium: Medium) -> str:
    """Say what is in a drive."""
    kind = shown(medium.kind) or _("disc")
    match medium.state:
        case MediumState.NO_MEDIUM:
            return _("No disc")
        case MediumState.BLANK:
            return _("Blank {kind}").format(kind=kind)
    if medium.label:
        return shown(medium.label)
    if medium.audio_tracks and not medium.data_tracks:
        return _("Audio CD")
    return _("Untitled {kind}").format(kind=kind)


def device_entry(device: Device) -> Entry:
    """Give the line of a drive or a stick."""
    match device:
        case Drive(medium=medium):
            return _drive_entry(device, medium)
        case Stick():
            names = ", ".join(shown(label) for label in device.labels)
            return Entry(
                key=device.node,
                group=Group.STICKS,
                title=shown(device.name),
                subtitle=" · ".join(part for part in (size(device.size), names) if part),
                icon="stick",
                device=device,
            )


def _drive_entry(drive: Drive, medium: Medium) -> Entry:
    absent = medium.state is MediumState.NO_MEDIUM
    blank = medium.state is MediumState.BLANK
    parts = []
    if not absent:
        if not blank and medium.label:
            parts.append(shown(medium.kind))
        if medium.audio_tracks and not medium.data_tracks:
            parts.append(counted("{n} track", "{n} tracks", medium.audio_tracks))
        elif medium.size and not blank:
            parts.append(size(medium.size))
    parts.append(shown(drive.name))
    return Entry(
        key=drive.node,
        group=Group.DRIVES,
        title=medium_title(medium),
        subtitle=" · ".join(part for part in parts if part),
        icon="drive" if absent else "disc-blank" if blank else "disc",
        has_disc=not absent,
        device=drive,
    )


def image_entry(path: Path, bytes_: int | None = None) -> Entry:
    """Give the line of an opened image file."""
    kind = path.suffix.lstrip(".").upper()
    parts = [_("{kind} image").format(kind=shown(kind)) if kind else _("Image")]
    if bytes_ is not None:
        parts.append(size(bytes_))
    return Entry(
        key=str(path),
        group=Group.IMAGES,
        title=shown(path.name),
        subtitle=" · ".join(parts),
        icon="image",
        has_disc=True,
        closable=True,
    )
