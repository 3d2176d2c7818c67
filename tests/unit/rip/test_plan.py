# SPDX-License-Identifier: GPL-3.0-or-later
"""What is ripped, what is refused and why, what is warned of: a table over plain data."""

from dataclasses import replace
from pathlib import Path

import pytest

from discwright.image.volumes import FileSystem, Volumes
from discwright.image.wholeness import Wholeness
from discwright.optical.disc import Disc, DiscStatus, Length, Protection, Track, TrackMode
from discwright.optical.profile import Profile
from discwright.rip.earlier import Earlier, Kind
from discwright.rip.map import RescueMap, Status
from discwright.rip.plan import RipOptions, RipPlan, plan_rip, suggested_name
from discwright.transfer.destination import Destination
from discwright.transfer.outcome import Refusal

MODE1, AUDIO = TrackMode.MODE1, TrackMode.AUDIO
THERE = Destination(
    Path("/there/disc.iso"), parent_exists=True, writable=True, free_bytes=1 << 40,
    file_system="ext4",
)  # fmt: skip
ISO = Volumes((FileSystem.ISO9660,), "A_LABEL")
DISC = Disc(
    "/dev/sr0", False, Profile.CD_ROM, DiscStatus.COMPLETE, Length(1000, "lead-out", "So."),
    tracks=(Track(1, 1, 0, 1000, MODE1),), volumes=ISO,
)  # fmt: skip
FILE = replace(DISC, source="/there/image.iso", virtual=True, profile=Profile.UNKNOWN)


def tracks(*modes, session=1):
    return tuple(Track(n, session, n * 100, 100, mode) for n, mode in enumerate(modes, 1))


REFUSED = [
    ("blank", replace(DISC, status=DiscStatus.BLANK), {}, {}),
    ("empty", replace(DISC, length=Length(0, "", "")), {}, {}),
    ("audio", replace(DISC, tracks=tracks(AUDIO)), {}, {}),
    ("mixed", replace(DISC, tracks=tracks(MODE1, AUDIO, AUDIO)), {}, {}),
    ("form2", replace(DISC, tracks=tracks(TrackMode.MODE2_FORM2)), {}, {}),
    ("form2", replace(DISC, tracks=tracks(TrackMode.MODE2_MIXED)), {}, {}),
    ("sessions", replace(DISC, sessions=2), {}, {}),
    ("tracks", replace(DISC, tracks=tracks(MODE1, MODE1)), {}, {}),
    ("not-a-disc", replace(FILE, volumes=Volumes()), {}, {}),
    ("truncated", replace(FILE, odd_bytes=5), {}, {}),
    ("truncated", replace(FILE, wholeness=Wholeness(True, 9, 3, True, (), "Cut.")), {}, {}),
    ("hash", DISC, {"hashes": ("sha256", "rot13")}, {}),
    ("retries", DISC, {"retries": -1}, {}),
    ("retries", DISC, {"retries": 1001}, {}),
    ("speed", DISC, {"speed": 0.0}, {}),
    ("speed", DISC, {"speed": 1e9}, {}),
    ("is-directory", DISC, {}, {"exists": True, "is_directory": True}),
    ("no-directory", DISC, {}, {"parent_exists": False}),
    ("not-writable", DISC, {}, {"problem": "The name is too long."}),
    ("not-writable", DISC, {}, {"writable": False}),
    ("same-file", FILE, {"overwrite": True}, {"path": Path("/there/image.iso"), "exists": True}),
    ("exists", DISC, {}, {"exists": True}),
    ("file-too-big", DISC, {}, {"max_file_size": 2_047_999, "file_system": "vfat"}),
    ("no-space", DISC, {}, {"free_bytes": 2_048_000 + (1 << 20) - 1}),
]


