# SPDX-License-Identifier: GPL-3.0-or-later
"""UDisks2 itself, on a bus of its own, with a loop device for a stick."""

import fcntl
import os
import select
import shutil
import socket
import stat
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from discwright.devices import udisks
from discwright.devices.mounts import device_number, mounted_at
from discwright.errors import DiscwrightError

from .tree import udev_message

UDISKSD = Path("/usr/libexec/udisks2/udisksd")
TOOLS = ("dbus-daemon", "losetup", "mke2fs", "mount", "umount")
NETLINK_KOBJECT_UEVENT = 15
BLKGETSIZE64 = 0x80081272
SIZE = 8 << 20

BUS = """
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@pytest.fixture(scope="module")
def stick(tmp_path_factory) -> Iterator[str]:
    """A loop device with a file system, known to a UDisks2 that the program can reach."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if os.geteuid() != 0:
        pytest.skip("only root can make loop devices")
    if missing or not UDISKSD.exists():
        pytest.skip(f"not installed: {', '.join(missing) or UDISKSD}")
    folder = tmp_path_factory.mktemp("udisks")
    with ExitStack() as stack:
        node = make_loop(folder, stack)
        if not Path("/run/udev/control").exists():
            enter_into_database(node, stack)
            stack.enter_context(StandInForUdevd(node))
        address = start_bus(folder, stack)
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        start(stack, str(UDISKSD), env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": address})
        wait_until(lambda: knows(node), "UDisks2 knows the loop device")
        yield node


@pytest.fixture
def mounted(stick, tmp_path) -> Iterator[Path]:
    point = tmp_path / "a place"
    point.mkdir()
    subprocess.run(["mount", stick, point], check=True)
    yield point
    while mounted_at(stick):
        subprocess.run(["umount", stick], check=True)


def make_loop(folder: Path, stack: ExitStack) -> str:
    image = folder / "stick.img"
    with image.open("wb") as file:
        file.truncate(SIZE)
    subprocess.run(["mke2fs", "-q", "-t", "ext2", image], check=True)
    made = subprocess.run(
        ["losetup", "--find", "--show", image], check=False, capture_output=True, text=True
    )
    if made.returncode:
        pytest.skip(f"no loop device: {made.stderr.strip()}")
    node = made.stdout.strip()
    stack.callback(subprocess.run, ["losetup", "--detach", node], check=False)
    return node


class StandInForUdevd:
    """Passes the kernel's events about one device on as udevd does; UDisks2 waits for them."""

    KERNEL, UDEV = 1, 2

    def __init__(self, node: str) -> None:
        self._path = f"/devices/virtual/block/{Path(node).name}"
        self._end, self._ended = os.pipe()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        os.close(self._ended)
        self._thread.join()
        os.close(self._end)

    def _run(self) -> None:
        netlink = (socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_KOBJECT_UEVENT)
        with socket.socket(*netlink) as kernel, socket.socket(*netlink) as udev:
            kernel.bind((0, self.KERNEL))
            while kernel in select.select([kernel, self._end], [], [])[0]:
                lines = kernel.recv(65536).decode("utf-8", "replace").split("\0")
                properties = dict(line.split("=", 1) for line in lines if "=" in line)
                if properties.get("DEVPATH") == self._path:
                    udev.sendto(udev_message(properties), (0, self.UDEV))


def enter_into_database(node: str, stack: ExitStack) -> None:
    """Do what udevd does where it runs: UDisks2 takes no device that it hasn't looked at."""
    entry = Path(f"/run/udev/data/b{device_number(node)}")
    entry.parent.mkdir(parents=True, exist_ok=True)
    for folder in (entry.parent.parent, entry.parent):
        stack.callback(remove_if_empty, folder)
    entry.write_text("I:1\nE:ID_FS_USAGE=filesystem\nE:ID_FS_TYPE=ext2\nG:systemd\nV:1\n")
    stack.callback(entry.unlink)


def remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # another run of these tests may still use it
        folder.rmdir()


def start_bus(folder: Path, stack: ExitStack) -> str:
    socket = folder / "bus"
    config = folder / "bus.conf"
    config.write_text(BUS.format(socket=socket))
    start(stack, "dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile")
    wait_until(socket.exists, "the bus listens")
    return f"unix:path={socket}"


def start(stack: ExitStack, *command: str, env: dict[str, str] | None = None) -> None:
    process = subprocess.Popen(
        command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )

    def end() -> None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    stack.callback(end)


def wait_until(condition, what: str) -> None:
    end = time.monotonic() + 20
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"waited in vain until {what}")
        time.sleep(0.05)


def knows(node: str) -> bool:
    try:
        os.close(udisks.open_device(node))
    except DiscwrightError:
        return False
    return True


def test_a_device_is_opened_for_reading(stick):
    descriptor = udisks.open_device(stick, "r", flags=os.O_DIRECT)
    try:
        assert stat.S_ISBLK(os.fstat(descriptor).st_mode)
        assert not os.get_inheritable(descriptor)
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        assert flags & os.O_ACCMODE == os.O_RDONLY
        assert flags & os.O_DIRECT
        (size,) = struct.unpack("Q", fcntl.ioctl(descriptor, BLKGETSIZE64, bytes(8)))
        assert size == SIZE
    finally:
        os.close(descriptor)


def test_a_device_is_opened_for_writing(stick):
    descriptor = udisks.open_device(stick, "rw")
    try:
        assert fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDWR
    finally:
        os.close(descriptor)


def test_a_mounted_device_is_not_opened_exclusively_and_its_place_is_named(stick, mounted):
    with pytest.raises(DiscwrightError) as failure:
        os.close(udisks.open_device(stick, "rw", flags=os.O_EXCL))
    assert f"mounted at {mounted}" in failure.value.message


def test_a_mounted_device_is_unmounted(stick, mounted):
    assert mounted_at(stick) == (str(mounted),)
    wait_until(lambda: unmounted(stick), "UDisks2 has unmounted it")
    assert mounted_at(stick) == ()


def unmounted(node: str) -> bool:
    udisks.unmount(node)
    return not mounted_at(node)


def test_a_device_in_use_stays_mounted(stick, mounted):
    with (mounted / "open").open("w"):
        with pytest.raises(DiscwrightError) as failure:
            wait_until(lambda: unmounted(stick), "unmounting fails")
        assert mounted_at(stick) == (str(mounted),)
    assert "is in use" in failure.value.message


def test_unmounting_what_is_not_mounted_does_nothing(stick):
    udisks.unmount(stick)


def test_what_has_no_tray_is_not_ejected(stick):
    with pytest.raises(DiscwrightError, match="has no tray"):
        udisks.eject(stick)


def test_a_device_that_is_not_there_is_not_known(stick):
    with pytest.raises(DiscwrightError, match="knows no device /dev/sr99"):
        udisks.open_device("/dev/sr99")
