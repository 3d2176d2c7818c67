# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever goes wrong while tracks are burned: the right state, a clear sentence, no orphan."""

import os
import random
import shutil
import signal

import pytest

from drive.bench import faults, media
from drive.bench.codes import READS
from drive.bench.medium import RAW, Profile
from drive.burners import whole
from drive.burning import burn, job, orphans, pids, read
from drive.track_images import album, mode_2

CAUSES = {
    "write error": (faults.write_error(500), "could not write onto the disc"),
    "late data": (faults.loss_of_streaming(500), "came too late"),
    "calibration": (faults.calibration_fails(), "adjust its laser"),
    "the tray": (faults.tray_opens_at_write(10), "tray was opened"),
    "unplugged": (faults.unplugged_at_write(10), "unplugged"),
}


@pytest.fixture
def cue(tmp_path):
    return album(tmp_path)[0]


@pytest.mark.parametrize("what", CAUSES)
def test_each_cause_has_its_sentence(bench, cue, what):
    fault, words = CAUSES[what]
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.add_faults(fault)
    done = burn(bench, cue)
    assert (done.state, done.report["verified"]) == ("failed", None), done.log
    assert words in done.report["message"], done.log
    assert "verifying" not in done.phases
    assert orphans(bench) == []


def test_a_drive_that_fails_before_the_first_sector_leaves_the_disc_as_it_was(bench, cue):
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.add_faults(faults.calibration_fails())
    report = burn(bench, cue).report
    assert "Nothing was written" in report["message"]
    assert report["medium"]["status"] == "blank"


def test_a_write_error_spoils_a_cd_r(bench, cue):
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.add_faults(faults.write_error(500))
    report = burn(bench, cue).report
    assert "spoilt" in report["message"]
    assert "3 0C 00" in report["cause"]


def test_a_close_that_fails_unsaid_is_judged_by_what_can_be_read(bench, cue):
    """cdrdao says that all went well, for it doesn't look at what the drive answers there."""
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.add_faults(faults.synchronize_fails(done=True))
    assert burn(bench, cue).state == "complete"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_cancel_stops_cleanly_and_says_what_became_of_the_disc(bench, cue, number):
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.add_faults(faults.hang_at_write(12))
    bench.hurry()
    child = bench.popen(job(cue))
    drive.wait_until_held("write")
    child.send_signal(number)
    drive.release("write")
    done = read(*child.communicate(timeout=60))
    assert done.state == "cancelled", done.log
    assert "spoilt" in done.report["message"]
    assert orphans(bench) == []
    assert not drive.is_locked


def test_a_cancel_while_a_command_hangs_ends_in_bounded_time(bench, cue):
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.add_faults(faults.hang_at_write(12))
    bench.hurry()
    child = bench.popen(job(cue, patience=0.5))
    drive.wait_until_held("write")
    child.send_signal(signal.SIGTERM)
    try:
        out, err = child.communicate(timeout=15)
    finally:
        drive.release("write")
    assert read(out, err).state == "cancelled"
    assert orphans(bench) == []


def test_a_program_that_is_killed_fails_the_burn_and_leaves_no_locked_tray(bench, cue):
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.add_faults(faults.hang_at_write(12))
    bench.hurry()
    child = bench.popen(job(cue))
    drive.wait_until_held("write")
    (pid,) = pids(bench, "cdrdao")
    os.kill(pid, signal.SIGKILL)
    drive.release("write")
    done = read(*child.communicate(timeout=60))
    assert done.state == "failed", done.log
    assert "spoilt" in done.report["message"]
    assert "exit code -9" in done.report["cause"]
    assert drive.tray_is_open
    assert orphans(bench) == []


def test_a_cancel_while_reading_back_says_that_nothing_is_proved(bench, cue):
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.add_faults(faults.Fault(READS, range(949, 950), times=1, hold="read"))
    bench.hurry()
    child = bench.popen(job(cue))
    drive.wait_until_held("read")
    child.send_signal(signal.SIGTERM)
    drive.release("read")
    done = read(*child.communicate(timeout=60))
    assert done.state == "cancelled", done.log
    assert "nothing proves it" in done.report["message"]


def test_an_image_that_shrinks_while_it_is_burned_fails_the_burn(bench, tmp_path):
    store = tmp_path / "long.bin"
    store.write_bytes(random.Random(3).randbytes(9000 * RAW))
    cue = tmp_path / "long.cue"
    cue.write_text('FILE "long.bin" BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n')
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.add_faults(faults.hang_at_write(2))
    bench.hurry()
    child = bench.popen(job(cue))
    drive.wait_until_held("write")
    with store.open("r+b") as file:
        file.truncate(1 << 20)
    drive.release("write")
    done = read(*child.communicate(timeout=60))
    assert done.state == "failed", done.log
    assert "shorter" in done.report["message"]
    assert orphans(bench) == []


def test_without_cdrdao_music_is_refused_with_what_to_install(bench, cue, tmp_path):
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "xorriso").symlink_to(shutil.which("xorriso"))
    drive = bench.add_drive(media.blank(Profile.CD_R))
    done = bench.run(job(cue), env={"PATH": str(tools)})
    report = read(done.stdout, done.stderr).report
    assert (report["state"], report["refusal"]) == ("refused", "no-program")
    assert "apt install cdrdao" in report["remedy"]
    assert drive.writes() == []