@pytest.mark.parametrize(
    ("kind", "disc", "options", "place"),
    REFUSED,
    ids=[f"{i}-{r[0]}" for i, r in enumerate(REFUSED)],
)
def test_it_is_refused_with_a_sentence(kind, disc, options, place):
    refusal = plan_rip(disc, RipOptions(**options), replace(THERE, **place))
    assert isinstance(refusal, Refusal)
    assert refusal.kind == kind
    assert refusal.message.endswith(".")


ACCEPTED = [
    ("a data CD", DISC, {}, {}),
    ("an image file", FILE, {}, {}),
    ("a file that lacks padding only",
     replace(FILE, wholeness=Wholeness(True, 9, 3, False, (), "Padding.")), {}, {}),
    ("a disc of unknown mode", replace(DISC, tracks=tracks(TrackMode.DATA)), {}, {}),
    ("mode 2 form 1", replace(DISC, tracks=tracks(TrackMode.MODE2_FORM1)), {}, {}),
    ("a disc without a known file system", replace(DISC, volumes=Volumes()), {}, {}),
    ("an existing target that may be replaced", DISC, {"overwrite": True}, {"exists": True}),
    ("just enough room", DISC, {}, {"free_bytes": 2_048_000 + (1 << 20)}),
    ("a file system of unknown room", DISC, {}, {"free_bytes": None}),
    ("just small enough a file", DISC, {}, {"max_file_size": 2_048_000}),
    ("a chosen speed", DISC, {"speed": 4.0}, {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("disc", "options", "place"), [row[1:] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED]
)
def test_it_is_planned(disc, options, place):
    plan = plan_rip(disc, RipOptions(**options), replace(THERE, **place))
    assert isinstance(plan, RipPlan)
    assert (plan.sectors, plan.size) == (1000, 2_048_000)
    assert plan.target == Path("/there/disc.iso")


@pytest.mark.parametrize(
    ("disc", "word"),
    [
        (replace(DISC, protection=Protection.CSS), "CSS"),
        (replace(DISC, protection=Protection.AACS), "AACS"),
        (replace(DISC, protection=Protection.CPRM), "CPRM"),
        (replace(DISC, status=DiscStatus.APPENDABLE), "closed"),
        (replace(DISC, wholeness=Wholeness(True, 9, 3, True, ("a",), "Cut off.")), "Cut off"),
        (replace(DISC, length=Length(1, "", "", warnings=("Longer.",))), "Longer"),
        (replace(DISC, remarks=("Odd.",)), "Odd"),
        (replace(DISC, volumes=replace(ISO, remarks=("Strange.",))), "Strange"),
    ],
)
def test_what_the_user_should_know_is_said_before(disc, word):
    plan = plan_rip(disc, RipOptions(), THERE)
    assert isinstance(plan, RipPlan)
    assert word in " ".join(plan.warnings)


def test_a_sound_disc_gives_no_warning():
    plan = plan_rip(DISC, RipOptions(), THERE)
    assert isinstance(plan, RipPlan)
    assert plan.warnings == ()


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("UBUNTU 24.04", "UBUNTU_24.04.iso"),
        ("../../etc/passwd", "etc_passwd.iso"),
        ("a/b\\c:d*e", "a_b_c_d_e.iso"),
        ("  ", "disc.iso"),
        (".hidden", "hidden.iso"),
        ("-rf", "rf.iso"),
        ("Füße und Æther", "Füße_und_Æther.iso"),
        ("dots...", "dots.iso"),
        ("\u202eevil\x00", "evil.iso"),
        ("x" * 300, "x" * 120 + ".iso"),
        ("é" * 300, "é" * 60 + ".iso"),
    ],
)
def test_the_suggested_name_is_safe(label, name):
    assert suggested_name(replace(DISC, volumes=replace(ISO, label=label))) == name


def test_without_a_label_the_name_says_what_the_disc_is():
    bare = replace(DISC, volumes=Volumes())
    assert suggested_name(bare) == "CD-ROM.iso"
    assert suggested_name(replace(bare, virtual=True, source="/x/my.cue")) == "my-copy.iso"


