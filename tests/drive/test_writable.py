# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of media that can be written, through the unmodified libcdio."""

import pytest

from drive.bench import media
from drive.bench.medium import FREE, Profile
from drive.burners import KINDS
from drive.burning import burn


def look(bench):
    (event,) = burn(bench, "", do="look").all("medium")
    return event["medium"]


def named(kind):
    return kind.name


@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_a_blank_medium_tells_kind_room_speeds_and_maker(bench, kind):
    bench.add_drive(media.blank(kind))
    told = look(bench)
    assert told["profile"] == kind
    assert told["status"] == ("overwritable" if kind.is_overwritable else "blank")
    assert told["free_sectors"] == told["capacity_sectors"] == FREE[kind]
    assert told["erasable"] is kind.is_erasable
    assert told["speeds_kb"] == sorted(told["speeds_kb"])
    assert told["speeds_kb"]
    assert told["maker"] or kind is Profile.DVD_RAM
    assert not told["used"]
    assert not told["minimally_blanked"]
    assert told["loading"] == "tray"
    assert told["drive"]["model"] == "BD-RE BH16NS40"


@pytest.mark.parametrize(
    ("kind", "used"), [(Profile.CD_RW, True), (Profile.DVD_RW, True), (Profile.DVD_PLUS_RW, True)]
)
def test_a_used_medium_tells_its_label_and_the_room_it_has_when_erased(bench, image, kind, used):
    disc = media.overwritable(kind, image) if kind.is_overwritable else media.data_disc(kind, image)
    bench.add_drive(disc)
    told = look(bench)
    assert (told["label"], told["used"]) == ("BENCH DISC", used)
    assert told["capacity_sectors"] > 100_000


def test_a_closed_disc_has_no_room(bench, image):
    bench.add_drive(media.cd_r(image))
    told = look(bench)
    assert (told["status"], told["free_sectors"], told["used"]) == ("closed", 0, True)


def test_an_appendable_disc(bench, image):
    bench.add_drive(media.appendable(Profile.DVD_PLUS_R, image))
    told = look(bench)
    assert told["status"] == "appendable"
    assert told["free_sectors"] > 2_000_000


def test_a_minimally_blanked_dvd_rw(bench):
    bench.add_drive(media.blank(Profile.DVD_RW, incremental=False))
    assert look(bench)["minimally_blanked"]


def test_unformatted_and_formatted_media(bench):
    drive = bench.add_drive(media.blank(Profile.BD_RE))
    assert look(bench)["formatted"] is False
    drive.insert(media.formatted(Profile.BD_RE))
    told = look(bench)
    assert told["formatted"] is True
    assert told["spare_sectors"] == FREE[Profile.BD_R] - FREE[Profile.BD_RE]


def test_an_empty_drive_tells_what_it_writes(bench):
    bench.add_drive()
    told = look(bench)
    assert told["status"] == "none"
    assert "DVD+R" in told["writes"]


def test_a_slim_drive_says_that_it_cant_close_its_tray(bench):
    bench.add_drive(media.blank(Profile.CD_R), loading=2)
    assert look(bench)["loading"] == "pop_up"
