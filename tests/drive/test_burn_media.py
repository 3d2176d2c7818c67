# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of disc is burned with the real xorriso, reloaded, read back: byte for byte."""

import random

import pytest

from drive.bench import Op, faults, media
from drive.bench.medium import SECTOR, Profile, Status
from drive.burners import KINDS, WRITE_ONCE, whole
from drive.burning import burn, orphans

REWRITABLE = tuple(kind for kind in KINDS if kind.is_erasable)
SIMULATED = (Profile.CD_R, Profile.CD_RW, Profile.DVD_R, Profile.DVD_RW, Profile.DVD_R_DL)


def named(kind):
    return kind.name


@pytest.fixture
def other(tmp_path):
    """An image of another size and content, without a file system."""
    path = tmp_path / "other.iso"
    path.write_bytes(random.Random(5).randbytes(401 * SECTOR))
    return path


@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_a_blank_disc_is_burned_reloaded_and_proved(bench, image, kind):
    drive = bench.add_drive(media.blank(kind))
    done = burn(bench, image)
    report = done.report
    assert (report["state"], report["verified"]) == ("complete", True), done.log
    assert drive.burnt(whole(image)) == image.read_bytes()
    assert report["digests"] == report["read_back"]
    assert report["bytes"] == image.stat().st_size
    assert done.phases[-2:] == ["reloading", "verifying"]
    assert done.phases[0] == "preparing"
    assert drive.tray_is_open
    assert report["medium"]["status"] in {"closed", "overwritable"}
    assert orphans(bench) == []


@pytest.mark.parametrize("kind", REWRITABLE, ids=named)
def test_a_rewritable_disc_is_burned_again_over_what_was_on_it(bench, image, other, kind):
    drive = bench.add_drive(media.blank(kind))
    assert burn(bench, image).state == "complete"
    drive.close_tray()
    done = burn(bench, other)
    assert done.state == "complete", done.log
    assert any("lost" in text for text in done.all("plan")[0]["sentences"])
    assert drive.burnt(401) == other.read_bytes()
    blanked = "blanking" in done.phases
    assert blanked is (kind in {Profile.CD_RW, Profile.DVD_RW})


@pytest.mark.parametrize("kind", WRITE_ONCE, ids=named)
def test_a_written_disc_is_refused_and_left_alone(bench, image, other, kind):
    drive = bench.add_drive(media.blank(kind))
    assert burn(bench, image).state == "complete"
    drive.close_tray()
    before = drive.medium
    written = len(drive.writes())
    report = burn(bench, other).report
    assert (report["state"], report["refusal"]) == ("refused", "closed")
    assert drive.medium == before
    assert len(drive.writes()) == written


@pytest.mark.parametrize("kind", SIMULATED, ids=named)
def test_a_simulation_leaves_the_disc_blank_and_usable(bench, image, kind):
    drive = bench.add_drive(media.blank(kind))
    before = drive.medium
    report = burn(bench, image, simulate=True).report
    assert (report["state"], report["simulated"]) == ("complete", True)
    assert report["medium"]["status"] == "blank"
    assert drive.medium == before
    drive.close_tray()
    assert burn(bench, image).state == "complete"
    assert drive.burnt(whole(image)) == image.read_bytes()


@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_what_is_too_big_is_refused_before_a_byte_is_written(bench, image, kind):
    room = (whole(image) - 32) // 32 * 32
    disc = media.blank(kind, free=room)
    if kind in {Profile.BD_RE, Profile.DVD_PLUS_RW}:
        disc = media.formatted(kind, room)
    drive = bench.add_drive(disc)
    report = burn(bench, image).report
    assert (report["state"], report["refusal"]) == ("refused", "too-big")
    assert "too much" in report["message"]
    assert drive.writes() == []


def test_a_rewritable_disc_that_turns_out_too_small_is_not_begun(bench, image, other):
    drive = bench.add_drive(media.blank(Profile.CD_RW, free=whole(image) - 100))
    assert burn(bench, other).state == "complete"
    drive.close_tray()
    written = len(drive.writes())
    report = burn(bench, image).report
    assert report["state"] in {"refused", "failed"}
    assert "too much" in report["message"]
    assert len(drive.writes()) == written


