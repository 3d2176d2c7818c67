# SPDX-License-Identifier: GPL-3.0-or-later
"""Two processes never work on the same device at once.

A lock is an exclusive flock(2) on a small file in the user's runtime directory. The kernel
lets go of it when the process ends, however it ends, so that no lock is ever stale. It holds
among the processes of one user.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from discwright.errors import DiscwrightError
from discwright.wording import _, shown

_MAX_NOTE = 1000
"""Bytes of the note in a lock file that are read."""


@dataclass(frozen=True)
class Holder:
    """Who holds a lock; both parts may be missing for a moment after it was taken."""

    key: str
    pid: int | None
    title: str

    def sentence(self) -> str:
        """Give who holds what, in a sentence."""
        what = shown(self.key.removeprefix("file:"))
        if self.pid is None:
            return _("Another Discwright is at work on {what}.").format(what=what)
        return _("Another Discwright (process {pid}) is at work on {what}: {title}.").format(
            pid=self.pid, what=what, title=self.title or "…"
        )


class DeviceLock:
    """All of some devices, or none. Another process or another lock here is met alike."""

    def __init__(self, keys: Iterable[str], title: str, directory: Path | None = None) -> None:
        """Prepare; ``title`` says to others what is done. ``directory`` as for lock_folder."""
        self._keys = sorted(keys)
        self._title = title
        self._directory = directory
        self._folder = -1
        self._held: list[tuple[str, int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.release()

    def acquire(self) -> Holder | None:
        """Take all or nothing, without waiting; give who is in the way, None if all is taken.

        Raises DiscwrightError if there is no folder to keep locks in.
        """
        if not self._keys:
            return None
        try:
            if self._folder < 0:
                self._folder = open_lock_folder(self._directory)
            for key in self._keys:
                holder = self._take(key)
                if holder is not None:
                    self.release()
                    return holder
        except OSError as error:
            self.release()
            raise DiscwrightError(
                _("The lock for a device can't be kept: {why}.").format(why=error.strerror),
                remedy=_("Check the folder for temporary files: {folder}.").format(
                    folder=shown(tempfile.gettempdir())
                ),
                cause=str(error),
            ) from error
        return None

    def release(self) -> None:
        """Let go of all. Safe to call twice."""
        while self._held:
            name, fd = self._held.pop()
            # Removed while it is still locked: who opens it afterwards gets a new file, and who
            # had it open already sees in _take that the name is another file now.
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=self._folder)
            os.close(fd)
        if self._folder >= 0:
            os.close(self._folder)
            self._folder = -1

    def _take(self, key: str) -> Holder | None:
        name = _file_name(key)
        while True:
            fd = os.open(
                name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600,
                dir_fd=self._folder,
            )  # fmt: skip
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = _read_note(fd, key)
                os.close(fd)
                return holder
            except OSError:
                os.close(fd)
                raise
            if _same_file(fd, name, self._folder):
                self._held.append((name, fd))
                note = f"{os.getpid()}\n{shown(self._title)}\n".encode()
                os.pwrite(fd, note, 0)
                os.ftruncate(fd, len(note))
                return None
            os.close(fd)


def open_lock_folder(directory: Path | None = None) -> int:
    """Give a descriptor of the folder for locks, made if need be.

    ``discwright`` in $XDG_RUNTIME_DIR or /run/user/UID; ``discwright-UID`` in the folder for
    temporary files where there is neither. A link, a folder of another user and one in which
    others may write are passed over. Raises OSError if nothing is left.
    """
    problem = OSError(None, _("there is no safe folder for it"))
    for folder in (directory,) if directory is not None else _folders():
        try:
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=0o700)
            fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            problem = error
            continue
        found = os.fstat(fd)
        if found.st_uid == os.geteuid() and not found.st_mode & 0o022:
            return fd
        os.close(fd)
        problem = OSError(
            None, _("{folder} belongs to somebody else").format(folder=shown(str(folder)))
        )
    raise problem


def _folders() -> Iterator[Path]:
    uid = os.geteuid()
    for runtime in (os.environ.get("XDG_RUNTIME_DIR"), f"/run/user/{uid}"):
        # Under sudo the variable may still name the other user's directory.
        if runtime and os.path.isabs(runtime):  # noqa: PTH117
            with contextlib.suppress(OSError):
                if Path(runtime).stat().st_uid == uid:
                    yield Path(runtime, "discwright")
    yield Path(tempfile.gettempdir(), f"discwright-{uid}")


def _file_name(key: str) -> str:
    last = re.sub(r"[^\w.-]", "_", key.rpartition("/")[2], flags=re.ASCII)[:40]
    digest = hashlib.sha256(os.fsencode(key)).hexdigest()[:16]
    return f"{last}-{digest}.lock"


def _same_file(fd: int, name: str, folder: int) -> bool:
    try:
        named = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    mine = os.fstat(fd)
    return (named.st_dev, named.st_ino) == (mine.st_dev, mine.st_ino)


def _read_note(fd: int, key: str) -> Holder:
    note = os.pread(fd, _MAX_NOTE, 0).decode("utf-8", "replace")
    pid, _newline, title = note.partition("\n")
    return Holder(key, int(pid) if re.fullmatch(r"[0-9]{1,9}", pid) else None, shown(title))
