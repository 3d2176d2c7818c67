# SPDX-License-Identifier: GPL-3.0-or-later
"""Pauses and indices are found wherever they are, with few short reads; nothing is made up."""

from hypothesis import given, settings
from hypothesis import strategies as st

from discwright.optical.commands import Opcode
from discwright.optical.compact_disc import survey
from discwright.optical.disc import Track, TrackMode
from discwright.optical.drive import CommandError
from discwright.optical.sense import Fault
from discwright.transfer.cancel import CancelToken
from drive.bench import medium
from drive.bench.mmc.subchannel import _q

RAW = 2352


class FakeDrive:
    """Gives the Q channels of a disc, some of which tell other things, and no sectors."""

    def __init__(self, disc, *, other=frozenset(), unreadable=frozenset(), off=0):
        self.disc = disc
        self.other = other
        self.unreadable = unreadable
        self.off = off
        self.reads = []

    @property
    def reader(self):
        return self

    def run(self, command):
        if command.cdb[0] != Opcode.READ_CD:
            raise CommandError("?", Fault.UNSUPPORTED, None, 0)
        lba = int.from_bytes(command.cdb[2:6], "big")
        count = int.from_bytes(command.cdb[6:9], "big")
        self.reads.append((lba, count))
        if any(at in self.unreadable for at in range(lba, lba + count)):
            raise CommandError("READ CD", Fault.BAD_SECTOR, None, 0)
        return b"".join(bytes(RAW) + self.q(at + self.off) for at in range(lba, lba + count))

    def q(self, lba):
        lba = max(0, min(lba, self.disc.sessions[0].leadout - 1))
        if lba in self.other:  # a catalogue number
            return b"\x02".ljust(16, b"\0")
        return _q(self.disc, lba).ljust(16, b"\0")

    def ask(self, command):
        return b""

    def raise_if_ending(self, error):
        pass

    def wait_ready(self, cancel):
        pass


def record(*parts, first=0):
    """Make a disc of tracks given as pause, length and places of indices."""
    tracks, at = [], 0
    for number, (pause, length, indices) in enumerate(parts, 1):
        start = at + pause
        tracks.append(
            medium.Track(
                number, start, length, medium.Mode.AUDIO, medium.Store(), pregap=pause,
                indexes=tuple(start + one for one in indices),
            )
        )  # fmt: skip
        at = start + length
    return medium.Disc(medium.Profile.CD_ROM, (medium.Session(tuple(tracks), at),))


def look(drive):
    ends = [track.start for track in drive.disc.tracks[1:]] + [drive.disc.sessions[0].leadout]
    tracks = [
        Track(track.number, 1, track.start, end - track.start, TrackMode.AUDIO)
        for track, end in zip(drive.disc.tracks, ends, strict=True)
    ]
    return survey(drive, tracks, CancelToken())


def told(disc):
    return [(track.pause, track.indices) for track in disc.tracks]


def wanted(disc):
    return [(track.pregap, track.indexes) for track in disc.tracks]


@st.composite
def parts(draw):
    length = draw(st.integers(300, 30_000))
    indices = draw(st.lists(st.integers(1, length - 1), max_size=4, unique=True))
    pause = draw(st.one_of(st.just(0), st.just(150), st.integers(1, 5000)))
    return pause, length, tuple(sorted(indices))


@settings(max_examples=60, deadline=None)
@given(st.lists(parts(), min_size=1, max_size=6))
def test_pauses_and_indices_are_found_to_the_sector(made):
    drive = FakeDrive(record(*made))
    disc = look(drive)
    assert told(disc) == wanted(drive.disc)
    assert disc.knows_places
    assert disc.doubtful == ()
    steps = sum(18 + 18 * len(indices) for _pause, _length, indices in made)
    assert len(drive.reads) < steps + 2
    assert max(count for _lba, count in drive.reads) <= 8


@settings(max_examples=40, deadline=None)
@given(st.lists(parts(), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_sectors_whose_q_tells_other_things_are_met(made, chance):
    disc = record(*made)
    end = disc.sessions[0].leadout
    # One of ten, as the standard has it, but never where something begins.
    begins = {track.start - track.pregap for track in disc.tracks}
    begins |= {index for track in disc.tracks for index in (track.start, *track.indexes)}
    other = {at for at in range(0, end, 10) if chance.random() < 0.8} - begins
    found = look(FakeDrive(disc, other=frozenset(other)))
    assert (told(found), found.doubtful) == (wanted(disc), ())


@settings(max_examples=30, deadline=None)
@given(st.lists(parts(), min_size=1, max_size=4), st.integers(-3, 3))
def test_a_drive_that_tells_the_place_beside_is_believed_for_that_place(made, off):
    disc = record(*made)
    found = look(FakeDrive(disc, off=off))
    for (pause, indices), track, (own, real) in zip(
        told(found), found.tracks, wanted(disc), strict=True
    ):
        # At the very edges a sector may be out of what is told.
        assert track.number in found.doubtful or (
            abs(pause - own) <= abs(off) and len(indices) <= len(real)
        )


def test_where_nothing_can_be_read_nothing_is_claimed():
    disc = record((0, 1000, ()), (150, 1000, (500,)))
    drive = FakeDrive(disc, unreadable=frozenset(range(1000, 1150)))
    found = look(drive)
    assert [track.pause for track in found.tracks] == [0, 0]
    assert 2 in found.doubtful
    drive = FakeDrive(disc, unreadable=frozenset(range(2140, 2150)))
    assert [track.indices for track in look(drive).tracks] == [(), ()]


def test_a_damaged_sector_in_between_costs_only_a_few_more_reads():
    disc = record((0, 1000, ()), (150, 1000, (500,)))
    found = look(FakeDrive(disc, unreadable=frozenset({1003, 1148, 1640, 1652})))
    assert (told(found), found.doubtful) == (wanted(disc), ())
