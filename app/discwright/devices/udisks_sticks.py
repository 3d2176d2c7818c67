# SPDX-License-Identifier: GPL-3.0-or-later
"""What UDisks2 knows of sticks and does for them: hints, rescan, letting go, formatting anew."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from discwright.devices.udisks import (
    BLOCK,
    DRIVE,
    FILESYSTEM,
    NAME,
    NO_OBJECT,
    PARTITION,
    SILENTLY,
    Objects,
    Service,
    find_block,
    value_of,
    was_not_allowed,
)  # fmt: skip
from discwright.errors import DiscwrightError
from discwright.wording import _, shown

PARTITION_TABLE = f"{NAME}.PartitionTable"
_MANAGER = "/org/freedesktop/UDisks2/Manager"

FIRST_PARTITION = 1 << 20
"""Byte at which a stick's only partition begins: a multiple of every flash's erase block."""


@dataclass(frozen=True)
class Hints:
    """What UDisks2 says of a device before it is written to."""

    system: bool
    """It counts as part of the computer."""
    ignore: bool
    """It is to be left alone."""
    mounts: tuple[tuple[str, str], ...] = ()
    """Device name and place of what is mounted of it: also outside of this program's sandbox."""


def hints_of(node: str) -> Hints | None:
    """Ask UDisks2 about a device; None if there is no UDisks2 or it doesn't know the device."""
    try:
        with Service(node) as service:
            objects = service.objects()
            return hints_in(objects, find_block(objects, node))
    except DiscwrightError:
        return None


def hints_in(objects: Objects, path: str) -> Hints:
    """Give the hints of the object ``path``.

    If one of its partitions counts as part of the computer, all of it does. But that one is to be
    left alone says nothing of the whole: UDisks2's own rules say so of each EFI system partition
    and of other types (80-udisks2.rules), and so of most sticks that computers start from.
    """
    parts = list(_parts(objects, path))
    return Hints(
        system=any(value_of(one, BLOCK, "HintSystem", False) for _path, one in parts),
        ignore=bool(value_of(objects[path], BLOCK, "HintIgnore", False)),
        mounts=tuple(
            (part.rpartition("/")[2], bytes(point).rstrip(b"\0").decode("utf-8", "surrogateescape"))
            for part, interfaces in parts
            for point in value_of(interfaces, FILESYSTEM, "MountPoints", [])
        ),
    )


def rescan(node: str) -> None:
    """Have the kernel and UDisks2 look again at what is on a device. Raises DiscwrightError.

    Asks nobody for a password: the kernel looks by itself when the stick is closed.
    """
    with Service(node) as service:
        service.call(find_block(service.objects(), node), BLOCK, "Rescan", "a{sv}", SILENTLY)


def let_go(node: str) -> None:
    """Unmount a stick and switch it off, or eject it, so that it may be pulled out.

    A slot of a reader that has others in use is ejected only. Raises DiscwrightError.
    """
    with Service(node) as service:
        objects = service.objects()
        service.unmount(objects)
        drive = value_of(objects[find_block(objects, node)], BLOCK, "Drive", NO_OBJECT)
        if drive == NO_OBJECT or drive not in objects:
            raise DiscwrightError(_("{node} can't be ejected.").format(node=shown(node)))
        if value_of(objects[drive], DRIVE, "Ejectable", False):
            service.call(drive, DRIVE, "Eject", "a{sv}", {})
        if may_power_off(objects, drive):
            service.call(drive, DRIVE, "PowerOff", "a{sv}", {})


def may_power_off(objects: Objects, drive: str) -> bool:
    """Tell whether a drive can be switched off without taking siblings along.

    The slots of a card reader have the same SiblingId and lose power together.
    """
    own = objects[drive]
    if not value_of(own, DRIVE, "CanPowerOff", False):
        return False
    sibling = value_of(own, DRIVE, "SiblingId", "")
    return not sibling or not any(
        path != drive and value_of(other, DRIVE, "SiblingId", "") == sibling
        for path, other in objects.items()
    )


def can_format(node: str, file_system: str) -> str:
    """Give "" if UDisks2 can make this file system, or else the program that is missing."""
    with Service(node) as service:
        ((able, missing),) = service.call(
            _MANAGER, f"{NAME}.Manager", "CanFormat", "s", file_system
        )
    return "" if able else str(missing) or file_system


def format_stick(
    node: str,
    *,
    table: str,
    file_system: str,
    label: str,
    begun: Callable[[], None] = lambda: None,
) -> None:
    """Make a device one partition with an empty file system; everything on it is lost.

    ``table``: "dos" or "gpt". No password is needed for a removable device by who sits at the
    machine. What is mounted is unmounted, never by force. ``begun`` is called as soon as
    something may be lost. Raises DiscwrightError.
    """
    with Service(node) as service:
        service.unmount(service.objects())
        path = find_block(service.objects(), node)
        only_table = {"update-partition-type": ("b", True)}
        try:
            service.call(path, BLOCK, "Format", "sa{sv}", table, only_table)
        except DiscwrightError as error:
            if not was_not_allowed(error):
                begun()
            raise
        begun()
        options: dict[str, Any] = {"label": ("s", label), "update-partition-type": ("b", True)}
        service.call(
            path,
            PARTITION_TABLE,
            "CreatePartitionAndFormat",
            "ttssa{sv}sa{sv}",
            FIRST_PARTITION,
            0,  # up to the end
            "",
            "",
            {},
            file_system,
            options,
        )


@dataclass(frozen=True)
class FileSystem:
    """A file system, as udev has found it."""

    kind: str
    """Such as "vfat"."""
    label: str
    version: str = ""
    """Such as "FAT16" and "FAT32" for vfat."""


def file_systems_on(node: str) -> tuple[FileSystem, ...]:
    """Give the file systems on a device. Raises DiscwrightError."""
    with Service(node) as service:
        objects = service.objects()
        return tuple(
            FileSystem(
                str(kind),
                str(value_of(interfaces, BLOCK, "IdLabel", "")),
                str(value_of(interfaces, BLOCK, "IdVersion", "")),
            )
            for _path, interfaces in _parts(objects, find_block(objects, node))
            if (kind := value_of(interfaces, BLOCK, "IdType", ""))
        )


def _parts(objects: Objects, path: str) -> Iterator[tuple[str, Any]]:
    """Give the block object itself and those of its partitions."""
    yield path, objects[path]
    for part, interfaces in objects.items():
        if value_of(interfaces, PARTITION, "Table", NO_OBJECT) == path:
            yield part, interfaces
