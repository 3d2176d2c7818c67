# SPDX-License-Identifier: GPL-3.0-or-later
"""The file being made: NAME.part until it is whole and on the disk, then NAME."""

import contextlib
import errno
import fcntl
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from discwright.errors import TargetError
from discwright.transfer import kernel
from discwright.transfer.target_errors import target_error
from discwright.wording import _, shown

SUFFIX = ".part"

WRITE_BACK = 8 << 20
"""Bytes after which the kernel is told to begin bringing them to the disk."""

DIRECT = frozenset({0xEF53, 0x58465342})
"""File systems on which writing goes around the page cache: ext4 and XFS (magic.h).

That takes half the processor time, keeps what others have in the cache, leaves nothing to flush
at the end, and what is read back comes from the disk. Elsewhere, above all on network file
systems, each direct write may wait for the other side.
"""


class PartFile:
    """A file under construction beside its final name.

    Made exclusively, and locked (flock) for as long as it is open. What a killed process left
    behind is replaced; what another process is writing is refused. With ``size`` (bytes) the
    space is reserved at once where the file system can. As a context manager it is discarded
    on the way out unless it was committed or kept. With ``adopt`` it goes on with what is there,
    and ``written`` is how long that is.

    Every failure is a :class:`discwright.errors.TargetError` with a remedy.
    """

    def __init__(self, target: Path, size: int | None = None, *, adopt: bool = False) -> None:
        self.target = target
        self.path = target.with_name(target.name + SUFFIX)
        self.written = 0
        self._sent = 0
        self._busy = threading.Lock()
        self._over = False
        self._closed = False
        self._direct = False
        with self._explained():
            self._descriptor = _open_leftover(self.path) if adopt else _open_exclusively(self.path)
        try:
            with self._explained():
                self.written = self._sent = os.fstat(self._descriptor).st_size
                _reserve(self._descriptor, size or 0)
                self._direct = _go_direct(self._descriptor)
        except TargetError:
            if adopt:
                self._over = True
                self._close()
            else:
                self.discard()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.discard()

    def write(self, data: memoryview) -> None:
        """Append ``data``, all of it."""
        self.write_at(self.written, data)

    def write_at(self, offset: int, data: memoryview) -> None:
        """Put ``data``, all of it, at ``offset`` (bytes), be it beyond the end."""
        if self._over:
            raise ValueError(f"{self.path} is finished")
        try:
            with self._busy, self._explained():
                while data and not self._over:
                    count = self._write(data, offset)
                    offset += count
                    data = data[count:]
                    self.written = max(self.written, offset)
                if self.written - self._sent >= WRITE_BACK and not (self._direct or self._over):
                    self._begin_write_back()
        finally:
            if self._over:
                self._close()

    def flush(self) -> None:
        """Bring everything written so far to the disk; give back what is reserved beyond."""
        if self._over:
            raise ValueError(f"{self.path} is finished")
        with self._explained():
            os.ftruncate(self._descriptor, self.written)
            os.fsync(self._descriptor)

    def commit(self, *, overwrite: bool = False) -> str:
        """Bring everything to the disk, then give the file its name.

        Without ``overwrite`` nothing that has the name is touched, not even what appeared this
        moment; the finished NAME.part then stays and the error says so. Gives "", or a warning
        if the disk did not take the new name yet: the content is safe and stands under it.
        """
        self.flush()
        self._over = True
        try:
            with self._explained():
                if overwrite:
                    self.path.replace(self.target)
                else:
                    rename_without_clobbering(self.path, self.target)
        except TargetError as error:
            raise self._kept(error) from error
        finally:
            self._close()
        try:
            sync_directory(self.target.parent)
        except OSError as error:
            return _(
                "{name} is whole, but the disk did not confirm its name ({why}): look whether it "
                "is still there after the next start."
            ).format(name=shown(self.target.name), why=error.strerror)
        return ""

    def keep(self) -> None:
        """Bring what there is to the disk, and leave it under the name NAME.part."""
        try:
            self.flush()
        finally:
            self._over = True
            self._close()

    def leave(self) -> None:
        """Leave it as it is, without waiting for the disk; whoever writes still closes it."""
        self._over = True
        self._close()

    def discard(self) -> None:
        """Delete it, unless it was committed; never raises.

        If another thread hangs in :meth:`write`, that thread closes the file when it returns.
        """
        if self._over:
            return
        self._over = True
        with contextlib.suppress(OSError):
            if _is_at(self._descriptor, self.path):
                self.path.unlink()
        self._close()

    def _close(self) -> None:
        # A descriptor closed under a thread that is about to write could be another file's by then.
        if self._busy.acquire(blocking=False):
            if not self._closed:
                self._closed = True
                with contextlib.suppress(OSError):  # fsync has said what there was to say
                    os.close(self._descriptor)
            self._busy.release()

    def _write(self, data: memoryview, offset: int) -> int:
        if self._direct:
            try:
                return os.pwrite(self._descriptor, data, offset)
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
            # Not whole blocks, or not from a page's beginning: the end of the file, usually.
            self._direct = False
            kernel.writes_directly(self._descriptor, directly=False)
        return os.pwrite(self._descriptor, data, offset)

    def _begin_write_back(self) -> None:
        """Keep the disk busy from the start, so that the flush at the end is short."""
        with contextlib.suppress(OSError):  # only a hint; fsync reports what is wrong
            kernel.begin_write_back(self._descriptor, self._sent, self.written - self._sent)
        self._sent = self.written

    def _kept(self, error: TargetError) -> TargetError:
        if not _is_at(self._descriptor, self.path):
            return error
        return TargetError(
            error.message,
            remedy=_("The finished file was kept as {name}: give it the name you want.").format(
                name=shown(str(self.path))
            ),
            cause=error.cause,
        )

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise target_error(error, self.target) from error


