# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of Linux that Python does not offer.

All raise :class:`OSError`; what a file system can't do gives one of :data:`UNSUPPORTED`.
"""

import ctypes
import errno
import fcntl
import os
from pathlib import Path

UNSUPPORTED = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTTY})
"""What file systems answer to a call that they don't know."""

_AT_FDCWD = -100  # openat(2)
_RENAME_NOREPLACE = 1  # renameat2(2)
_FALLOC_FL_KEEP_SIZE = 1  # fallocate(2)
_SYNC_FILE_RANGE_WRITE = 2  # sync_file_range(2)

_int, _uint, _off = ctypes.c_int, ctypes.c_uint, ctypes.c_int64
_SIGNATURES: dict[str, tuple[type, ...]] = {
    "renameat2": (_int, ctypes.c_char_p, _int, ctypes.c_char_p, _uint),
    "fallocate64": (_int, _int, _off, _off),
    "fstatfs": (_int, ctypes.c_void_p),
    "sync_file_range": (_int, _off, _off, _uint),
}
_libc = ctypes.CDLL(None, use_errno=True)


def rename_noreplace(old: Path, new: Path) -> None:
    """Rename in one step; :class:`FileExistsError` if ``new`` exists."""
    names = os.fsencode(old), os.fsencode(new)
    _call("renameat2", _AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_NOREPLACE)


def reserve(descriptor: int, size: int) -> None:
    """Reserve ``size`` bytes on the disk without changing the file's length.

    Not posix_fallocate(3): on file systems that can't reserve, it writes to every block.
    """
    _call("fallocate64", descriptor, _FALLOC_FL_KEEP_SIZE, 0, size)


def writes_directly(descriptor: int, *, directly: bool) -> None:
    """Have writes to a file go around the page cache (O_DIRECT), or through it again."""
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL) & ~os.O_DIRECT
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | (os.O_DIRECT if directly else 0))


def file_system_magic(descriptor: int) -> int:
    """Give the number of the type of file system that a file is on (statfs(2), f_type)."""
    answer = ctypes.create_string_buffer(256)
    _call("fstatfs", descriptor, ctypes.addressof(answer))
    return ctypes.c_long.from_buffer(answer).value


def begin_write_back(descriptor: int, offset: int, length: int) -> None:
    """Have these bytes of the page cache written to the disk, without waiting for it."""
    _call("sync_file_range", descriptor, offset, length, _SYNC_FILE_RANGE_WRITE)


def _call(name: str, *arguments: int | bytes) -> None:
    try:
        function = getattr(_libc, name)
    except AttributeError:  # another C library than glibc
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS)) from None
    function.argtypes = _SIGNATURES[name]
    while function(*arguments) != 0:
        number = ctypes.get_errno()
        if number != errno.EINTR:
            raise OSError(number, os.strerror(number))
