# SPDX-License-Identifier: GPL-3.0-or-later
"""File systems on sticks, through UDisks2: found, named, mounted for the user, and made void.

None of it needs a password on a removable device of the user who sits at the machine. How an
ordinary stick is formatted: :func:`discwright.devices.udisks_sticks.format_stick`.
"""

import contextlib
import os
import time
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
from discwright.devices.udisks_sticks import FIRST_PARTITION, PARTITION_TABLE
from discwright.errors import DiscwrightError
from discwright.transfer.cancel import CancelToken
from discwright.wording import _, shown

ACTIVE = 1 << 7
"""Flag of an MBR partition from which a BIOS starts (Partition.Flags of UDisks2)."""

PATIENCE_S = 30.0
"""Seconds that udev and UDisks2 get to notice a new partition and what is in it."""

_LOOK_S = 0.1


_ATTEMPTS = 5
"""How often a partition's type is set that something else is just looking at."""


def format_hidden(
    node: str, *, table: str, kind: str, file_system: str, label: str, cancel: CancelToken
) -> str:
    """Make a disk one partition of type ``kind`` with an empty file system; give its node.

    ``table``: "dos" or "gpt". The partition has its type before it has the file system, so that
    nothing mounts it by itself at any moment. What is mounted is unmounted, never by force.
    Everything on the disk is lost. Raises DiscwrightError, Cancelled.
    """
    with Service(node) as service:
        service.unmount(service.objects())
        disk = find_block(service.objects(), node)
        service.call(disk, BLOCK, "Format", "sa{sv}", table, {})
        to_the_end = 0
        service.call(
            disk, PARTITION_TABLE, "CreatePartition", "ttssa{sv}",
            FIRST_PARTITION, to_the_end, "", "", {},
        )  # fmt: skip
        part = _partition_of(node, cancel)
        set_type(part, kind, active=False)
        options = {"label": ("s", label)}
        service.call(_await_block(service, part, cancel), BLOCK, "Format", "sa{sv}", file_system,
                     options)  # fmt: skip
    return _partition_of(node, cancel, file_system)


def _partition_of(node: str, cancel: CancelToken, file_system: str = "") -> str:
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
            if not file_system
            or (
                FILESYSTEM in objects[path]
                and value_of(objects[path], BLOCK, "IdType", "") == file_system
            )
        ]
        if len(found) == 1 and ready:
            return ready[0]
        cancel.wait(_LOOK_S)
    raise DiscwrightError(
        _("{node} was formatted, but its new partition did not appear.").format(node=shown(node)),
        remedy=_("Plug it in anew and try again."),
        cause=f"no partition with {file_system or 'anything'} after {PATIENCE_S:g} s",
    )


def _await_block(service: Service, node: str, cancel: CancelToken) -> str:
    """Give the object path of a partition, which goes and comes when its table is read anew.

    Raises DiscwrightError, Cancelled.
    """
    for _look in range(round(PATIENCE_S / _LOOK_S)):
        cancel.raise_if_cancelled()
        with contextlib.suppress(DiscwrightError):
            return find_block(service.objects(), node)
        cancel.wait(_LOOK_S)
    return find_block(service.objects(), node)


def uuid_of(node: str) -> str:
    """Give the UUID of the file system on a partition, "" if there is none.

    Raises DiscwrightError.
    """
    with Service(node) as service:
        objects = service.objects()
        return str(value_of(objects[find_block(objects, node)], BLOCK, "IdUUID", ""))


def set_type(node: str, kind: str, *, active: bool) -> None:
    """Give a partition that isn't mounted its type; ``active``: for a BIOS to start from.

    Returns when the type is found on the medium. Raises DiscwrightError.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with Service(node) as service:
                path = find_block(service.objects(), node)
                if active:
                    service.call(path, PARTITION, "SetFlags", "ta{sv}", ACTIVE, {})
                service.call(path, PARTITION, "SetType", "sa{sv}", kind, {})
            break
        except DiscwrightError:  # udev may just have it open, to see what is on it
            if attempt == _ATTEMPTS:
                raise
            time.sleep(_LOOK_S * attempt)
    for _look in range(round(PATIENCE_S / _LOOK_S)):
        # It goes and comes when the table is read anew.
        with contextlib.suppress(DiscwrightError), Service(node) as service:
            objects = service.objects()
            if value_of(objects[find_block(objects, node)], PARTITION, "Type", "") == kind:
                return
        time.sleep(_LOOK_S)
    raise DiscwrightError(
        _("The partition on {node} could not be given its type.").format(node=shown(node)),
        remedy=_("Plug the stick in anew and try again."),
        cause=f"not {kind} after {PATIENCE_S:g} s",
    )


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


def make_void_if(node: str, part: str, uuid: str) -> bool:
    """Make a disk void if the file system on its partition is the one of this UUID.

    Tells whether that is settled: it is done, or another file system is there. UDisks2 gives no
    UUID while it looks anew. Raises DiscwrightError.
    """
    with Service(node) as service:
        for _time in ("before what is mounted is unmounted", "and right before it is wiped"):
            objects = service.objects()
            disk, found = find_block(objects, node), objects[find_block(objects, part)]
            there = str(value_of(found, BLOCK, "IdUUID", ""))
            if there != uuid or value_of(found, PARTITION, "Table", NO_OBJECT) != disk:
                return bool(there)
            _unmount(service, objects)
        service.call(disk, BLOCK, "Format", "sa{sv}", "empty", {})
        return True


def make_void(node: str) -> None:
    """Unmount a disk and wipe partition table and signatures: it neither starts nor mounts.

    Raises DiscwrightError.
    """
    with Service(node) as service:
        objects = service.objects()
        _unmount(service, objects)
        service.call(find_block(objects, node), BLOCK, "Format", "sa{sv}", "empty", {})


def _unmount(service: Service, objects: Objects) -> None:
    try:
        service.unmount(objects)
    except DiscwrightError as error:
        if not was_unmounted(error):
            raise


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
