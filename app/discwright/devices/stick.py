# SPDX-License-Identifier: GPL-3.0-or-later
"""USB sticks and memory cards: which block devices are some, and what is on them (no I/O)."""

import re
from collections.abc import Iterable

from discwright.devices.block import BlockDevice, decoded
from discwright.devices.model import Stick
from discwright.wording import shown

_NEVER = re.compile(
    r"(loop|zram|ram|dm-|md|nbd|rbd|drbd|bcache|zd|pmem|fd|mtdblock|ubiblock|pktcdvd)\d"
)
"""Kernel names of devices that nobody carries about, though some call themselves removable."""

_SD_CARD = "SD"
"""device/type of a card in a slot; "MMC" is flash that is soldered in."""


_NO_MAKER = re.compile(r"ATA|0x[0-9a-f]{4}")
"""What the kernel calls the maker of every SATA disk, and of a virtual machine's disks."""


def is_stick(device: BlockDevice) -> bool:
    """Tell whether this is a whole USB stick, USB disk or memory card with something in it.

    The kernel's "removable" alone is not to be trusted: it is 0 for USB disks and for cards in
    many slots, and 1 for floppy drives.
    """
    if not device.whole or not device.node or device.size <= 0:
        return False
    if device.optical or device.virtual or _NEVER.match(device.sys_name):
        return False
    if device.bus == "mmc":
        return device.attributes.get("device/type", "").strip() == _SD_CARD
    return device.bus == "usb" or device.attributes.get("removable", "").strip() == "1"


def stick(device: BlockDevice, partitions: Iterable[BlockDevice] = ()) -> Stick:
    """Make a stick of a device that :func:`is_stick` accepts, named after its file systems."""
    vendor = device.described("device/vendor", "ID_VENDOR_ENC", "ID_VENDOR")
    model = device.described("device/model", "ID_MODEL_ENC", "ID_MODEL")
    labels = [shown(label) for part in (device, *partitions) if (label := _label(part))]
    return Stick(
        node=device.node,
        vendor="" if _NO_MAKER.fullmatch(vendor) else shown(vendor),
        model=shown(model or device.described("device/name", "ID_NAME")),
        serial=shown(device.described("device/serial", "ID_SERIAL_SHORT", "ID_USB_SERIAL_SHORT")),
        bus=shown(device.bus),
        size=device.size,
        diskseq=device.diskseq,
        labels=tuple(dict.fromkeys(labels)),
        read_only=device.attributes.get("ro", "").strip() == "1",
        sys_path=device.sys_path,
    )


def _label(device: BlockDevice) -> str:
    label = device.properties.get("ID_FS_LABEL_ENC") or device.properties.get("ID_FS_LABEL", "")
    return decoded(label).strip()
