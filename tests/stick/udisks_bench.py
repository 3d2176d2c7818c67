# SPDX-License-Identifier: GPL-3.0-or-later
"""A UDisks2 of our own: its bus, its daemon, loop devices for sticks, and udevd where none runs.

Everything is started by :class:`Bench` and gone when it is left. Needs root; where a part is
missing, :func:`require` skips and says which.
"""

import os
import select
import shutil
import socket
import subprocess
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from discwright.devices import udisks
from discwright.devices.mounts import device_number
from discwright.errors import DiscwrightError
from unit.devices.tree import udev_message

UDISKSD = Path("/usr/libexec/udisks2/udisksd")
TOOLS = ("blkid", "dbus-daemon", "losetup", "mke2fs", "mount", "umount")
NETLINK_KOBJECT_UEVENT = 15
DATABASE = Path("/run/udev/data")

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


def require(*tools: str) -> None:
    """Skip where loop devices or one of the tools can't be had."""
    if os.geteuid() != 0:
        pytest.skip("only root can make loop devices")
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


class Bench:
    """UDisks2 on a bus of its own, for as long as it is entered; this process uses that bus."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._udevd: StandInForUdevd | None = None

    def __enter__(self) -> "Bench":
        require(*TOOLS)
        if not UDISKSD.exists():
            pytest.skip(f"not installed: {UDISKSD}")
        with ExitStack() as stack:
            if not Path("/run/udev/control").exists():
                self._udevd = StandInForUdevd()
                stack.enter_context(self._udevd)
            address = start_bus(self._folder, stack)
            patch = stack.enter_context(pytest.MonkeyPatch.context())
            patch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
            start(stack, str(UDISKSD), env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": address})
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def add_stick(self, size: int, *, sector: int = 512, file_system: str = "") -> str:
        """Plug a stick in; give its node. ``file_system``: a type of mke2fs."""
        node = make_loop(self._folder, self._stack, size, sector=sector, file_system=file_system)
        if self._udevd is not None:
            self._udevd.watch(node)
        wait_until(lambda: knows(node), "UDisks2 knows the loop device")
        return node


def make_loop(
    folder: Path, stack: ExitStack, size: int, *, sector: int = 512, file_system: str = ""
) -> str:
    """Make a loop device over a new file; it is detached when the stack is closed."""
    image = folder / f"stick{len(list(folder.glob('stick*')))}.img"
    with image.open("wb") as file:
        file.truncate(size)
    if file_system:
        subprocess.run(["mke2fs", "-q", "-t", file_system, image], check=True)
    command = ["losetup", "--find", "--show", "--partscan", f"--sector-size={sector}", image]
    made = subprocess.run(command, check=False, capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"no loop device: {made.stderr.strip()}")
    node = made.stdout.strip()

    def detach() -> None:
        subprocess.run(["losetup", "--detach", node], check=False)
        # Partitions made meanwhile are removed by the kernel a moment later.
        wait_until(lambda: not Path(f"/sys/class/block/{Path(node).name}/loop").is_dir(), "detach")

    stack.callback(detach)
    return node


class StandInForUdevd:
    """Looks at loop devices as udevd does, and passes the kernel's events on; UDisks2 waits."""

    KERNEL, UDEV = 1, 2

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._entries: set[Path] = set()
        self._end, self._ended = os.pipe()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        os.close(self._ended)
        self._thread.join()
        os.close(self._end)
        for entry in self._entries:
            entry.unlink(missing_ok=True)
        for folder in (DATABASE, DATABASE.parent):
            with suppress(OSError):  # another run of these tests may still use it
                folder.rmdir()

    def watch(self, node: str) -> None:
        """Take a device into the database, and its events from now on."""
        name = Path(node).name
        self._enter(name)
        self._names.add(name)
        Path(f"/sys/class/block/{name}/uevent").write_text("change")

    def _run(self) -> None:
        netlink = (socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_KOBJECT_UEVENT)
        with socket.socket(*netlink) as kernel, socket.socket(*netlink) as udev:
            kernel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            kernel.bind((0, self.KERNEL))
            while kernel in select.select([kernel, self._end], [], [])[0]:
                lines = kernel.recv(65536).decode("utf-8", "replace").split("\0")
                properties = dict(line.split("=", 1) for line in lines if "=" in line)
                place = properties.get("DEVPATH", "").removeprefix("/devices/virtual/block/")
                if place.partition("/")[0] in self._names:
                    if properties.get("ACTION") != "remove":
                        properties |= self._enter(place.rpartition("/")[2])
                    udev.sendto(udev_message(properties), (0, self.UDEV))

    def _enter(self, name: str) -> dict[str, str]:
        """Write down what is on a device; give it."""
        number = device_number(f"/dev/{name}")
        if not number:
            return {}
        asked = subprocess.run(
            ["blkid", "-p", "-o", "udev", f"/dev/{name}"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        found = dict(line.split("=", 1) for line in asked.stdout.splitlines() if "=" in line)
        entry = DATABASE / f"b{number}"
        self._entries.add(entry)
        lines = "".join(f"E:{key}={value}\n" for key, value in found.items())
        DATABASE.mkdir(parents=True, exist_ok=True)  # another run may have tidied it away
        entry.write_text(f"I:1\n{lines}G:systemd\nV:1\n")
        return found


def start_bus(folder: Path, stack: ExitStack) -> str:
    """Start a bus; give its address."""
    address = folder / "bus"
    config = folder / "bus.conf"
    config.write_text(BUS.format(socket=address))
    start(stack, "dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile")
    wait_until(address.exists, "the bus listens")
    return f"unix:path={address}"


def start(stack: ExitStack, *command: str, env: dict[str, str] | None = None) -> None:
    """Start a daemon that is ended when the stack is closed."""
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


def wait_until(condition, what: str, *, seconds: float = 20) -> None:
    """Poll, for so many seconds at most."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"waited in vain until {what}")
        time.sleep(0.05)


def knows(node: str) -> bool:
    """Whether UDisks2 opens this device."""
    try:
        os.close(udisks.open_device(node))
    except DiscwrightError:
        return False
    return True
