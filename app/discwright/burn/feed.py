# SPDX-License-Identifier: GPL-3.0-or-later
"""The image in blocks, for one burner or several at once, read from its source once.

Burners don't wait for each other: each takes the blocks at its own pace, and the last few blocks
are kept for those that come a little later. Who falls further behind reads again by himself.
While the blocks go by, each gets a checksum, so that what comes back from a disc can be compared
without reading the image again, and the image as a whole gets its digests.
"""

import os
import threading
import zlib
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path

from discwright.errors import SourceError
from discwright.transfer.digests import DigestSet
from discwright.transfer.reader import SECTOR, SectorReader
from discwright.wording import _, shown

BLOCK = 1 << 20
"""Bytes in a block; a whole number of sectors."""

PROOF = "sha256"
"""The digest that is always computed."""

KEPT = 12
"""Blocks in memory, however large the image is and however many burners there are."""

Fill = Callable[[memoryview], int]
"""Puts the next bytes into the buffer; gives their number, 0 at the end."""

Again = Callable[[int, memoryview], None]
"""Reads bytes from an offset once more, all of the buffer."""


class Feed:
    """``size`` bytes from ``fill``, in order; ``again`` reads what is no longer in memory."""

    def __init__(
        self, size: int, fill: Fill, again: Again, hashes: Iterable[str] = (),
        digests: DigestSet | None = None,
    ) -> None:  # fmt: skip
        self.size = size
        self.blocks = -(-size // BLOCK)
        self._fill = fill
        self._again = again
        self._digests = digests or DigestSet((PROOF, *hashes))
        self._marks = array("L")
        self._kept: OrderedDict[int, memoryview] = OrderedDict()
        self._lock = threading.Lock()
        self._failure: Exception | None = None

    def length(self, number: int) -> int:
        """Give the bytes of a block; only the last one may be short."""
        return min(BLOCK, self.size - number * BLOCK)

    def block(self, number: int) -> memoryview:
        """Give a block. Raises what the source raises, SourceError if the image was changed."""
        with self._lock:
            kept = self._kept.get(number)
            if kept is not None:
                return kept
            if number < len(self._marks):
                return self._reread(number)
            while len(self._marks) <= number:
                self._advance()
            return self._kept[number]

    def mark(self, number: int) -> int | None:
        """Give the checksum of a block as it was fed; None if it never was."""
        return self._marks[number] if number < len(self._marks) else None

    def hexdigests(self) -> dict[str, str]:
        """Give the checksums of the image, {} as long as not all of it went by.

        Takes no lock, for a source that hangs holds it: nothing is added after the last mark.
        """
        return self._digests.hexdigests() if len(self._marks) == self.blocks else {}

    def track_digests(self) -> dict[int, dict[str, str]]:
        """Give the checksums of each track by its number; {} where there are no tracks."""
        return {}

    def read_through(self) -> None:
        """Read what nobody took yet, so that the checksums are known."""
        if self.blocks:
            self.block(self.blocks - 1)

    def close(self) -> None:
        """Let go of the source. Safe to call twice."""

    def confirm(self) -> None:
        """Make sure that the source is as it was. Raises SourceError if it was changed."""

    def when_idle(self, call: Callable[[], None]) -> None:
        """Call at once, or later from another thread if somebody is just reading the source.

        For letting go of a drive or a file: a thread may hang in a call to it, and closing may too.
        """
        if self._lock.acquire(blocking=False):
            self._lock.release()
            call()
            return

        def wait_and_call() -> None:
            with self._lock:
                call()

        threading.Thread(target=wait_and_call, name="feed-idle", daemon=True).start()

    def _advance(self) -> None:
        """Read the next block that nobody had. A source that failed once isn't asked again."""
        if self._failure is not None:
            raise self._failure
        number = len(self._marks)
        whole = memoryview(bytearray(self.length(number)))
        done = 0
        try:
            while done < len(whole):
                got = self._fill(whole[done:])
                if not got:
                    raise SourceError(_("The image became shorter while it was read."))
                done += got
            if number == self.blocks - 1:
                self.confirm()
        except Exception as error:
            self._failure = error
            raise
        self._digests.update(whole)
        self._marks.append(mark_of(whole))
        self._keep(number, whole)

    def _reread(self, number: int) -> memoryview:
        whole = memoryview(bytearray(self.length(number)))
        self._again(number * BLOCK, whole)
        if mark_of(whole) != self._marks[number]:
            raise changed()
        self._keep(number, whole)
        return whole

    def _keep(self, number: int, whole: memoryview) -> None:
        self._kept[number] = whole.toreadonly()
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)


