# SPDX-License-Identifier: GPL-3.0-or-later
"""The image as it comes: piece after piece, from a plain file or a stream that is unpacked.

Every feed of the same image gives the same pieces, wherever it begins: a stick that fell behind,
or a range that is written a second time, is fed on its own from the place where it is.
"""

from dataclasses import dataclass
from typing import Protocol

from discwright.errors import SourceError
from discwright.image.compression import Stream
from discwright.stick.ranges import ByteRange
from discwright.transfer.buffers import Ring
from discwright.wording import _, shown


@dataclass(frozen=True)
class Piece:
    """Some bytes of the image in a buffer, followed by zeros up to the next page."""

    number: int
    """Counted from 0 on."""
    offset: int
    length: int
    buffer: memoryview
    mapped: bool = True
    """The image uses these bytes: they are to be written."""
    position: int = 0
    """Bytes of the source file taken so far, for the progress."""

    @property
    def data(self) -> memoryview:
        """The bytes."""
        return self.buffer[: self.length]

    @property
    def end(self) -> int:
        """The first byte of the image after it."""
        return self.offset + self.length


class Bytes(Protocol):
    """The unpacked image from its start."""

    def read_into(self, view: memoryview, /) -> int:
        """Put the next bytes at the start of ``view``; give their number, 0 at the end."""

    @property
    def position(self) -> int:
        """Bytes of the source file taken so far."""

    def skip_to(self, offset: int) -> None:
        """Go on at this byte of the image, which lies ahead."""

    def close(self) -> None:
        """Let go of the file."""


class Feed:
    """Cuts an image into pieces of at most ``size`` bytes at fixed places.

    ``ranges``: what the image uses (None: everything). With ``everything``, the rest is given as
    well, as pieces that are not mapped.
    """

    def __init__(
        self,
        source: Bytes,
        size: int,
        ranges: tuple[ByteRange, ...] | None = None,
        *,
        everything: bool = False,
    ) -> None:
        self._source = source
        self._size = size
        self._ranges = ranges
        self._everything = everything
        self._offset = 0
        self._number = 0
        self._at_range = 0

    @property
    def position(self) -> int:
        """Bytes of the source file taken so far."""
        return self._source.position

    def skip_to(self, number: int, offset: int) -> None:
        """Go on at the piece of this number and offset."""
        self._source.skip_to(offset)
        self._number, self._offset = number, offset

    def next(self, buffer: memoryview) -> Piece | None:
        """Fill a buffer of at least ``size`` bytes with the next piece; None at the end."""
        wanted = self._next_cut()
        if wanted is None:
            return None
        end, mapped = wanted
        length = self._fill(buffer[: end - self._offset])
        if length == 0:
            return None
        page = -(-length // 4096) * 4096
        buffer[length:page] = bytes(len(buffer[length:page]))
        piece = Piece(self._number, self._offset, length, buffer, mapped, self._source.position)
        self._number += 1
        self._offset += length
        return piece

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()

    def _next_cut(self) -> tuple[int, bool] | None:
        """Give where the next piece ends and whether it is mapped."""
        most = self._offset - self._offset % self._size + self._size
        if self._ranges is None:
            return most, True
        while self._at_range < len(self._ranges):
            run = self._ranges[self._at_range]
            if self._offset >= run.end:
                self._at_range += 1
            elif self._offset >= run.offset:
                return min(most, run.end), True
            elif self._everything:
                return min(most, run.offset), False
            else:
                self._source.skip_to(run.offset)
                self._offset = run.offset
                most = self._offset - self._offset % self._size + self._size
        return (most, False) if self._everything else None

    def _fill(self, view: memoryview) -> int:
        done = 0
        while done < len(view):
            count = self._source.read_into(view[done:])
            if count == 0:
                break
            done += count
        return done


class StreamBytes:
    """The content of an image file, plain or unpacked on the way."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    @property
    def position(self) -> int:
        """Bytes of the source file taken so far."""
        return self._stream.position

    def read_into(self, view: memoryview, /) -> int:
        """Put the next bytes at the start of ``view``. Raises SourceError, Cancelled."""
        return self._stream.read_into(view)

    def skip_to(self, offset: int) -> None:
        """Go on at this byte; what is compressed is unpacked and thrown away up to there."""
        missing = offset - self._stream.produced
        if missing < 0:
            raise ValueError(f"Byte {offset} lies behind")
        if missing and self._stream.skip(missing) < missing:
            raise changed(shown(self._stream.path.name), f"it ends before byte {offset}")

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()


def changed(name: str, cause: str) -> SourceError:
    """Give the error of an image that is no longer what it was."""
    return SourceError(
        _("The image {name} was changed while it was being written.").format(name=name),
        remedy=_("Wait until it is downloaded completely, then write it again."),
        cause=cause,
    )


def piece_size(max_requests: tuple[int, ...]) -> int:
    """Give the bytes of a piece for sticks that take so many bytes in one command (0: unknown).

    4 MiB for one stick, less for many so that the buffers stay small; a multiple of what the
    slowest takes at once, so that no command carries a remnant.
    """
    whole = (
        (4 << 20) if len(max_requests) <= 1 else (2 << 20) if len(max_requests) == 2 else 1 << 20
    )
    request = min((one for one in max_requests if one > 0), default=0)
    if request < whole and request % 4096 == 0 and request > 0:
        return whole // request * request
    return whole


def ring_for(size: int, sticks: int) -> Ring:
    """Give the buffers for a feed: each stick may hold two, and four more keep the others going."""
    return Ring(size, 4 + 2 * sticks)
