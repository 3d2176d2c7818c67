# SPDX-License-Identifier: GPL-3.0-or-later
"""Cue sheets: which tracks lie where in the .bin files, and how long these really are."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from discwright.errors import SourceError
from discwright.image.layout import (
    CUE_FORMATS,
    MOST_TRACKS,
    TEXT_NAMES,
    ImageTrack,
    Layout,
    Marks,
    Piece,
    TrackFormat,
    bad_description,
    catalog_of,
    file_beside,
    file_size,
    frames,
    isrc_of,
    read_description,
    session_gap,
)
from discwright.image.wave import find_samples
from discwright.wording import _, shown

_FILE = re.compile(r'FILE\s+(?:"([^"]*)"|(.+?))\s+(\S+)\s*$', re.IGNORECASE)
_TRACK = re.compile(r"TRACK\s+(\d{1,2})\s+(\S+)\s*$", re.IGNORECASE)
_SESSION = re.compile(r"REM\s+SESSION\s+(\d{1,2})\s*$", re.IGNORECASE)
_TEXT = re.compile(rf'({"|".join(TEXT_NAMES)})\s+(?:"([^"]*)"?|(.+?))\s*$', re.IGNORECASE)
_CODE = re.compile(r'(?:CATALOG|ISRC)\s+"?([\w-]+)"?\s*$', re.IGNORECASE)
_WAVE_HEADER = 44


@dataclass
class _Track:
    number: int
    session: int
    format: TrackFormat
    pregap: int = 0
    """Frames of silence before it that no file holds."""
    postgap: int = 0
    """Frames of silence after it that no file holds."""
    flags: frozenset[str] = frozenset()
    isrc: str = ""
    words: dict[str, str] = field(default_factory=dict)
    indices: dict[int, int] = field(default_factory=dict)

    @property
    def first(self) -> int:
        """The frame of the file where it starts, its stored pregap included."""
        return self.indices.get(0, self.indices[1])

    @property
    def marks(self) -> Marks:
        """What its subchannel says."""
        return Marks("DCP" in self.flags, "PRE" in self.flags, "4CH" in self.flags, self.isrc)


@dataclass
class _File:
    path: Path
    kind: str
    """As the sheet says: BINARY, MOTOROLA, WAVE, MP3 ..."""
    tracks: list[_Track] = field(default_factory=list)

    @property
    def binary(self) -> bool:
        """Whether it holds nothing but sectors."""
        return self.kind in {"BINARY", "MOTOROLA"}


@dataclass
class _Sheet:
    files: list[_File] = field(default_factory=list)
    catalog: str = ""
    words: dict[str, str] = field(default_factory=dict)

    @property
    def track(self) -> _Track | None:
        """The track that is described just now."""
        return next((file.tracks[-1] for file in reversed(self.files) if file.tracks), None)


def is_cue(text: str) -> bool:
    """Whether a text looks like a cue sheet: it has a FILE and a TRACK line."""
    return all(re.search(rf"^\s*{word}\s", text, re.IGNORECASE | re.MULTILINE)
               for word in ("FILE", "TRACK"))  # fmt: skip


def read_cue(path: Path) -> Layout:
    """Read a cue sheet and look at its files. Raises SourceError with what is wrong with it."""
    sheet = _parse(path, read_description(path))
    tracks: list[ImageTrack] = []
    remarks: list[str] = []
    lba = 0
    for file in sheet.files:
        lba = _place(path, file, lba, tracks, remarks)
    files = tuple(dict.fromkeys(file.path for file in sheet.files))
    return Layout(tuple(tracks), files, tuple(remarks), sheet.catalog, sheet.words)


def _parse(path: Path, text: str) -> _Sheet:
    sheet = _Sheet()
    session = 1
    for at, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        match (line.split(maxsplit=1) or [""])[0].upper():
            case "FILE":
                sheet.files.append(_file(path, at, line))
                if len(sheet.files) > MOST_TRACKS:
                    raise bad_description(path, _("It names too many files."))
            case "REM":
                found = _SESSION.match(line)
                session = session if found is None else max(session, int(found[1]))
            case "TRACK":
                track, before = _track(line, session), sheet.track
                if (
                    track is None
                    or not sheet.files
                    or not ((before.number if before else 0) < track.number <= MOST_TRACKS)
                ):
                    raise _bad(path, at, line)
                sheet.files[-1].tracks.append(track)
            case "INDEX" | "PREGAP" | "POSTGAP":
                if not sheet.files or not sheet.files[-1].tracks:
                    raise _bad(path, at, line)
                _time(path, at, line, sheet.files[-1].tracks[-1])
            case word:
                _describe(sheet, word, line)
    if sheet.track is None:
        raise bad_description(path, _("It names no track."))
    sheet.files = [file for file in sheet.files if file.tracks]
    return sheet


def _describe(sheet: _Sheet, word: str, line: str) -> None:
    """Take what isn't needed to read the disc, but to write it again; nonsense is passed over."""
    track = sheet.track
    code, text = _CODE.match(line), _TEXT.match(line)
    if text is not None:
        words = sheet.words if track is None else track.words
        words[text[1].upper()] = (text[2] if text[2] is not None else text[3]).strip()
    elif word == "CATALOG" and code is not None:
        sheet.catalog = catalog_of(code[1])
    elif word == "ISRC" and code is not None and track is not None:
        track.isrc = isrc_of(code[1])
    elif word == "FLAGS" and track is not None:
        track.flags = frozenset(line.upper().split()[1:])


