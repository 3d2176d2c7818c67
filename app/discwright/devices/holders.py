# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has a device open: processes and the kernel's packet writing."""

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from discwright.devices.mounts import device_number
from discwright.wording import shown

_PROC = Path("/proc")
_PACKET_MAP = Path("/sys/class/pktcdvd/device_map")


@dataclass(frozen=True)
class Holder:
    """A process that has the device open."""

    pid: int
    program: str
    """The kernel's name of it, safe to show; at most 15 bytes long."""
    own: bool = False
    """It is this process itself."""
    writing: bool = False
    """It has it open for writing too, as burning programs do and players don't."""


def holders(node: str) -> tuple[Holder, ...]:
    """Give the processes that have a block device node open, by their numbers.

    Without root only the user's own processes can be seen; () may mean that it is another's.
    """
    number = device_number(node)
    found = []
    for folder in _processes():
        links = [link for link in _open_files(folder) if _is_node(link, node, number)]
        if links:
            pid, writing = int(folder.name), any(_writes(link) for link, _target in links)
            found.append(Holder(pid, _program(folder), own=pid == os.getpid(), writing=writing))
    return tuple(sorted(found, key=lambda holder: holder.pid))


def packet_device(node: str) -> str:
    """Give the pktcdvd device that pktsetup has put upon the drive, "" if there is none."""
    try:
        text = _PACKET_MAP.read_text()
    except OSError:
        return ""
    return parse_packet_map(text, device_number(node))


def parse_packet_map(text: str, number: str) -> str:
    """Find the drive in the kernel's map; its lines are "pktcdvd0 253:0 11:0"."""
    for line in text.splitlines():
        match line.split():
            case [name, _, drive] if number and drive == number:
                return name
    return ""


def _processes() -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from (path for path in _PROC.iterdir() if path.name.isdecimal())


def _open_files(process: Path) -> Iterator[tuple[Path, str]]:
    try:
        descriptors = list((process / "fd").iterdir())
    except OSError:
        return
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            yield descriptor, str(descriptor.readlink())


def _is_node(link: tuple[Path, str], node: str, number: str) -> bool:
    descriptor, target = link
    if target == node:
        return True
    # Only nodes are asked for their number: a stat of a file on a dead network drive hangs.
    return bool(number) and target.startswith("/dev/") and device_number(str(descriptor)) == number


def _writes(descriptor: Path) -> bool:
    """Whether a descriptor is open for writing, by proc(5)'s fdinfo."""
    try:
        info = (descriptor.parents[1] / "fdinfo" / descriptor.name).read_text()
    except OSError:
        return False
    found = re.search(r"^flags:\s*([0-7]+)", info, re.MULTILINE)
    return found is not None and int(found[1], 8) & os.O_ACCMODE != os.O_RDONLY


def _program(process: Path) -> str:
    try:
        return shown((process / "comm").read_text("utf-8", "replace").strip())
    except OSError:
        return ""
