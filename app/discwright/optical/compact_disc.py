# SPDX-License-Identifier: GPL-3.0-or-later
"""A CD track by track: what its table of contents and its subchannel say, beside the sectors.

Pauses and indices stand in the Q channel alone. They are found by halving the span in which they
must be, a few sectors at each step: a disc of twenty tracks costs some hundred short reads.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from discwright.optical import commands, subchannel, toc
from discwright.optical.cd_text import CdText, length_of, parse_cd_text
from discwright.optical.disc import Track, TrackMode
from discwright.optical.drive import CommandError
from discwright.optical.drive_source import DriveSource
from discwright.optical.length import SURE_RUNOUT_FAULTS
from discwright.optical.sense import PASSING, Fault
from discwright.optical.subchannel import Place
from discwright.transfer.cancel import CancelToken

MOST_WITHHELD = 227
"""Sectors at the end of data that drives may not give: run-out (2), postgap (150), and the second
of the pause that is still of the other kind (75) (ECMA-130 20)."""

_GLANCE = 8
"""Sectors that are read to learn one place: not each one's Q tells it, nine of ten do at least."""

_FIRST_STEP = 152
"""Sectors before a track where its pause is looked for first: most last two seconds."""

_ATTEMPTS = 3

_MOST_TEXT = 0xFFFF
"""Bytes in one answer to READ TOC."""


@dataclass(frozen=True)
class CdTrack:
    """A track, with all that is known of it."""

    number: int
    session: int
    start: int
    """LBA of INDEX 01."""
    end: int
    """The first LBA after it: the next track's start, or its session's lead-out."""
    mode: TrackMode
    control: int
    """Bits of the table of contents: data, copy permitted, and so on (MMC-6 6.25.3.2)."""
    pause: int = 0
    """Sectors before its start that are its own already (index 0), as far as it is known."""
    withheld: int = 0
    """Sectors right before its start that the drive doesn't give, as they are of no track."""
    withheld_end: int = 0
    """The same at its end, before a lead-out: run-out."""
    indices: tuple[int, ...] = ()
    """LBA of INDEX 02 and further ones."""
    isrc: str = ""
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_data(self) -> bool:
        """Whether a computer reads it, not a CD player."""
        return self.mode is not TrackMode.AUDIO

    @property
    def before(self) -> int:
        """Sectors before its start that don't belong to the track before."""
        return max(self.pause, self.withheld)


@dataclass(frozen=True)
class CompactDisc:
    """A CD as a whole."""

    tracks: tuple[CdTrack, ...]
    catalog: str = ""
    text: CdText = field(default_factory=CdText)
    knows_places: bool = True
    """Whether the drive gave Q channels: else pauses and indices are not known."""
    doubtful: tuple[int, ...] = ()
    """Tracks whose pause or indices could not be found out for certain."""

    def recorded_end(self, track: CdTrack) -> int:
        """Give the first LBA after what is a track's own: the next one's pause is not."""
        following = next((t for t in self.tracks if t.number == track.number + 1), None)
        if following is not None and following.session == track.session:
            return following.start - following.before
        return track.end - track.withheld_end


def read_contents(source: DriveSource) -> tuple[tuple[toc.TocEntry, ...], int]:
    """Give the table of contents, and how many sessions there are; (), 0 without one."""
    try:
        entries = toc.parse_formatted(source.reader.run(commands.read_toc(0)))
        sessions = toc.parse_full(source.reader.run(commands.read_toc(2, session=1)))
    except CommandError:
        return (), 0
    return entries, len(sessions)


def survey(
    source: DriveSource,
    tracks: Sequence[Track],
    cancel: CancelToken,
    *,
    file_systems: Sequence[int] = (),
) -> CompactDisc:
    """Ask for all that stands beside the sectors. Raises SourceError, Cancelled.

    ``file_systems``: the first LBA after each one. What lies in one is a sector, whatever the
    drive says of it.
    """
    return _Survey(source, cancel, file_systems).run(tracks)


