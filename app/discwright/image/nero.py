# SPDX-License-Identifier: GPL-3.0-or-later
"""Nero's .nrg images: the chunks behind the data (both versions of the format)."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from discwright.errors import SourceError
from discwright.image.layout import (
    MOST_TRACKS,
    ImageTrack,
    Layout,
    TrackFormat,
    bad_description,
)
from discwright.wording import _, shown

_MOST_CHUNK = 1024 * 1024
_MOST_CHUNKS = 256
_FORMATS = {
    0x00: TrackFormat("MODE1/2048", 2048, 0),
    0x02: TrackFormat("MODE2/2048", 2048, 0),
    0x03: TrackFormat("MODE2/2336", 2336, 8),
    0x05: TrackFormat("MODE1/2352", 2352, 16),
    0x06: TrackFormat("MODE2/2352", 2352, 24),
    0x07: TrackFormat("AUDIO", 2352, 0),
    0x0F: TrackFormat("MODE1/2448", 2448, 16),
    0x10: TrackFormat("AUDIO", 2448, 0),
    0x11: TrackFormat("MODE2/2448", 2448, 24),
}


def chunk_offset(tail: bytes) -> int | None:
    """Give where the chunks start, from the last 12 bytes of a file; None if it is no .nrg."""
    if tail[-12:-8] == b"NER5":
        return int.from_bytes(tail[-8:], "big")
    if tail[-8:-4] == b"NERO":
        return int.from_bytes(tail[-4:], "big")
    return None


def read_nrg(path: Path) -> Layout:
    """Read the chunks of a Nero image. Raises SourceError with what is wrong with them."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - 12))
            start = chunk_offset(file.read(12))
            if start is None or start >= size:
                raise bad_description(path, _("Its table of contents is missing."))
            tracks = _tracks(path, file, start)
    except OSError as error:
        raise SourceError(
            _("The file {name} can't be read: {why}.").format(
                name=shown(path.name), why=error.strerror
            ),
            cause=str(error),
        ) from error
    if not tracks:
        raise bad_description(path, _("It names no track."))
    if any(one.offset + one.sectors * one.format.sector_size > start for one in tracks):
        raise bad_description(path, _("Its tracks lie outside of the file."))
    return Layout(tuple(tracks), (path,))


def _tracks(path: Path, file: BinaryIO, start: int) -> list[ImageTrack]:
    tracks: list[ImageTrack] = []
    session = 1
    for kind, data in _chunks(file, start):
        match kind:
            case b"DAOX" | b"DAOI":
                tracks += _disc_at_once(path, data, kind == b"DAOX", session, tracks)
            case b"ETN2" | b"ETNF":
                tracks += _track_at_once(path, data, kind == b"ETN2", session, len(tracks))
            case b"SINF":
                session += 1
        if len(tracks) > MOST_TRACKS:
            raise bad_description(path, _("It has a track of an unknown kind."))
    return tracks


def _chunks(file: BinaryIO, start: int) -> Iterator[tuple[bytes, bytes]]:
    file.seek(start)
    for _index in range(_MOST_CHUNKS):
        head = file.read(8)
        length = int.from_bytes(head[4:], "big")
        if len(head) < 8 or head[:4] == b"END!" or length > _MOST_CHUNK:
            return
        yield head[:4], file.read(length)


def _disc_at_once(
    path: Path, data: bytes, wide: bool, session: int, before: list[ImageTrack]
) -> Iterator[ImageTrack]:
    number = len(before)
    lba = before[-1].start + before[-1].sectors if before else 0
    width = 8 if wide else 4
    size = 18 + 3 * width
    for at in range(22, len(data) - size + 1, size):
        entry = data[at : at + size]
        mode = _format(path, entry[14])
        pregap, first, end = (
            int.from_bytes(entry[18 + n * width : 18 + (n + 1) * width], "big") for n in range(3)
        )
        if not pregap <= first <= end:
            raise bad_description(path, _("Its tracks lie outside of the file."))
        number += 1
        # The pregap of the first track lies before LBA 0, stored or not.
        if number > 1:
            lba += (first - pregap) // mode.sector_size
        sectors = (end - first) // mode.sector_size
        yield ImageTrack(number, session, mode, path, first, lba, sectors)
        lba += sectors


def _track_at_once(
    path: Path, data: bytes, wide: bool, session: int, number: int
) -> Iterator[ImageTrack]:
    width = 8 if wide else 4
    size = 32 if wide else 20
    for at in range(0, len(data) - size + 1, size):
        entry = data[at : at + size]
        rest = entry[2 * width :]
        mode = _format(path, int.from_bytes(rest[:4], "big") & 0xFF)
        number += 1
        yield ImageTrack(
            number,
            session,
            mode,
            path,
            int.from_bytes(entry[:width], "big"),
            int.from_bytes(rest[4:8], "big"),
            int.from_bytes(entry[width : 2 * width], "big") // mode.sector_size,
        )


def _format(path: Path, code: int) -> TrackFormat:
    if code not in _FORMATS:
        raise bad_description(path, _("It has a track of an unknown kind."))
    return _FORMATS[code]
