# SPDX-License-Identifier: GPL-3.0-or-later
"""Which sectors of a CD are in a .bin and what its sheet says; what a copy found, in sentences."""

import pytest

from discwright.optical.cd_text import CdText
from discwright.optical.compact_disc import CdTrack, CompactDisc
from discwright.optical.disc import TrackMode
from discwright.optical.raw_sectors import Content, Doubt, Stretch
from discwright.rip.bin_findings import BinFindings, Kind, losses_of, warnings_of
from discwright.rip.bin_layout import flags_of, format_of, lay_out, place_in, sheet_of
from discwright.transfer.extents import Extent, Extents
from discwright.transfer.outcome import State

MODE1, MODE2, AUDIO = TrackMode.MODE1, TrackMode.MODE2_MIXED, TrackMode.AUDIO
MUSIC, DATA, PAUSE = Content.MUSIC, Content.DATA, Content.PAUSE
NEXT = 1000 + 11_400


def track(number, start, end, mode=AUDIO, **more):
    session = more.pop("session", 1)
    control = more.pop("control", 0 if mode is AUDIO else 4)
    return CdTrack(number, session, start, end, mode, control, **more)


GAME = CompactDisc(
    (
        track(1, 0, 500, MODE1),
        track(2, 500, 700, withheld=150),
        track(3, 700, 1000, pause=50, indices=(800,)),
        track(4, NEXT, NEXT + 100, MODE2, session=2),
    )
)


def test_the_file_holds_what_a_drive_gives():
    layout = lay_out(GAME)
    assert layout.stretches == (
        Stretch(0, 350, DATA, 1), Stretch(500, 150, MUSIC, 2), Stretch(650, 50, MUSIC, 3),
        Stretch(700, 300, MUSIC, 3), Stretch(NEXT, 100, DATA, 4),
    )  # fmt: skip
    assert layout.holes == (Extent(350, 150), Extent(1000, 11_400))
    assert (layout.sectors, layout.end) == (950, NEXT + 100)
    assert [layout.position(lba) for lba in (0, 349, 500, 650, 700, NEXT)] == [
        0, 349, 350, 500, 550, 850,
    ]  # fmt: skip
    assert list(layout.within(Extent(640, 20))) == [
        (layout.stretches[1], Extent(640, 10)), (layout.stretches[2], Extent(650, 10)),
    ]  # fmt: skip


def test_the_sheet_says_where_it_lies():
    sheet = sheet_of(GAME, lay_out(GAME), "game.bin", {1: {1}, 4: {2}})
    assert [(one.format, one.indices, one.pregap, one.session) for one in sheet.tracks] == [
        ("MODE1/2352", ((1, 0),), 0, 1),
        ("AUDIO", ((1, 350),), 150, 1),
        ("AUDIO", ((0, 500), (1, 550), (2, 650)), 0, 1),
        ("MODE2/2352", ((1, 850),), 0, 2),
    ]


def test_run_out_is_told_before_another_session_and_left_off_at_the_end():
    ends = CompactDisc(
        (
            track(1, 0, 1000, MODE1, withheld_end=2),
            track(2, NEXT, NEXT + 100, MODE1, session=2, withheld_end=2),
        )
    )
    layout = lay_out(ends)
    assert [one.count for one in layout.stretches] == [998, 98]
    assert [one.postgap for one in sheet_of(ends, layout, "x.bin", {}).tracks] == [2, 0]
    beside, behind = warnings_of(ends)
    assert "2 sectors" in beside
    assert "the cue sheet says where they were" in beside
    assert "2 sectors" in behind
    assert "cue sheet" not in behind


def test_pauses_where_data_and_music_meet_may_be_either():
    disc = CompactDisc(
        (
            track(1, 150, 500, pause=150),
            track(2, 650, 900, MODE1, pause=150),
            track(3, 1050, 1300, pause=150),
            track(4, 1400, 1700, pause=100),
        )
    )
    assert [one.content for one in lay_out(disc).stretches] == [
        MUSIC, MUSIC, PAUSE, DATA, PAUSE, MUSIC, MUSIC, MUSIC,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "seen", "wanted"),
    [(AUDIO, {1}, "AUDIO"), (MODE1, set(), "MODE1/2352"), (MODE2, set(), "MODE2/2352"),
     (MODE1, {2}, "MODE2/2352"), (MODE2, {1}, "MODE1/2352"), (TrackMode.DATA, set(), "MODE1/2352"),
     (TrackMode.DATA, {0, 2}, "MODE2/2352")],
)  # fmt: skip
def test_the_sectors_say_of_which_mode_a_track_is(mode, seen, wanted):
    assert format_of(track(1, 0, 300, mode), seen) == wanted


