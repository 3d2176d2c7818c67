# SPDX-License-Identifier: GPL-3.0-or-later
"""A block device as udev and sysfs describe it: plain text, before anything is made of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

SECTOR_512 = 512
"""The unit of /sys/block/*/size, whatever the device's own sector is."""

_ESCAPE = re.compile(rb"\\x([0-9a-fA-F]{2})")
_USB_PORT = re.compile(r"/usb\d+/")


@dataclass(frozen=True)
class BlockDevice:
    """One block device; every text in it is foreign and not yet safe to show."""

    sys_path: str
    """Such as /sys/devices/pci0000:00/.../block/sr0."""
    properties: Mapping[str, str] = field(default_factory=dict)
    """What udev says, such as DEVNAME, ID_BUS."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Files below the sysfs path by their relative names, such as device/vendor."""

    @property
    def sys_name(self) -> str:
        """The kernel's name, such as sr0."""
        return self.sys_path.rpartition("/")[2]

    @property
    def node(self) -> str:
        """The device node, such as /dev/sr0; "" if there is none."""
        return self.properties.get("DEVNAME", "")

    @property
    def whole(self) -> bool:
        """Whether it is a disk, not a partition."""
        return self.properties.get("DEVTYPE", "disk") == "disk"

    @property
    def virtual(self) -> bool:
        """Whether the kernel made it up: loop, zram, device mapper, software RAID ..."""
        return "/devices/virtual/" in self.sys_path

    @property
    def optical(self) -> bool:
        """Whether it is a CD, DVD or Blu-ray drive; sr is the kernel's driver for all of them."""
        return self.flag("ID_CDROM") or re.fullmatch(r"sr\d+", self.sys_name) is not None

    @property
    def bus(self) -> str:
        """How it is plugged in: "usb", "ata", "mmc", "scsi" ...; "" if not known.

        A USB enclosure may say ID_BUS=ata of the disk inside it, so the path is asked first.
        """
        if _USB_PORT.search(self.sys_path):
            return "usb"
        if self.sys_name.startswith("mmcblk"):
            return "mmc"
        return self.properties.get("ID_BUS", "")

    @property
    def size(self) -> int:
        """Bytes, as the kernel last knew it."""
        return _number(self.attributes.get("size", "")) * SECTOR_512

    @property
    def diskseq(self) -> int | None:
        """The number that is never used twice: a new one for each medium (Linux 5.15)."""
        text = self.attributes.get("diskseq") or self.properties.get("DISKSEQ", "")
        return _number(text) or None

    def flag(self, name: str) -> bool:
        """Whether a property is set and means yes."""
        return self.properties.get(name, "0") not in {"", "0"}

    def count(self, name: str) -> int:
        """Give a property as a number, 0 if it is none."""
        return _number(self.properties.get(name, ""))

    def described(self, attribute: str, *names: str) -> str:
        """Give a sysfs file's text or else the first property that says something.

        Of a property that udev also gives escaped (ID_MODEL_ENC), name that one: the plain one
        has underscores for blanks.
        """
        if text := self.attributes.get(attribute, "").strip():
            return text
        for name in names:
            if text := decoded(self.properties.get(name, "")).strip():
                return text
        return ""


def decoded(text: str) -> str:
    r"""Undo udev's escapes: ``\x20`` is a byte of UTF-8; what isn't UTF-8 becomes U+FFFD."""
    raw = text.encode("utf-8", "surrogateescape")
    whole = _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), raw)
    return whole.decode("utf-8", "replace")


def _number(text: str) -> int:
    """Give a decimal number that is not negative, 0 for everything else."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else 0
