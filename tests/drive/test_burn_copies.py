# SPDX-License-Identifier: GPL-3.0-or-later
"""Disc to disc, and several discs of one image: each proved by reading it back."""

import signal

import pytest

from drive.bench import Op, Sense, faults, media
from drive.bench.medium import SECTOR, Profile
from drive.burners import whole
from drive.burning import burn, job, orphans, read
from drive.hearing import Terminal
from drive.ripping import differing_sectors

TARGETS = (Profile.DVD_R, Profile.DVD_PLUS_RW, Profile.BD_R)


def named(kind):
    return kind.name


@pytest.mark.parametrize("kind", TARGETS, ids=named)
def test_a_disc_is_copied_on_the_fly_with_two_drives(bench, image, kind):
    bench.add_drive(media.dvd_rom(image))
    target = bench.add_drive(media.blank(kind))
    done = burn(bench, "/dev/sr0", "/dev/sr1", do="copy")
    assert (done.state, done.report["verified"]) == ("complete", True), done.log
    assert target.burnt(whole(image)) == image.read_bytes()
    assert done.report["digests"] == done.report["read_back"]
    assert orphans(bench) == []


def test_what_the_source_lost_is_filled_listed_and_no_success(bench, image):
    source = bench.add_drive(media.dvd_rom(image))
    source.add_faults(faults.bad_sectors(300, 3))
    target = bench.add_drive(media.blank(Profile.DVD_R))
    done = burn(bench, "/dev/sr0", "/dev/sr1", do="copy")
    assert (done.state, done.report["verified"]) == ("complete-with-errors", True), done.log
    assert done.report["bad_sectors"] == [[300, 3]]
    copied = target.burnt(whole(image))
    assert differing_sectors(copied, image.read_bytes()) == [300, 301, 302]
    assert b"COULD NOT BE READ FROM THE DISC" in copied[300 * SECTOR : 301 * SECTOR]


def test_a_copy_that_comes_back_wrong_is_caught(bench, image):
    bench.add_drive(media.dvd_rom(image))
    target = bench.add_drive(media.blank(Profile.DVD_R))
    target.add_faults(faults.burnt_wrong(400))
    done = burn(bench, "/dev/sr0", "/dev/sr1", do="copy")
    assert done.state == "complete-with-errors"
    assert done.report["differing_sectors"] == [[400, 1]]


def test_a_source_that_is_lost_fails_the_copy(bench, image):
    source = bench.add_drive(media.dvd_rom(image))
    source.add_faults(faults.Fault(faults.READS, range(500, 501), then="unplug"))
    bench.add_drive(media.blank(Profile.DVD_R))
    done = burn(bench, "/dev/sr0", "/dev/sr1", do="copy")
    assert done.state == "failed", done.log
    assert orphans(bench) == []


def test_a_protected_disc_is_not_copied(bench, image):
    bench.add_drive(media.css_dvd(image))
    target = bench.add_drive(media.blank(Profile.DVD_R))
    done = burn(bench, "/dev/sr0", "/dev/sr1", do="copy")
    assert (done.state, done.report["refusal"]) == ("refused", "protected")
    assert target.writes() == []


def test_a_disc_is_copied_with_one_drive_over_a_temporary_image(bench, image, tmp_path):
    drive = bench.add_drive(media.cd_r(image))
    bench.hurry()
    child = bench.popen(job("/dev/sr0", str(tmp_path / "copy.iso"), do="copy"))
    lines = []
    for line in child.stdout:
        lines.append(line)
        if "Please put a blank disc into" in line:
            assert drive.tray_is_open
            assert len(list(tmp_path.iterdir())) == 1
            drive.insert(media.blank(Profile.CD_R))
            drive.close_tray()
    done = read("".join(lines), child.communicate(timeout=60)[1])
    assert (done.state, done.report["verified"]) == ("complete", True), done.log
    assert drive.burnt(whole(image)) == image.read_bytes()
    assert list(tmp_path.iterdir()) == []
    assert done.phases[:2] == ["reading", "flushing"]


def test_a_tray_that_does_not_open_by_itself_loses_no_image(bench, image, tmp_path):
    drive = bench.add_drive(media.cd_r(image))
    drive.add_faults(faults.Fault(faults.on(Op.START_STOP_UNIT), times=2, sense=Sense(5, 0x53, 2)))
    bench.hurry()
    child = bench.popen(job("/dev/sr0", str(tmp_path / "copy.iso"), do="copy"))
    lines = []
    for line in child.stdout:
        lines.append(line)
        if "does not open its tray. Press the drive's button. Please put a blank disc" in line:
            drive.insert(media.blank(Profile.CD_R))
    done = read("".join(lines), child.communicate(timeout=60)[1])
    assert (done.state, done.report["verified"]) == ("complete", True), done.log
    assert drive.burnt(whole(image)) == image.read_bytes()


def burn_two(bench, image, *options):
    terminal = Terminal()
    child = bench.popen(
        ["discwright", "burn", image, "/dev/sr0", "--copies", "2", *options],
        stdin=terminal.theirs, stderr=terminal.theirs,
    )  # fmt: skip
    terminal.listen()
    terminal.wait_for("Insert the next blank disc. Go on?")
    return child, terminal


def test_several_discs_are_burned_one_after_the_other(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_PLUS_RW))
    bench.hurry()
    child, terminal = burn_two(bench, image)
    assert drive.burnt(whole(image)) == image.read_bytes()
    drive.insert(media.blank(Profile.DVD_R))
    terminal.type("y\n")
    assert child.wait(60) == 0, terminal.text
    assert drive.burnt(whole(image)) == image.read_bytes()
    terminal.wait_for("2 of 2 are complete")
    terminal.close()


def test_the_disc_just_burned_does_not_count_as_the_next_one_unasked(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_PLUS_RW))
    bench.hurry()
    child, terminal = burn_two(bench, image, "--yes")
    drive.close_tray()
    written = len(drive.writes())
    terminal.type("y\n")
    terminal.wait_for("will be lost. Burn?")
    terminal.type("n\n")
    assert child.wait(60) == 130, terminal.text
    terminal.wait_for("1 of 2 are complete")
    assert len(drive.writes()) == written
    terminal.close()


@pytest.mark.parametrize("answer", ["\x04", "n\n", "\x03"], ids=["end", "no", "interrupt"])
def test_a_copy_that_was_not_begun_is_no_success_and_the_first_is_still_told(bench, image, answer):
    bench.add_drive(media.blank(Profile.DVD_R))
    bench.hurry()
    child, terminal = burn_two(bench, image)
    if answer == "\x03":
        child.send_signal(signal.SIGINT)
    else:
        terminal.type(answer)
    assert child.wait(60) == 130, terminal.text
    terminal.wait_for("1 of 2 are complete")
    terminal.wait_for("The next disc was not begun.")
    terminal.close()
