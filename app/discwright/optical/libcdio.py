# SPDX-License-Identifier: GPL-3.0-or-later
"""The few functions of libcdio that drives need, on the library that pycdio brings.

pycdio's calls keep the interpreter's lock: a drive that hangs would stop all threads, the window's
too, and be it only because another one opens it. Its read calls return ``str`` and manage about
50 MB/s. The functions here release the lock, fill a buffer of ours, and give errno and sense data.
"""

import contextlib
import ctypes
import functools
import logging
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import _pycdio  # noqa: F401 - loads the libcdio that pycdio was built with
import pycdio

log = logging.getLogger(__name__)

DIRECTION_READ, DIRECTION_WRITE, DIRECTION_NONE = 0, 1, 2
"""cdio_mmc_direction_t of <cdio/mmc.h>."""

_SENSE_MAX = 263
"""SPC: 252 bytes legal, 263 possible."""

_Handler = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p)


@functools.cache
def library() -> ctypes.CDLL:
    """Give the libcdio that pycdio uses, with its prototypes set and its log handler taken.

    libcdio's own handler prints to stderr and ends the process at level ERROR.
    """
    lib = ctypes.CDLL(_loaded_path(), use_errno=True)
    handle, data = ctypes.c_void_p, ctypes.c_void_p
    lib.cdio_open_am.argtypes = (ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)
    lib.cdio_open_am.restype = handle
    lib.cdio_destroy.argtypes = (handle,)
    lib.cdio_destroy.restype = None
    lib.mmc_run_cmd_len.argtypes = (
        handle, ctypes.c_uint, ctypes.c_char_p, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, data,
    )  # fmt: skip
    lib.mmc_run_cmd_len.restype = ctypes.c_int
    lib.mmc_last_cmd_sense.argtypes = (handle, ctypes.POINTER(ctypes.c_void_p))
    lib.mmc_last_cmd_sense.restype = ctypes.c_int
    lib.cdio_free.argtypes = (ctypes.c_void_p,)
    lib.cdio_free.restype = None
    lib.cdio_log_set_handler.argtypes = (_Handler,)
    lib.cdio_log_set_handler.restype = ctypes.c_void_p
    lib.cdio_log_set_handler(_log_handler)
    return lib


def version() -> str:
    """Give libcdio's version, such as ``2.1.0``."""
    text = ctypes.c_char_p.in_dll(library(), "cdio_version_string").value or b""
    found = re.search(rb"\d+(\.\d+)+", text)
    return found.group().decode() if found else str(pycdio.VERSION_NUM)


def open_drive(node: str, mode: str) -> int | None:
    """Open a drive in one of the driver's access modes; give its handle, None if it can't be."""
    handle: int | None = library().cdio_open_am(
        os.fsencode(node), pycdio.DRIVER_LINUX, mode.encode("ascii")
    )
    return handle


def close_drive(handle: int) -> None:
    """Close it; the handle is not to be used again."""
    library().cdio_destroy(handle)


def run_command(  # noqa: PLR0917 - the order of the C function
    handle: int, cdb: bytes, direction: int, address: int, length: int, timeout_ms: int
) -> tuple[int, int, bytes]:
    """Run an MMC command; give libcdio's return code, errno and the sense bytes (b"" if none).

    Success means only that the drive complained of nothing: where the command never reached it or
    ran out of time, Linux says the same, and the buffer is as it was.
    """
    lib = library()
    # libcdio hands the number on to CDROM_SEND_PACKET, which counts in clock ticks (Linux,
    # scsi_cdrom_send_packet()): milliseconds would be ten times as long.
    timeout = max(1, timeout_ms * os.sysconf("SC_CLK_TCK") // 1000)
    ctypes.set_errno(0)
    code = lib.mmc_run_cmd_len(handle, timeout, cdb.ljust(16, b"\0"), len(cdb), direction,
                               length, address)  # fmt: skip
    if code == 0:
        return 0, 0, b""
    errno = ctypes.get_errno()
    pointer = ctypes.c_void_p()
    count = lib.mmc_last_cmd_sense(handle, ctypes.byref(pointer))
    sense = b""
    if pointer.value:
        if count > 0:
            sense = ctypes.string_at(pointer.value, min(count, _SENSE_MAX))
        lib.cdio_free(pointer)
    return code, errno, sense


def address_of(buffer: memoryview) -> int:
    """Give the address of a writable, contiguous buffer; valid as long as the buffer is."""
    return ctypes.addressof(ctypes.c_char.from_buffer(buffer))


@contextlib.contextmanager
def messages() -> Iterator[list[str]]:
    """Collect what libcdio says in this thread meanwhile."""
    library()
    collected: list[str] = []
    _collecting.lines = collected
    try:
        yield collected
    finally:
        _collecting.lines = None


_collecting = threading.local()


def _hear(level: int, message: bytes) -> None:
    text = message.decode("utf-8", "replace").strip()
    log.debug("libcdio %d: %s", level, text)
    lines = getattr(_collecting, "lines", None)
    if lines is not None:
        lines.append(text)


_log_handler = _Handler(_hear)
"""Kept for the life of the process: libcdio holds its address."""


def _loaded_path() -> str:
    """Find the file of the libcdio that is in memory already, so that it is the very same."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/maps").read_text(errors="replace").splitlines():
            path = line.partition("/")[2]
            if re.match(r"libcdio[-.\w]*\.so", os.path.basename(path)):  # noqa: PTH119
                return "/" + path
    return "libcdio.so.19"
