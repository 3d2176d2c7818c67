# SPDX-License-Identifier: GPL-3.0-or-later
"""How the sectors of a CD lie in a .bin, and the cue sheet that says so. Pure.

All tracks are in one file: there is one checksum of the disc's content, no decision to which of
two files a pause belongs, and all programs that know cue sheets read it (of several files, as
catalogues of games have them, some read only the first). Its sectors follow each other as on the
disc, from LBA 0 on, so that a place in it is a place on the disc. Left out is what no drive gives
or no sheet can hold, and the sheet says how much that is: the sectors before LBA 0, the gap
between sessions (REM SESSION), and what the drive says is no sector at all (PREGAP, POSTGAP).
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from discwright.image.cue_writer import Sheet, SheetTrack
from discwright.image.layout import time_of
from discwright.optical.compact_disc import CdTrack, CompactDisc
from discwright.optical.disc import TrackMode
from discwright.optical.raw_sectors import Content, Stretch
from discwright.transfer.extents import Extent

_COPY, _EMPHASIS, _FOUR_CHANNELS = 0x2, 0x1, 0x8
_LONGEST_PAUSE = 225
"""Sectors between music and data, by the standard: one second and two (ECMA-130 20)."""
_MODE2 = frozenset({TrackMode.MODE2_FORM1, TrackMode.MODE2_FORM2, TrackMode.MODE2_MIXED})


@dataclass(frozen=True)
class BinLayout:
    """The stretches that are in the file, one after the other."""

    stretches: tuple[Stretch, ...]

    @property
    def sectors(self) -> int:
        """How many are in the file."""
        return sum(one.count for one in self.stretches)

    @property
    def end(self) -> int:
        """The first LBA after the last of them."""
        return self.stretches[-1].end if self.stretches else 0

    @property
    def holes(self) -> tuple[Extent, ...]:
        """What lies between LBA 0 and the end, but not in the file."""
        found, at = [], 0
        for one in self.stretches:
            found.append(Extent(at, one.lba - at))
            at = one.end
        return tuple(hole for hole in found if hole.count)

    def position(self, lba: int) -> int:
        """Give the sector of the file in which a sector of the disc is."""
        number = bisect_right(self.stretches, lba, key=lambda one: one.lba) - 1
        return sum(one.count for one in self.stretches[:number]) + lba - self.stretches[number].lba

    def within(self, run: Extent) -> Iterator[tuple[Stretch, Extent]]:
        """Give the parts of a run of sectors, by their stretches."""
        for one in self.stretches:
            first, end = max(run.lba, one.lba), min(run.end, one.end)
            if first < end:
                yield one, Extent(first, end - first)


def lay_out(disc: CompactDisc) -> BinLayout:
    """Say which sectors are copied, and what they are."""
    return BinLayout(tuple(one for one in _stretches(disc) if one.count > 0))


def _stretches(disc: CompactDisc) -> Iterator[Stretch]:
    before: CdTrack | None = None
    for track in disc.tracks:
        content = Content.DATA if track.is_data else Content.MUSIC
        if track.pause and not track.withheld:
            meeting = before is not None and before.is_data != track.is_data
            pause = Content.PAUSE if meeting or track.is_data else content
            yield Stretch(track.start - track.pause, track.pause, pause, track.number)
        end = disc.recorded_end(track)
        untold = min(_untold(disc, track), end - track.start)
        yield Stretch(track.start, end - untold - track.start, content, track.number)
        yield Stretch(end - untold, untold, Content.PAUSE, track.number)
        before = track


def _untold(disc: CompactDisc, track: CdTrack) -> int:
    """Count the sectors at its end that may be the next one's pause: where no Q could tell."""
    after = next((t for t in disc.tracks if t.number == track.number + 1), None)
    if after is None or after.session != track.session or after.is_data == track.is_data:
        return 0
    told = disc.knows_places and after.number not in disc.doubtful
    return 0 if told or after.before else _LONGEST_PAUSE


def sheet_of(
    disc: CompactDisc, layout: BinLayout, name: str, modes: Mapping[int, Set[int]]
) -> Sheet:
    """Describe the file; ``modes``: what the headers of each track's sectors said."""
    last = max(track.session for track in disc.tracks)
    tracks = []
    for track in disc.tracks:
        indices = [(1, layout.position(track.start))]
        if track.pause and not track.withheld:
            indices.insert(0, (0, layout.position(track.start - track.pause)))
        indices += [(n, layout.position(lba)) for n, lba in enumerate(track.indices, start=2)]
        tracks.append(
            SheetTrack(
                track.number,
                track.session,
                format_of(track, modes.get(track.number, set())),
                tuple(indices),
                flags_of(track),
                pregap=track.withheld,
                postgap=track.withheld_end if track.session < last else 0,
                isrc=track.isrc,
                words=track.words,
            )
        )
    return Sheet(name, tracks, disc.catalog, disc.text.disc)


def format_of(track: CdTrack, modes: Set[int]) -> str:
    """Give the format of a track in a cue sheet: by its sectors, or by what was seen before."""
    if not track.is_data:
        return "AUDIO"
    if 2 in modes or (1 not in modes and track.mode in _MODE2):
        return "MODE2/2352"
    return "MODE1/2352"


def flags_of(track: CdTrack) -> tuple[str, ...]:
    """Give the flags of a track in a cue sheet; of data only whether it may be copied."""
    known = [("DCP", _COPY)]
    if not track.is_data:
        known += [("4CH", _FOUR_CHANNELS), ("PRE", _EMPHASIS)]
    return tuple(word for word, bit in known if track.control & bit)


def place_in(track: CdTrack, lba: int) -> str:
    """Give the time in a track, as players count it: backward in its pause."""
    apart = lba - track.start
    return time_of(apart) if apart >= 0 else f"-{time_of(-apart)}"
