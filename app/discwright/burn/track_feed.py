# SPDX-License-Identifier: GPL-3.0-or-later
"""A CD image track by track, as the drive is given it: the feed of a burn that isn't plain sectors.

Music comes with its low bytes first, as it lies on discs and in most images.
"""

import bisect
import os
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from discwright.burn.feed import PROOF, Feed, changed
from discwright.burn.image import BurnImage
from discwright.errors import SourceError
from discwright.image.layout import Piece
from discwright.image.recording import RecordedTrack, Recording, taken_from
from discwright.optical.fingerprint import same
from discwright.optical.source import DiscSource
from discwright.transfer.digests import DigestSet
from discwright.wording import _, shown

_ZEROS = bytes(1 << 16)


@dataclass(frozen=True)
class _Run:
    """A piece of a track, and where it lies in all that the drive is given."""

    track: RecordedTrack
    piece: Piece
    start: int
    length: int
    """Bytes that the drive is given of it."""

    @property
    def end(self) -> int:
        return self.start + self.length


class TrackFeed(Feed):
    """The tracks of an image file, one after the other, each with its pregap.

    Raises SourceError if a file can't be opened.
    """

    def __init__(
        self, image: BurnImage, recording: Recording, source: DiscSource, hashes: Iterable[str] = ()
    ) -> None:
        """Take over ``source``, the open image; it is closed with the feed."""
        self._image = image
        self._recording = recording
        self._source = source
        self._runs = list(_runs(recording))
        self._starts = [run.start for run in self._runs]
        self._at = 0
        self._fds: dict[Path, int] = {}
        try:
            for path in dict.fromkeys(one.piece.file for one in self._runs):
                if path is not None:
                    self._fds[path] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            self.close()
            raise _unreadable(Path(error.filename or ""), error) from error
        digests = TrackDigests(recording, hashes)
        self._tracks = digests
        super().__init__(recording.size, self._next, self.read_at, hashes, digests)

    def close(self) -> None:
        """Close all files. Safe to call twice."""
        self._source.close()
        while self._fds:
            os.close(self._fds.popitem()[1])

    def track_digests(self) -> dict[int, dict[str, str]]:
        """Give the checksums of each track by its number, {} as long as not all of it went by."""
        return self._tracks.of_tracks() if self.hexdigests() else {}

    def read_at(self, offset: int, buffer: memoryview) -> None:
        """Read bytes of what the drive is given, all of the buffer. Raises SourceError."""
        done = 0
        while done < len(buffer):
            run = self._runs[bisect.bisect_right(self._starts, offset + done) - 1]
            here = offset + done - run.start
            part = min(len(buffer) - done, run.length - here)
            self._read(run, here, buffer[done : done + part])
            done += part

    def _next(self, buffer: memoryview) -> int:
        part = min(len(buffer), self.size - self._at)
        self.read_at(self._at, buffer[:part])
        self._at += part
        return part

    def confirm(self) -> None:
        """Make sure that the image is as it was. Raises SourceError if it was changed."""
        if not same(self._source.fingerprint(), self._image.fingerprint):
            raise changed()

    def _read(self, run: _Run, here: int, buffer: memoryview) -> None:
        """Fill the buffer from byte ``here`` of a run on."""
        piece, form = run.piece, run.track.form
        if piece.file is None:
            for at in range(0, len(buffer), len(_ZEROS)):
                part = buffer[at : at + len(_ZEROS)]
                part[:] = _ZEROS[: len(part)]
            return
        width = run.track.source.format.sector_size
        if width == form.size:
            if piece.swapped:
                self._swapped(piece, here, buffer)
            else:
                self._stored(piece, here, buffer)
            return
        first, skip = divmod(here, form.size)
        count = -(-(skip + len(buffer)) // form.size)
        raw = memoryview(bytearray(count * width))
        self._stored(piece, first * width, raw)
        start = taken_from(run.track.source.format)
        taken = bytearray(count * form.size)
        for n in range(count):
            at = n * width + start
            taken[n * form.size : (n + 1) * form.size] = raw[at : at + form.size]
        buffer[:] = taken[skip : skip + len(buffer)]

    def _swapped(self, piece: Piece, here: int, buffer: memoryview) -> None:
        skip = here % 2
        samples = array("H", bytes(skip + len(buffer) + (skip + len(buffer)) % 2))
        raw = memoryview(samples).cast("B")
        self._stored(piece, here - skip, raw[: min(len(raw), piece.length - here + skip)])
        samples.byteswap()
        buffer[:] = raw[skip : skip + len(buffer)]

    def _stored(self, piece: Piece, at: int, buffer: memoryview) -> None:
        """Read bytes of a file as they are."""
        path = piece.file or Path()
        done = 0
        while done < len(buffer):
            try:
                got = os.preadv(self._fds[path], [buffer[done:]], piece.offset + at + done)
            except OSError as error:
                raise _unreadable(path, error) from error
            if not got:
                raise SourceError(_("The image became shorter while it was read."))
            done += got


class TrackDigests(DigestSet):
    """The checksums of all that the drive is given, and of each track by itself.

    A track counts from its start to its end; the pause before it doesn't belong to it.
    """

    def __init__(self, recording: Recording, hashes: Iterable[str]) -> None:
        names = (PROOF, *hashes)
        super().__init__(names)
        self._spans = [
            (track.offset + track.pregap * track.form.size, track.offset + track.size)
            for track in recording.tracks
        ]
        self._of = [DigestSet(names) for _track in recording.tracks]
        self._numbers = [track.number for track in recording.tracks]
        self._done = 0

    def update(self, data: memoryview) -> None:
        """Take the next bytes."""
        super().update(data)
        first, self._done = self._done, self._done + len(data)
        for (start, end), digests in zip(self._spans, self._of, strict=True):
            if start < self._done and end > first:
                digests.update(data[max(0, start - first) : end - first])

    def of_tracks(self) -> dict[int, dict[str, str]]:
        """Give those of each track by its number."""
        return {n: one.hexdigests() for n, one in zip(self._numbers, self._of, strict=True)}


def _runs(recording: Recording) -> Iterator[_Run]:
    for track in recording.tracks:
        at = track.offset
        width = track.source.format.sector_size
        for piece in track.source.pieces:
            length = (
                piece.length
                if track.form.size == width
                else (piece.length // width * track.form.size)
            )
            yield _Run(track, piece, at, length)
            at += length


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(
        _("The image {name} can't be read: {why}.").format(
            name=shown(path.name), why=error.strerror or str(error)
        ),
        cause=str(error),
    )