@pytest.mark.parametrize("kind", [Profile.DVD_R, Profile.BD_RE], ids=lambda kind: kind.name)
def test_music_is_refused_on_what_is_no_cd(bench, cue, kind):
    drive = bench.add_drive(media.blank(kind))
    report = burn(bench, cue).report
    assert (report["state"], report["refusal"]) == ("refused", "needs-cd")
    assert "CD-R" in report["remedy"]
    assert drive.writes() == []


def test_too_much_music_is_refused_before_anything_is_written(bench, cue):
    drive = bench.add_drive(media.blank(Profile.CD_R, free=900))
    report = burn(bench, cue).report
    assert (report["state"], report["refusal"]) == ("refused", "too-big")
    assert "0:13" in report["message"]
    assert drive.writes() == []


def test_music_is_overburned_if_that_is_asked_for(bench, cue):
    bench.add_drive(media.blank(Profile.CD_R, free=900), overburn=200)
    done = burn(bench, cue, overburn=True)
    assert (done.state, done.report["verified"]) == ("complete", True), done.log
    assert any("the disc is lost" in text for text in done.all("plan")[0]["warnings"])


def test_a_plain_image_is_overburned_if_that_is_asked_for(bench, image):
    drive = bench.add_drive(media.blank(Profile.CD_R, free=whole(image) - 50), overburn=100)
    done = burn(bench, image, overburn=True)
    assert (done.state, done.report["verified"]) == ("complete", True), done.log
    assert drive.burnt(whole(image)) == image.read_bytes()
    assert done.report["writer"] == "cdrdao"


def test_a_drive_that_takes_no_overburn_says_so(bench, image):
    bench.add_drive(media.blank(Profile.CD_R, free=whole(image) - 50))
    done = burn(bench, image, overburn=True)
    assert done.state == "failed", done.log
    assert "not so many minutes" in done.report["message"]
    assert "Nothing was written" in done.report["message"]


def test_an_overburn_that_breaks_off_at_the_end_is_no_success(bench, image):
    end = whole(image)
    drive = bench.add_drive(media.blank(Profile.CD_R, free=end - 50), overburn=100)
    drive.add_faults(faults.write_error(end - 10))
    done = burn(bench, image, overburn=True)
    assert done.state == "failed", done.log
    assert "spoilt" in done.report["message"]


def test_mode_2_is_refused_without_cdrdao_rather_than_changed(bench, tmp_path):
    cue, tools = mode_2(tmp_path), tmp_path / "bin"
    tools.mkdir()
    (tools / "xorriso").symlink_to(shutil.which("xorriso"))
    bench.add_drive(media.blank(Profile.CD_R))
    done = bench.run(job(cue), env={"PATH": str(tools)})
    assert read(done.stdout, done.stderr).report["refusal"] == "no-program"


def only(tmp_path, *names):
    """Give a PATH with these programs and no others."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in names:
        (tools / name).symlink_to(shutil.which(name))
    return {"PATH": str(tools), "TMPDIR": str(tmp_path)}


def with_cdrskin(bench, cue, tmp_path):
    bench.hurry()
    done = bench.run(job(cue), env=only(tmp_path, "xorriso", "cdrskin"))
    return read(done.stdout, done.stderr)


def test_without_cdrdao_music_is_burned_by_cdrskin_and_proved(bench, tmp_path):
    cue, samples = album(tmp_path)
    drive = bench.add_drive(media.blank(Profile.CD_R))
    done = with_cdrskin(bench, cue, tmp_path)
    report = done.report
    assert (report["state"], report["verified"]) == ("complete", True), done.log
    assert report["writer"] == "cdrskin"
    assert drive.burnt_raw(len(samples) // RAW) == samples
    one, two = drive.medium.sessions[0].tracks
    assert (one.copy, two.preemphasis, two.isrc) == (True, True, "USABC1234567")
    assert "Größe".encode("latin-1") in drive.medium.cd_text
    assert drive.medium.mcn == "1234567890123"
    assert not list(tmp_path.glob("discwright-*"))
    assert orphans(bench) == []


@pytest.mark.parametrize("what", CAUSES)
def test_each_cause_has_its_sentence_with_cdrskin_too(bench, cue, tmp_path, what):
    fault, words = CAUSES[what]
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.add_faults(fault)
    done = with_cdrskin(bench, cue, tmp_path)
    assert done.state == "failed", done.log
    assert words in done.report["message"], done.log
    assert orphans(bench) == []


def test_a_cancel_stops_cdrskin_cleanly(bench, cue, tmp_path):
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.add_faults(faults.hang_at_write(36))
    bench.hurry()
    child = bench.popen(job(cue), env=only(tmp_path, "xorriso", "cdrskin"))
    drive.wait_until_held("write")
    child.send_signal(signal.SIGTERM)
    drive.release("write")
    done = read(*child.communicate(timeout=60))
    assert done.state == "cancelled", done.log
    assert orphans(bench) == []
    assert not drive.is_locked
