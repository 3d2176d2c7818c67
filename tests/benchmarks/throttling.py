# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices with a speed of their own: the kernel's throttling of control groups. Needs root.

Loop devices on one disk share its speed, so they say nothing about sticks in sockets of their own.
Here a process gets from each device no more than so many bytes a second, for reading and for
writing, however fast the others are. It is the kernel's block layer that holds the requests back,
below everything that is measured; no module, no daemon and no copy of the data is needed for it.
"""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

_V1 = Path("/sys/fs/cgroup/blkio")
_V2 = Path("/sys/fs/cgroup")
_NAME = "discwright-figures"
_JOIN = 'echo $$ > "$0/cgroup.procs" && exec "$@"'


@contextlib.contextmanager
def throttled(rates: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    """Limit devices (by node) to so many bytes a second; give what goes before a command.

    Raises OSError where the kernel can't do it.
    """
    old = (_V1 / "blkio.throttle.write_bps_device").exists()
    group = (_V1 if old else _V2) / _NAME
    if not old:
        (_V2 / "cgroup.subtree_control").write_text("+io")
    group.mkdir(exist_ok=True)
    try:
        for node, rate in rates.items():
            number = Path(f"/sys/class/block/{Path(node).name}/dev").read_text().strip()
            if old:
                for way in ("read", "write"):
                    (group / f"blkio.throttle.{way}_bps_device").write_text(f"{number} {rate}")
            else:
                (group / "io.max").write_text(f"{number} rbps={rate} wbps={rate}")
        yield ("sh", "-c", _JOIN, str(group))
    finally:
        group.rmdir()
