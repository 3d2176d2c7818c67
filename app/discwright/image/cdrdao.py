# SPDX-License-Identifier: GPL-3.0-or-later
"""The .toc files of cdrdao (cdrdao(1), "TOC-FILES")."""

import re
from collections.abc import Iterator
from pathlib import Path

from discwright.errors import SourceError
from discwright.image.layout import (
    MOST_TRACKS,
    ImageTrack,
    Layout,
    TrackFormat,
    bad_description,
    file_beside,
    file_size,
    frames,
    read_description,
)
from discwright.wording import _, shown

_TOKEN = re.compile(r'//[^\n]*|"(?:[^"\\]|\\.)*"|[{}]|[^\s{}"]+', re.DOTALL)
_HEADS = ("CD_DA", "CD_ROM", "CD_ROM_XA", "CD_I")
_FORMATS = {
    "AUDIO": TrackFormat("AUDIO", 2352, 0),
    "MODE1": TrackFormat("MODE1/2048", 2048, 0),
    "MODE1_RAW": TrackFormat("MODE1/2352", 2352, 16),
    "MODE2": TrackFormat("MODE2/2336", 2336, 8),
    "MODE2_FORM1": TrackFormat("MODE2/2048", 2048, 0),
    "MODE2_FORM2": TrackFormat("MODE2/2324", 2324, 0),
    "MODE2_FORM_MIX": TrackFormat("MODE2/2336", 2336, 8),
    "MODE2_RAW": TrackFormat("MODE2/2352", 2352, 24),
}
_SAMPLE = 4
_SAMPLES_PER_FRAME = 588
_SUBCHANNEL = 96


def is_toc(text: str) -> bool:
    """Whether a text looks like cdrdao's: it starts with a disc type and has a TRACK."""
    tokens = _tokens(text[:4096])
    first = next(tokens, "")
    return first in _HEADS or (first == "CATALOG" and any(token in _HEADS for token in tokens))


def read_toc(path: Path) -> Layout:
    """Read a .toc and look at its files. Raises SourceError with what is wrong with it."""
    return _Parser(path, list(_tokens(read_description(path)))).layout()


def _tokens(text: str) -> Iterator[str]:
    return (found for found in _TOKEN.findall(text) if not found.startswith("//"))


class _Parser:
    def __init__(self, path: Path, tokens: list[str]) -> None:
        self._path = path
        self._tokens = tokens
        self._at = 0
        self._tracks: list[ImageTrack] = []
        self._files: list[Path] = []
        self._lba = 0
        self._format: TrackFormat | None = None
        self._clear()

    def _clear(self) -> None:
        self._file: Path | None = None
        self._offset = 0
        self._stored = 0
        self._end = 0
        self._pieces = 0
        self._length = 0
        self._start = 0

    def layout(self) -> Layout:
        while self._at < len(self._tokens):
            self._statement(self._next())
        self._finish()
        if not self._tracks:
            raise bad_description(self._path, _("It names no track."))
        return Layout(tuple(self._tracks), tuple(dict.fromkeys(self._files)))

    def _statement(self, word: str) -> None:
        match word:
            case "TRACK":
                self._finish()
                self._track()
            case "DATAFILE" | "FILE" | "AUDIOFILE" if self._format is not None:
                self._datafile(self._format, data=word == "DATAFILE")
            case "ZERO" | "SILENCE" if self._format is not None:
                while self._peek() in _FORMATS or self._peek() in {"RW", "RW_RAW"}:
                    self._next()
                self._length += self._time() or 0
            case "START":
                time = self._time()
                self._start = self._length if time is None else time
            case "PREGAP":
                time = self._time() or 0
                self._length += time
                self._start += time

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1] if self._at <= len(self._tokens) else ""

    def _time(self) -> int | None:
        """Give a length in frames, from ``mm:ss:ff`` or samples, if one follows."""
        time = frames(self._peek())
        if time is None and self._is_number():
            time = int(self._peek()) // _SAMPLES_PER_FRAME
        if time is not None:
            self._at += 1
        return time

    def _track(self) -> None:
        mode = _FORMATS.get(self._next())
        if mode is None or len(self._tracks) >= MOST_TRACKS:
            raise bad_description(self._path, _("It has a track of an unknown kind."))
        if self._peek() in {"RW", "RW_RAW"}:
            self._next()
            mode = TrackFormat(mode.name, mode.sector_size + _SUBCHANNEL, mode.user_offset)
        self._format = mode
        self._clear()

    def _datafile(self, mode: TrackFormat, *, data: bool) -> None:
        token = self._next()
        if len(token) < 2 or token[0] != '"':
            raise bad_description(self._path, _("A file name in it isn't quoted."))
        name = _unquoted(token)
        file = file_beside(self._path, name)
        size = file_size(file)
        skip = 0
        while self._peek() == "SWAP" or self._is_number("#"):
            word = self._next()
            skip += int(word[1:]) if word.startswith("#") else 0
        if not data:
            skip += self._sample_bytes()
        rest = max(0, size - skip) // mode.sector_size
        if data and self._is_number():
            length: int | None = int(self._next()) // mode.sector_size
        else:
            length = self._time()
        if length is not None and length > rest:
            raise SourceError(
                _("The file {name} is shorter than {cue} says.").format(
                    name=shown(file.name), cue=shown(self._path.name)
                ),
                remedy=_("It was probably not copied or downloaded to its end."),
            )
        if self._file is None:
            self._file, self._offset, self._stored = file, skip, self._length
        self._files.append(file)
        self._length += rest if length is None else length
        self._end = self._length
        self._pieces += 1

    def _is_number(self, prefix: str = "") -> bool:
        return re.fullmatch(prefix + "[0-9]{1,15}", self._peek()) is not None

    def _sample_bytes(self) -> int:
        """Give where audio starts in its file, in bytes."""
        if self._is_number():
            return int(self._next()) * _SAMPLE
        return (self._time() or 0) * _SAMPLES_PER_FRAME * _SAMPLE

    def _finish(self) -> None:
        if self._format is None:
            return
        if not self._length:
            raise bad_description(self._path, _("One of its tracks is empty."))
        ahead = self._start - self._stored
        whole = self._pieces == 1 and ahead >= 0
        if not whole and not self._format.is_audio:
            raise bad_description(
                self._path, _("One of its data tracks is put together from several pieces.")
            )
        self._tracks.append(
            ImageTrack(
                len(self._tracks) + 1,
                1,
                self._format,
                self._file if whole else None,
                self._offset + ahead * self._format.sector_size if whole else 0,
                self._lba + self._start,
                max(0, (self._end if whole else self._length) - self._start),
                max(0, self._length - max(self._start, self._end)) if whole else 0,
            )
        )
        self._lba += self._length
        self._format = None


def _unquoted(token: str) -> str:
    raw = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8) & 0xFF), token[1:-1])
    return re.sub(r"\\(.)", r"\1", raw, flags=re.DOTALL)
