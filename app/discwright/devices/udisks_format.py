# SPDX-License-Identifier: GPL-3.0-or-later
"""File systems on sticks, through UDisks2: found, named, mounted for the user, and made void.

None of it needs a password on a removable device of the user who sits at the machine. How a
stick is formatted: :func:`discwright.devices.udisks_sticks.format_stick`.
"""

import os
from pathlib import Path
from typing import Any

from discwright.devices.udisks import (
    BLOCK,
    FILESYSTEM,
    NO_OBJECT,
    PARTITION,
    Objects,
    Refused,
    Service,
    find_block,
    value_of,
)  # fmt: skip
from discwright.errors import DiscwrightError
from discwright.transfer.cancel import CancelToken
from discwright.wording import _, shown

ACTIVE = 1 << 7
"""Flag of an MBR partition from which a BIOS starts (Partition.Flags of UDisks2)."""

PATIENCE_S = 30.0
"""Seconds that udev and UDisks2 get to notice a new partition and what is in it."""

_LOOK_S = 0.1


def partition_of(node: str, file_system: str, cancel: CancelToken) -> str:
    """Wait until UDisks2 knows the only partition of a disk and its file system; give its node.

    Raises DiscwrightError, Cancelled.
    """
    looks = round(PATIENCE_S / _LOOK_S)
    for _look in range(looks):
        with Service(node) as service:
            objects = service.objects()
        found = _partitions(objects, find_block(objects, node))
        ready = [
            _node_of(objects[path])
            for path in found
            if FILESYSTEM in objects[path]
            and value_of(objects[path], BLOCK, "IdType", "") == file_system
        ]
        if len(found) == 1 and ready:
            return ready[0]
        cancel.wait(_LOOK_S)
    raise DiscwrightError(
        _("{node} was formatted, but its new partition did not appear.").format(node=shown(node)),
        remedy=_("Plug it in anew and try again."),
        cause=f"no partition with {file_system} after {PATIENCE_S:g} s",
    )


def mark_active(node: str) -> None:
    """Mark an MBR partition as the one from which a BIOS starts. Raises DiscwrightError."""
    with Service(node) as service:
        path = find_block(service.objects(), node)
        service.call(path, PARTITION, "SetFlags", "ta{sv}", ACTIVE, {})


def mount(node: str, *, read_only: bool = False) -> Path:
    """Mount a file system for the user, where UDisks2 thinks best; give the place.

    If a file manager was faster, its place is given: that may be writable. Raises
    DiscwrightError.
    """
    options: dict[str, Any] = {"options": ("s", "ro")} if read_only else {}
    with Service(node) as service:
        path = find_block(service.objects(), node)
        try:
            (point,) = service.call(path, FILESYSTEM, "Mount", "a{sv}", options)
        except DiscwrightError as error:
            points = _points(service.objects().get(path, {}))
            if not isinstance(error.__cause__, Refused) or not points:
                raise
            return points[0]
    return Path(str(point))


def set_label(node: str, label: str) -> None:
    """Name a file system that isn't mounted. Raises DiscwrightError."""
    with Service(node) as service:
        path = find_block(service.objects(), node)
        service.call(path, FILESYSTEM, "SetLabel", "sa{sv}", label, {})


def make_void(node: str) -> None:
    """Unmount a disk and wipe partition table and signatures: it neither starts nor mounts.

    Raises DiscwrightError.
    """
    with Service(node) as service:
        objects = service.objects()
        try:
            service.unmount(objects)
        except DiscwrightError as error:
            if not was_unmounted(error):
                raise
        service.call(find_block(objects, node), BLOCK, "Format", "sa{sv}", "empty", {})


def was_unmounted(error: DiscwrightError) -> bool:
    """Tell whether unmounting failed only because somebody else has just done it.

    UDisks2 takes a moment to notice what was unmounted by hand.
    """
    answer = error.__cause__
    return isinstance(answer, Refused) and "not mounted" in answer.text


def _partitions(objects: Objects, path: str) -> list[str]:
    return [
        part
        for part, interfaces in objects.items()
        if value_of(interfaces, PARTITION, "Table", NO_OBJECT) == path
    ]


def _points(interfaces: Any) -> list[Path]:
    found = value_of(interfaces, FILESYSTEM, "MountPoints", [])
    return [Path(os.fsdecode(bytes(point).rstrip(b"\0"))) for point in found]


def _node_of(interfaces: Any) -> str:
    return os.fsdecode(bytes(value_of(interfaces, BLOCK, "Device", b"")).rstrip(b"\0"))
