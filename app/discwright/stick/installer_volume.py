# SPDX-License-Identifier: GPL-3.0-or-later
"""A stick with one file system: formatted, mounted and unmounted through UDisks2."""

import contextlib
import errno
import os
from pathlib import Path
from typing import Protocol

from discwright.devices import udisks, udisks_format, udisks_sticks
from discwright.devices.mounts import device_number, mounted_at
from discwright.devices.targets import StickTarget
from discwright.errors import DiscwrightError
from discwright.stick.faults import Doing, stick_error
from discwright.stick.installer_plan import InstallerOptions, PartitionTable
from discwright.stick.opening import ATTEMPTS, check_chosen, in_use, release
from discwright.transfer.cancel import CancelToken
from discwright.wording import shown

UNFINISHED = "INCOMPLETE"
"""The label of the file system until everything on it is proved."""

_MOMENT_S = 0.5
"""Seconds after which UDisks2 has noticed what somebody unmounted by hand."""


class Volume(Protocol):
    """A stick's file system. All methods raise DiscwrightError."""

    def check(self) -> None:
        """See that the stick is the one that was chosen."""

    def release(self) -> None:
        """Unmount what was on the stick before; nothing is lost yet."""

    def format(self, cancel: CancelToken) -> None:
        """Make the stick one empty file system, labelled :data:`UNFINISHED`. Raises Cancelled."""

    def mount(self, *, read_only: bool) -> int:
        """Mount it and give a descriptor of its root; everything is done through that.

        So nothing is ever written to another place, wherever the mount point goes, and nobody
        can unmount it meanwhile.
        """

    def unmount(self) -> None:
        """Close the root and unmount: everything is on the medium after it, nothing cached."""

    def name(self, label: str) -> None:
        """Give the unmounted file system its label."""

    def make_void(self) -> None:
        """Leave the stick without partitions and file systems."""

    def eject(self) -> None:
        """Let the stick go, so that it may be pulled out."""


class StickVolume:
    """The real thing."""

    def __init__(self, stick: StickTarget, options: InstallerOptions) -> None:
        self._stick = stick
        self._options = options
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
                self._format()
                break
            except DiscwrightError as error:
                if attempt == ATTEMPTS or not udisks_format.was_unmounted(error):
                    raise
                cancel.wait(_MOMENT_S)
        self._node = udisks_format.partition_of(self._stick.node, self._options.file_system, cancel)
        if self._options.table is PartitionTable.MBR:
            udisks_format.mark_active(self._node)

    def _format(self) -> None:
        udisks_sticks.format_stick(
            self._stick.node,
            table=self._options.table.value,
            file_system=self._options.file_system,
            label=UNFINISHED,
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

    def make_void(self) -> None:
        """Leave the stick without partitions and file systems."""
        self._close()
        self.check()
        udisks_format.make_void(self._stick.node)

    def eject(self) -> None:
        """Let the stick go."""
        udisks_sticks.let_go(self._stick.node)

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
