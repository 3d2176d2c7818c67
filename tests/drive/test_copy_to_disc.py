# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright copy`` from disc to disc: with two drives, and with one that asks for the blank."""

import pytest

from drive.bench import faults, media
from drive.bench.medium import Profile
from drive.burners import whole
from drive.burning import orphans
from drive.hearing import Terminal
from drive.ripping import ripped

HURRY = 50
WISH = "Please put a blank disc into /dev/sr0."


def copy(bench, target, *options):
    bench.hurry(HURRY)
    words = ["discwright", "copy", "/dev/sr0", target, "--json", *options]
    return ripped(bench.run(words, timeout=90), bench.root)


def test_a_disc_is_copied_with_two_drives_and_read_back(bench, image):
    bench.add_drive(media.dvd_rom(image))
    target = bench.add_drive(media.blank(Profile.DVD_R))
    done = copy(bench, "/dev/sr1")
    assert (done.code, done.report["state"], done.report["verified"]) == (0, "complete", True)
    assert target.burnt(whole(image)) == image.read_bytes()
    assert done.plan["medium"] == "DVD-ROM"
    assert orphans(bench) == []


def test_what_the_source_lost_is_listed_and_ends_with_3(bench, image):
    source = bench.add_drive(media.dvd_rom(image))
    source.faults(faults.bad_sectors(300, 3))
    bench.add_drive(media.blank(Profile.DVD_R))
    done = copy(bench, "/dev/sr1")
    assert (done.code, done.report["state"]) == (3, "complete-with-errors")
    assert done.report["bad_sectors"] == [[300, 3]]


def test_a_used_disc_is_erased_only_with_a_yes(bench, image):
    bench.add_drive(media.dvd_rom(image))
    target = bench.add_drive(media.overwritable(Profile.DVD_PLUS_RW, image))
    done = copy(bench, "/dev/sr1")
    assert (done.code, done.report["refusal"]) == (4, "not-confirmed")
    assert target.writes() == []
    assert copy(bench, "/dev/sr1", "--yes").code == 0


@pytest.mark.parametrize("disc", [media.css_dvd, lambda image: media.audio_cd()])
def test_what_a_copy_would_lose_is_refused(bench, image, disc):
    bench.add_drive(disc(image))
    target = bench.add_drive(media.blank(Profile.DVD_R))
    done = copy(bench, "/dev/sr1")
    assert (done.code, done.report["state"]) == (4, "refused")
    assert target.writes() == []


def test_one_drive_is_refused_where_nobody_can_change_the_discs(bench, image):
    drive = bench.add_drive(media.dvd_rom(image))
    done = copy(bench, "/dev/sr0", "--yes")
    assert (done.code, done.report["refusal"]) == (4, "one-drive")
    assert "drive" in done.report["remedy"]
    assert not drive.tray_is_open


def test_an_image_file_is_for_burning(bench, image):
    bench.add_drive(media.blank(Profile.DVD_R))
    bench.hurry(HURRY)
    done = bench.run(["discwright", "copy", image, "/dev/sr0", "--json"])
    assert done.returncode == 4
    assert "discwright burn" in done.stdout


def test_on_a_terminal_one_drive_asks_for_the_blank_and_says_why_another_will_not_do(
    bench, image, tmp_path
):
    drive = bench.add_drive(media.cd_r(image))
    bench.hurry(HURRY)
    (tmp_path / "tmp").mkdir()
    heard = Terminal()
    child = bench.popen(
        ["discwright", "copy", "/dev/sr0", "/dev/sr0"],
        env={"TMPDIR": str(tmp_path / "tmp")}, stdin=heard.theirs, stderr=heard.theirs,
    )  # fmt: skip
    heard.listen()
    heard.wait_for(WISH)
    assert drive.tray_is_open
    assert len(list((tmp_path / "tmp").iterdir())) == 1
    drive.insert(media.overwritable(Profile.DVD_PLUS_RW, image))
    drive.close_tray()
    heard.wait_for("is not to be erased")
    assert drive.writes() == []
    drive.open_tray()
    drive.insert(media.blank(Profile.CD_R))
    drive.close_tray()
    child.wait(timeout=90)
    assert child.returncode == 0, heard.text
    assert drive.burnt(whole(image)) == image.read_bytes()
    assert list((tmp_path / "tmp").iterdir()) == []
    assert "BENCH DISC was burned and read back" in heard.text
    heard.close()