def test_a_minimally_blanked_dvd_rw_is_written_at_once(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_RW, incremental=False))
    done = burn(bench, image)
    assert done.state == "complete"
    assert done.all("plan")[0]["mode"] == "DAO"
    assert drive.burnt(whole(image)) == image.read_bytes()


def test_the_drive_is_told_a_middle_speed_of_the_medium(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_PLUS_R, speeds=(22160, 11080, 5540, 3324)))
    done = burn(bench, image)
    assert done.all("plan")[0]["speed"] == 5540
    assert drive.write_speed == 5540


def test_without_reading_back_the_report_says_so(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_R))
    done = burn(bench, image, verify=False, eject=False)
    assert (done.state, done.report["verified"]) == ("complete", None)
    assert "not read back" in done.report["message"]
    assert "verifying" not in done.phases
    assert not drive.tray_is_open


def test_only_the_image_is_read_back_not_the_whole_disc(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_PLUS_RW))
    assert burn(bench, image).state == "complete"
    assert max(read.lba + read.count for read in drive.reads()) <= whole(image)


@pytest.mark.parametrize("kind", [Profile.CD_RW, Profile.DVD_RW, Profile.DVD_PLUS_RW], ids=named)
@pytest.mark.parametrize("how", ["fast", "full"])
def test_a_rewritable_disc_is_erased(bench, image, kind, how):
    drive = bench.add_drive(media.blank(kind))
    if kind is Profile.DVD_PLUS_RW:
        drive.insert(media.formatted(kind, 20000))
    assert burn(bench, image).state == "complete"
    drive.close_tray()
    done = burn(bench, image, do="erase", blank=how)
    assert done.state == "complete", (done.events, done.stderr)
    if kind is Profile.DVD_PLUS_RW:
        assert drive.burnt(32) != image.read_bytes()[: 32 * SECTOR]
    else:
        assert drive.medium.status is Status.BLANK
    assert burn(bench, image).state == "complete"


@pytest.mark.parametrize("how", ["fast", "full"])
def test_a_drive_that_only_pretends_to_erase_is_caught(bench, image, how):
    room = whole(image) // 16 * 16
    disc = media.overwritable(Profile.DVD_PLUS_RW, image, formatted=room, size=room)
    drive = bench.add_drive(disc)
    drive.add_faults(faults.not_burnt(0, 10**6))
    done = burn(bench, image, do="erase", blank=how)
    assert done.state == "failed", done.log
    assert "not empty" in done.report["message"]


def test_a_disc_written_once_is_not_erased(bench, image):
    drive = bench.add_drive(media.cd_r(image))
    report = burn(bench, image, do="erase").report
    assert (report["state"], report["refusal"]) == ("refused", "not-rewritable")
    assert not drive.commands(Op.BLANK)


def test_three_drives_burn_one_image_that_is_read_once(bench, image):
    drives = [bench.add_drive(media.blank(kind))
              for kind in (Profile.CD_R, Profile.DVD_PLUS_R, Profile.BD_R)]  # fmt: skip
    nodes = [drive.node for drive in drives]
    done = burn(bench, image, *nodes)
    assert [report["state"] for report in done.reports] == ["complete"] * 3, done.log
    assert [report["target"] for report in done.reports] == nodes
    for drive in drives:
        assert drive.burnt(whole(image)) == image.read_bytes()
    assert orphans(bench) == []


def test_one_bad_disc_of_several_does_not_harm_the_others(bench, image):
    good, bad = (bench.add_drive(media.blank(Profile.DVD_R)) for _ in range(2))
    bad.add_faults(faults.write_error(320))
    done = burn(bench, image, good.node, bad.node)
    assert [report["state"] for report in done.reports] == ["complete", "failed"]
    assert good.burnt(whole(image)) == image.read_bytes()


def test_the_only_blank_disc_is_taken_if_no_drive_is_named(bench, image):
    bench.add_drive(media.dvd_rom(image))
    blank = bench.add_drive(media.blank(Profile.CD_RW))
    bench.hurry()
    done = bench.run(["discwright", "burn", image])
    assert done.returncode == 0, done.stderr
    assert blank.burnt(whole(image)) == image.read_bytes()
