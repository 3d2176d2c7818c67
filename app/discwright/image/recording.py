# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a CD image goes onto a disc: every sector from LBA 0 to the lead-out, track by track.

The 150 sectors of pause before LBA 0 are no part of it: drives write them by themselves. Sectors
are counted with everything that a drive is given of them; sync patterns, headers of Mode 1 and
error correction are made anew by the drive. Pure.
"""

from dataclasses import dataclass
from enum import StrEnum

from discwright.image.layout import (
    FRAMES_PER_SECOND,
    RAW_SECTOR,
    ImageTrack,
    Layout,
    TrackFormat,
)
from discwright.wording import _, counted

MOST_WORDS = 2900
"""Letters of CD-TEXT: 255 packs of 12, some of which only say how many there are (MMC-6
annex J)."""

PAUSE = 150
"""Sectors: 2 seconds."""

SHORTEST_TRACK = 300
"""Sectors: 4 seconds (ECMA-130 20.2, MMC-6 4.2)."""

_FORM1, _FORM2, _SUBHEADED = 2048, 2324, 2336
_HEADER = 16
"""Sync pattern and header of a raw sector (ECMA-130 14)."""


class Form(StrEnum):
    """How the sectors of a track are made up."""

    AUDIO = "audio"
    MODE1 = "mode1"
    MODE2 = "mode2"
    """Each sector with its own subheader, of form 1 or 2 (CD-ROM XA)."""
    MODE2_FORM1 = "mode2-form1"
    """Without subheaders: the drive makes them."""
    MODE2_FORM2 = "mode2-form2"

    @property
    def size(self) -> int:
        """Bytes of a sector that the drive is given."""
        return _SIZES[self]

    @property
    def is_data(self) -> bool:
        """Whether it isn't music."""
        return self is not Form.AUDIO


_SIZES = {
    Form.AUDIO: RAW_SECTOR, Form.MODE1: _FORM1, Form.MODE2: _SUBHEADED, Form.MODE2_FORM1: _FORM1,
    Form.MODE2_FORM2: _FORM2,
}  # fmt: skip


@dataclass(frozen=True)
class RecordedTrack:
    """A track as it will be on the disc."""

    source: ImageTrack
    form: Form
    lba: int
    """Where its pregap begins."""
    sectors: int
    """With its pregap."""
    offset: int
    """The byte of all that the drive is given where it begins."""

    @property
    def number(self) -> int:
        """From 1 on."""
        return self.source.number

    @property
    def pregap(self) -> int:
        """Sectors before its start."""
        return self.source.pregap

    @property
    def start(self) -> int:
        """The LBA that the table of contents tells (INDEX 01)."""
        return self.lba + self.source.pregap

    @property
    def end(self) -> int:
        """The first LBA after it."""
        return self.lba + self.sectors

    @property
    def indices(self) -> tuple[int, ...]:
        """Where INDEX 02 and further ones are, in sectors from its start; those that make sense."""
        found: list[int] = []
        for at in self.source.indices:
            if not (found[-1] if found else 0) < at < self.end - self.start:
                break
            found.append(at)
        return tuple(found)

    @property
    def size(self) -> int:
        """Bytes that the drive is given, pregap included."""
        return self.sectors * self.form.size

    @property
    def control(self) -> int:
        """The four control bits of the table of contents (MMC-6 6.25.3.2, table 468)."""
        marks = self.source.marks
        if self.form.is_data:
            return 0x4 | marks.copy << 1
        return marks.four_channels << 3 | marks.copy << 1 | marks.emphasis


@dataclass(frozen=True)
class Recording:
    """A whole disc of one session."""

    layout: Layout
    tracks: tuple[RecordedTrack, ...]

    @property
    def sectors(self) -> int:
        """From LBA 0 to the lead-out."""
        return self.tracks[-1].end if self.tracks else 0

    @property
    def size(self) -> int:
        """Bytes that the drive is given."""
        return sum(track.size for track in self.tracks)

    @property
    def music(self) -> tuple[RecordedTrack, ...]:
        """The tracks for CD players."""
        return tuple(track for track in self.tracks if not track.form.is_data)

    @property
    def data(self) -> tuple[RecordedTrack, ...]:
        """The tracks for computers."""
        return tuple(track for track in self.tracks if track.form.is_data)

    @property
    def plain(self) -> bool:
        """Whether it is one run of 2048-byte Mode 1 sectors and nothing else."""
        return (
            len(self.tracks) == 1
            and self.tracks[0].form is Form.MODE1
            and not self.tracks[0].pregap
        )

    @property
    def changes_without_pause(self) -> bool:
        """Whether data and music, or data of two modes, meet without the pause that belongs there.

        Source: ECMA-130 20.1, two seconds at least.
        """
        return any(
            one.form is not other.form and other.pregap < PAUSE
            for one, other in zip(self.tracks, self.tracks[1:], strict=False)
        )

    @property
    def has_words(self) -> bool:
        """Whether it has CD-TEXT, and not more of it than a disc holds."""
        return 0 < self._letters <= MOST_WORDS

    @property
    def loses_words(self) -> bool:
        """Whether it has more CD-TEXT than a disc holds."""
        return self._letters > MOST_WORDS

    @property
    def _letters(self) -> int:
        of_tracks = (track.source.words for track in self.tracks)
        return sum(len(text) + 1 for words in (self.layout.words, *of_tracks)
                   for text in words.values())  # fmt: skip

    @property
    def summary(self) -> str:
        """Say what is on it: "12 tracks of music, 54:31"."""
        parts = []
        if self.data:
            parts.append(counted("{n} track of data", "{n} tracks of data", len(self.data)))
        if self.music:
            parts.append(counted("{n} track of music", "{n} tracks of music", len(self.music)))
        return _("{tracks}, {time}").format(
            tracks=_(" and ").join(parts), time=minutes(self.sectors)
        )


def minutes(sectors: int) -> str:
    """Give a length as it is printed on CDs: ``54:31``."""
    seconds = -(-sectors // FRAMES_PER_SECOND)
    return f"{seconds // 60}:{seconds % 60:02}"


def record(layout: Layout) -> Recording:
    """Say how the tracks of an image go onto a disc, one after the other."""
    tracks = []
    lba = offset = 0
    for source in layout.tracks:
        form = form_of(source.format)
        width = source.format.sector_size
        sectors = sum(piece.length for piece in source.pieces) // width
        tracks.append(RecordedTrack(source, form, lba, sectors, offset))
        lba += sectors
        offset += sectors * form.size
    return Recording(layout, tuple(tracks))


def form_of(stored: TrackFormat) -> Form:
    """Give the form in which a drive takes sectors that are stored so."""
    if stored.is_audio:
        return Form.AUDIO
    if stored.name.startswith("MODE1"):
        return Form.MODE1
    if stored.sector_size == _FORM1:
        return Form.MODE2_FORM1
    return Form.MODE2_FORM2 if stored.sector_size == _FORM2 else Form.MODE2


def taken_from(stored: TrackFormat) -> int:
    """Give the byte of a stored sector at which that begins which the drive is given."""
    return _HEADER if stored.sector_size >= RAW_SECTOR and not stored.is_audio else 0
