# SPDX-License-Identifier: GPL-3.0-or-later
"""What rests on which disk: mounts and swap through partitions, LVM, RAID, LUKS, bcache, loops.

Pure: the devices and mounts were written down before. Numbers are the kernel's major and minor
number as text, such as "8:16".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SWAP = "swap"
"""Stands for a mount point where the kernel swaps."""


@dataclass(frozen=True)
class Layer:
    """A block device and what it rests on directly."""

    number: str
    name: str
    """The kernel's name, such as sdb1; of what the device mapper made, its name there."""
    below: tuple[str, ...] = ()
    """Numbers: of a partition its disk; of a dm, md or bcache device its slaves; of a loop device
    what holds its backing file. () for a disk."""
    partition: bool = False


@dataclass(frozen=True)
class InUse:
    """A file system or swap space that is in use."""

    point: str
    """The mount point, or :data:`SWAP`."""
    numbers: tuple[str, ...]
    """The devices that it lies on directly; several for Btrfs."""
    overlay: bool = False
    """It shows file systems that lie on them, and keeps these busy even when they are unmounted."""


@dataclass(frozen=True)
class Use:
    """What a disk is in use for."""

    point: str
    """The mount point, or :data:`SWAP`."""
    device: str
    """The name of the device that is mounted, such as sdb1 or vault."""
    direct: bool
    """That device is the disk itself or a partition of it, and is what is mounted there."""


Layers = Mapping[str, Layer]
"""By number."""


def all_below(number: str, layers: Layers) -> frozenset[str]:
    """Give the numbers of all that a device rests on, and its own."""
    found: set[str] = set()
    waiting = [number]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += _below(one, layers)
    return frozenset(found)


def uses_of(disk: str, layers: Layers, in_use: Iterable[InUse]) -> tuple[Use, ...]:
    """Give what rests on this disk, in the order of ``in_use``."""
    return tuple(
        Use(
            use.point,
            _name(number, layers),
            direct=not use.overlay and _is_part(number, disk, layers),
        )
        for use in in_use
        for number in use.numbers
        if disk in all_below(number, layers)
    )


def held_by(disk: str, layers: Layers) -> tuple[str, ...]:
    """Give the names of other devices that were made of this disk or its partitions."""
    return tuple(
        sorted(
            layer.name
            for number, layer in layers.items()
            if disk in all_below(number, layers) and not _is_part(number, disk, layers)
        )
    )


def _is_part(number: str, disk: str, layers: Layers) -> bool:
    return number == disk or (
        number in layers and layers[number].partition and _below(number, layers) == (disk,)
    )


def _below(number: str, layers: Layers) -> tuple[str, ...]:
    return layers[number].below if number in layers else ()


def _name(number: str, layers: Layers) -> str:
    return layers[number].name if number in layers else number
