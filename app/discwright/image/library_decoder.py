# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpacking within this process, by the standard library or a module that is installed."""

import bz2
import importlib
import lzma
import zlib
from collections.abc import Callable
from typing import Protocol

from discwright.errors import SourceError
from discwright.image import stream_errors
from discwright.image.stream_source import CHUNK, SourceFile


class Decompressor(Protocol):
    """What bz2, lzma, compression.zstd and their like have in common."""

    @property
    def eof(self) -> bool:
        """Whether the end of the member was reached."""

    @property
    def needs_input(self) -> bool:
        """Whether more output takes more input."""

    @property
    def unused_data(self) -> bytes:
        """What was given beyond the end of the member."""

    def decompress(self, data: "bytes | memoryview", /, max_length: int) -> bytes:
        """Take input, give at most ``max_length`` bytes."""


class Inflate:
    """zlib's decompressor in the manner of the others. ``wbits``: 31 gzip, -15 bare deflate."""

    def __init__(self, wbits: int) -> None:
        self._zlib = zlib.decompressobj(wbits)
        self._tail: bytes | memoryview = b""
        self._full = False

    @property
    def eof(self) -> bool:
        """Whether the end of the member was reached and its checksum was right."""
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        """Whether more output takes more input."""
        return not self._tail and not self._full and not self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        """What was given beyond the end of the member."""
        return self._zlib.unused_data

    def decompress(self, data: "bytes | memoryview", /, max_length: int) -> bytes:
        """Take input (only when it is needed), give at most ``max_length`` bytes."""
        output = self._zlib.decompress(self._tail or data, max_length)
        self._tail = self._zlib.unconsumed_tail
        self._full = len(output) == max_length
        return output


def gzip_decompressor() -> Decompressor:
    """For one member of a gzip file (RFC 1952); length and CRC-32 are checked."""
    return Inflate(31)


def bare_deflate_decompressor() -> Decompressor:
    """For the deflated members of zip archives."""
    return Inflate(-zlib.MAX_WBITS)


def bzip2_decompressor() -> Decompressor:
    """For one bzip2 stream."""
    return bz2.BZ2Decompressor()


def xz_decompressor(memory: int) -> Decompressor:
    """For one .xz stream. ``memory``: bytes that it may take."""
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=memory)


def find_module_decompressor(names: tuple[str, ...]) -> Callable[[], Decompressor] | None:
    """Give the decompressor of the first module that is installed ("compression.zstd:Name")."""
    for name in names:
        module, _colon, attribute = name.partition(":")
        try:
            found: Callable[[], Decompressor] = getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError):
            continue
        return found
    return None


class LibraryDecoder:
    """Unpacks member after member of a source, with zeros allowed as padding between and after.

    ``length``: bytes of the source that belong to it (None: all of it). ``once``: nothing may
    follow the first member. Whatever the decompressor raises is a SourceError.
    """

    def __init__(
        self,
        source: SourceFile,
        new: Callable[[], Decompressor],
        *,
        length: int | None = None,
        once: bool = False,
        limit: int = 0,
    ) -> None:
        self._source = source
        self._new = new
        self._end = source.size if length is None else source.position + length
        self._once = once
        self._limit = limit
        self._decompressor: Decompressor | None = new()
        self._members = 0
        self._input: bytes | memoryview = b""

    @property
    def position(self) -> int:
        """Bytes of the source that were taken."""
        return self._source.position

    def read_into(self, view: memoryview) -> int:
        """Fill ``view``; gives less only at the end, and 0 after it."""
        got = 0
        while got < len(view) and self._decompressor is not None:
            output = self._step(self._decompressor, len(view) - got)
            view[got : got + len(output)] = output
            got += len(output)
            if self._decompressor.eof:
                self._next_member(self._decompressor.unused_data)
        return got

    def stop(self) -> None:
        """Nothing here blocks for long."""

    def close(self) -> None:
        """Let go of the file."""
        self._decompressor = None
        self._source.close()

    def _step(self, decompressor: Decompressor, most: int) -> bytes:
        if decompressor.needs_input and not self._input:
            self._input = self._chunk()
            if not self._input:
                raise stream_errors.cut_off(self._source.name, "The compressed data ends too early")
        data, self._input = self._input, b""
        try:
            return decompressor.decompress(data, max_length=most)
        except SourceError:
            raise
        except MemoryError as error:
            raise self._too_much(error) from error
        except Exception as error:  # each library raises its own
            if "memory usage limit" in str(error).casefold():
                raise self._too_much(error) from error
            explain = stream_errors.followed if self._members else stream_errors.damaged
            raise explain(self._source.name, f"{type(error).__name__}: {error}") from error

    def _too_much(self, error: Exception) -> SourceError:
        return stream_errors.too_much_memory(self._source.name, self._limit, str(error))

    def _chunk(self) -> memoryview:
        return self._source.chunk(min(CHUNK, self._end - self._source.position))

    def _next_member(self, rest: bytes) -> None:
        """Begin the next member if there is one, else end."""
        self._members += 1
        self._decompressor = None
        left: bytes | memoryview = rest if self._once else rest.lstrip(b"\0")
        while not left and (chunk := self._chunk()):
            left = chunk if self._once else bytes(chunk).lstrip(b"\0")
        if not left:
            return
        if self._once:
            raise stream_errors.followed(self._source.name, "Bytes follow the compressed data")
        self._input = left
        self._decompressor = self._new()