class _Survey:
    def __init__(
        self, source: DriveSource, cancel: CancelToken, file_systems: Sequence[int]
    ) -> None:
        self._source = source
        self._cancel = cancel
        self._file_systems = file_systems
        self._selection: int | None = None
        """The sub-channel selection that this drive knows; 0: none."""
        self._doubtful: set[int] = set()

    def run(self, tracks: Sequence[Track]) -> CompactDisc:
        entries, _sessions = read_contents(self._source)
        controls = {entry.number: entry.control for entry in entries}
        found = [
            CdTrack(
                track.number, track.session, track.start, track.start + track.sectors, track.mode,
                controls.get(track.number, toc.CONTROL_DATA if track.is_data else 0),
            )
            for track in tracks
        ]  # fmt: skip
        self._find_selection(found)
        for number, track in enumerate(found):
            found[number] = self._around(track, found, number)
        for number, track in enumerate(found):
            found[number] = replace(track, indices=self._indices(track, found, number))
        text = parse_cd_text(self._text())
        catalog = subchannel.parse_catalog(self._source.ask(commands.read_sub_channel(2)))
        named = [
            replace(track, words=text.tracks.get(track.number, {}), isrc=self._isrc(track))
            for track in found
        ]
        return CompactDisc(
            tuple(named), catalog, text, bool(self._selection), tuple(sorted(self._doubtful))
        )

    def _text(self) -> bytes:
        """Give all of the CD-TEXT: that of long records is asked for once more, by its length."""
        answer = self._source.ask(commands.read_toc(5))
        if (length := length_of(answer)) > len(answer):
            return self._source.ask(commands.read_toc(5, length=min(length, _MOST_TEXT))) or answer
        return answer

    def _isrc(self, track: CdTrack) -> str:
        if track.is_data:
            return ""
        answer = self._source.ask(commands.read_sub_channel(3, track.number))
        return subchannel.parse_isrc(answer, track.number)

    def _try(self, command: commands.Command) -> bytes | Fault:
        """Give an answer, or what kind of failure came instead. Raises SourceError, Cancelled."""
        for _attempt in range(_ATTEMPTS):
            self._cancel.raise_if_cancelled()
            try:
                return self._source.reader.run(command)
            except CommandError as error:
                self._source.raise_if_ending(error)
                if error.fault not in PASSING:
                    return error.fault
                self._source.wait_ready(self._cancel)
        return Fault.OTHER

    # What the drive doesn't give, and pauses

    def _around(self, track: CdTrack, tracks: Sequence[CdTrack], number: int) -> CdTrack:
        """Find out what lies before a track's start and, at the end of a session, at its end."""
        before = tracks[number - 1] if number else None
        after = tracks[number + 1] if number + 1 < len(tracks) else None
        end = 0
        if track.is_data and (after is None or after.session != track.session):
            end = self._withheld(track.start, track.end)
        if before is None or before.session != track.session:
            # What lies before the first track of a disc is its pause, if anything does.
            return replace(track, pause=track.start if before is None else 0, withheld_end=end)
        withheld = 0
        if before.is_data or track.is_data:
            withheld = self._withheld(before.start, track.start)
        pause = self._pause(track, before, withheld)
        if pause > withheld:
            withheld = 0  # a pause half of which is given is read like all the rest
        return replace(track, pause=pause, withheld=withheld, withheld_end=end)

    def _withheld(self, start: int, end: int) -> int:
        """Count the sectors before ``end`` that the drive says are none to be read."""
        least = max(start, end - MOST_WITHHELD - 1)
        if end - 1 <= least or not self._is_withheld(end - 1) or self._is_withheld(least):
            return 0
        given, withheld = least, end - 1
        while withheld - given > 1:
            middle = (given + withheld) // 2
            if self._is_withheld(middle):
                withheld = middle
            else:
                given = middle
        if any(withheld < one <= end for one in self._file_systems):
            return 0
        return end - withheld

    def _is_withheld(self, lba: int) -> bool:
        return self._try(commands.read_cd_raw(lba, 1)) in SURE_RUNOUT_FAULTS

    def _pause(self, track: CdTrack, before: CdTrack, withheld: int) -> int:
        def is_own(place: Place) -> bool:
            return place.track == track.number

        new = track.start - withheld
        last = self._glance(max(before.start, new - _GLANCE), new)
        if last is None:
            self._doubt(track)
            return 0
        if not is_own(last):
            return 0
        old, step = new, _FIRST_STEP
        while old > before.start:
            old = max(before.start, track.start - step)
            place = self._glance(old, min(old + _GLANCE, new))
            if place is not None and not is_own(place):
                old = place.lba
                break
            step *= 2
        else:
            self._doubt(track)
            return 0
        return track.start - self._border(old, last.lba, is_own, track)

    def _indices(self, track: CdTrack, tracks: Sequence[CdTrack], number: int) -> tuple[int, ...]:
        after = tracks[number + 1] if number + 1 < len(tracks) else None
        end = track.end - track.withheld_end
        if after is not None and after.session == track.session:
            end = after.start - after.before
        last = self._glance(max(track.start, end - _GLANCE), end)
        if last is None or last.track != track.number:
            self._doubt(track)
            return ()
        found: list[int] = []
        old = track.start
        for index in range(2, last.index + 1):
            old = self._border(old, last.lba, _from_index(index), track)
            found.append(old)
        return tuple(found)

    def _border(self, old: int, new: int, is_new: Callable[[Place], bool], track: CdTrack) -> int:
        """Give the first sector that is new, between one that is not and one that is."""
        while new - old > 1:
            middle = (old + new) // 2
            begin = max(old + 1, min(middle, new - _GLANCE))
            places = self._places(begin, min(_GLANCE, new - begin))
            if not places:
                if new - old > 2:  # of a single sector whose Q tells no place its neighbours do
                    self._doubt(track)
                return new
            for place in places:
                if is_new(place):
                    new = min(new, place.lba)
                elif place.lba < new:
                    old = max(old, place.lba)
        return new

    def _doubt(self, track: CdTrack) -> None:
        if self._selection:
            self._doubtful.add(track.number)

    # The Q channel

    def _find_selection(self, tracks: Sequence[CdTrack]) -> None:
        """Find out in which way the drive gives Q, if it does at all."""
        for selection in (subchannel.FORMATTED, subchannel.RAW):
            self._selection = selection
            if any(self._places(track.start, _GLANCE) for track in tracks[:2]):
                return
        self._selection = 0

    def _glance(self, begin: int, end: int) -> Place | None:
        """Give the last place that is told between two sectors."""
        places = self._places(begin, end - begin)
        return places[-1] if places else None

    def _places(self, begin: int, count: int) -> list[Place]:
        """Give the places that the Q channels of some sectors tell, those within these sectors."""
        if not self._selection or count < 1:
            return []
        found = self._read_places(begin, count)
        if found is None:  # part of it may be damaged, or of another kind: sectors one by one
            singles = (self._read_places(lba, 1) for lba in range(begin, begin + count))
            found = [place for single in singles for place in single or ()]
        return sorted(
            (place for place in found if begin <= place.lba < begin + count),
            key=lambda place: place.lba,
        )

    def _read_places(self, begin: int, count: int) -> list[Place] | None:
        selection = self._selection or subchannel.FORMATTED
        beside = subchannel.SIZES[selection]
        answer = self._try(commands.read_cd_raw(begin, count, sub_channel=selection, beside=beside))
        if isinstance(answer, Fault):
            return None
        width = len(answer) // count
        found = []
        for number in range(count):
            data = answer[(number + 1) * width - beside : (number + 1) * width]
            q = subchannel.q_of(data, selection)
            place = subchannel.place_of(q, begin + number, checked=selection == subchannel.RAW)
            if place is not None:
                found.append(place)
        return found


def _from_index(index: int) -> Callable[[Place], bool]:
    return lambda place: place.index >= index
