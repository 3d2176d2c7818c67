# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives and sticks that are plugged in, from udev's database and sysfs.

No device node is opened: a look at the list never wakes a disc or a drive.
"""

from collections import defaultdict
from functools import cached_property
from typing import Any

import pyudev

from discwright.devices.block import BlockDevice
from discwright.devices.drive import drive
from discwright.devices.model import Device, Drive, Stick
from discwright.devices.stick import is_stick, stick

_ATTRIBUTES = (
    "size", "ro", "removable", "diskseq", "device/vendor", "device/model", "device/rev",
    "device/type", "device/name", "device/serial",
)  # fmt: skip


class Devices:
    """The present drives and sticks. Each call looks anew; not to be shared between threads.

    Where there is no libudev there are no devices: the program then works with image files.
    """

    @cached_property
    def context(self) -> Any:
        """The udev database, None without libudev. Made when first needed: it takes time."""
        try:
            return pyudev.Context()
        except (ImportError, OSError):
            return None

    def drives(self) -> tuple[Drive, ...]:
        """Give the optical drives by their numbers: sr0, sr1 ..."""
        return tuple(device for device in self.all() if isinstance(device, Drive))

    def sticks(self) -> tuple[Stick, ...]:
        """Give the USB sticks, USB disks and memory cards by their names."""
        return tuple(device for device in self.all() if isinstance(device, Stick))

    def all(self) -> tuple[Device, ...]:
        """Give drives, then sticks."""
        whole, partitions = [], defaultdict(list)
        for block in self._blocks():
            if block.whole:
                whole.append(block)
            else:
                partitions[block.sys_path.rpartition("/")[0]].append(block)
        whole.sort(key=_by_number)
        return (
            *(drive(block) for block in whole if block.optical and block.node),
            *(stick(block, partitions[block.sys_path]) for block in whole if is_stick(block)),
        )

    def _blocks(self) -> list[BlockDevice]:
        if self.context is None:
            return []
        try:
            found = [snapshot(device) for device in self.context.list_devices(subsystem="block")]
        except (OSError, pyudev.DeviceNotFoundError):
            return []
        return sorted(found, key=_by_number)


def snapshot(device: Any) -> BlockDevice:
    """Take down what pyudev's Device says; what vanished meanwhile is left out."""
    return BlockDevice(
        sys_path=device.sys_path,
        properties=_properties(device),
        attributes={
            name: value.decode("utf-8", "replace")
            for name in _ATTRIBUTES
            if (value := device.attributes.get(name)) is not None
        },
    )


def _properties(device: Any) -> dict[str, str]:
    found = {}
    for name in _names(device):
        try:
            found[name] = device.properties[name]
        except (KeyError, UnicodeDecodeError):
            continue
    return found


def _names(device: Any) -> list[str]:
    try:
        return list(device.properties)
    except (OSError, UnicodeDecodeError):
        return []


def _by_number(block: BlockDevice) -> tuple[str, int, str]:
    letters = block.sys_name.rstrip("0123456789")
    number = block.sys_name[len(letters) :]
    return (letters, int(number or 0), block.sys_path)
