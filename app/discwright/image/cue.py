# SPDX-License-Identifier: GPL-3.0-or-later
"""Cue sheets: which tracks lie where in the .bin files, and how long these really are."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from discwright.errors import SourceError
from discwright.image.layout import (
    CUE_FORMATS,
    MOST_TRACKS,
    ImageTrack,
    Layout,
    TrackFormat,
    bad_description,
    file_beside,
    file_size,
    frames,
    read_description,
    session_gap,
)
from discwright.wording import _, shown

_FILE = re.compile(r'FILE\s+(?:"([^"]*)"|(.+?))\s+(\S+)\s*$', re.IGNORECASE)
_TRACK = re.compile(r"TRACK\s+(\d{1,2})\s+(\S+)\s*$", re.IGNORECASE)
_SESSION = re.compile(r"REM\s+SESSION\s+(\d{1,2})\s*$", re.IGNORECASE)
_WAVE_HEADER = 44


@dataclass
class _Track:
    number: int
    session: int
    format: TrackFormat
    pregap: int = 0
    """Frames of silence before it that no file holds."""
    indices: dict[int, int] = field(default_factory=dict)

    @property
    def first(self) -> int:
        """The frame of the file where it starts, its stored pregap included."""
        return self.indices.get(0, self.indices[1])


@dataclass
class _File:
    path: Path
    binary: bool
    tracks: list[_Track] = field(default_factory=list)


def is_cue(text: str) -> bool:
    """Whether a text looks like a cue sheet: it has a FILE and a TRACK line."""
    return all(re.search(rf"^\s*{word}\s", text, re.IGNORECASE | re.MULTILINE)
               for word in ("FILE", "TRACK"))  # fmt: skip


def read_cue(path: Path) -> Layout:
    """Read a cue sheet and look at its files. Raises SourceError with what is wrong with it."""
    files = _parse(path, read_description(path))
    tracks: list[ImageTrack] = []
    remarks: list[str] = []
    lba = 0
    for file in files:
        lba = _place(path, file, lba, tracks, remarks)
    return Layout(tuple(tracks), tuple(dict.fromkeys(f.path for f in files)), tuple(remarks))


def _parse(path: Path, text: str) -> list[_File]:
    files: list[_File] = []
    session = 1
    for at, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        match (line.split(maxsplit=1) or [""])[0].upper():
            case "FILE":
                files.append(_file(path, at, line))
                if len(files) > MOST_TRACKS:
                    raise bad_description(path, _("It names too many files."))
            case "REM":
                found = _SESSION.match(line)
                session = session if found is None else max(session, int(found[1]))
            case "TRACK":
                track = _track(line, session)
                before = [one.number for file in files for one in file.tracks]
                if track is None or not files or track.number <= max(before, default=0):
                    raise _bad(path, at, line)
                files[-1].tracks.append(track)
            case "INDEX" | "PREGAP":
                if not files or not files[-1].tracks:
                    raise _bad(path, at, line)
                _time(path, at, line, files[-1].tracks[-1])
    if not any(file.tracks for file in files):
        raise bad_description(path, _("It names no track."))
    return [file for file in files if file.tracks]


def _file(path: Path, at: int, line: str) -> _File:
    found = _FILE.match(line)
    if found is None:
        raise _bad(path, at, line)
    name = found[1] if found[1] is not None else found[2]
    return _File(file_beside(path, name), found[3].upper() in {"BINARY", "MOTOROLA"})


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
    size = file_size(file.path) if file.binary else _audio_size(file.path, remarks)
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
            sectors, odd = divmod(max(0, size - start), width)
            if odd and file.binary:
                remarks.append(
                    _("The file {name} ends within a sector.").format(name=shown(file.path.name))
                )
        else:
            sectors = after.first - here.indices[1]
        if file.binary and start + (sectors or 1) * width > size:
            raise SourceError(
                _("The file {name} is shorter than {cue} says.").format(
                    name=shown(file.path.name), cue=shown(path.name)
                ),
                remedy=_("It was probably not copied or downloaded to its end."),
            )
        lba += here.pregap + lead
        tracks.append(
            ImageTrack(here.number, here.session, here.format, file.path, start, lba, sectors)
        )
        lba += sectors
        offset = start + sectors * width
    return lba


def _audio_size(path: Path, remarks: list[str]) -> int:
    """Give about how many bytes of audio a file that isn't plain samples holds."""
    remarks.append(
        _("The music of this image is in the audio file {name}.").format(name=shown(path.name))
    )
    return max(0, file_size(path) - _WAVE_HEADER) if path.suffix.casefold() == ".wav" else 0
