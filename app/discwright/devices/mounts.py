# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a device is mounted, from /proc/self/mountinfo (proc(5))."""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

_MOUNTINFO = Path("/proc/self/mountinfo")
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True)
class Mount:
    """One line of mountinfo."""

    number: str
    """The device's major and minor number, such as "11:0"."""
    point: str
    source: str
    """What was given to mount, such as /dev/sr0."""
    layers: tuple[str, ...] = ()
    """Of an overlay: the directories that it shows as one, as they were called when it was
    mounted."""


def parse_mounts(text: str) -> tuple[Mount, ...]:
    """Give the mounts in the kernel's order; lines that say too little are left out."""
    mounts = []
    for line in text.splitlines():
        before, separator, after = line.partition(" - ")
        left, right = before.split(" "), after.split(" ")
        if separator and len(left) >= 5 and len(right) >= 2:
            layers = _overlaid(right[2]) if right[0] == "overlay" and len(right) > 2 else ()
            mounts.append(Mount(left[2], _plain(left[4]), _plain(right[1]), layers))
    return tuple(mounts)


def _overlaid(options: str) -> tuple[str, ...]:
    """Give the directories in an overlay's options (kernel: filesystems/overlayfs)."""
    found = []
    for option in options.split(","):
        name, _equals, value = option.partition("=")
        if name in {"lowerdir", "upperdir", "workdir"}:
            found += [_plain(one) for one in value.split(":") if one]
    return tuple(found)


def points_of(mounts: tuple[Mount, ...], node: str, number: str) -> tuple[str, ...]:
    """Give where the device is mounted, by its number or (Btrfs has numbers of its own) name."""
    return tuple(mount.point for mount in mounts if mount.number == number or mount.source == node)


def mounted_at(node: str) -> tuple[str, ...]:
    """Give where a device node is mounted, as far as this process sees; () if nowhere."""
    try:
        text = _MOUNTINFO.read_text("utf-8", "surrogateescape")
    except OSError:
        return ()
    return points_of(parse_mounts(text), node, device_number(node))


def device_number(node: str) -> str:
    """Give major and minor number of a block device node, "" if it is none."""
    try:
        status = Path(node).stat()
    except (OSError, ValueError):
        return ""
    if not stat.S_ISBLK(status.st_mode):
        return ""
    return f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"


def _plain(field: str) -> str:
    """Undo the escapes for blank, tab, newline and backslash."""
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), field)
