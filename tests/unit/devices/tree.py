# SPDX-License-Identifier: GPL-3.0-or-later
"""A made-up /sys of block devices, and udev's events about them, for a program under umockdev."""

import os
import shutil
import socket
import struct
from pathlib import Path

PRELOAD = "libumockdev-preload.so.0"
USB_PORT = "devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/host2/target2:0:0"


class Tree:
    """Block devices below ``root``; see umockdev for the layout."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("sys/bus", "sys/block", "sys/class/block", "dev"):
            (root / folder).mkdir(parents=True)

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to live in this tree."""
        return {**os.environ, "UMOCKDEV_DIR": str(self.root), "LD_PRELOAD": PRELOAD}

    def add(
        self,
        path: str,
        properties: dict[str, str],
        attributes: dict[str, str | bytes] | None = None,
    ) -> str:
        """Plug a device in below /sys/``path``; give that path."""
        folder = self.root / "sys" / path
        folder.mkdir(parents=True, exist_ok=True)
        name = folder.name
        link(folder / "subsystem", self.root / "sys/class/block")
        link(self.root / "sys/class/block" / name, folder)
        self.change(path, {"DEVNAME": f"/dev/{name}", "DEVTYPE": "disk", **properties})
        for key, value in (attributes or {}).items():
            self.write(path, key, value)
        return path

    def write(self, path: str, attribute: str, value: str | bytes) -> None:
        """Give a sysfs file its content."""
        file = self.root / "sys" / path / attribute
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(value if isinstance(value, bytes) else value.encode())

    def change(self, path: str, properties: dict[str, str]) -> None:
        """Give a device all its properties anew."""
        name = path.rpartition("/")[2]
        lines = {"DEVNAME": f"/dev/{name}", "DEVTYPE": "disk", **properties}
        self.write(path, "uevent", "".join(f"{key}={value}\n" for key, value in lines.items()))

    def remove(self, path: str) -> None:
        """Unplug a device."""
        shutil.rmtree(self.root / "sys" / path)
        (self.root / "sys/class/block" / path.rpartition("/")[2]).unlink()

    def event(self, action: str, path: str, **properties: str) -> None:
        """Send udev's event to everyone who listens."""
        everything = {
            "ACTION": action,
            "DEVPATH": f"/{path}",
            "SUBSYSTEM": "block",
            "DEVNAME": f"/dev/{path.rpartition('/')[2]}",
            "DEVTYPE": "disk",
            "SEQNUM": "1",
            **properties,
        }
        with socket.socket(socket.AF_UNIX, socket.SOCK_RAW) as sender:
            for listener in self.root.glob("event*"):
                sender.sendto(udev_message(everything), str(listener))


def udev_message(properties: dict[str, str]) -> bytes:
    """Write an event as udevd sends it to libudev's monitors (struct monitor_netlink_header)."""
    body = b"".join(f"{key}={value}".encode() + b"\0" for key, value in properties.items())
    subsystem, devtype = (
        struct.pack(">I", murmur2(properties.get(key, "").encode()))
        for key in ("SUBSYSTEM", "DEVTYPE")
    )
    magic = b"\xfe\xed\xca\xfe"
    header = struct.pack(
        "<8s4s3I4s4sII", b"libudev\0", magic, 40, 40, len(body), subsystem, devtype, 0, 0
    )
    return header + body


def link(source: Path, target: Path) -> None:
    source.unlink(missing_ok=True)
    source.symlink_to(os.path.relpath(target, source.parent))


def murmur2(data: bytes) -> int:
    """MurmurHash2 with seed 0, by which libudev filters events."""
    factor, mask = 0x5BD1E995, 0xFFFFFFFF
    value = len(data)
    whole = len(data) // 4 * 4
    for at in range(0, whole, 4):
        word = int.from_bytes(data[at : at + 4], "little") * factor & mask
        value = (value * factor & mask) ^ ((word ^ word >> 24) * factor & mask)
    if tail := data[whole:]:
        value = (value ^ int.from_bytes(tail, "little")) * factor & mask
    value = (value ^ value >> 13) * factor & mask
    return value ^ value >> 15