def write_file(target: Path, data: bytes, *, overwrite: bool = False) -> None:
    """Make a small file whole or not at all. Raises TargetError."""
    with PartFile(target) as part:
        part.write(memoryview(data))
        part.commit(overwrite=overwrite)


def sync_directory(directory: Path) -> None:
    """Bring the names in a directory to the disk, where the file system can."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:  # it may be written but not listed
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in kernel.UNSUPPORTED | {errno.EBADF, errno.EROFS}:
            raise
    finally:
        os.close(descriptor)


_FLAGS = os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


def _open_exclusively(path: Path) -> int:
    for _attempt in range(10):
        try:
            descriptor = os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            _remove_leftover(path)
            continue
        # Between its making and its locking another process may have taken it for a leftover.
        if _lock(descriptor) is not False and _is_at(descriptor, path):
            return descriptor
        os.close(descriptor)
    raise _in_use(path)


def _remove_leftover(path: Path) -> None:
    try:
        descriptor = _open_leftover(path, refused=(False, None))
    except FileNotFoundError:
        return
    try:
        if _is_at(descriptor, path):
            path.unlink()
    finally:
        os.close(descriptor)


def _open_leftover(path: Path, *, refused: tuple[bool | None, ...] = (False,)) -> int:
    """Open and lock what another process left behind. Raises FileNotFoundError, TargetError."""
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.EISDIR, errno.ENXIO}:
            raise _foreign(path) from error
        raise
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _foreign(path)
        if _lock(descriptor) in refused:
            raise _in_use(path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _lock(descriptor: int) -> bool | None:
    """Lock the whole file; False: another process has it, None: the file system can't tell."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno in kernel.UNSUPPORTED | {errno.ENOLCK}:
            return None
        raise
    return True


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except OSError:
        return False


def _in_use(path: Path) -> TargetError:
    return TargetError(
        _("Another program is writing {name}.").format(name=shown(str(path))),
        remedy=_("Wait for it to finish, or choose another name; if none is, delete that file."),
    )


def _foreign(path: Path) -> TargetError:
    return TargetError(
        _("{name} is in the way and is not an unfinished image.").format(name=shown(str(path))),
        remedy=_("Remove it, or choose another name."),
    )


def _reserve(descriptor: int, size: int) -> None:
    if size <= 0:
        return
    try:
        kernel.reserve(descriptor, size)
    except OSError as error:
        if error.errno not in kernel.UNSUPPORTED:
            raise


def _go_direct(descriptor: int) -> bool:
    try:
        if kernel.file_system_magic(descriptor) not in DIRECT:
            return False
        kernel.writes_directly(descriptor, directly=True)
    except OSError as error:
        if error.errno not in kernel.UNSUPPORTED:
            raise
        return False
    return True


def rename_without_clobbering(old: Path, new: Path) -> None:
    """Rename only if ``new`` does not exist, by the best means that the file system has."""
    try:
        kernel.rename_noreplace(old, new)
    except FileExistsError as error:
        raise _appeared(new) from error
    except OSError as error:
        if error.errno not in kernel.UNSUPPORTED:
            raise
    else:
        return
    try:
        os.link(old, new, follow_symlinks=False)
    except FileExistsError as error:
        raise _appeared(new) from error
    except OSError as error:
        if error.errno not in kernel.UNSUPPORTED | {errno.EPERM, errno.EMLINK}:
            raise
    else:
        old.unlink()
        return
    try:  # neither: take the name with an empty file, then put ours in its place
        os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
    except FileExistsError as error:
        raise _appeared(new) from error
    old.replace(new)


def _appeared(target: Path) -> TargetError:
    return TargetError(
        _("{name} has appeared in the meantime and was left as it is.").format(
            name=shown(str(target))
        ),
        remedy=_("Choose another name, or move that file away."),
        cause="EEXIST",
    )
