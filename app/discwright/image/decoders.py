# SPDX-License-Identifier: GPL-3.0-or-later
"""What unpacks a file: the field's own command where it is faster, else this process itself."""

import functools
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from discwright.errors import SourceError
from discwright.image import archive, library_decoder, stream_errors
from discwright.image.bzip2 import Bzip2Decoder
from discwright.image.child_decoder import ChildDecoder
from discwright.image.compression_method import Method
from discwright.image.library_decoder import Decompressor, LibraryDecoder
from discwright.image.stream_source import SourceFile

_MIB = 1 << 20
_MOST_MEMORY = 1024 * _MIB
_LEAST_MEMORY = 256 * _MIB
_MOST_THREADS = 16
_ZSTD_MODULES = (
    "compression.zstd:ZstdDecompressor",
    "backports.zstd:ZstdDecompressor",
    "pyzstd:ZstdDecompressor",
)
_LZ4_MODULES = ("lz4.frame:LZ4FrameDecompressor",)


class Decoder(Protocol):
    """What gives the content of a source; every failure is a SourceError."""

    @property
    def position(self) -> int:
        """Bytes of the source that were taken."""

    def read_into(self, view: memoryview) -> int:
        """Fill ``view``; gives less only at the end, and 0 after it."""

    def stop(self) -> None:
        """Make a blocked read return; returns at once, safe in a signal handler."""

    def close(self) -> None:
        """Let go of the file and of all processes."""


class PlainDecoder:
    """A stretch of a file as it is, straight into the caller's buffer.

    ``length``: bytes of the source that belong to it (None: all of it).
    """

    def __init__(self, source: SourceFile, length: int | None = None) -> None:
        self._source = source
        self._end = source.size if length is None else source.position + length

    @property
    def position(self) -> int:
        """Bytes of the source that were read."""
        return self._source.position

    def read_into(self, view: memoryview) -> int:
        """Fill ``view``; gives less only at the end, and 0 after it."""
        view = view[: self._end - self._source.position]
        got = 0
        while got < len(view):
            got += self._source.read_into(view[got:])
        return got

    def skip(self, count: int) -> int:
        """Pass over bytes; gives their number."""
        count = min(count, self._end - self._source.position)
        self._source.skip(count)
        return count

    def stop(self) -> None:
        """Nothing here blocks for long."""

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()


class MemberDecoder:
    """A file in an archive; what lies before and behind it goes by for who hears all bytes."""

    def __init__(self, source: SourceFile, member: archive.Member) -> None:
        self._source = source
        source.skip(member.offset)
        length = member.compressed
        self._decoder: Decoder
        match member.method:
            case archive.STORED:
                self._decoder = PlainDecoder(source, length)
                return
            case archive.DEFLATED:
                new: Callable[[], Decompressor] = library_decoder.bare_deflate_decompressor
            case archive.BZIP2:
                new = library_decoder.bzip2_decompressor
            case archive.XZ:
                new = functools.partial(library_decoder.xz_decompressor, memory_limit())
            case _zstd:
                new = _module(source.name, _ZSTD_MODULES, "python3-pyzstd")
        limit = memory_limit()
        self._decoder = LibraryDecoder(source, new, length=length, once=True, limit=limit)

    @property
    def position(self) -> int:
        """Bytes of the source that were taken."""
        return self._decoder.position

    def read_into(self, view: memoryview) -> int:
        """Fill ``view``; gives less only at the end, and 0 after it."""
        count = self._decoder.read_into(view)
        if count < len(view):
            self._source.skip(self._source.size)
        return count

    def stop(self) -> None:
        """Nothing here blocks for long."""

    def close(self) -> None:
        """Let go of the file."""
        self._decoder.close()


def new_decoder(method: Method, source: SourceFile) -> Decoder:
    """Give what unpacks a file (not a zip archive). Raises SourceError if nothing here does."""
    match method:
        case Method.GZIP:  # one thread whatever the tool; zlib itself is as fast as any
            return LibraryDecoder(source, library_decoder.gzip_decompressor)
        case Method.BZIP2:
            return Bzip2Decoder(source, threads=threads())
        case Method.XZ:
            return _xz(source)
        case Method.ZSTD:
            memory = f"--memory={memory_limit() // _MIB}MB"
            return _child(source, "zstd", "-dcq", memory) or LibraryDecoder(
                source, _module(source.name, _ZSTD_MODULES, "zstd")
            )
        case Method.LZ4:
            return _child(source, "lz4", "-dcq") or LibraryDecoder(
                source, _module(source.name, _LZ4_MODULES, "lz4")
            )
        case _plain:
            return PlainDecoder(source)


def threads() -> int:
    """Give how many threads may unpack: the processor cores that this process may use."""
    return min(_MOST_THREADS, len(os.sched_getaffinity(0)))


def memory_limit() -> int:
    """Give the bytes that unpacking may take: a quarter of the memory, within bounds.

    xz -9 takes 65 MiB, and 400 MiB for each thread; zstd --ultra 128 MiB.
    """
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(_LEAST_MEMORY, min(_MOST_MEMORY, memory // 4))


def _xz(source: SourceFile) -> Decoder:
    limit = memory_limit()
    memory = f"--memlimit-decompress={limit}"
    child = _child(source, "xz", "-dc", "--format=xz", f"-T{threads()}", memory)
    if child is not None:
        return child
    new = functools.partial(library_decoder.xz_decompressor, limit)
    return LibraryDecoder(source, new, limit=limit)


def _child(source: SourceFile, name: str, *arguments: str) -> ChildDecoder | None:
    """Start a command; None if it isn't here, or if its exit code could not be learned."""
    found = shutil.which(name)
    if found is None or signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
        return None
    command = (str(Path(found).absolute()), *arguments)
    limit = memory_limit()
    # Besides what the command reckons with: its code's own data, and the stacks of its threads.
    memory = limit + (128 + 16 * threads()) * _MIB
    try:
        return ChildDecoder(command, source, memory=memory, limit=limit)
    except OSError:
        return None


def _module(name: str, modules: tuple[str, ...], package: str) -> Callable[[], Decompressor]:
    found = library_decoder.find_module_decompressor(modules)
    if found is None:
        raise _missing(name, package)
    return found


def _missing(name: str, package: str) -> SourceError:
    return stream_errors.not_installed(name, package, f"There is no command {package} in PATH")
