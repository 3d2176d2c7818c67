# SPDX-License-Identifier: GPL-3.0-or-later
"""Sticks whose USB connection is reset while they are written."""

import hashlib

import pytest

from system.bench import Disk, Machine, plugged
from system.running import LINUX, RIGHT, Dialog, at, result, start

NODE = "/dev/sda"
PIECE = 4 << 20
"""Bytes: so much is written and read back at once."""

RESET = """
import fcntl, os, pathlib
USBDEVFS_RESET = 0x5514  # linux/usbdevice_fs.h: _IO('U', 20)
place = pathlib.Path("/sys/block/sda").resolve()
device = next(one for one in place.parents if (one / "busnum").exists())
bus, number = (int((device / name).read_text()) for name in ("busnum", "devnum"))
fcntl.ioctl(os.open(f"/dev/bus/usb/{bus:03}/{number:03}", os.O_WRONLY), USBDEVFS_RESET)
"""


@pytest.fixture(params=[False, True], ids=["usb-storage", "uas"])
def disk(machine, tmp_path, request):
    made = Disk(machine, tmp_path / "disk", size=64 << 20, uas=request.param, removable=True)
    plugged(machine, NODE)
    driver = machine.root.done("readlink", "-f", "/sys/block/sda").split("/host")[0]
    link = machine.root.done("readlink", f"{driver}/driver").strip()
    assert link.endswith("/uas" if request.param else "/usb-storage")
    return made


def writing(machine: Machine, disk: Disk, phase: str):
    """Give a program in the middle of a phase."""
    Dialog(machine, RIGHT)
    disk.medium.set_speed(PIECE)
    program = start(machine.user, "write", LINUX, NODE, "--yes")
    return program.until(at(phase, PIECE), f"the middle of {phase}")


def proved(machine: Machine, program, disk: Disk) -> bool:
    """Whether the job ended well, and the image is on the disk."""
    written = result(program.wait())
    length = int(machine.root.done("stat", "-c", "%s", LINUX))
    with disk.path.open("rb") as file:
        on_disk = file.read(length)
    machine_says = machine.root.done("sha256sum", LINUX).split()[0]
    assert (written.code, written.state, written.verified) == (0, "complete", True), written
    return hashlib.sha256(on_disk).hexdigest() == machine_says


@pytest.mark.parametrize("phase", ["writing", "verifying"])
def test_a_reset_of_the_usb_connection_costs_nothing(machine, disk, phase):
    program = writing(machine, disk, phase)
    machine.root.done("python3", "-c", RESET)
    assert "reset SuperSpeed USB device" in machine.root.done("dmesg")
    disk.medium.set_speed(0)
    assert proved(machine, program, disk)
