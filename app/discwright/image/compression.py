# SPDX-License-Identifier: GPL-3.0-or-later
"""Image files as streams of their content: unpacked on the way, in bounded memory.

What a file is is told by its content, not by its name. A stream ends in silence only if the file
was in order to its last byte: cut off, damaged or followed by something foreign is an error.
"""

import contextlib
import zlib
from pathlib import Path
from typing import Self

from discwright.errors import SourceError
from discwright.image import archive, stream_errors, stream_size
from discwright.image.compression_method import (
    HEAD,
    Method,
    find_method,
    name_inside,
    refuse_packed_again,
)
from discwright.image.decoders import Decoder, MemberDecoder, PlainDecoder, new_decoder
from discwright.image.stream_source import Raw, SourceFile
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.wording import _, shown

__all__ = ["Method", "Stream", "name_of_content", "open_stream", "read_head"]


class Stream:
    """The content of an image file, read once from its start to its end.

    One thread reads. Another may :meth:`stop` it; whoever closes it makes sure that no thread is
    still inside :meth:`read_into`.
    """

    def __init__(
        self,
        path: Path,
        method: Method,
        source: SourceFile,
        decoder: Decoder,
        *,
        size: int | None = None,
        hint: int | None = None,
        inside: str = "",
        crc: int | None = None,
    ) -> None:
        self.path = path
        self.method = method
        self.compressed_size = source.size
        """Bytes of the file as it lies there."""
        self.size = size
        """Bytes of the content, if the format tells; a file whose content differs is an error."""
        self.hint = hint
        """What a gzip file says of its size modulo 4 GiB: for a guess, never to rely on."""
        self.inside = inside
        """The name of the content: of the file in the archive, or without the last suffix."""
        self.produced = 0
        """Bytes of content given so far."""
        self._decoder = decoder
        self._crc = crc
        self._running_crc = 0
        self._stopped = False
        self._ended = False
        self._cancel: CancelToken | None = None
        self._exit = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @property
    def position(self) -> int:
        """Bytes of the file that were taken, for the progress: at most ``compressed_size``."""
        return min(self._decoder.position, self.compressed_size)

    def read_into(self, view: memoryview) -> int:
        """Fill ``view`` with the next content; gives less only at the end, and 0 after it.

        Raises SourceError if the file is damaged, cut off or can't be read, and Cancelled.
        """
        self._raise_if_stopped()
        if self._ended or not view:
            return 0
        try:
            count = self._decoder.read_into(view)
        except SourceError:
            self._raise_if_stopped()  # then that is why
            raise
        self._raise_if_stopped()
        if self.produced == 0 and self.method is not Method.PLAIN:
            refuse_packed_again(self.path.name, bytes(view[: min(count, HEAD)]))
        self.produced += count
        if self._crc is not None:
            self._running_crc = zlib.crc32(view[:count], self._running_crc)
        self._check_length(ended=count < len(view))
        self._ended = count < len(view)
        return count

    def skip(self, count: int) -> int:
        """Pass over content; gives the bytes passed over, fewer only at the end.

        In a file that isn't compressed nothing is read, unless ``raw`` wants it.
        """
        if isinstance(self._decoder, PlainDecoder):
            self._raise_if_stopped()
            passed = self._decoder.skip(count)
            self.produced += passed
            return passed
        scratch = memoryview(bytearray(min(count, 1 << 20)))
        passed = 0
        while passed < count and (got := self.read_into(scratch[: count - passed])):
            passed += got
        return passed

    def stop(self) -> None:
        """Make a blocked read return and every further one raise Cancelled.

        Returns at once; safe in any thread and in a signal handler.
        """
        self._stopped = True
        self._decoder.stop()

    def close(self) -> None:
        """Let go of the file; a child process is killed and reaped."""
        self._exit.close()
        self._decoder.close()

    def follow(self, cancel: CancelToken) -> None:
        """Stop as soon as ``cancel`` is."""
        self._cancel = cancel
        self._exit.enter_context(cancel.calling(self.stop))

    def _raise_if_stopped(self) -> None:
        if self._stopped or (self._cancel is not None and self._cancel.cancelled):
            raise Cancelled

    def _check_length(self, *, ended: bool) -> None:
        if self.size is None or self.method is Method.PLAIN:
            return
        if self.produced > self.size or (ended and self.produced < self.size):
            cause = f"It says {self.size} bytes; there are {'' if ended else 'at least '}"
            raise stream_errors.wrong_length(self.path.name, self.size, f"{cause}{self.produced}")
        if ended and self._crc is not None and self._crc != self._running_crc:
            raise stream_errors.damaged(
                self.path.name, f"The CRC is {self._running_crc:08x}, not {self._crc:08x}"
            )


def open_stream(path: Path, *, raw: Raw | None = None, cancel: CancelToken | None = None) -> Stream:
    """Open an image file, compressed or not, to be read until :meth:`Stream.read_into` gives 0.

    ``raw`` hears each byte of the file as it lies there, in order, once, perhaps in another
    thread; when the stream has given 0, it has heard all of them. With ``cancel`` the stream
    stops as soon as that is cancelled. Raises SourceError.
    """
    source = SourceFile(path, raw)
    try:
        if not source.size:
            raise SourceError(
                _("The file {name} is empty.").format(name=shown(path.name)),
                remedy=_("It was probably not copied or downloaded to its end."),
            )
        stream = _open(path, source)
    except BaseException:
        source.close()
        raise
    if cancel is not None:
        stream.follow(cancel)
    return stream


def read_head(path: Path, length: int) -> bytes:
    """Give the first bytes of an image file's content, fewer if it has no more.

    Raises SourceError if it can't be unpacked so far.
    """
    buffer = memoryview(bytearray(length))
    with open_stream(path) as stream:
        return bytes(buffer[: stream.read_into(buffer)])


def name_of_content(path: Path) -> str:
    """Give the name that an image file's content bears: its own if it isn't compressed.

    Raises SourceError if the file can't be read, or is an archive without one image.
    """
    source = SourceFile(path)
    try:
        if find_method(source) is Method.ZIP:
            return Path(archive.find_image(source).name).name
        return name_inside(path.name)
    finally:
        source.close()


def _open(path: Path, source: SourceFile) -> Stream:
    method = find_method(source)
    if method is Method.ZIP:
        member = archive.find_image(source)
        return Stream(
            path,
            method,
            source,
            MemberDecoder(source, member),
            size=member.size,
            inside=Path(member.name).name,
            crc=member.crc,
        )
    size = hint = None
    match method:
        case Method.PLAIN:
            size = source.size
        case Method.GZIP:
            hint = stream_size.gzip_hint(source)
        case Method.XZ:
            size = stream_size.xz_size(source)
        case Method.ZSTD:
            size = stream_size.zstd_size(source)
        case Method.LZ4:
            size = stream_size.lz4_size(source)
    inside = path.name if method is Method.PLAIN else name_inside(path.name)
    decoder = new_decoder(method, source)
    return Stream(path, method, source, decoder, size=size, hint=hint, inside=inside)
