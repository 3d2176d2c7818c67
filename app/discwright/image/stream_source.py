# SPDX-License-Identifier: GPL-3.0-or-later
"""The file as it lies there, read once from its start to its end."""

import contextlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

from discwright.errors import SourceError
from discwright.image import stream_errors
from discwright.wording import _, shown

CHUNK = 256 * 1024
"""Bytes that :meth:`SourceFile.chunk` reads at once."""

Raw = Callable[[memoryview], None]
"""Hears of the bytes of the file in order; they are only valid during the call."""


class SourceFile:
    """A regular file, or a block device, as a source of bytes.

    ``raw`` hears of each byte exactly once, in order, in the thread that reads. What is added to
    a growing file after the opening is not read; a file that ends too early is an error.
    Every failure is a :class:`discwright.errors.SourceError`.
    """

    def __init__(self, path: Path, raw: Raw | None = None) -> None:
        self.name = path.name
        self.position = 0
        """Bytes read so far."""
        self._raw = raw
        self._buffer = memoryview(bytearray(CHUNK))
        self._descriptor = _open(path)
        try:
            self.size = self._measure()
        except BaseException:
            self.close()
            raise
        with contextlib.suppress(OSError):  # only a hint
            os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)

    @property
    def descriptor(self) -> int:
        """The open file; its offset is only used by a command that it is handed to."""
        return self._descriptor

    @property
    def heard(self) -> bool:
        """Whether somebody hears each byte."""
        return self._raw is not None

    @property
    def offset(self) -> int:
        """Bytes that a command has read to which the open file was handed."""
        return os.lseek(self._descriptor, 0, os.SEEK_CUR) if self._descriptor >= 0 else self.size

    @property
    def ended(self) -> bool:
        """Whether everything was read."""
        return self.position >= self.size

    def read_into(self, view: memoryview) -> int:
        """Put the next bytes at the start of ``view``; gives their number, 0 at the end."""
        view = view[: self.size - self.position]
        if not view:
            return 0
        try:
            count = os.preadv(self._descriptor, [view], self.position)
        except OSError as error:
            raise stream_errors.unreadable(self.name, error) from error
        if count == 0:
            raise stream_errors.changed(self.name, self.position, self.size)
        self.position += count
        if self._raw is not None:
            self._raw(view[:count])
        return count

    def chunk(self, most: int = CHUNK) -> memoryview:
        """Give the next bytes, valid until the next call; empty at the end."""
        return self._buffer[: self.read_into(self._buffer[:most])]

    def skip(self, count: int) -> None:
        """Pass over bytes; they are only read if ``raw`` wants them."""
        end = min(self.size, self.position + count)
        if self._raw is None:
            self.position = end
        while self.position < end:
            self.chunk(min(CHUNK, end - self.position))

    def at(self, offset: int, length: int) -> bytes:
        """Give bytes from anywhere, fewer at the end, without counting them as read."""
        try:
            return os.pread(self._descriptor, length, offset)
        except OSError as error:
            raise stream_errors.unreadable(self.name, error) from error

    def rewound(self) -> int:
        """Give the open file, to be read by a command from its start."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        return self._descriptor

    def check_handed(self) -> None:
        """Raise SourceError if the file is no longer as long, or can't be read where a command is.

        For when the command has left: whatever it says then, that is why.
        """
        now = self._measure()
        if now != self.size:
            raise stream_errors.changed(self.name, now, self.size)
        self.at(self.offset, 1)

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _measure(self) -> int:
        status = os.fstat(self._descriptor)
        if stat.S_ISREG(status.st_mode):
            return status.st_size
        if stat.S_ISBLK(status.st_mode):
            before = self.offset
            size = os.lseek(self._descriptor, 0, os.SEEK_END)
            os.lseek(self._descriptor, before, os.SEEK_SET)
            return size
        raise SourceError(_("{name} is not a regular file.").format(name=shown(self.name)))


def _open(path: Path) -> int:
    name = shown(path.name)
    try:
        # A named pipe without a writer would otherwise wait here for ever.
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except FileNotFoundError as error:
        message = _("There is no file {name}.").format(name=name)
        raise SourceError(message, cause=str(error)) from error
    except (OSError, ValueError) as error:
        raise SourceError(
            _("The file {name} can't be opened: {why}.").format(
                name=name, why=getattr(error, "strerror", None) or str(error)
            ),
            cause=str(error),
        ) from error
