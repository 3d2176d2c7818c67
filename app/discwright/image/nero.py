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
    Marks,
    Piece,
    TrackFormat,
    bad_description,
    catalog_of,
    isrc_of,
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
            chunks = list(_chunks(file, start))
            tracks = _tracks(path, chunks)
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
    dao = next((data for kind, data in chunks if kind in {b"DAOX", b"DAOI"}), b"")
    return Layout(tuple(tracks), (path,), catalog=catalog_of(_ascii(dao[4:17])))


def _tracks(path: Path, chunks: list[tuple[bytes, bytes]]) -> list[ImageTrack]:
    tracks: list[ImageTrack] = []
    controls: dict[int, int] = {}
    session = 1
    for kind, data in chunks:
        match kind:
            case b"CUEX" | b"CUES":
                controls |= _controls(data)
            case b"DAOX" | b"DAOI":
                tracks += _disc_at_once(
                    path, data, kind == b"DAOX", session, before=tracks, controls=controls
                )
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


def _controls(data: bytes) -> dict[int, int]:
    """Give the control bits of each track of a cue chunk: four of each entry's first byte."""
    entries = (data[at : at + 8] for at in range(0, len(data) - 7, 8))
    return {(one[1] >> 4) * 10 + (one[1] & 15): one[0] >> 4 for one in entries if one[1] != 0xAA}


def _ascii(data: bytes) -> str:
    return data.partition(b"\0")[0].decode("ascii", "replace")


def _disc_at_once(
    path: Path, data: bytes, wide: bool, session: int, *,
    before: list[ImageTrack], controls: dict[int, int],
) -> Iterator[ImageTrack]:  # fmt: skip
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
        lead = (first - pregap) // mode.sector_size if number > 1 else 0
        lba += lead
        sectors = (end - first) // mode.sector_size
        control = controls.get(number, 0)
        yield ImageTrack(
            number, session, mode, path, first, lba, sectors,
            pregap=lead,
            pieces=_stored(path, mode, first - lead * mode.sector_size, lead + sectors),
            marks=Marks(
                bool(control & 2),
                bool(control & 1) and mode.is_audio,
                bool(control & 8),
                isrc_of(_ascii(entry[:12])),
            ),
            obstacle=mode.obstacle,
        )  # fmt: skip
        lba += sectors


def _stored(path: Path, mode: TrackFormat, offset: int, sectors: int) -> tuple[Piece, ...]:
    return (Piece(path, offset, sectors * mode.sector_size),)


def _track_at_once(
    path: Path, data: bytes, wide: bool, session: int, number: int
) -> Iterator[ImageTrack]:
    width = 8 if wide else 4
    size = 32 if wide else 20
    end = 0
    for at in range(0, len(data) - size + 1, size):
        entry = data[at : at + size]
        rest = entry[2 * width :]
        mode = _format(path, int.from_bytes(rest[:4], "big") & 0xFF)
        number += 1
        offset, length = (
            int.from_bytes(entry[n * width : (n + 1) * width], "big") for n in range(2)
        )
        sectors = length // mode.sector_size
        start = int.from_bytes(rest[4:8], "big")
        # What lies between two tracks is in no file: silence, or sectors of zeros.
        gap = start - end if start >= end else 0
        silence = (Piece(None, 0, gap * mode.sector_size),) if gap else ()
        yield ImageTrack(
            number, session, mode, path, offset, start, sectors,
            pregap=gap,
            pieces=(*silence, *_stored(path, mode, offset, sectors)),
            obstacle=mode.obstacle,
        )  # fmt: skip
        end = start + sectors


def _format(path: Path, code: int) -> TrackFormat:
    if code not in _FORMATS:
        raise bad_description(path, _("It has a track of an unknown kind."))
    return _FORMATS[code]
