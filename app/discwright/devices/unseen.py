# SPDX-License-Identifier: GPL-3.0-or-later
"""File systems that are in use although they are mounted nowhere that this process sees.

A container or a service may have mounted a stick for itself; a file system unmounted with
``umount --lazy`` lives on while a program uses it; the journal of one may lie on another disk.
Whoever opens such a disk exclusively is stopped by the kernel; UDisks2, which formats, is not.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from discwright.devices.mounts import Mount, parse_mounts
from discwright.wording import _, shown

_NAMED_AFTER_DISKS = ("ext4", "xfs", "f2fs", "nilfs2", "erofs")
"""File systems that have a folder for each one in use, /sys/fs/xfs/sdb1."""


@dataclass(frozen=True)
class MountElsewhere:
    """A mount that a process has, and this one hasn't."""

    mount: Mount
    pid: int
    program: str
    """Safe to show."""

    @property
    def words(self) -> str:
        """Who has it, and where."""
        return _("{point} of {program} (process {pid})").format(
            point=shown(self.mount.point), program=self.program, pid=self.pid
        )


def mounts_elsewhere(proc: Path) -> tuple[MountElsewhere, ...]:
    """Give the mounts of disks that other processes have and this one hasn't, each once.

    Every process's mountinfo can be read without root (proc(5)).
    """
    own = _mountinfo(proc / "self")
    seen = {own}
    known = {mount.number for mount in parse_mounts(own)}
    found: dict[tuple[str, str], MountElsewhere] = {}
    for process in _processes(proc):
        text = _mountinfo(process)
        if text in seen:
            continue
        seen.add(text)
        for mount in parse_mounts(text):
            if mount.number not in known:
                one = MountElsewhere(mount, int(process.name), _program(process))
                found.setdefault((mount.number, mount.point), one)
    return tuple(found.values())


def alive_on(name: str, sys: Path, proc: Path) -> tuple[str, ...]:
    """Give the kinds of file systems that the kernel has in use on a device, such as sdb1.

    Not all kinds can be known: of FAT the kernel tells nothing.
    """
    found = [kind for kind in _NAMED_AFTER_DISKS if (sys / "fs" / kind / name).is_dir()]
    if any(sys.glob(f"fs/btrfs/*/devices/{name}")):
        found.append("btrfs")
    if (proc / "fs/ntfs3" / name).is_dir():
        found.append("ntfs3")
    if not found and _has_journal(name, proc):
        found.append("jbd2")
    return tuple(found)


def _has_journal(name: str, proc: Path) -> bool:
    """Whether the journal of some ext4 is on a device: of its own, NAME-INODE, or another's."""
    journals = proc / "fs/jbd2"
    return (journals / name).is_dir() or any(journals.glob(f"{name}-*"))


def _processes(proc: Path) -> Iterable[Path]:
    with suppress(OSError):
        return sorted(
            (path for path in proc.iterdir() if path.name.isdecimal()),
            key=lambda path: int(path.name),
        )
    return ()


def _mountinfo(process: Path) -> str:
    with suppress(OSError):
        return (process / "mountinfo").read_text("utf-8", "surrogateescape")
    return ""


def _program(process: Path) -> str:
    with suppress(OSError):
        return shown((process / "comm").read_text("utf-8", "replace").strip())
    return ""