def earlier(kind=Kind.UNFINISHED, finished=0, sectors=DISC.length.sectors, size=0):
    rescue = RescueMap(sectors)
    rescue.set(0, finished, Status.FINISHED)
    return Earlier(kind, rescue, size=size)


GOING_ON = [
    ("unfinished", {}, {}, earlier(finished=500)),
    ("exists", {}, {"exists": True}, earlier(Kind.IMAGE, 999)),
    ("no-map", {"resume": True}, {"exists": True}, None),
    ("nothing-left", {"resume": True}, {"exists": True}, earlier(Kind.IMAGE, 1000)),
    ("no-space", {"resume": True}, {"free_bytes": 2_048_000}, earlier()),
    ("no-space", {"resume": True}, {"free_bytes": 3_000_000, "exists": True},
     earlier(Kind.IMAGE, 999, size=2_048_000)),
    ("no-space", {"resume": True}, {}, earlier(sectors=1 << 40)),
    ("file-too-big", {"resume": True}, {"max_file_size": 3_000_000}, earlier(sectors=2000)),
    ("same-file", {"resume": True}, {"path": Path("/there/image.iso"), "exists": True},
     earlier(Kind.IMAGE, 999)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "options", "place", "before"),
    GOING_ON,
    ids=[f"{i}-{r[0]}" for i, r in enumerate(GOING_ON)],
)
def test_going_on_is_refused_with_a_sentence(kind, options, place, before):
    disc = FILE if kind == "same-file" else DISC
    refusal = plan_rip(disc, RipOptions(**options), replace(THERE, **place), before)
    assert isinstance(refusal, Refusal)
    assert refusal.kind == kind
    assert refusal.message.endswith(".")


@pytest.mark.parametrize(
    ("options", "place", "before", "warning"),
    [
        ({"resume": True}, {}, None, "from its beginning"),
        ({"resume": True}, {}, earlier(finished=500), ""),
        ({"resume": True}, {"exists": True}, earlier(Kind.IMAGE, 999), ""),
        ({"resume": True}, {"exists": True}, earlier(Kind.BETTERING, 1000), ""),
        ({"resume": True}, {}, earlier(sectors=1002), "2 sectors fewer"),
        ({"resume": True}, {}, earlier(sectors=999), "1 sector more"),
        ({"resume": True}, {"free_bytes": 2_000_000}, earlier(size=2_048_000), ""),
        ({}, {}, earlier(finished=0), ""),
        ({"overwrite": True}, {"exists": True}, earlier(finished=500), ""),
    ],
)
def test_what_is_there_is_gone_on_with_or_replaced_as_asked(options, place, before, warning):
    plan = plan_rip(DISC, RipOptions(**options), replace(THERE, **place), before)
    assert isinstance(plan, RipPlan)
    assert warning in " ".join(plan.warnings)
    assert bool(warning) == bool(plan.warnings)
    assert plan.earlier is (before if options.get("resume") else None)


def test_an_image_has_no_fewer_sectors_than_any_drive_saw():
    plan = plan_rip(DISC, RipOptions(resume=True), THERE, earlier(sectors=1500))
    assert (plan.sectors, plan.size) == (1500, 1500 * 2048)


@pytest.mark.parametrize(
    ("kind", "map_name", "part_map"),
    [
        (None, "disc.iso.map", "disc.iso.map"),
        (Kind.UNFINISHED, "disc.iso.map", "disc.iso.map"),
        (Kind.IMAGE, "disc.iso.map", "disc.iso.part.map"),
        (Kind.BETTERING, "disc.iso.map", "disc.iso.part.map"),
    ],
)
def test_a_map_lies_beside_what_it_describes(kind, map_name, part_map):
    before = None if kind is None else earlier(kind, 1)
    places = RipPlan(DISC, THERE.path, RipOptions(), earlier=before).places
    assert (places.map.name, places.part_map.name) == (map_name, part_map)
    assert places.part_record.name == part_map.replace(".map", ".json")
