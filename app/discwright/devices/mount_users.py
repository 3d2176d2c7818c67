# SPDX-License-Identifier: GPL-3.0-or-later
"""Which programs keep a file system from being unmounted."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from discwright.devices.holders import Holder
from discwright.wording import shown

_PROC = Path("/proc")


def users_of(points: tuple[str, ...], proc: Path = _PROC) -> tuple[Holder, ...]:
    """Give the processes that have files open or work below these mount points.

    Without root only the user's own processes can be seen. Only names of open files are looked
    at, never the files: one on a dead network drive would hang.
    """
    found = []
    with suppress(OSError):
        for folder in sorted(proc.iterdir(), key=lambda path: path.name):
            if folder.name.isdecimal() and any(_below(name, points) for name in _names(folder)):
                pid = int(folder.name)
                found.append(Holder(pid, _program(folder), own=pid == os.getpid()))
    return tuple(found)


def _names(process: Path) -> Iterator[str]:
    links = [process / "cwd", process / "root", process / "exe"]
    with suppress(OSError):
        links += (process / "fd").iterdir()
    for link in links:
        with suppress(OSError):
            yield str(link.readlink())
    with suppress(OSError):
        maps = (process / "maps").read_text("utf-8", "surrogateescape")
        yield from (parts[5] for line in maps.splitlines() if len(parts := line.split(None, 5)) > 5)


def _below(name: str, points: tuple[str, ...]) -> bool:
    return any(name == point or name.startswith(point.rstrip("/") + "/") for point in points)


def _program(process: Path) -> str:
    try:
        return shown((process / "comm").read_text("utf-8", "replace").strip())
    except OSError:
        return ""
