# SPDX-License-Identifier: GPL-3.0-or-later
"""Which disc is copied to what, and what of BIN/CUE is refused: a table over plain data."""

from dataclasses import replace
from pathlib import Path

import pytest

from discwright.image.layout import FIRST_SESSION_GAP
from discwright.optical.disc import Disc, DiscStatus, Length, Track, TrackMode
from discwright.optical.profile import Profile
from discwright.rip.bin_plan import (
    bin_path,
    chosen_format,
    needed_format,
    plan_bin,
    possible_formats,
)
from discwright.rip.plan import ImageFormat, RipOptions, RipPlan, suggested_name
from discwright.transfer.destination import Destination
from discwright.transfer.outcome import Refusal
from unit.rip.test_plan import DISC as DATA
from unit.rip.test_plan import FILE, tracks

BIN, ISO = ImageFormat.BIN, ImageFormat.ISO
MODE1, AUDIO = TrackMode.MODE1, TrackMode.AUDIO
MUSIC = replace(DATA, tracks=tracks(AUDIO, AUDIO), volumes=replace(DATA.volumes, label=""))
MIXED = replace(DATA, tracks=tracks(MODE1, AUDIO))
DVD = replace(DATA, profile=Profile.DVD_ROM)
SECOND = 300 + FIRST_SESSION_GAP
EXTRA = replace(MUSIC, sessions=2, tracks=(*tracks(AUDIO, AUDIO), Track(3, 2, SECOND, 100, MODE1)))
SIZE = 300 * 2352


def there(name, **changes):
    place = Destination(Path("/there") / name, parent_exists=True, writable=True,
                        free_bytes=1 << 40, file_system="ext4")  # fmt: skip
    return replace(place, **changes)


def planned(disc=MUSIC, name="disc.bin", image=None, sheet=None, **options):
    return plan_bin(
        disc,
        RipOptions(format=BIN, **options),
        there(name, **(image or {})),
        there("disc.cue", **(sheet or {})),
    )


REFUSED = [
    ("image-file", FILE, {}),
    ("blank", replace(MUSIC, status=DiscStatus.BLANK), {}),
    ("no-cd", DVD, {}),
    ("empty", replace(MUSIC, tracks=()), {}),
    ("empty", replace(MUSIC, tracks=(Track(1, 1, 0, 0, AUDIO),)), {}),
    ("toc", replace(MUSIC, tracks=(Track(1, 1, 0, 300, AUDIO), Track(2, 1, 200, 100, AUDIO))), {}),
    ("toc", replace(MUSIC, tracks=(Track(1, 1, 500, 0, AUDIO), Track(2, 1, 200, 100, AUDIO))), {}),
    ("toc", replace(MUSIC, tracks=(Track(1, 1, -75, 375, AUDIO),)), {}),
    ("sessions", replace(MUSIC, sessions=2), {}),
    ("session-gap", replace(EXTRA, tracks=(*EXTRA.tracks[:2], Track(3, 2, SECOND + 1, 9, MODE1))),
     {}),
    ("hash", MUSIC, {"hashes": ("rot13",)}),
    ("resume", MUSIC, {"resume": True}),
    ("map", MUSIC, {"map_file": Path("/there/disc.map")}),
    ("not-writable", MUSIC, {"image": {"writable": False}}),
    ("is-directory", MUSIC, {"sheet": {"exists": True, "is_directory": True}}),
    ("name", MUSIC, {"name": 'a "disc".bin'}),
    ("exists", MUSIC, {"image": {"exists": True}}),
    ("exists", MUSIC, {"sheet": {"exists": True}}),
    ("no-space", MUSIC, {"image": {"free_bytes": SIZE + (1 << 20) - 1}}),
    ("file-too-big", MUSIC, {"image": {"max_file_size": SIZE - 1, "file_system": "vfat"}}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "disc", "more"), REFUSED, ids=[case[0] for case in REFUSED])
def test_what_is_refused(kind, disc, more):
    refusal = planned(disc, **more)
    assert isinstance(refusal, Refusal), refusal
    assert refusal.kind == kind
    assert refusal.message.endswith(".")


@pytest.mark.parametrize("disc", [MUSIC, MIXED, EXTRA, DATA])
def test_every_cd_can_be_copied(disc):
    plan = planned(disc)
    assert isinstance(plan, RipPlan)
    before = disc.tracks[0].start
    assert plan.size == (before + sum(track.sectors for track in disc.tracks)) * 2352
    assert plan.sectors == disc.tracks[-1].start + disc.tracks[-1].sectors
    assert plan.sheet == Path("/there/disc.cue")
    assert plan.warnings == ()


def test_music_before_the_first_track_counts():
    late = replace(MUSIC, tracks=(Track(1, 1, 150, 300, AUDIO),))
    assert planned(late).size == 450 * 2352


def test_what_exists_is_replaced_if_that_was_asked_for():
    plan = planned(image={"exists": True}, sheet={"exists": True}, overwrite=True)
    assert isinstance(plan, RipPlan)


def test_an_open_disc_is_copied_with_a_word():
    plan = planned(replace(MUSIC, status=DiscStatus.APPENDABLE))
    assert "isn't closed" in plan.warnings[0]


@pytest.mark.parametrize(
    ("disc", "needed", "possible"),
    [(MUSIC, BIN, (BIN,)), (MIXED, BIN, (BIN,)), (EXTRA, BIN, (BIN,)), (DATA, ISO, (ISO, BIN)),
     (DVD, ISO, (ISO,)), (FILE, ISO, (ISO,)), (replace(MUSIC, virtual=True), ISO, ()),
     (replace(DATA, status=DiscStatus.BLANK), ISO, ())],
)  # fmt: skip
def test_the_disc_says_what_it_needs(disc, needed, possible):
    assert needed_format(disc) is needed
    assert possible_formats(disc) == possible


@pytest.mark.parametrize(
    ("target", "asked", "of_music", "of_data"),
    [("disc", None, BIN, ISO), ("disc.iso", None, ISO, ISO), ("disc.BIN", None, BIN, BIN),
     ("disc.cue", None, BIN, BIN), ("disc.v2", None, BIN, ISO), ("disc.img", None, ISO, ISO),
     ("disc.iso", BIN, BIN, BIN), ("disc.bin", ISO, ISO, ISO)],
)  # fmt: skip
def test_words_come_before_the_name_and_the_name_before_the_disc(target, asked, of_music, of_data):
    assert chosen_format(MUSIC, target, asked) is of_music
    assert chosen_format(DATA, target, asked) is of_data


@pytest.mark.parametrize(
    ("typed", "made"),
    [("a", "a.bin"), ("a.cue", "a.bin"), ("a.BIN", "a.BIN"), ("a.iso", "a.bin"),
     ("a.v2", "a.v2.bin"), ("/", "/")],
)  # fmt: skip
def test_the_file_is_called_bin(typed, made):
    assert bin_path(Path(typed)) == Path(made)


def test_suggested_names_end_as_their_kind():
    assert suggested_name(MUSIC, BIN) == "audio-cd.bin"
    assert suggested_name(MIXED, BIN) == "A_LABEL.bin"
    assert isinstance(MUSIC, Disc)
    assert suggested_name(replace(MIXED, length=Length(1, "", ""))) == "A_LABEL.iso"
