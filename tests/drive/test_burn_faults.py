# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever goes wrong while burning: the right state, a clear sentence, no false success."""

import random
import signal

import pytest

from drive.bench import Op, faults, media
from drive.bench.codes import READS, Sense
from drive.bench.medium import SECTOR, Profile
from drive.burners import whole
from drive.burning import burn, job, orphans, read

ONCE = (Profile.CD_R, Profile.DVD_R, Profile.DVD_PLUS_R, Profile.BD_R)
AGAIN = (Profile.CD_RW, Profile.DVD_RW, Profile.DVD_PLUS_RW, Profile.BD_RE, Profile.DVD_RAM)


def named(kind):
    return kind.name


def middle(image):
    return whole(image) // 2


@pytest.mark.parametrize("kind", ONCE, ids=named)
@pytest.mark.parametrize("where", ["first", "middle", "last"])
def test_a_write_error_spoils_a_disc_that_is_written_once(bench, image, kind, where):
    lba = {"first": 0, "middle": middle(image), "last": whole(image) - 1}[where]
    drive = bench.add_drive(media.blank(kind))
    drive.add_faults(faults.write_error(lba))
    done = burn(bench, image)
    assert (done.state, done.report["verified"]) == ("failed", None)
    assert "could not write onto the disc" in done.report["message"]
    assert "spoilt" in done.report["message"] or done.report["medium"]["status"] == "blank"
    assert "3 0C 00" in done.report["cause"]
    assert "verifying" not in done.phases
    assert orphans(bench) == []


@pytest.mark.parametrize("kind", AGAIN, ids=named)
def test_a_write_error_does_not_spoil_a_rewritable_disc(bench, image, kind):
    drive = bench.add_drive(media.blank(kind))
    drive.add_faults(faults.write_error(middle(image)))
    done = burn(bench, image)
    assert done.state == "failed"
    assert "can be used again" in done.report["message"]
    drive.faults()
    drive.close_tray()
    assert burn(bench, image).state == "complete"


SENTENCES = {
    "calibration": (faults.calibration_fails(), "adjust its laser"),
    "late data": (faults.loss_of_streaming(320), "came too late"),
    "the tray": (faults.tray_opens_at_write(10), "tray was opened"),
    "unplugged": (faults.unplugged_at_write(10), "unplugged"),
}


@pytest.mark.parametrize("what", SENTENCES)
def test_each_cause_has_its_own_sentence(bench, image, what):
    fault, words = SENTENCES[what]
    drive = bench.add_drive(media.blank(Profile.DVD_R))
    drive.add_faults(fault)
    done = burn(bench, image)
    assert done.state == "failed", done.log
    assert words in done.report["message"], done.log
    assert orphans(bench) == []


CLOSING = {
    Profile.CD_R: faults.synchronize_fails,
    Profile.DVD_R: faults.synchronize_fails,
    Profile.DVD_PLUS_R: faults.close_fails,
    Profile.BD_R: faults.close_fails,
}


@pytest.mark.parametrize("kind", CLOSING, ids=named)
def test_a_close_that_reports_an_error_over_a_whole_disc_is_a_success_with_a_remark(
    bench, image, kind
):
    drive = bench.add_drive(media.blank(kind))
    drive.add_faults(CLOSING[kind](done=True))
    done = burn(bench, image)
    assert (done.state, done.report["verified"]) == ("complete", True), done.log
    assert drive.burnt(whole(image)) == image.read_bytes()


@pytest.mark.parametrize("kind", CLOSING, ids=named)
def test_a_close_that_really_fails_is_judged_by_what_can_be_read(bench, image, kind):
    drive = bench.add_drive(media.blank(kind))
    drive.add_faults(CLOSING[kind]())
    done = burn(bench, image)
    assert done.state in {"failed", "complete"}, done.log
    if done.state == "complete":
        assert done.report["verified"] is True
        assert drive.burnt(whole(image)) == image.read_bytes()
    assert done.report["verified"] is not None or done.report["message"]


@pytest.mark.parametrize("kind", [Profile.CD_R, Profile.DVD_R, Profile.DVD_PLUS_RW, Profile.BD_RE],
                         ids=named)  # fmt: skip
