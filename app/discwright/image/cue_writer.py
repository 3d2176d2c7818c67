# SPDX-License-Identifier: GPL-3.0-or-later
"""Cue sheets, written: which tracks lie where in a file of whole sectors. Pure.

Only what every reader knows is used; sessions are told in the usual remark (REM SESSION), which
those that know only one session pass over.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PureWindowsPath

from discwright.image.layout import TEXT_NAMES, time_of


@dataclass(frozen=True)
class SheetTrack:
    """A track as its sheet describes it; places are sectors of the file."""

    number: int
    session: int
    format: str
    """"AUDIO", "MODE1/2352" or "MODE2/2352"."""
    indices: tuple[tuple[int, int], ...]
    """Number and place, ascending; 0 only if the pause before the track is in the file."""
    flags: tuple[str, ...] = ()
    pregap: int = 0
    """Sectors before it that are not in the file."""
    postgap: int = 0
    """Sectors after it that are not in the file."""
    isrc: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """All that a cue sheet says."""

    file: str
    tracks: Sequence[SheetTrack]
    catalog: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


def can_name(name: str) -> bool:
    """Whether a sheet can name a file so that all who read it find it beside it."""
    odd = '"' in name or any(map(_breaks, name))
    return not odd and PureWindowsPath(name).parts == (name,)


def write_cue(sheet: Sheet) -> str:
    """Give the text of a cue sheet; lines end as in DOS, where the format comes from."""
    return "".join(f"{line}\r\n" for line in _lines(sheet))


def _lines(sheet: Sheet) -> Iterator[str]:
    several = len({track.session for track in sheet.tracks}) > 1
    if sheet.catalog:
        yield f"CATALOG {sheet.catalog}"
    yield from _words(sheet.words, "")
    if several:
        yield "REM SESSION 01"
    yield f'FILE "{sheet.file}" BINARY'
    session = 1
    for track in sheet.tracks:
        if track.session != session:
            session = track.session
            yield f"REM SESSION {session:02}"
        yield f"  TRACK {track.number:02} {track.format}"
        if track.flags:
            yield f"    FLAGS {' '.join(track.flags)}"
        yield from _words(track.words, "    ")
        if track.isrc:
            yield f"    ISRC {track.isrc}"
        if track.pregap:
            yield f"    PREGAP {time_of(track.pregap)}"
        for number, place in track.indices:
            yield f"    INDEX {number:02} {time_of(place)}"
        if track.postgap:
            yield f"    POSTGAP {time_of(track.postgap)}"


def _words(words: Mapping[str, str], indent: str) -> Iterator[str]:
    for name in TEXT_NAMES:
        text = words.get(name, "")
        if text:
            safe = "".join(" " if _breaks(ch) else "'" if ch == '"' else ch for ch in text)
            yield f'{indent}{name} "{safe}"'


def _breaks(ch: str) -> bool:
    """Whether a character ends a line for some reader, or is none: a byte that is no text."""
    return unicodedata.category(ch) in {"Cc", "Cs", "Zl", "Zp"}