@pytest.mark.parametrize(
    ("mode", "control", "flags"),
    [(AUDIO, 0, ()), (AUDIO, 2, ("DCP",)), (AUDIO, 1, ("PRE",)), (AUDIO, 11, ("DCP", "4CH", "PRE")),
     (MODE1, 4, ()), (MODE1, 6, ("DCP",)), (MODE1, 5, ())],
)  # fmt: skip
def test_flags_are_those_of_the_table_of_contents(mode, control, flags):
    assert flags_of(track(1, 0, 300, mode, control=control)) == flags


def test_places_count_backward_in_a_pause():
    assert place_in(track(1, 4500, 9000), 4500 + 76) == "00:01:01"
    assert place_in(track(1, 4500, 9000), 4499) == "-00:00:01"


def test_an_empty_disc_has_an_empty_file():
    layout = lay_out(CompactDisc(()))
    assert (layout.sectors, layout.end, layout.holes) == (0, 0, ())


# What was found


def found(bad=(), kept=None, differing=None, c2=True, unchecked=0, disc=GAME):
    layout = lay_out(disc)
    losses = losses_of(disc, layout, Extents(Extent(*run) for run in bad), kept or {})
    differs = None if differing is None else Extents(Extent(*run) for run in differing)
    return BinFindings(disc, layout, losses, differs, c2, unchecked)


def test_losses_are_told_by_track_time_and_kind():
    findings = found(bad=[(100, 3), (640, 20)], kept={101: Doubt.WRONG, 655: Doubt.CONCEALED})
    assert [(loss.kind, loss.track, loss.time, str(loss.run)) for loss in findings.losses] == [
        (Kind.UNREADABLE, 1, "00:01:25", "100"),
        (Kind.WRONG, 1, "00:01:26", "101"),
        (Kind.UNREADABLE, 1, "00:01:27", "102"),
        (Kind.UNREADABLE, 2, "00:01:65", "640–649"),
        (Kind.UNREADABLE, 3, "-00:00:50", "650–654"),
        (Kind.CONCEALED, 3, "-00:00:45", "655"),
        (Kind.UNREADABLE, 3, "-00:00:44", "656–659"),
    ]
    assert findings.losses[1].sentence() == "Track 1, 00:01:26 (LBA 101): wrong checksum"
    assert findings.losses[0].to_json() == {
        "kind": "unreadable", "track": 1, "time": "00:01:25", "lba": 100, "count": 1,
    }  # fmt: skip


SAYS = [
    ({}, State.COMPLETE, ["4 tracks, 2.23 MB, every sector read", "reported no errors"]),
    ({"c2": False}, State.COMPLETE, ["this drive reports no errors in it"]),
    ({"unchecked": 3}, State.COMPLETE, ["3 sectors of data carry no checksum"]),
    ({"differing": []}, State.COMPLETE, ["A second reading gave the same"]),
    ({"differing": [(5, 2)]}, State.COMPLETE_WITH_ERRORS, ["different in 2 sectors"]),
    ({"bad": [(5, 2)]}, State.COMPLETE_WITH_ERRORS, ["not without loss", "2 sectors of data"]),
    ({"bad": [(705, 1)]}, State.COMPLETE_WITH_ERRORS, ["1 sector of music, or of a pause"]),
    ({"bad": [(5, 1)], "kept": {5: Doubt.WRONG}}, State.COMPLETE_WITH_ERRORS, ["wrong checksum"]),
    ({"bad": [(705, 1)], "kept": {705: Doubt.CONCEALED}}, State.COMPLETE_WITH_ERRORS,
     ["made up what was missing", "Music can't be checked by the disc itself."]),
]  # fmt: skip


@pytest.mark.parametrize(("more", "state", "words"), SAYS)
def test_the_sentences_say_all_and_no_more(more, state, words):
    findings = found(**more)
    message = findings.message("a.bin", "a.cue", 950 * 2352)
    assert findings.state is state
    assert bool(findings.remedy) is (state is not State.COMPLETE)
    assert "a.bin and a.cue" in message
    for word in words:
        assert word in message
    if findings.losses:
        assert "every sector read" not in message


def test_of_data_alone_nothing_is_said_of_music():
    data = CompactDisc((track(1, 0, 300, MODE1),))
    assert "usic" not in found(disc=data).message("a.bin", "a.cue", 1)


def test_what_the_drive_did_not_give_is_warned_of():
    disc = CompactDisc(
        (track(1, 0, 300, MODE1, withheld_end=1), track(2, NEXT, NEXT + 300, session=2)),
        knows_places=False, doubtful=(1, 7),
        text=CdText(unread=True),
    )  # fmt: skip
    told = " ".join(warnings_of(disc))
    for words in ("Q channel", ": 1, 7.", "1 sector beside a track of data", "CD-TEXT"):
        assert words in told
    assert warnings_of(CompactDisc((track(1, 0, 300),))) == ()
