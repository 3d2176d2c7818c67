# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpacking bzip2 on all processor cores.

The blocks of a bzip2 file are independent, but lie at any bit and have no index. They are found
by the 48 bits that each begins with, given streams of their own, and unpacked side by side by
the standard library, which leaves the interpreter's lock. Each block's checksum is checked there
and each stream's here; nothing may follow but further streams and zeros.
"""

import bz2
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from discwright.errors import SourceError
from discwright.image import stream_errors
from discwright.image.stream_source import SourceFile

BLOCK = 0x314159265359
"""What a block begins with: the digits of pi."""
END = 0x177245385090
"""What ends a stream, before the checksum over its blocks."""
_MAGIC = 48
_CRC = 32
"""Bits."""
_LARGEST_BLOCK = 3 << 20
"""Bytes: 900 000 symbols of at most 20 bits, and the tables."""
_AT_ONCE = 1 << 20
"""Bytes of a block's content that are unpacked ahead; a block of one repeated byte is 46 MB."""


@dataclass(frozen=True)
class _Unpacked:
    """The beginning of a block's content, and what goes on with it (None: it is all)."""

    content: bytes
    more: bz2.BZ2Decompressor | None


@dataclass(frozen=True)
class _Block:
    """A block as it lies in the file: ``length`` bits, in a stream of this level."""

    bits: int
    length: int
    level: int

    @property
    def crc(self) -> int:
        """The checksum of its content, as it says itself."""
        return self.bits >> (self.length - _MAGIC - _CRC) & 0xFFFFFFFF

    def joined(self, other: "_Block") -> "_Block":
        """Give the block that was taken for two, as the magic number is in it by chance."""
        length = self.length + other.length
        return _Block(self.bits << other.length | other.bits, length, self.level)

    def unpack(self) -> _Unpacked:
        """Unpack its first part. Raises OSError, EOFError, ValueError if it is broken."""
        bits = (self.bits << _MAGIC | END) << _CRC | self.crc
        length = self.length + _MAGIC + _CRC
        padding = -length % 8
        stream = (bits << padding).to_bytes((length + padding) // 8, "big")
        decompressor = bz2.BZ2Decompressor()
        decompressor.decompress(b"BZh%c" % self.level)
        content = decompressor.decompress(stream, max_length=_AT_ONCE)
        return _Unpacked(content, _more(decompressor))


class Bzip2Decoder:
    """Unpacks a bzip2 file with ``threads`` threads; has the room of about 6 MB for each."""

    def __init__(self, source: SourceFile, *, threads: int) -> None:
        self._name = source.name
        self._source = source
        self._file = _BitFile(source)
        self._ahead = threads + 2
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="bunzip2")
        # What was found in the file, in order: blocks, and the checksums at the ends of streams.
        self._found: deque[tuple[_Block, Future[_Unpacked]] | int] = deque()
        self._level: int | None = None  # None: between streams
        self._streams = 0
        self._at_end = False
        self._crc = 0
        self._more: bz2.BZ2Decompressor | None = None
        self._piece = memoryview(b"")

    @property
    def position(self) -> int:
        """Bytes of the source that were taken."""
        return self._source.position

    def read_into(self, view: memoryview) -> int:
        """Fill ``view``; gives less only at the end, and 0 after it."""
        got = 0
        while got < len(view) and (self._piece or self._next_piece()):
            part = self._piece[: len(view) - got]
            view[got : got + len(part)] = part
            self._piece = self._piece[len(part) :]
            got += len(part)
        return got

    def stop(self) -> None:
        """Nothing here blocks for long."""

    def close(self) -> None:
        """Let go of the file; what is being unpacked at this moment is waited for."""
        self._pool.shutdown(cancel_futures=True)
        self._source.close()

    def _next_piece(self) -> bool:
        """Have the next content in ``_piece``; False at the end."""
        content = b""
        while not content:
            try:
                if self._more is not None:
                    content = self._more.decompress(b"", max_length=_AT_ONCE)
                    self._more = _more(self._more)
                    continue
                while not self._at_end and len(self._found) < self._ahead:
                    self._look_ahead()
                if not self._found:
                    return False
                content = self._take()
            except (OSError, EOFError, ValueError, MemoryError) as error:
                raise stream_errors.damaged(self._name, str(error)) from error
        self._piece = memoryview(content)
        return True

    def _take(self) -> bytes:
        found = self._found.popleft()
        if isinstance(found, int):
            if found != self._crc:
                raise ValueError(f"The stream has the CRC {self._crc:08x}, not {found:08x}")
            self._crc = 0
            return b""
        block, future = found
        try:
            unpacked = future.result()
        except (OSError, EOFError, ValueError):
            if not self._found or isinstance(following := self._found[0], int):
                raise
            block = block.joined(following[0])
            unpacked = block.unpack()
            self._found.popleft()
        self._crc = (self._crc << 1 | self._crc >> 31) & 0xFFFFFFFF ^ block.crc
        self._more = unpacked.more
        return unpacked.content

    def _look_ahead(self) -> None:
        file = self._file
        if self._level is None:
            self._begin_stream()
            return
        magic = file.peek(_MAGIC)
        if magic == END and (crc := file.peek(_MAGIC + _CRC)) is not None:
            self._found.append(crc & 0xFFFFFFFF)
            file.skip_to_byte(_MAGIC + _CRC)
            self._level = None
            self._streams += 1
        elif magic == BLOCK and (length := file.find_magic(_MAGIC + _CRC)) is not None:
            block = _Block(file.take(length), length, self._level)
            self._found.append((block, self._pool.submit(block.unpack)))
        elif file.ended:
            raise self._cut_off()
        else:
            raise ValueError("There is neither a block nor the end of a stream")

    def _begin_stream(self) -> None:
        """At a byte: a stream's header, or nothing but zeros up to the end of the file."""
        file = self._file
        if self._streams and file.only_zeros_left():
            self._at_end = True
            return
        head = file.peek(32)
        if head is None:
            raise self._cut_off()
        if not _is_header(head):
            raise stream_errors.followed(self._name, "There is no header of a bzip2 stream")
        file.skip_to_byte(32)
        self._level = head & 0xFF

    def _cut_off(self) -> SourceError:
        return stream_errors.cut_off(self._name, "The last bzip2 stream has no end")


