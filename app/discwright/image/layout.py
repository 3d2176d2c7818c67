# SPDX-License-Identifier: GPL-3.0-or-later
"""The tracks of a CD image as its description (.cue, .toc, .nrg) and the sizes of its files say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

from discwright.errors import SourceError
from discwright.wording import _, shown

FRAMES_PER_SECOND = 75
RAW_SECTOR = 2352
"""Bytes of a whole sector of a CD; of music, 588 samples of two channels."""
MOST_TRACKS = 99
_MOST_TEXT = 1024 * 1024

FIRST_SESSION_GAP = 11_400
LATER_SESSION_GAP = 6_900
TEXT_NAMES = ("TITLE", "PERFORMER", "SONGWRITER", "COMPOSER", "ARRANGER", "MESSAGE")
"""What CD-TEXT says of discs and tracks (MMC-6 annex J)."""
"""Sectors of lead-out, lead-in and pregap between sessions (MMC-6 4.2.3; Orange Book)."""


@dataclass(frozen=True)
class TrackFormat:
    """How a track's sectors are stored."""

    name: str
    """As in a cue sheet: "AUDIO", "MODE1/2048", "MODE2/2352" ..."""
    sector_size: int
    """Bytes of a stored sector."""
    user_offset: int
    """Where the 2048 bytes of user data start in it (Mode 2: if it is Form 1)."""

    @property
    def is_audio(self) -> bool:
        """Whether it is music."""
        return self.name in {"AUDIO", "CDG"}

    @property
    def obstacle(self) -> str:
        """Why such sectors can't be written to a disc as they are; "" if they can."""
        if self.sector_size > RAW_SECTOR:
            return _("It holds subchannel data, such as the pictures of a CD+G disc.")
        return ""


CUE_FORMATS = {
    one.name: one
    for one in (
        TrackFormat("AUDIO", 2352, 0),
        TrackFormat("CDG", 2448, 0),
        TrackFormat("MODE1/2048", 2048, 0),
        TrackFormat("MODE1/2352", 2352, 16),
        TrackFormat("MODE1/2448", 2448, 16),
        TrackFormat("MODE2/2048", 2048, 0),
        TrackFormat("MODE2/2324", 2324, 0),
        TrackFormat("MODE2/2336", 2336, 8),
        TrackFormat("MODE2/2352", 2352, 24),
        TrackFormat("MODE2/2448", 2448, 24),
        TrackFormat("CDI/2336", 2336, 8),
        TrackFormat("CDI/2352", 2352, 24),
    )
}


@dataclass(frozen=True)
class Piece:
    """A run of bytes of a track, as they are stored; nothing stores zeros."""

    file: Path | None
    """None: zeros."""
    offset: int
    """The byte of ``file`` where it starts."""
    length: int
    """Bytes."""
    swapped: bool = False
    """Music whose samples have their high byte first."""


@dataclass(frozen=True)
class Marks:
    """What a track's subchannel says beside its place (MMC-6 4.2.3.3, Red Book)."""

    copy: bool = False
    """Digital copy permitted."""
    emphasis: bool = False
    """Music recorded with pre-emphasis."""
    four_channels: bool = False
    isrc: str = ""
    """Twelve letters and digits."""


@dataclass(frozen=True)
class ImageTrack:
    """A track of a CD image."""

    number: int
    session: int
    format: TrackFormat
    file: Path | None
    """Where its sectors are stored; None for music put together from pieces and silence."""
    offset: int
    """The byte of ``file`` where the track (INDEX 01) starts."""
    start: int
    """LBA of INDEX 01."""
    sectors: int
    """Stored sectors from INDEX 01 on, by the size of the file."""
    zeros: int = 0
    """Sectors of zeros that follow on the disc and that no file holds."""
    pregap: int = 0
    """Sectors from INDEX 00 to INDEX 01, stored or not; for track 1 only those from LBA 0 on."""
    pieces: tuple[Piece, ...] = ()
    """All of it, from its pregap to its end."""
    indices: tuple[int, ...] = ()
    """Where INDEX 02 and further ones are, in sectors from INDEX 01 on."""
    marks: Marks = field(default_factory=Marks)
    words: Mapping[str, str] = field(default_factory=dict)
    """CD-TEXT, by its names: TITLE, PERFORMER ..."""
    obstacle: str = ""
    """Why it can't be written to a disc as it is, in a sentence; "" if it can."""

    @property
    def is_data(self) -> bool:
        """Whether a computer reads the track, not a CD player."""
        return not self.format.is_audio


