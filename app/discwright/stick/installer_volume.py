# SPDX-License-Identifier: GPL-3.0-or-later
"""A stick with one file system: formatted, mounted and unmounted through UDisks2.

Until everything on it is proved, its partition has a type that systems leave alone: Windows
gives it no letter, and UDisks2's rules (80-udisks2.rules) hide it from file managers, so that
nothing mounts it by itself. Who means it, such as this program, still mounts it.
"""

import contextlib
import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from discwright.devices import udisks, udisks_format, udisks_sticks
from discwright.devices.mounts import device_number, mounted_at
from discwright.devices.targets import StickTarget
from discwright.errors import DiscwrightError
from discwright.stick.faults import Doing, stick_error
from discwright.stick.installer_guard import Guard
from discwright.stick.installer_plan import InstallerOptions, PartitionTable
from discwright.stick.opening import ATTEMPTS, check_chosen, in_use, release
from discwright.transfer.cancel import CancelToken
from discwright.wording import shown

UNFINISHED = "INCOMPLETE"
"""The label of the file system until everything on it is proved."""

_HIDDEN = {
    PartitionTable.MBR: "0x27",
    PartitionTable.GPT: "e3c9e316-0b5c-4db8-817d-f92df00215ae",
}
"""Types for what is unfinished: Windows' hidden recovery partition, Microsoft's reserved one."""

_SHOWN = {
    PartitionTable.MBR: "0x0c",
    PartitionTable.GPT: "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7",
}
"""Types for what is finished: FAT32 with LBA, Microsoft's basic data. As UDisks2 writes them."""

_MOMENT_S = 0.5
"""Seconds after which UDisks2 has noticed what somebody unmounted by hand."""


class Volume(Protocol):
    """A stick's file system. All methods raise DiscwrightError."""

    def check(self) -> None:
        """See that the stick is the one that was chosen."""

    def release(self) -> None:
        """Unmount what was on the stick before; nothing is lost yet."""

    def format(self, cancel: CancelToken) -> None:
        """Make the stick one empty file system that nothing mounts by itself. Raises Cancelled."""

    def mount(self, *, read_only: bool) -> int:
        """Mount it and give a descriptor of its root; everything is done through that.

        So nothing is ever written to another place, wherever the mount point goes, and nobody
        can unmount it meanwhile.
        """

    def unmount(self) -> None:
        """Close the root and unmount: everything is on the medium after it, nothing cached."""

    def name(self, label: str) -> None:
        """Give the unmounted file system its label."""

    def reveal(self) -> None:
        """Let every system see the unmounted file system, now that it is as it should be."""

    def make_void(self) -> None:
        """Leave the stick without partitions and file systems."""

    def close(self, *, settled: bool) -> None:
        """Let go of what is held, at the very end. Raises nothing.

        ``settled``: the stick is whole, void or untouched. Else it is tried on to empty it.
        """

    def eject(self) -> None:
        """Let the stick go, so that it may be pulled out."""


class StickVolume:
    """The real thing."""

    def __init__(
        self,
        stick: StickTarget,
        options: InstallerOptions,
        log: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self._stick = stick
        self._options = options
        self._log = log
        self._guard: Guard | None = None
        self._node = ""
        self._root = -1

    def check(self) -> None:
        """See that the stick is the one that was chosen."""
        check_chosen(self._stick)

    def release(self) -> None:
        """Unmount what was on it before, and see that nobody has it."""
        release(self._stick)

    def format(self, cancel: CancelToken) -> None:
        """Make the stick one empty file system."""
        for attempt in range(1, ATTEMPTS + 1):
            self.release()
            try:
                self._node = self._format(cancel)
                break
            except DiscwrightError as error:
                if attempt == ATTEMPTS or not udisks_format.was_unmounted(error):
                    raise
                cancel.wait(_MOMENT_S)
        try:
            uuid = udisks_format.uuid_of(self._node)
            if uuid:
                self._guard = Guard(self._stick.node, self._node, uuid)
            else:
                self._log("Nobody stands by in case that this program is killed: no UUID")
        except OSError as error:
            self._log(f"Nobody stands by in case that this program is killed: {error}")

    def _format(self, cancel: CancelToken) -> str:
        return udisks_format.format_hidden(
            self._stick.node,
            table=self._options.table.value,
            kind=_HIDDEN[self._options.table],
            file_system=self._options.file_system,
            label=UNFINISHED,
            cancel=cancel,
        )

    def mount(self, *, read_only: bool) -> int:
        """Mount it and give a descriptor of its root."""
        self.check()
        point = udisks_format.mount(self._node, read_only=read_only)
        try:
            self._root = _open_root(point, self._node)
        except OSError as error:
            raise stick_error(error, self._stick.name, Doing.OPEN) from error
        return self._root

    def unmount(self) -> None:
        """Close the root and unmount."""
        self._close()
        points = mounted_at(self._node)
        try:
            udisks.unmount(self._node)
        except DiscwrightError as error:
            if not udisks_format.was_unmounted(error) or mounted_at(self._node):
                raise in_use(self._stick, points, error) if points else error from error
        left = mounted_at(self._node)
        if left:
            raise in_use(self._stick, left, None)

    def name(self, label: str) -> None:
        """Give the unmounted file system its label."""
        udisks_format.set_label(self._node, label)

    def reveal(self) -> None:
        """Let every system see the unmounted file system."""
        self._dismiss()  # from here on it would empty what is whole
        table = self._options.table
        udisks_format.set_type(self._node, _SHOWN[table], active=table is PartitionTable.MBR)

    def make_void(self) -> None:
        """Leave the stick without partitions and file systems."""
        self._close()
        for attempt in range(1, ATTEMPTS + 1):
            self.check()
            try:
                udisks_format.make_void(self._stick.node)
            except DiscwrightError as error:
                if attempt == ATTEMPTS or udisks.was_not_allowed(error):
                    raise
                self._log(f"Not emptied at attempt {attempt}: {error} {error.cause}")
                time.sleep(_MOMENT_S)
            else:
                return

    def close(self, *, settled: bool) -> None:
        """Let go of the root, and send the guard away or leave the stick to it."""
        self._close()
        if not settled and self._guard is not None and self._is_there():
            guard, self._guard = self._guard, None
            guard.hand_over()
        self._dismiss()

    def _is_there(self) -> bool:
        """Whether the stick wasn't pulled out: one that comes back is left as it is."""
        try:
            self.check()
        except DiscwrightError:
            return False
        return True

    def eject(self) -> None:
        """Let the stick go."""
        udisks_sticks.let_go(self._stick.node)

    def _dismiss(self) -> None:
        if self._guard is not None:
            guard, self._guard = self._guard, None
            guard.dismiss()

    def _close(self) -> None:
        if self._root >= 0:
            root, self._root = self._root, -1
            with contextlib.suppress(OSError):
                os.close(root)


def _open_root(point: Path, node: str) -> int:
    """Open a mount point if it really is that of the device. Raises OSError."""
    root = os.open(point, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    number = os.fstat(root).st_dev
    if f"{os.major(number)}:{os.minor(number)}" != device_number(node):
        os.close(root)
        raise OSError(errno.ENODEV, f"{shown(node)} is not mounted at {shown(str(point))}")
    return root
