# SPDX-License-Identifier: GPL-3.0-or-later
"""The .toc files of cdrdao (cdrdao(1), "TOC-FILES")."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from discwright.errors import SourceError
from discwright.image.layout import (
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
)
from discwright.image.wave import find_samples
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
"""Bytes of a sample of both channels."""
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
        self._catalog = ""
        self._words: dict[str, str] = {}
        self._track_words: dict[str, str] = self._words
        self._clear()

    def _clear(self) -> None:
        self._pieces: list[Piece] = []
        self._filled = 0
        self._start = 0
        self._indices: list[int] = []
        self._marks = Marks()
        self._obstacle = ""

    def layout(self) -> Layout:
        while self._at < len(self._tokens):
            self._statement(self._next())
        self._finish()
        if not self._tracks:
            raise bad_description(self._path, _("It names no track."))
        return Layout(
            tuple(self._tracks),
            tuple(dict.fromkeys(self._files)),
            catalog=self._catalog,
            words=self._words,
        )

    def _statement(self, word: str) -> None:
        match word:
            case "TRACK":
                self._finish()
                self._track()
            case "CD_TEXT":
                self._cd_text()
            case "CATALOG":
                self._catalog = catalog_of(_unquoted(self._next()))
            case _ if self._format is not None:
                self._of_track(self._format, word)

    def _of_track(self, mode: TrackFormat, word: str) -> None:
        match word:
            case "DATAFILE" | "FILE" | "AUDIOFILE":
                self._datafile(mode, data=word == "DATAFILE")
            case "ZERO" | "SILENCE":
                while self._peek() in _FORMATS or self._peek() in {"RW", "RW_RAW"}:
                    self._next()
                self._add(None, 0, self._extent(mode) or 0)
            case "START":
                time = self._time()
                self._start = self._sectors(mode) if time is None else time
            case "PREGAP":
                time = self._time() or 0
                self._add(None, 0, time * mode.sector_size)
                self._start += time
            case "INDEX":
                self._indices.append(self._time() or 0)
            case "NO":
                self._mark(self._next(), on=False)
            case "COPY" | "PRE_EMPHASIS" | "FOUR_CHANNEL_AUDIO" | "TWO_CHANNEL_AUDIO":
                self._mark(word, on=True)
            case "ISRC":
                self._marks = replace(self._marks, isrc=isrc_of(_unquoted(self._next())))

    def _mark(self, word: str, *, on: bool) -> None:
        match word:
            case "COPY":
                self._marks = replace(self._marks, copy=on)
            case "PRE_EMPHASIS":
                self._marks = replace(self._marks, emphasis=on)
            case "FOUR_CHANNEL_AUDIO" | "TWO_CHANNEL_AUDIO":
                self._marks = replace(self._marks, four_channels=word.startswith("FOUR"))

    def _cd_text(self) -> None:
        """Take the names of the first language; the rest of the block is passed over."""
        depth = 0
        taken = False
        words: dict[str, str] = {}
        while self._at < len(self._tokens):
            word = self._next()
            if word == "LANGUAGE" and depth == 1:
                taken = bool(words)
            depth += (word == "{") - (word == "}")
            if depth <= 0:
                break
            if word in TEXT_NAMES and self._peek()[:1] == '"' and not taken:
                words[word] = _unquoted(self._next())
        (self._words if self._format is None else self._track_words).update(words)

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1] if self._at <= len(self._tokens) else ""

    def _time(self) -> int | None:
        """Give a length in frames, from ``mm:ss:ff``, if one follows."""
        time = frames(self._peek())
        if time is not None:
            self._at += 1
        return time

    def _extent(self, mode: TrackFormat) -> int | None:
        """Give a length in bytes, from ``mm:ss:ff``, samples of music or bytes of data."""
        time = self._time()
        if time is not None:
            return time * mode.sector_size
        if self._is_number():
            return int(self._next()) * (_SAMPLE if mode.is_audio else 1)
        return None

    def _sectors(self, mode: TrackFormat) -> int:
        return -(-self._filled // mode.sector_size)

    def _add(self, file: Path | None, offset: int, length: int, *, swapped: bool = False) -> None:
        if length:
            self._pieces.append(Piece(file, offset, length, swapped))
            self._filled += length

    def _track(self) -> None:
        mode = _FORMATS.get(self._next())
        if mode is None or len(self._tracks) >= MOST_TRACKS:
            raise bad_description(self._path, _("It has a track of an unknown kind."))
        if self._peek() in {"RW", "RW_RAW"}:
            self._next()
            mode = TrackFormat(mode.name, mode.sector_size + _SUBCHANNEL, mode.user_offset)
        self._format = mode
        self._track_words = {}
        self._clear()

    def _datafile(self, mode: TrackFormat, *, data: bool) -> None:
        token = self._next()
        if len(token) < 2 or token[0] != '"':
            raise bad_description(self._path, _("A file name in it isn't quoted."))
        name = _unquoted(token)
        file = file_beside(self._path, name)
        base, size, swapped = self._store(mode, file)
        skip = 0
        while self._peek() == "SWAP" or self._is_number("#"):
            word = self._next()
            skip += int(word[1:]) if word.startswith("#") else 0
            swapped ^= word == "SWAP"
        if not data:
            skip += self._extent(mode) or 0
        rest = max(0, size - skip)
        if not mode.is_audio:
            rest -= rest % mode.sector_size
        if data and self._is_number():
            length: int | None = int(self._next())
        else:
            length = self._extent(mode)
        if length is not None and length > rest:
            raise SourceError(
                _("The file {name} is shorter than {cue} says.").format(
                    name=shown(file.name), cue=shown(self._path.name)
                ),
                remedy=_("It was probably not copied or downloaded to its end."),
            )
        self._files.append(file)
        self._add(file, base + skip, length or rest, swapped=swapped and mode.is_audio)

    def _store(self, mode: TrackFormat, file: Path) -> tuple[int, int, bool]:
        """Give where a file's sectors begin, their bytes, and whether samples are swapped."""
        if not mode.is_audio or file.suffix.casefold() != ".wav":
            return 0, file_size(file), True  # raw music has its high bytes first: cdrdao(1)
        samples = find_samples(file)
        if samples is not None:
            return samples.offset, samples.length, False
        self._obstacle = _(
            "Its music is in {name}, which is no WAVE file of 44.1 kHz, 16 bits and two channels."
        ).format(name=shown(file.name))
        return 0, file_size(file), False

    def _is_number(self, prefix: str = "") -> bool:
        return re.fullmatch(prefix + "[0-9]{1,15}", self._peek()) is not None

    def _finish(self) -> None:
        mode = self._format
        if mode is None:
            return
        if not self._filled:
            raise bad_description(self._path, _("One of its tracks is empty."))
        odd = -self._filled % mode.sector_size
        self._add(None, 0, odd)
        width, start, length = mode.sector_size, self._start, self._sectors(mode)
        if start >= length:
            raise bad_description(self._path, _("One of its tracks is empty."))
        # Readers want one run in one file, with nothing but zeros around it.
        stored = [(at, one) for at, one in _placed(self._pieces) if one.file is not None]
        at, piece = stored[0] if stored else (0, Piece(None, 0, 0))
        whole = len(stored) == 1 and start * width >= at and not at % width
        if not whole and not mode.is_audio:
            raise bad_description(
                self._path, _("One of its data tracks is put together from several pieces.")
            )
        end = -(-(at + piece.length) // width) if whole else length
        self._tracks.append(
            ImageTrack(
                len(self._tracks) + 1, 1, mode,
                piece.file if whole else None,
                piece.offset + start * width - at if whole else 0,
                self._lba + start,
                max(0, end - start),
                length - max(start, end),
                start,
                tuple(self._pieces),
                tuple(self._indices),
                self._marks,
                self._track_words,
                self._obstacle or mode.obstacle,
            )
        )  # fmt: skip
        self._lba += length
        self._format = None


def _placed(pieces: list[Piece]) -> Iterator[tuple[int, Piece]]:
    """Give each piece with the byte of the track where it starts."""
    at = 0
    for piece in pieces:
        yield at, piece
        at += piece.length


def _unquoted(token: str) -> str:
    raw = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8) & 0xFF), token[1:-1])
    return re.sub(r"\\(.)", r"\1", raw, flags=re.DOTALL)