@dataclass(frozen=True)
class Layout:
    """All tracks, the files they lie in, and what is odd about them."""

    tracks: tuple[ImageTrack, ...]
    files: tuple[Path, ...]
    remarks: tuple[str, ...] = ()
    catalog: str = ""
    """The media catalogue number, thirteen digits; "" if it has none."""
    words: Mapping[str, str] = field(default_factory=dict)
    """CD-TEXT of the disc as a whole."""

    @property
    def sectors(self) -> int:
        """The lead-out: the first LBA after the last track."""
        return max((one.start + one.sectors + one.zeros for one in self.tracks), default=0)


def read_description(path: Path) -> str:
    """Read a .cue or .toc file as text. Raises SourceError if it can't be read or isn't one."""
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_TEXT + 1)
    except OSError as error:
        raise SourceError(
            _("The file {name} can't be read: {why}.").format(
                name=shown(path.name), why=error.strerror
            ),
            cause=str(error),
        ) from error
    if len(raw) > _MOST_TEXT or b"\0" in raw:
        raise bad_description(path, _("It isn't a text file."))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def bad_description(path: Path, why: str) -> SourceError:
    """Give the error for a description that can't be followed; ``why`` is a sentence."""
    return SourceError(
        _("The file {name} doesn't describe a disc that can be read.").format(name=shown(path.name))
        + f" {why}"
    )


def file_beside(description: Path, name: str) -> Path:
    """Give the regular file that a description names, in its own folder or below.

    Upper and lower case may differ, as descriptions come from other systems. Raises SourceError
    if the name leads elsewhere or there is no such file.
    """
    parts = PureWindowsPath(name).parts
    if (
        not parts
        or PureWindowsPath(name).anchor
        or ".." in parts
        or any(ord(ch) < 32 for ch in name)
    ):
        raise SourceError(
            _("{cue} names the file {name}, which is not in its own folder.").format(
                cue=shown(description.name), name=shown(name) or "“”"
            ),
            remedy=_("Put the file beside it, and write its name without a folder."),
        )
    place = description.parent
    for part in parts:
        place = _entry(place, part)
    if not place.is_file():
        raise SourceError(
            _("{cue} needs the file {name}, but it isn't there.").format(
                cue=shown(description.name), name=shown(name)
            ),
            remedy=_("Put both files in the same folder."),
        )
    return place


def _entry(folder: Path, name: str) -> Path:
    exact = folder / name
    try:
        if exact.exists():
            return exact
        wanted = name.casefold()
        return next((one for one in folder.iterdir() if one.name.casefold() == wanted), exact)
    except OSError:
        return exact


def isrc_of(text: str) -> str:
    """Give an ISRC without its hyphens; "" if it isn't one (ISO 3901)."""
    code = text.replace("-", "").upper()
    return code if re.fullmatch(r"[A-Z0-9]{5}[0-9]{7}", code) else ""


def catalog_of(text: str) -> str:
    """Give a media catalogue number; "" if it isn't one or is all zeros, which means none."""
    return text if re.fullmatch(r"[0-9]{13}", text) and text.strip("0") else ""


def file_size(path: Path) -> int:
    """Give the size of a file in bytes, 0 if it can't be told."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def session_gap(sessions_before: int) -> int:
    """Give the sectors between the lead-out of a session and the start of the next."""
    return FIRST_SESSION_GAP if sessions_before == 1 else LATER_SESSION_GAP


def frames(text: str) -> int | None:
    """Give ``mm:ss:ff`` as frames (sectors); None if it isn't one."""
    parts = text.split(":")
    if len(parts) != 3 or not all(p.isascii() and p.isdigit() and len(p) <= 6 for p in parts):
        return None
    minutes, seconds, rest = (int(part) for part in parts)
    if seconds >= 60 or rest >= FRAMES_PER_SECOND:
        return None
    return (minutes * 60 + seconds) * FRAMES_PER_SECOND + rest


def time_of(sectors: int) -> str:
    """Give a place or a length as ``MM:SS:FF``; minutes beyond 99 take the digits they need."""
    seconds, frame = divmod(sectors, FRAMES_PER_SECOND)
    return f"{seconds // 60:02}:{seconds % 60:02}:{frame:02}"