def _file(path: Path, at: int, line: str) -> _File:
    found = _FILE.match(line)
    if found is None:
        raise _bad(path, at, line)
    name = found[1] if found[1] is not None else found[2]
    return _File(file_beside(path, name), found[3].upper())


def _track(line: str, session: int) -> _Track | None:
    found = _TRACK.match(line)
    mode = None if found is None else CUE_FORMATS.get(found[2].upper())
    return None if found is None or mode is None else _Track(int(found[1]), session, mode)


def _time(path: Path, at: int, line: str, track: _Track) -> None:
    values = line.split()
    time = frames(values[-1])
    if time is None:
        raise _bad(path, at, line)
    if values[0].upper() == "PREGAP":
        track.pregap = time
    elif values[0].upper() == "POSTGAP":
        track.postgap = time
    elif len(values) == 3 and re.fullmatch(r"\d{1,2}", values[1]):
        track.indices[int(values[1])] = time
    else:
        raise _bad(path, at, line)


def _bad(path: Path, at: int, line: str) -> SourceError:
    return bad_description(
        path, _("Line {n} can't be understood: {line}").format(n=at, line=shown(line, 80))
    )


def _place(path: Path, file: _File, lba: int, tracks: list[ImageTrack], remarks: list[str]) -> int:
    """Place the tracks of a file that starts at ``lba``; give the LBA after it."""
    if any(1 not in track.indices for track in file.tracks):
        raise bad_description(path, _("A track has no INDEX 01."))
    store = _store(file, remarks)
    offset = file.tracks[0].first * file.tracks[0].format.sector_size
    for here, after in zip(file.tracks, [*file.tracks[1:], None], strict=True):
        width = here.format.sector_size
        lead = here.indices[1] - here.first
        if lead < 0 or (after is not None and after.first < here.indices[1]):
            raise bad_description(path, _("The times of its tracks aren't in order."))
        if tracks and here.session > tracks[-1].session:
            lba += session_gap(tracks[-1].session)
        start = offset + lead * width
        if after is None:
            sectors, odd = divmod(max(0, store.length - start), width)
            if odd and file.binary:
                remarks.append(
                    _("The file {name} ends within a sector.").format(name=shown(file.path.name))
                )
        else:
            sectors, odd = after.first - here.indices[1], 0
        if store.known and start + (sectors or 1) * width > store.length:
            raise SourceError(
                _("The file {name} is shorter than {cue} says.").format(
                    name=shown(file.path.name), cue=shown(path.name)
                ),
                remedy=_("It was probably not copied or downloaded to its end."),
            )
        stored = (lead + sectors) * width
        pieces = [
            Piece(None, 0, here.pregap * width),
            Piece(file.path, store.offset + offset, stored, file.kind == "MOTOROLA"),
            Piece(None, 0, here.postgap * width),
        ]
        if odd and here.format.is_audio:  # the last of the music, and silence up to the sector
            sectors += 1
            pieces[1:2] = [
                Piece(file.path, store.offset + offset, stored + odd, file.kind == "MOTOROLA"),
                Piece(None, 0, width - odd),
            ]
        lba += here.pregap + lead
        tracks.append(
            ImageTrack(
                here.number, here.session, here.format, file.path, store.offset + start, lba,
                sectors, here.postgap, here.pregap + lead,
                tuple(piece for piece in pieces if piece.length), _further(here),
                here.marks, here.words, store.obstacle or here.format.obstacle,
            )
        )  # fmt: skip
        lba += sectors + here.postgap
        offset = start + sectors * width
    return lba


def _further(track: _Track) -> tuple[int, ...]:
    """Give INDEX 02 and on, counted from INDEX 01, up to the first that is missing."""
    found = []
    for number in range(2, len(track.indices) + 2):
        if number not in track.indices:
            break
        found.append(track.indices[number] - track.indices[1])
    return tuple(found)


@dataclass(frozen=True)
class _Store:
    """The part of a file that is sectors."""

    offset: int
    length: int
    known: bool = True
    obstacle: str = ""


def _store(file: _File, remarks: list[str]) -> _Store:
    """Tell where the sectors of a file lie; of a packed audio file only about how many."""
    if file.binary:
        return _Store(0, file_size(file.path))
    name = shown(file.path.name)
    remarks.append(_("The music of this image is in the audio file {name}.").format(name=name))
    samples = find_samples(file.path)
    if samples is not None:
        return _Store(samples.offset, samples.length)
    wave = file.path.suffix.casefold() == ".wav"
    about = max(0, file_size(file.path) - _WAVE_HEADER) if wave else 0
    obstacle = _(
        "Its music is in {name}, which is no WAVE file of 44.1 kHz, 16 bits and two channels."
    ).format(name=name)
    return _Store(0, about, known=False, obstacle=obstacle)