def changed() -> SourceError:
    """Give the error of an image that somebody writes to."""
    return SourceError(
        _("The image was changed while it was burned."),
        remedy=_("Let whatever writes to it finish, then burn it again."),
    )


def mark_of(data: memoryview) -> int:
    """Give the checksum by which a block is compared: a CRC, for it is there to find the place.

    That a whole disc is right is proved by the digests, which are cryptographic.
    """
    return zlib.crc32(data)


class ImageFileFeed(Feed):
    """An image file of 2048-byte sectors. Raises SourceError if it can't be opened."""

    def __init__(self, path: Path, sectors: int, hashes: Iterable[str] = ()) -> None:
        self._path = path
        self._at = 0
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_SEQUENTIAL)
            self._before = self._signs()
        except OSError as error:
            raise self._unreadable(error) from error
        super().__init__(sectors * SECTOR, self._next, self._read_at, hashes)

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def confirm(self) -> None:
        """Make sure that nobody wrote to the file meanwhile. Raises SourceError."""
        try:
            now = self._signs()
        except OSError as error:
            raise self._unreadable(error) from error
        if now != self._before:
            raise changed()

    def _signs(self) -> tuple[int, int]:
        found = os.fstat(self._fd)
        return found.st_size, found.st_mtime_ns

    def _next(self, buffer: memoryview) -> int:
        try:
            got = os.preadv(self._fd, [buffer], self._at)
        except OSError as error:
            raise self._unreadable(error) from error
        self._at += got
        return got

    def _read_at(self, offset: int, buffer: memoryview) -> None:
        done = 0
        while done < len(buffer):
            try:
                got = os.preadv(self._fd, [buffer[done:]], offset + done)
            except OSError as error:
                raise self._unreadable(error) from error
            if not got:
                raise SourceError(_("The image became shorter while it was read."))
            done += got

    def _unreadable(self, error: OSError) -> SourceError:
        return SourceError(
            _("The image {name} can't be read: {why}.").format(
                name=shown(self._path.name), why=error.strerror or str(error)
            ),
            cause=str(error),
        )


class SectorFeed(Feed):
    """Sectors of any reader; closes it when it is closed itself."""

    def __init__(
        self, reader: SectorReader, sectors: int, hashes: Iterable[str] = (),
        close: Callable[[], None] | None = None, unchanged: Callable[[], bool] = lambda: True,
    ) -> None:  # fmt: skip
        self._reader = reader
        self._unchanged = unchanged
        self._lba = 0
        self._close = close
        super().__init__(sectors * SECTOR, self._next, self._read_at, hashes)

    def close(self) -> None:
        """Close the reader. Safe to call twice."""
        if self._close is not None:
            self._close()
            self._close = None

    def confirm(self) -> None:
        """Make sure that the source is as it was. Raises SourceError if it was changed."""
        if not self._unchanged():
            raise changed()

    def _next(self, buffer: memoryview) -> int:
        count = len(buffer) // SECTOR
        self._reader.read_into(self._lba, count, buffer)
        self._lba += count
        return count * SECTOR

    def _read_at(self, offset: int, buffer: memoryview) -> None:
        self._reader.read_into(offset // SECTOR, len(buffer) // SECTOR, buffer)