@pytest.mark.parametrize("where", ["first", "second", "middle", "last"])
def test_one_flipped_bit_is_found_and_named(bench, image, kind, where):
    lba = {"first": 0, "second": 1, "middle": middle(image), "last": whole(image) - 1}[where]
    drive = bench.add_drive(media.blank(kind))
    drive.add_faults(faults.burnt_wrong(lba))
    done = burn(bench, image)
    assert (done.state, done.report["verified"]) == ("complete-with-errors", False), done.log
    assert f"different at LBA {lba}" in done.report["message"]
    assert done.report["differing_sectors"] == [[lba, 1]]
    assert done.report["digests"] != done.report["read_back"]


def test_bits_that_flip_in_reading_are_found_too(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_PLUS_R))
    drive.add_faults(faults.silent_corruption(300, 3))
    done = burn(bench, image)
    assert done.report["differing_sectors"] == [[300, 3]]
    assert done.report["pattern"] == "range"


def test_unreadable_sectors_are_listed(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_R))
    drive.add_faults(faults.burnt_unreadable(200, 5))
    done = burn(bench, image, retries=0)
    assert done.state == "complete-with-errors"
    assert done.report["unreadable_sectors"] == [[200, 5]]
    assert done.report["differing_sectors"] == []
    assert "LBA 200–204" in done.report["message"]


def test_a_missing_tail_is_called_a_missing_tail(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_PLUS_R))
    drive.add_faults(faults.not_burnt(middle(image), 10**6))
    done = burn(bench, image)
    assert (done.state, done.report["pattern"]) == ("complete-with-errors", "tail")
    assert "not written to its end" in done.report["message"]


def test_scattered_faults_are_called_scattered(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_PLUS_R))
    drive.add_faults(*(faults.burnt_wrong(lba) for lba in (10, 200, 333, 400, 500, 600)))
    done = burn(bench, image)
    assert done.report["pattern"] == "scattered"
    assert "10, 200, 333, 400, 500 …" in done.report["message"]
    assert len(done.report["differing_sectors"]) == 6


def test_old_data_that_comes_back_from_an_overwritable_disc_is_no_success(bench, image, tmp_path):
    old = tmp_path / "old.iso"
    old.write_bytes(random.Random(9).randbytes(2000 * SECTOR))
    drive = bench.add_drive(media.overwritable(Profile.DVD_PLUS_RW, old))
    drive.add_faults(faults.not_burnt(0, 10**6))
    done = burn(bench, image)
    assert (done.state, done.report["pattern"]) == ("complete-with-errors", "all")


def test_a_sector_that_reads_at_the_second_try_is_a_remark_only(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_R))
    drive.add_faults(faults.bad_sectors(100, times=2))
    done = burn(bench, image)
    assert (done.state, done.report["recovered_sectors"]) == ("complete", 1)
    assert any("several tries" in text for text in done.report["warnings"])


def test_a_drive_that_is_slow_to_recognise_the_disc_is_waited_for(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_R))
    command = job(image)
    bench.hurry()
    child = bench.popen(command)
    drive.wait_for(Op.SYNCHRONIZE_CACHE)
    drive.add_faults(faults.Fault(faults.on(Op.TEST_UNIT_READY), skip=3, times=6,
                                  sense=faults.BECOMING_READY))  # fmt: skip
    done = read(*child.communicate(timeout=60))
    assert done.state == "complete", done.log


@pytest.mark.parametrize("kind", [Profile.DVD_R, Profile.DVD_PLUS_RW, Profile.CD_RW], ids=named)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_cancel_stops_cleanly_and_says_what_became_of_the_disc(bench, image, kind, number):
    drive = bench.add_drive(media.blank(kind))
    drive.add_faults(faults.hang_at_write(8))
    bench.hurry()
    child = bench.popen(job(image))
    drive.wait_until_held("write")
    child.send_signal(number)
    drive.release("write")
    done = read(*child.communicate(timeout=60))
    assert done.state == "cancelled", done.log
    words = "spoilt" if kind is Profile.DVD_R else "can be used again"
    assert words in done.report["message"]
    assert "stopping" in done.phases
    assert orphans(bench) == []
    assert not drive.is_locked


def test_a_cancel_while_a_command_hangs_ends_in_bounded_time(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_R))
    drive.add_faults(faults.hang_at_write(8))
    bench.hurry()
    child = bench.popen(job(image, patience=0.5))
    drive.wait_until_held("write")
    child.send_signal(signal.SIGTERM)
    try:
        out, err = child.communicate(timeout=15)
    finally:
        drive.release("write")
    done = read(out, err)
    assert done.state == "cancelled", done.log
    assert "xorriso ended: exit code -9" in done.log
    assert orphans(bench) == []


