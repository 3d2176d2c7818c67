# SPDX-License-Identifier: GPL-3.0-or-later
"""Making files in a folder so that nothing leads out of it and nothing is there by halves.

Each directory is opened from the one above it and no symbolic link is followed on the way (openat,
O_NOFOLLOW), whatever somebody puts there meanwhile. Files are written in a directory of their own
and get their names when they are whole and on the disk.
"""

import contextlib
import errno
import fcntl
import os
import stat
import uuid
from collections import OrderedDict
from pathlib import Path

from discwright.errors import TargetError
from discwright.extract.names import Parts
from discwright.image.tree import Attributes
from discwright.transfer import kernel
from discwright.transfer.partfile import rename_without_clobbering
from discwright.transfer.target_errors import target_error

PREFIX, SUFFIX = ".discwright-", ".part"
"""Of the directory in which files lie that are not whole yet."""

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN = 24
"""Directories that are kept open."""


class Folder:
    """The folder that files are taken out into. Raises TargetError on opening, else OSError."""

    def __init__(self, path: Path) -> None:
        """Open it; it is made if it isn't there, but not the one above it."""
        self.path = path
        self._root = self._work = -1
        self._open: OrderedDict[Parts, int] = OrderedDict()
        self._count = 0
        self._made = False
        self.fresh: set[Parts] = set()
        """The directories that were made here."""
        self._named: set[Parts] = set()
        try:
            with contextlib.suppress(FileExistsError):
                path.mkdir()
                self._made = True
            self._root = os.open(path, _DIRECTORY)
            self._remove_leftovers()
            self._work_name = f"{PREFIX}{uuid.uuid4().hex[:12]}{SUFFIX}"
            os.mkdir(self._work_name, 0o700, dir_fd=self._root)
            self._work = os.open(self._work_name, _DIRECTORY | os.O_NOFOLLOW, dir_fd=self._root)
            with contextlib.suppress(OSError):  # NFS and others without locks
                fcntl.flock(self._work, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.close()
            raise target_error(error, path / PREFIX) from error

    def close(self) -> None:
        """Remove what is not whole, and a folder that was made for nothing. Raises nothing."""
        if self._work >= 0:
            self._empty(self._work)
            with contextlib.suppress(OSError):
                os.rmdir(self._work_name, dir_fd=self._root)
            os.close(self._work)
        while self._open:
            os.close(self._open.popitem()[1])
        if self._root >= 0:
            os.close(self._root)
            if self._made:
                with contextlib.suppress(OSError):  # it is in use
                    self.path.rmdir()
        self._root = self._work = -1

    def make_directory(self, place: Parts) -> None:
        """Make a directory, unless it is there."""
        above = self._directory(place[:-1])
        try:
            os.mkdir(place[-1], dir_fd=above)
        except FileExistsError:
            if not stat.S_ISDIR(os.lstat(place[-1], dir_fd=above).st_mode):
                raise
        else:
            self.fresh.add(place)

    def begin(self) -> tuple[int, str]:
        """Make a file that has no name yet; give its descriptor and what to call it here."""
        self._count += 1
        name = str(self._count)
        return os.open(name, _NEW, 0o666, dir_fd=self._work), name

    def forget(self, part: str) -> None:
        """Remove a file that gets no name. Raises nothing."""
        with contextlib.suppress(OSError):
            os.unlink(part, dir_fd=self._work)

    def dress(self, descriptor: int, about: Attributes) -> None:
        """Give a file its date and what of its mode makes sense; what can't be isn't missed."""
        if about.mode is not None:
            with contextlib.suppress(OSError):
                given = os.fstat(descriptor).st_mode & 0o666  # what the user's umask leaves of it
                allowed = given | (given & 0o444) >> 2
                os.fchmod(descriptor, (0o600 | about.mode & 0o755) & allowed)
        if about.modified is not None:
            with contextlib.suppress(OSError, OverflowError):
                os.utime(descriptor, (about.modified, about.modified))

    def name(self, part: str, place: Parts, *, replace: bool) -> None:
        """Give a file its name. FileExistsError if it is taken and isn't to be replaced."""
        directory = self._directory(place[:-1])
        if replace:
            os.rename(part, place[-1], src_dir_fd=self._work, dst_dir_fd=directory)
        else:
            # A path through the open directories: neither can be another one meanwhile.
            old = Path(f"/proc/self/fd/{self._work}", part)
            new = Path(f"/proc/self/fd/{directory}", place[-1])
            try:
                rename_without_clobbering(old, new)
            except TargetError as error:
                if isinstance(error.__cause__, OSError):
                    raise error.__cause__ from None
                raise
        self._named.add(place[:-1])

    def link(self, target: str, place: Parts, about: Attributes, *, replace: bool) -> None:
        """Make a symbolic link."""
        self._count += 1
        part = str(self._count)
        os.symlink(target, part, dir_fd=self._work)
        if about.modified is not None:
            with contextlib.suppress(OSError, OverflowError):
                times = (about.modified, about.modified)
                os.utime(part, times, dir_fd=self._work, follow_symlinks=False)
        try:
            self.name(part, place, replace=replace)
        except OSError:
            self.forget(part)
            raise

    def bring_to_disk(self, place: Parts) -> None:
        """Bring the names in a directory to the disk, where the file system can."""
        try:
            os.fsync(self._directory(place))
        except OSError as error:
            if error.errno not in kernel.UNSUPPORTED | {errno.EBADF, errno.EROFS}:
                raise

    @property
    def changed(self) -> list[Parts]:
        """The directories in which something has a name now, the deepest first."""
        return sorted(self._named | {one[:-1] for one in self.fresh}, key=len, reverse=True)

    def date(self, place: Parts, about: Attributes) -> None:
        """Give a directory that was made here its date. Raises nothing."""
        if place in self.fresh and about.modified is not None:
            with contextlib.suppress(OSError, OverflowError):
                os.utime(self._directory(place), (about.modified, about.modified))

    def _directory(self, place: Parts) -> int:
        if not place:
            return self._root
        if place in self._open:
            self._open.move_to_end(place)
            return self._open[place]
        above = self._directory(place[:-1])
        found = os.open(place[-1], _DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
        self._open[place] = found
        while len(self._open) > _OPEN:
            oldest = next(iter(self._open))
            if oldest == place:
                break
            os.close(self._open.pop(oldest))
        return found

    def _remove_leftovers(self) -> None:
        """Remove the directories of runs that were killed: nobody holds their lock any more."""
        for name in os.listdir(self._root):  # noqa: PTH208 - by its descriptor
            if not (name.startswith(PREFIX) and name.endswith(SUFFIX)):
                continue
            with contextlib.suppress(OSError):
                descriptor = os.open(name, _DIRECTORY | os.O_NOFOLLOW, dir_fd=self._root)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self._empty(descriptor)
                    os.rmdir(name, dir_fd=self._root)
                finally:
                    os.close(descriptor)

    @staticmethod
    def _empty(directory: int) -> None:
        """Remove the files that were not whole; only such files as are made here."""
        with contextlib.suppress(OSError):
            for name in os.listdir(directory):
                if name.isascii() and name.isdecimal():
                    os.unlink(name, dir_fd=directory)
