# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the content of a compressed file is, where the format tells it reliably.

xz has an index of all blocks; zstd and lz4 may say it in the header of each frame, and their
frames and blocks can be walked without unpacking. gzip tells it modulo 4 GiB, and only of its
last member; bzip2 not at all.
"""

import os
import shutil
import struct
import subprocess
import time
from collections.abc import Callable

from discwright.image.stream_source import SourceFile

_PATIENCE = 10
"""Seconds for ``xz --list``: a file can have an absurd number of streams."""
_WALK = 1.0
"""Seconds for a walk over the blocks of a zstd or lz4 file; one that isn't cached takes longer."""
_WALK_MEMORY = 1 << 28

ZSTD_MAGIC = 0xFD2FB528  # RFC 8878 3.1.1
LZ4_MAGIC = 0x184D2204  # lz4 Frame format 1.6.4
_SKIPPABLE = 0x184D2A50  # to ...5F, in both formats


def xz_size(source: SourceFile) -> int | None:
    """Give the length of the content by the index, as the xz command reads it."""
    command = shutil.which("xz")
    if command is None:
        return None
    file = f"/proc/self/fd/{source.descriptor}"
    try:
        done = subprocess.run(
            [command, "--robot", "--list", f"--memlimit-decompress={_WALK_MEMORY}", file],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_PATIENCE,
            pass_fds=(source.descriptor,),
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            process_group=0,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0:  # then it has printed totals all the same
        return None
    # totals, streams, blocks, compressed, uncompressed, ...
    for line in done.stdout.decode("ascii", "replace").splitlines():
        fields = line.split("\t")
        if fields[0] == "totals" and len(fields) > 4 and fields[1] != "0" and fields[4].isdigit():
            return int(fields[4])
    return None


def gzip_hint(source: SourceFile) -> int | None:
    """Give what the last member says of its length modulo 4 GiB: never to be relied on."""
    return struct.unpack("<I", source.at(source.size - 4, 4))[0] if source.size >= 18 else None


def zstd_size(source: SourceFile) -> int | None:
    """Give the length of the content if each frame tells its own."""
    return _walk(source, _zstd_frame)


def lz4_size(source: SourceFile) -> int | None:
    """Give the length of the content if each frame tells its own."""
    return _walk(source, _lz4_frame)


class _Unknown(Exception):  # noqa: N818 - not an error
    """The length can't be told."""


class _Bytes:
    """Little-endian numbers from a file that may end anywhere, in limited time."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._window = b""
        self._start = 0
        self._deadline = time.monotonic() + _WALK

    def number(self, offset: int, length: int) -> int:
        first = offset - self._start
        if not 0 <= first <= len(self._window) - length:
            if time.monotonic() > self._deadline:
                raise _Unknown
            self._window = self._source.at(offset, 512)
            self._start, first = offset, 0
            if len(self._window) < length:
                raise _Unknown
        return int.from_bytes(self._window[first : first + length], "little")


def _walk(source: SourceFile, frame: Callable[[_Bytes, int], tuple[int, int]]) -> int | None:
    data = _Bytes(source)
    offset = total = 0
    try:
        while offset < source.size:
            if data.number(offset, 4) & ~0xF == _SKIPPABLE:
                offset += 8 + data.number(offset + 4, 4)
                continue
            content, offset = frame(data, offset)
            total += content
    except _Unknown:
        return None
    return total if offset == source.size else None


def _zstd_frame(data: _Bytes, offset: int) -> tuple[int, int]:
    """Give the content's length and where the frame ends (RFC 8878 3.1.1)."""
    if data.number(offset, 4) != ZSTD_MAGIC:
        raise _Unknown
    descriptor = data.number(offset + 4, 1)
    single = descriptor >> 5 & 1
    at = offset + 5 + (0 if single else 1) + (0, 1, 2, 4)[descriptor & 3]
    width = (single, 2, 4, 8)[descriptor >> 6]
    if not width:
        raise _Unknown
    content = data.number(at, width) + (256 if width == 2 else 0)
    at += width
    last = False
    while not last:
        header = data.number(at, 3)
        last = bool(header & 1)
        at += 3 + (1 if header >> 1 & 3 == 1 else header >> 3)  # 1: one byte, repeated
    return content, at + (4 if descriptor & 4 else 0)


def _lz4_frame(data: _Bytes, offset: int) -> tuple[int, int]:
    """Give the content's length and where the frame ends (lz4 Frame format 1.6.4)."""
    if data.number(offset, 4) != LZ4_MAGIC:
        raise _Unknown
    flags = data.number(offset + 4, 1)
    if not flags & 8:
        raise _Unknown
    content = data.number(offset + 6, 8)
    at = offset + 14 + (4 if flags & 1 else 0) + 1
    while length := data.number(at, 4) & 0x7FFFFFFF:
        at += 4 + length + (4 if flags & 16 else 0)
    return content, at + 4 + (4 if flags & 4 else 0)