def _more(decompressor: bz2.BZ2Decompressor) -> bz2.BZ2Decompressor | None:
    """Give the decompressor if there is more to come from it."""
    if not decompressor.eof:
        if decompressor.needs_input:
            raise EOFError("A block ends too early")
        return decompressor
    if decompressor.unused_data:
        raise EOFError("A block ends before the next one begins")
    return None


def _is_header(bits: int) -> bool:
    return bits >> 8 == 0x425A68 and 0x31 <= bits & 0xFF <= 0x39  # "BZh1" to "BZh9"


class _BitFile:
    """The bits of a file, with the magic numbers found as they come by."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._data = b""
        self._base = 0  # of the file's bits, the first in _data
        self._at = 0  # of the file's bits, the next
        self._marks: deque[int] = deque()  # of the file's bits, where a magic number seems to be

    @property
    def ended(self) -> bool:
        """Whether all that there is was read from the file."""
        return self._source.ended

    def peek(self, count: int) -> int | None:
        """Give the next bits without taking them; None if there are fewer."""
        return self._bits(self._at, count)

    def take(self, count: int) -> int:
        """Take bits that are known to be there."""
        bits = self._bits(self._at, count)
        if bits is None:
            raise EOFError("The file ends too early")
        self._at += count
        return bits

    def skip_to_byte(self, count: int) -> None:
        """Pass over bits, and over the rest of the byte in which they end."""
        self._at = -(-(self._at + count) // 8) * 8

    def find_magic(self, start: int) -> int | None:
        """Give how many bits from here the next magic number is, from ``start`` bits on.

        None if there is none within the size of a block, or up to the end of the file.
        """
        while True:
            while self._marks:
                mark = self._marks[0]
                if mark >= self._at + start and self._is_magic(mark):
                    return mark - self._at
                self._marks.popleft()
            if self._end - self._at > _LARGEST_BLOCK * 8 or not self._read():
                return None

    def only_zeros_left(self) -> bool:
        """Tell whether nothing but zeros follow up to the end, and take them; at a byte only."""
        while True:
            rest = self._data[(self._at - self._base) // 8 :]
            if rest.strip(b"\0"):
                return False
            self._at = self._end
            if not self._read():
                return True

    @property
    def _end(self) -> int:
        return self._base + len(self._data) * 8

    def _is_magic(self, mark: int) -> bool:
        magic = self._bits(mark, _MAGIC)
        if magic == BLOCK:
            return True
        # The end of a stream can't be taken back when a block proves broken: look behind it.
        behind = -(-(mark + _MAGIC + _CRC) // 8) * 8
        if magic != END or self._bits(mark, behind - mark) is None:
            return False
        head = self._bits(behind, 32)
        if head is not None:
            return _is_header(head) or head == 0
        left = self._bits(behind, self._end - behind)
        return left in {0, None} if self.ended else False

    def _bits(self, first: int, count: int) -> int | None:
        while self._end < first + count:
            if not self._read():
                return None
        offset = first - self._base
        end = -(-(offset + count) // 8)
        whole = int.from_bytes(self._data[offset // 8 : end], "big")
        return whole >> (end * 8 - offset - count) & (1 << count) - 1

    def _read(self) -> bool:
        chunk = self._source.chunk()
        if not chunk:
            return False
        done = (self._at - self._base) // 8
        seen = max(0, len(self._data) - done - _MAGIC // 8)
        self._data = b"".join((self._data[done:], chunk))
        self._base += done * 8
        self._mark(seen)
        return True

    def _mark(self, start: int) -> None:
        """Note what looks like a magic number from byte ``start`` on."""
        marks = set()
        for magic in (BLOCK, END):
            for shift in range(8):
                # The five whole bytes that the number covers if it begins ``shift`` bits into one.
                core = (magic >> shift & (1 << 40) - 1).to_bytes(5, "big")
                at = self._data.find(core, start)
                while at >= 0:
                    first = self._base + at * 8 - (_MAGIC - 40 - shift)
                    marks.add(first)
                    at = self._data.find(core, at + 1)
        last = self._marks[-1] if self._marks else -1
        self._marks.extend(mark for mark in sorted(marks) if mark > last)
