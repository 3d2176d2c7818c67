# SPDX-License-Identifier: GPL-3.0-or-later
"""The one interface through which a stick is written and read, and the real thing behind it."""

import contextlib
import errno
import mmap
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from discwright.devices.identity import Identity, check_identity, logical_block
from discwright.stick.faults import Doing, stick_error

PAGE = mmap.PAGESIZE
"""Bytes: buffers for direct I/O begin on one (open(2), O_DIRECT)."""


class BlockTarget(Protocol):
    """An open stick. All methods but the properties raise OSError."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def block(self) -> int:
        """Offsets and lengths are multiples of so many bytes; 1: no such rule."""

    def pwrite(self, data: memoryview, offset: int) -> int:
        """Write some or all of it; give how many bytes were taken."""

    def pread(self, buffer: memoryview, offset: int) -> int:
        """Read from the medium, not from a cache; give how many bytes came, 0 at the end."""

    def flush(self) -> None:
        """Return when everything written is on the medium."""

    def check(self, chosen: Identity, name: str) -> None:
        """Raise TargetError if this is not the device that was chosen."""

    def close(self) -> None:
        """Close; after an error it is still open."""

    def abandon(self) -> None:
        """Close whatever happens; raises nothing, and may be called twice."""


class OpenDevice:
    """A descriptor of a block device opened with O_DIRECT, or of a regular file without."""

    def __init__(self, descriptor: int) -> None:
        """Take over the descriptor. Raises OSError; then it is closed."""
        self._descriptor = descriptor
        try:
            self.size = os.lseek(descriptor, 0, os.SEEK_END)
            self.block = logical_block(descriptor)
        except OSError:
            self.abandon()
            raise

    def pwrite(self, data: memoryview, offset: int) -> int:
        """Write some or all of it; give how many bytes were taken."""
        with self._told_if_gone():
            return os.pwritev(self._descriptor, [data], offset)

    def pread(self, buffer: memoryview, offset: int) -> int:
        """Read; a file's pages are dropped from the cache first."""
        if self.block == 1:
            os.posix_fadvise(self._descriptor, offset, len(buffer), os.POSIX_FADV_DONTNEED)
        with self._told_if_gone():
            count = os.preadv(self._descriptor, [buffer], offset)
            if not count and offset < self.size:
                raise OSError(errno.EIO, "the device ends here")
            return count

    def flush(self) -> None:
        """Have kernel and stick store what they hold back."""
        with self._told_if_gone():
            os.fdatasync(self._descriptor)

    def check(self, chosen: Identity, name: str) -> None:
        """Raise TargetError if this is not the device that was chosen."""
        check_identity(self._descriptor, chosen, name)

    @contextlib.contextmanager
    def _told_if_gone(self) -> Iterator[None]:
        """Call the failure by its name if the stick was pulled out.

        Linux gives such a device the size 0 at once. Where there is no more device there is
        "no space left" to write to, and its end is where one reads.
        """
        try:
            yield
        except OSError as error:
            if self.size and not os.lseek(self._descriptor, 0, os.SEEK_END):
                raise OSError(errno.ENODEV, os.strerror(errno.ENODEV)) from error
            raise

    def close(self) -> None:
        """Close; what the kernel would complain of then is found before there is no way back."""
        os.close(os.dup(self._descriptor))
        self.abandon()

    def abandon(self) -> None:
        """Close whatever happens."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            with contextlib.suppress(OSError):
                os.close(descriptor)


class Watched:
    """A target that knows since when it has been waited for, and says what went wrong in words."""

    def __init__(self, target: BlockTarget, name: str) -> None:
        self._target = target
        self._name = name
        self._lock = threading.Lock()
        self._waiting: dict[int, float] = {}
        self.size = target.size
        self.block = target.block

    def waited(self) -> float:
        """Give for how many seconds the oldest request has been on its way; 0 if there is none."""
        with self._lock:
            return time.monotonic() - min(self._waiting.values()) if self._waiting else 0.0

    def write(self, data: memoryview, offset: int) -> None:
        """Write all of it. Raises TargetError."""
        whole, at = len(data), 0
        with self._explained(Doing.WRITE, offset):
            while at < whole:
                count = self._target.pwrite(data[at:], offset + at)
                if count >= whole - at:
                    break
                if count < max(1, self.block):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                at += count - count % self.block  # the rest must begin on a block again

    def read(self, buffer: memoryview, offset: int) -> None:
        """Fill the buffer. Raises TargetError; its ``__cause__`` is the OSError."""
        at = 0
        with self._explained(Doing.READ, offset):
            while at < len(buffer):
                count = self._target.pread(buffer[at:], offset + at)
                if count >= len(buffer) - at:
                    break
                if count < max(1, self.block):
                    raise OSError(errno.EIO, "the device ends here")
                at += count - count % self.block

    def flush(self) -> None:
        """Have everything stored. Raises TargetError."""
        with self._explained(Doing.FLUSH):
            self._target.flush()

    def check(self, chosen: Identity) -> None:
        """Raise TargetError if this is not the device that was chosen, or it can't be asked."""
        with self._explained(Doing.OPEN):
            self._target.check(chosen, self._name)

    def close(self) -> None:
        """Close; after a TargetError it is still open."""
        with self._explained(Doing.CLOSE):
            self._target.close()

    def abandon(self) -> None:
        """Close whatever happens."""
        self._target.abandon()

    @contextlib.contextmanager
    def _explained(self, doing: Doing, offset: int | None = None) -> Iterator[None]:
        thread = threading.get_ident()
        with self._lock:
            self._waiting[thread] = time.monotonic()
        try:
            yield
        except OSError as error:
            raise stick_error(error, self._name, doing, offset) from error
        finally:
            with self._lock:
                self._waiting.pop(thread, None)


def watched(opener: Callable[[], BlockTarget], name: str) -> Watched:
    """Open a stick to be watched. Raises DiscwrightError: it may be pulled out in this moment."""
    try:
        return Watched(opener(), name)
    except OSError as error:
        raise stick_error(error, name, Doing.OPEN) from error


def aligned(length: int) -> memoryview:
    """Give a buffer of zeros that begins on a page."""
    return memoryview(mmap.mmap(-1, max(PAGE, -(-length // PAGE) * PAGE)))[:length]


def rounded_up(length: int, block: int) -> int:
    """Give the next multiple of ``block``."""
    return -(-length // block) * block
