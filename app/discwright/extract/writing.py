# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing the bytes of files in turn; each gets its name when it is whole and on the disk."""

import contextlib
import errno
import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from discwright.errors import TargetError
from discwright.extract.folder import Folder
from discwright.extract.plan import Item
from discwright.transfer import kernel
from discwright.transfer.target_errors import target_error
from discwright.wording import _

BATCH = 64
"""Files that are brought to the disk together: alone each would wait for the disk's journal."""

BATCH_BYTES = 64 << 20
"""Bytes after which that is done in any case."""

SYNC = 32 << 20
"""Bytes of one file after which they are waited for: a cancel takes no longer than that."""

_OWN_FAULT = frozenset(
    {
        errno.EACCES, errno.EEXIST, errno.EFBIG, errno.EILSEQ, errno.EINVAL, errno.EISDIR,
        errno.ELOOP, errno.ENAMETOOLONG, errno.ENOTDIR, errno.ENOTEMPTY, errno.EPERM,
    }
)  # fmt: skip
"""Errors that are one file's business; others would meet the next file too."""


class FileWriting:
    """Takes the bytes of files in turn; made for the pump."""

    def __init__(self, folder: Folder, items: Sequence[Item], *, replace: bool) -> None:
        self._folder = folder
        self._items = deque(item for item in items if item.file.size)
        self._replace = replace
        self._item: Item | None = None
        self._descriptor = -1
        self._part = ""
        self._got = self._synced = self._waiting_bytes = 0
        self._failed = False
        self._waiting: list[tuple[int, str, Item]] = []
        self._gate = threading.Lock()
        self._over = False
        self.finished: list[Item] = []
        """What has its name."""
        self.left_out: list[tuple[str, str]] = []
        """Name of a file that could not be made, and why."""

    def take(self, piece: memoryview) -> None:
        """Write the next bytes. Raises TargetError."""
        if self._item is None:
            self._item = self._items.popleft()
            self._got = self._synced = 0
            self._failed = False
            with self._explained(self._item):
                self._descriptor, self._part = self._folder.begin()
        item = self._item
        if not self._failed:
            try:
                self._write(piece)
            except OSError as error:
                if error.errno not in _OWN_FAULT:
                    raise target_error(error, self._path(item)) from error
                self._failed = True
                self._leave_out(item, error)
        self._got += len(piece)
        if self._got >= item.file.size:
            self._end(item)

    def finish_empty(self, items: Sequence[Item]) -> None:
        """Make the files that have no bytes. Raises TargetError."""
        for item in items:
            with self._explained(item):
                descriptor, part = self._folder.begin()
            self._put_by(descriptor, part, item)

    def make_link(self, item: Item) -> bool:
        """Make a symbolic link; give whether it is there. Raises TargetError."""
        about = item.file.attributes
        with self._gate:
            if self._over:
                return False
            try:
                self._folder.link(about.link, item.target, about, replace=self._replace)
            except OSError as error:
                if error.errno not in _OWN_FAULT:
                    raise target_error(error, self._path(item)) from error
                self._leave_out(item, error)
                return False
        return True

    def settle(self) -> None:
        """Bring what is whole to the disk and name it. Raises TargetError."""
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        for number, (descriptor, part, item) in enumerate(waiting):
            try:
                with self._explained(item):
                    self._sync(descriptor)
            except TargetError:
                for other, _part, _item in waiting[number:]:
                    os.close(other)
                raise
            os.close(descriptor)
            self._name(part, item)

    def drop(self) -> None:
        """Remove the file that is not whole. Raises nothing."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(descriptor)
            self._folder.forget(self._part)

    def abandon(self) -> None:
        """Name nothing from now on, whatever thread is still at it. Raises nothing."""
        self._over = True
        if self._gate.acquire(timeout=1):  # a name that is just being given counts
            self._gate.release()

    def close(self) -> None:
        """Close what is open; when no thread is at it any more. Raises nothing."""
        waiting, self._waiting = self._waiting, []
        for descriptor in [self._descriptor, *(one[0] for one in waiting)]:
            if descriptor >= 0:
                with contextlib.suppress(OSError):
                    os.close(descriptor)
        self._descriptor = -1

    def _write(self, piece: memoryview) -> None:
        while piece:
            count = os.write(self._descriptor, piece)
            if not count:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            piece = piece[count:]
        if self._got - self._synced >= SYNC:
            os.fdatasync(self._descriptor)
            self._synced = self._got

    def _end(self, item: Item) -> None:
        descriptor, self._descriptor, self._item = self._descriptor, -1, None
        if self._failed:
            os.close(descriptor)
            self._folder.forget(self._part)
            return
        with contextlib.suppress(OSError):  # only a hint; the sync tells what is wrong
            kernel.begin_write_back(descriptor, 0, 0)
        self._put_by(descriptor, self._part, item)

    def _put_by(self, descriptor: int, part: str, item: Item) -> None:
        self._folder.dress(descriptor, item.file.attributes)
        self._waiting.append((descriptor, part, item))
        self._waiting_bytes += item.file.size
        if len(self._waiting) >= BATCH or self._waiting_bytes >= BATCH_BYTES:
            self.settle()

    @staticmethod
    def _sync(descriptor: int) -> None:
        try:
            os.fdatasync(descriptor)
        except OSError as error:
            if error.errno not in kernel.UNSUPPORTED:
                raise

    def _name(self, part: str, item: Item) -> None:
        with self._gate:
            if self._over:
                return
            try:
                self._folder.name(part, item.target, replace=self._replace)
            except OSError as error:
                if error.errno not in _OWN_FAULT:
                    raise target_error(error, self._path(item)) from error
                self._folder.forget(part)
                self._leave_out(item, error)
            else:
                self.finished.append(item)

    def _leave_out(self, item: Item, error: OSError) -> None:
        if error.errno in {errno.EEXIST, errno.EISDIR, errno.ENOTEMPTY}:
            why = _("something of that name is in the folder")
        else:
            why = error.strerror or str(error)
        self.left_out.append((item.shown, why))

    def _path(self, item: Item) -> Path:
        return Path(self._folder.path, *item.target)

    @contextlib.contextmanager
    def _explained(self, item: Item) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise target_error(error, self._path(item)) from error