def test_a_cancel_before_anything_is_written_leaves_the_disc_blank(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_R))
    drive.add_faults(faults.Fault(faults.on(Op.SET_STREAMING), times=1, hold="early"))
    bench.hurry()
    child = bench.popen(job(image))
    drive.wait_until_held("early")
    child.send_signal(signal.SIGTERM)
    drive.release("early")
    done = read(*child.communicate(timeout=60))
    assert done.state == "cancelled", done.log
    assert orphans(bench) == []


def test_a_cancel_while_reading_back_says_that_nothing_is_proved(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_R))
    drive.add_faults(faults.Fault(READS, range(300, 301), times=1, hold="read"))
    bench.hurry()
    child = bench.popen(job(image))
    drive.wait_until_held("read")
    child.send_signal(signal.SIGTERM)
    drive.release("read")
    done = read(*child.communicate(timeout=60))
    assert done.state == "cancelled", done.log
    assert "nothing proves it" in done.report["message"]
    assert "spoilt" not in done.report["message"]
    assert drive.burnt(whole(image)) == image.read_bytes()


def test_the_disc_is_refused_if_it_was_exchanged_after_the_plan(bench, image, tmp_path):
    drive = bench.add_drive(media.blank(Profile.DVD_PLUS_R))
    drive.add_faults(faults.Fault(faults.on(Op.READ_DISC_INFORMATION), skip=1, times=1,
                                  hold="again"))  # fmt: skip
    bench.hurry()
    child = bench.popen(job(image))
    drive.wait_until_held("again")
    drive.insert(media.blank(Profile.DVD_PLUS_R, free=20000))
    drive.release("again")
    done = read(*child.communicate(timeout=60))
    assert (done.state, done.report["refusal"]) == ("refused", "changed"), done.log
    assert drive.writes() == []


def test_erasing_that_fails_is_told_and_nothing_is_written(bench, image):
    drive = bench.add_drive(media.cd_rw(image))
    drive.add_faults(faults.Fault(faults.on(Op.BLANK), sense=Sense(3, 0x51, 0)))
    done = burn(bench, image)
    assert done.state == "failed", done.log
    assert "made ready" in done.report["message"]
    assert drive.writes() == []


@pytest.mark.parametrize("what", ["no disc", "open tray"])
def test_an_empty_drive_is_refused(bench, image, what):
    drive = bench.add_drive()
    if what == "open tray":
        drive.open_tray()
    report = burn(bench, image).report
    assert (report["state"], report["refusal"]) == ("refused", "no-medium")


def test_an_image_that_is_cut_off_is_refused(bench, image, tmp_path):
    short = tmp_path / "short.iso"
    short.write_bytes(image.read_bytes()[: 400 * SECTOR])
    drive = bench.add_drive(media.blank(Profile.DVD_R))
    report = burn(bench, short).report
    assert (report["state"], report["refusal"]) == ("refused", "truncated")
    assert drive.writes() == []


def test_an_image_that_shrinks_while_it_is_burned_fails_the_burn(bench, tmp_path):
    big = tmp_path / "big.iso"
    big.write_bytes(random.Random(3).randbytes(16 << 20))
    drive = bench.add_drive(media.blank(Profile.DVD_PLUS_RW))
    drive.add_faults(faults.hang_at_write(2))
    bench.hurry()
    child = bench.popen(job(big))
    drive.wait_until_held("write")
    with big.open("r+b") as file:
        file.truncate(1 << 20)
    drive.release("write")
    done = read(*child.communicate(timeout=60))
    assert done.state == "failed", done.log
    assert "shorter" in done.report["message"]
    assert orphans(bench) == []


def test_a_slim_drive_waits_until_it_is_closed_by_hand(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_R), loading=2)
    bench.hurry()
    child = bench.popen(job(image))
    lines = []
    for line in child.stdout:
        lines.append(line)
        if "Please close the tray of /dev/sr0." in line:
            assert drive.tray_is_open
            drive.close_tray()
    _, stderr = child.communicate(timeout=60)
    done = read("".join(lines), stderr)
    assert done.state == "complete", done.log
    assert drive.burnt(whole(image)) == image.read_bytes()
    assert any("until you have closed it" in text for text in done.all("plan")[0]["sentences"])
