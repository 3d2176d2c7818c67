# SPDX-License-Identifier: GPL-3.0-or-later
"""The trees that a program sees: /sys, /dev and /proc/sys/dev/cdrom, for drives and sticks."""

import os
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from . import uevents
from .medium import SECTOR, Disc
from .mmc.drive import Traits
from .properties import identity, of_drive, of_medium

SR_MAJOR, SD_MAJOR = 11, 8
_EMPTY_DRIVE = 2097151
"""What sr says of the size without a medium, in 512-byte units."""
_STICKY_BLOCK = 0o1660


def write_file(path: Path, text: str) -> None:
    """Write a file of the tree so that a reader sees the old or the new one, never half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text)
    fresh.rename(path)


def link(path: Path, target: Path) -> None:
    """Make a relative link inside the tree."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(os.path.relpath(target, path.parent))


class BlockNode:
    """A block device in the trees: its directory in /sys, its links, its node in /dev."""

    def __init__(self, root: Path, name: str, number: str, hardware: str):
        self.root = root
        self.name = name
        self.number = number
        self.scsi = root / "sys" / hardware
        self.block = self.scsi / "block" / name
        self.device_path = root / "dev" / name

    def plant(self, scsi: Mapping[str, str]) -> None:
        """Make the directories and links that don't change while it is plugged in."""
        sys = self.root / "sys"
        write_file(self.scsi / "uevent", "DEVTYPE=scsi_device\n")
        for name, value in scsi.items():
            write_file(self.scsi / name, value + "\n")
        for name, value in {"dev": self.number, "removable": "1", "ro": "0", "range": "1",
                            "queue/logical_block_size": "512", "queue/rotational": "1",
                            "events": "media_change eject_request"}.items():  # fmt: skip
            write_file(self.block / name, value + "\n")
        for folder in ("class/block", "bus/scsi/devices", "bus/usb/devices", "block", "dev/block"):
            (sys / folder).mkdir(parents=True, exist_ok=True)
        link(self.block / "device", self.scsi)
        link(self.block / "subsystem", sys / "class/block")
        link(self.scsi / "subsystem", sys / "bus/scsi")
        link(sys / "class/block" / self.name, self.block)
        link(sys / "block" / self.name, self.block)
        link(sys / "dev/block" / self.number, self.block)
        link(sys / "bus/scsi/devices" / self.scsi.name, self.scsi)
        if self._is_usb:
            usb = self._plugged
            write_file(usb / "uevent", "DEVTYPE=usb_device\nDRIVER=usb\n")
            facts = {"idVendor": "152e", "idProduct": "2571", "speed": "5000"}
            facts |= {"manufacturer": scsi["vendor"], "product": scsi["model"]}
            for name, value in facts.items():
                write_file(usb / name, value.strip() + "\n")
            link(usb / "subsystem", sys / "bus/usb")
            link(sys / "bus/usb/devices" / usb.name, usb)

    def plant_node(self) -> None:
        """Make the node in /dev: a regular file whose sticky bit says block device."""
        self.device_path.parent.mkdir(parents=True, exist_ok=True)
        nodes = self.device_path.parent / ".node"
        nodes.mkdir(exist_ok=True)
        (nodes / self.name).unlink(missing_ok=True)
        (nodes / self.name).symlink_to(self.number)
        self.device_path.touch()
        self.device_path.chmod(_STICKY_BLOCK)

    def uproot(self) -> None:
        """Take everything away again."""
        sys = self.root / "sys"
        self.device_path.unlink(missing_ok=True)
        (self.device_path.parent / ".node" / self.name).unlink(missing_ok=True)
        for path in (sys / "class/block" / self.name, sys / "block" / self.name,
                     sys / "dev/block" / self.number,
                     sys / "bus/scsi/devices" / self.scsi.name):  # fmt: skip
            path.unlink(missing_ok=True)
        if self._is_usb:
            (sys / "bus/usb/devices" / self._plugged.name).unlink(missing_ok=True)
        shutil.rmtree(self._plugged, ignore_errors=True)

    @property
    def _is_usb(self) -> bool:
        return "/usb" in str(self.scsi)

    @property
    def _plugged(self) -> Path:
        """The device that is pulled out: the USB device, or the ATA port."""
        return self.scsi.parents[3 if self._is_usb else 2]

    def describe(self, properties: Mapping[str, str], size: int, diskseq: int) -> None:
        """Write what changes with the medium; ``size`` in bytes or, negative, none."""
        units = _EMPTY_DRIVE if size < 0 else size // 512
        write_file(self.block / "size", f"{units}\n")
        write_file(self.block / "diskseq", f"{diskseq}\n")
        text = "".join(f"{key}={value}\n" for key, value in properties.items())
        write_file(self.block / "uevent", text)

    def base_properties(self, diskseq: int) -> dict[str, str]:
        """Give what the kernel itself says."""
        major, minor = self.number.split(":")
        return {"MAJOR": major, "MINOR": minor, "DEVNAME": self.name, "DEVTYPE": "disk",
                "DISKSEQ": str(diskseq)}  # fmt: skip

    def announce(self, action: str, properties: Mapping[str, str]) -> None:
        """Send the uevent."""
        devpath = "/" + str(self.block.relative_to(self.root / "sys"))
        uevents.send(self.root, action, {
            "DEVPATH": devpath, "SUBSYSTEM": "block", **properties,
            "DEVNAME": f"/dev/{self.name}", "USEC_INITIALIZED": str(time.monotonic_ns() // 1000),
        })  # fmt: skip


class DriveNode(BlockNode):
    """An optical drive in the trees."""

    def __init__(self, root: Path, name: str, index: int, traits: Traits):
        host = 4 + index
        if traits.bus == "usb":
            way = f"devices/pci0000:00/0000:00:14.0/usb1/1-{index + 1}/1-{index + 1}:1.0"
        else:
            way = f"devices/pci0000:00/0000:00:17.0/ata{index + 1}"
        hardware = f"{way}/host{host}/target{host}:0:0/{host}:0:0:0"
        super().__init__(root, name, f"{SR_MAJOR}:{index}", hardware)
        self.traits = traits
        self.socket_path = root / "ioctl" / "dev" / name
        self._diskseq = 100 * (index + 1)
        self._properties: dict[str, str] = {}

    def appear(self, disc: Disc | None, tray_open: bool) -> None:
        """Plug in: the trees first, then the uevent."""
        traits = self.traits
        self.plant({"vendor": traits.vendor.ljust(8), "model": traits.model.ljust(16),
                    "rev": traits.revision.ljust(4), "type": "5"})  # fmt: skip
        self.plant_node()
        self._describe(None if tray_open else disc)
        for alias in ("cdrom", "dvd"):
            if not (self.root / "dev" / alias).exists():
                link(self.root / "dev" / alias, self.device_path)
        write_cdrom_info(self.root)
        self.announce("add", self._properties)

    def disappear(self) -> None:
        """Unplug."""
        self.socket_path.unlink(missing_ok=True)
        self.uproot()
        write_cdrom_info(self.root)
        if self._properties:
            self.announce("remove", self._properties)

    def medium_changed(self, disc: Disc | None, tray_open: bool) -> None:
        """Another medium, or none."""
        self._describe(None if tray_open else disc)
        self.announce("change", {**self._properties, "DISK_MEDIA_CHANGE": "1"})

    def eject_requested(self) -> None:
        """The button of a locked drive."""
        self.announce("change", {**self._properties, "DISK_EJECT_REQUEST": "1"})

    def lay(self, lba: int, data: bytes) -> None:
        """Lay sectors into the backing file, for a read() that is about to happen."""
        fd = os.open(self.device_path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.pwrite(fd, data, lba * SECTOR)
        finally:
            os.close(fd)

    def _describe(self, disc: Disc | None) -> None:
        self._diskseq += 1
        size = disc.capacity * SECTOR if disc else -1
        os.truncate(self.device_path, 0)
        os.truncate(self.device_path, max(size, 0))
        self._properties = self.base_properties(self._diskseq) | of_drive(self.traits)
        self._properties |= of_medium(disc)
        self._properties["DEVLINKS"] = f"/dev/disk/by-id/{self.traits.bus}-{self.name}"
        self.describe(self._properties, size, self._diskseq)


@dataclass
class StickNode:
    """A USB stick or memory card in the trees, for the list of devices; its content is a file."""

    root: Path
    name: str
    index: int
    size: int
    vendor: str = "SanDisk"
    model: str = "Ultra Fit"
    serial: str = "4C530001"
    bus: str = "usb"
    partitions: tuple[Mapping[str, str], ...] = ()
    """The udev properties of each partition, such as ID_FS_LABEL; PARTITION_SIZE in bytes."""
    removable: bool = True
    read_only: bool = False
    properties: Mapping[str, str] = field(default_factory=dict)
    """Properties to add or, with "", to leave out."""

    def plug(self) -> None:
        """Plug it in: the disk, then its partitions."""
        node, diskseq = self._node(), 1000 + self.index
        node.plant({"vendor": self.vendor.ljust(8), "model": self.model.ljust(16),
                    "rev": "1.00", "type": "0"})  # fmt: skip
        write_file(node.block / "removable", f"{int(self.removable)}\n")
        write_file(node.block / "ro", f"{int(self.read_only)}\n")
        node.plant_node()
        os.truncate(node.device_path, self.size)
        everything = self._properties(node, diskseq)
        node.describe(everything, self.size, diskseq)
        node.announce("add", everything)
        for number, extra in enumerate(self.partitions, 1):
            self._plant_partition(node, number, extra)

    def unplug(self) -> None:
        """Pull it out."""
        node = self._node()
        sys = self.root / "sys"
        for number in range(1, len(self.partitions) + 1):
            name = f"{self.name}{number}"
            for path in (sys / "class/block" / name, self.root / "dev" / name,
                         self.root / "dev/.node" / name,
                         sys / f"dev/block/{SD_MAJOR}:{self.index * 16 + number}"):  # fmt: skip
                path.unlink(missing_ok=True)
        everything = self._properties(node, 1000 + self.index)
        node.uproot()
        node.announce("remove", everything)

    def _node(self) -> BlockNode:
        port, host = self.index + 11, 20 + self.index
        hardware = (f"devices/pci0000:00/0000:00:14.0/usb2/2-{port}/2-{port}:1.0/host{host}/"
                    f"target{host}:0:0/{host}:0:0:0")  # fmt: skip
        return BlockNode(self.root, self.name, f"{SD_MAJOR}:{self.index * 16}", hardware)

    def _properties(self, node: BlockNode, diskseq: int) -> dict[str, str]:
        made = node.base_properties(diskseq)
        made |= identity(self.vendor, self.model, "1.00", self.serial, self.bus)
        made |= {"ID_TYPE": "disk", "ID_USB_DRIVER": "usb-storage", "ID_DRIVE_THUMB": "1"}
        made |= self.properties
        return {key: value for key, value in made.items() if value}

    def _plant_partition(self, node: BlockNode, number: int, extra: Mapping[str, str]) -> None:
        name, minor = f"{self.name}{number}", self.index * 16 + number
        folder, sys = node.block / name, self.root / "sys"
        size = int(extra.get("PARTITION_SIZE", self.size // (len(self.partitions) + 1)))
        made = {"MAJOR": str(SD_MAJOR), "MINOR": str(minor), "DEVNAME": name,
                "DEVTYPE": "partition", "PARTN": str(number)} | dict(extra)  # fmt: skip
        attributes = {"dev": f"{SD_MAJOR}:{minor}", "partition": str(number), "ro": "0"}
        attributes |= {"size": str(size // 512), "start": "2048"}
        for file, value in attributes.items():
            write_file(folder / file, value + "\n")
        write_file(folder / "uevent", "".join(f"{key}={value}\n" for key, value in made.items()))
        link(folder / "subsystem", sys / "class/block")
        link(sys / "class/block" / name, folder)
        link(sys / "dev/block" / f"{SD_MAJOR}:{minor}", folder)
        part = BlockNode(self.root, name, f"{SD_MAJOR}:{minor}", "unused")
        part.block = folder
        part.plant_node()
        os.truncate(part.device_path, size)
        part.announce("add", made)


_INFO = (
    ("drive speed:\t\t", "48"), ("drive # of slots:\t", "1"), ("Can close tray:\t\t", "1"),
    ("Can open tray:\t\t", "1"), ("Can lock tray:\t\t", "1"), ("Can change speed:\t", "1"),
    ("Can select disk:\t", "0"), ("Can read multisession:\t", "1"), ("Can read MCN:\t\t", "1"),
    ("Reports media changed:\t", "1"), ("Can play audio:\t\t", "1"), ("Can write CD-R:\t\t", "1"),
    ("Can write CD-RW:\t", "1"), ("Can read DVD:\t\t", "1"), ("Can write DVD-R:\t", "1"),
    ("Can write DVD-RAM:\t", "1"), ("Can read MRW:\t\t", "0"), ("Can write MRW:\t\t", "0"),
    ("Can write RAM:\t\t", "1"),
)  # fmt: skip


def write_cdrom_info(root: Path) -> None:
    """Write /proc/sys/dev/cdrom/info, newest drive first as the kernel does."""
    names = sorted((path.name for path in (root / "sys/block").glob("sr*")), reverse=True)
    rows: Iterable[str] = (
        f"{title}{chr(9).join([value] * len(names))}\n" for title, value in _INFO
    )
    text = "CD-ROM information, Id: cdrom.c 3.20 2003/12/17\n\n"
    text += "drive name:\t\t" + "\t".join(names) + "\n" + "".join(rows) + "\n"
    write_file(root / "proc/sys/dev/cdrom/info", text)
