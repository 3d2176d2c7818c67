# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives and sticks that are plugged into the machine, and what goes wrong with them."""

import errno
import itertools
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .machine import Machine
from .program import PLACE
from .qmp import Qmp, QmpError

NO_DATA = errno.ENODATA
"""What QEMU passes on as MEDIUM ERROR; EIO becomes an aborted command."""

TRAY = "DEVICE_TRAY_MOVED"

PER_SECTOR = 4
"""QEMU counts in blocks of 512 bytes, a disc in sectors of 2048."""

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Medium:
    """A file that stands for a disc or for the memory of a stick, opened by QEMU."""

    qmp: Qmp
    node: str
    group: str

    def set_speed(self, bytes_per_second: int) -> None:
        """Let no more than this pass; 0: as fast as it goes."""
        self.qmp("qom-set", path=f"/objects/{self.group}", property="limits",
                 value=dict.fromkeys(("bps-total", "bps-total-max"), bytes_per_second))  # fmt: skip


def medium(
    qmp: Qmp, path: Path, *, writable: bool = False, speed: int = 0,
    bad: Iterable[int] = (), once: bool = False, bad_writes: Iterable[int] = (),
) -> Medium:  # fmt: skip
    """Open a file; ``bad``: blocks of 512 bytes that can't be read, ``once``: the first time."""
    number = next(_numbers)
    group, node = f"speed{number}", f"medium{number}"
    rules = [
        {"event": event, "errno": NO_DATA, "sector": block, "once": once}
        for event, blocks in (("read_aio", bad), ("write_aio", bad_writes))
        for block in blocks
    ]
    layers: dict[str, Any] = {"driver": "file", "filename": str(path), "locking": "off"}
    if rules:
        layers = {"driver": "blkdebug", "image": layers, "inject-error": rules}
    layers = {"driver": "raw", "file": layers}
    qmp("object-add", **{"qom-type": "throttle-group", "id": group})
    made = Medium(qmp, node, group)
    if speed:
        made.set_speed(speed)
    qmp("blockdev-add", **{
        "driver": "throttle", "throttle-group": group, "node-name": node, "file": layers,
        "read-only": not writable, "cache": {"direct": False, "no-flush": True},
    })  # fmt: skip
    return made


class Drive:
    """The machine's drive for discs: QEMU's own, which can only read."""

    node = "/dev/sr0"

    def __init__(self, machine: Machine) -> None:
        self._machine, self._qmp = machine, machine.qmp

    def insert(self, path: Path, *, bad: Iterable[int] = (), **options: Any) -> Medium:
        """Put a disc in and wait until the system has seen it; ``bad`` are its bad sectors."""
        blocks = [sector * PER_SECTOR for sector in bad]
        disc = medium(self._qmp, path, bad=blocks, **options)
        self._qmp("blockdev-open-tray", id="drive", force=True)
        self._qmp("blockdev-insert-medium", **{"id": "drive", "node-name": disc.node})
        self._qmp("blockdev-close-tray", id="drive")
        self._machine.root.shell(f"""
            udevadm trigger --settle --action=change {self.node}
            udevadm info {self.node} | grep -q ID_CDROM_MEDIA=1""")
        return disc

    def exchange(self, path: Path) -> None:
        """Put another disc in: in one moment, and without a word to the system."""
        self._qmp("blockdev-change-medium", id="drive", filename=str(path), format="raw",
                  force=True)  # fmt: skip

    def press_button(self) -> None:
        """Press the button for the tray; on a locked drive that is a wish told to the system."""
        self._qmp.forget(TRAY)
        with suppress(QmpError):  # QEMU says that it is locked, and passes the wish on
            self._qmp("eject", id="drive")

    def wait_until_open(self) -> None:
        """Return when the tray is open, after the button was pressed."""
        self._qmp.wait(TRAY, **{"tray-open": True})

    def open_by_force(self) -> None:
        """Open the tray with a needle."""
        self._qmp("blockdev-open-tray", id="drive", force=True)

    def unplug(self) -> None:
        """Pull its cable out."""
        self._qmp("device_del", id="drive")


class Stick:
    """A USB stick."""

    node = "/dev/sda"

    def __init__(
        self, machine: Machine, path: Path, *, size: int = 0, block: int = 512,
        serial: str = "STICK-1", **options: Any,
    ) -> None:  # fmt: skip
        """Plug it in; ``size`` in bytes makes ``path`` anew. Returns when UDisks2 knows it."""
        self.path = path
        self._machine, self._qmp = machine, machine.qmp
        if size:
            with path.open("wb") as file:
                file.truncate(size)
        self.medium = medium(self._qmp, path, writable=True, **options)
        self._id = f"stick{next(_numbers)}"
        self._qmp("device_add", driver="usb-storage", id=self._id, bus="usb.0", removable=True,
                  drive=self.medium.node, serial=serial, logical_block_size=block,
                  physical_block_size=block)  # fmt: skip
        machine.root.shell(f"""
            udevadm wait --timeout=60 {self.node}
            udevadm settle
            until udisksctl info --block-device={self.node} >/dev/null 2>&1; do sleep 0.05; done""")

    def pull(self) -> None:
        """Pull it out."""
        self._qmp("device_del", id=self._id)
        self._qmp.wait("DEVICE_DELETED", device=self._id)


class Disk:
    """A disk in a case with a USB plug, one of several."""

    def __init__(
        self, machine: Machine, path: Path, *, size: int, uas: bool = False, writable: bool = True,
        **properties: Any,
    ) -> None:  # fmt: skip
        """Plug one in with ``size`` bytes, 0 for a reader without a card.

        ``uas``: it speaks USB Attached SCSI, else Bulk-Only Transport. ``properties``: see
        QEMU's scsi-hd. It doesn't wait: see :func:`plugged`.
        """
        number, qmp, self.path = next(_numbers), machine.qmp, path
        with path.open("wb") as file:
            file.truncate(size)
        self.medium = medium(qmp, path, writable=writable)
        case, disk = f"case{number}", f"disk{number}"
        driver = "usb-uas" if uas else "usb-bot"
        qmp("device_add", driver=driver, id=case, bus="usb.0", attached=False)
        qmp("device_add", driver="scsi-hd", id=disk, bus=f"{case}.0", serial=disk,
            drive=self.medium.node, **properties)  # fmt: skip
        qmp("qom-set", path=f"/machine/peripheral/{case}", property="attached", value=True)


def plugged(machine: Machine, *nodes: str) -> None:
    """Wait until the system knows these disks."""
    machine.root.shell(f"""
        udevadm wait --timeout=60 {" ".join(nodes)}
        udevadm settle
        for node in {" ".join(nodes)}; do
            until udisksctl info --block-device=$node >/dev/null 2>&1; do sleep 0.05; done
        done""")


class Burner:
    """A burner that guest/burner.py plays for the kernel."""

    node = "/dev/sr1"

    def __init__(self, machine: Machine, profile: str) -> None:
        """Plug it in with a blank disc of a profile; returns when the system has seen it."""
        root = machine.root
        root.shell("modprobe -a target_core_user tcm_loop sg")
        command = ["python3", f"{PLACE}/guest/burner.py", profile]
        self.program = root.start(command, keep_input=True).says("ready")
        root.shell(f"udevadm wait --timeout=60 {self.node}; udevadm settle")
