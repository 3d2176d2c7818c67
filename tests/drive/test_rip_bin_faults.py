# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy to BIN/CUE when drive, disc or disk fail: nothing is hidden, nothing half is left."""

import json
import signal
from dataclasses import replace

import pytest

from drive.bench import Fault, Op, faults, media, raw
from drive.bench.faults import on
from drive.bench.medium import RAW, SECTOR
from drive.cds import film, game, record, rip_bin, sectors_of, sheet
from drive.ripping import rip

DATA = on(Op.READ_CD)
PATTERN = b"DISCWRIGHT: SECTOR %010d COULD NOT BE READ FROM THE DISC."


def sector(data, lba, count=1):
    return data[lba * RAW : (lba + count) * RAW]


def flipped(first, count=1, *, times=None, skip=0):
    """A bit that comes wrong, with good status, in the user data."""
    return Fault(
        DATA, range(first, first + count), times=times, skip=skip, corrupt=bytes(1000) + b"\x10"
    )


def losses(done):
    return [(one["kind"], one["track"], one["time"], one["lba"], one["count"])
            for one in done.report["losses"]]  # fmt: skip


def test_unreadable_music_is_silence_and_listed_by_track_and_time(bench, tmp_path):
    disc = record(tmp_path)
    drive = bench.add_drive(disc)
    drive.faults(faults.bad_sectors(850, 2), faults.bad_sectors(700))
    done = rip_bin(bench, tmp_path, "--retries", "1")
    assert (done.code, done.report["state"]) == (3, "complete-with-errors")
    assert done.report["bad_sectors"] == [[700, 1], [850, 2]]
    assert losses(done) == [
        ("unreadable", 2, "-00:01:25", 700, 1), ("unreadable", 2, "00:00:50", 850, 2),
    ]  # fmt: skip
    got, want = done.target.read_bytes(), bytearray(sectors_of(disc))
    for lba in (700, 850, 851):
        want[lba * RAW : (lba + 1) * RAW] = bytes(RAW)
    assert got == want
    assert (
        "3 sectors of music, or of a pause, could not be read: they are silent"
        in done.report["message"]
    )


def test_the_terminal_names_track_and_time(bench, tmp_path):
    drive = bench.add_drive(record(tmp_path))
    drive.faults(faults.bad_sectors(850))
    done = bench.run(["discwright", "rip", "/dev/sr0", tmp_path / "a.bin", "--retries", "0"])
    assert done.returncode == 3
    assert "Track 2, 00:00:50 (LBA 850): not read" in done.stdout


def test_unreadable_data_keeps_its_frame_and_says_that_it_was_not_read(bench, image, tmp_path):
    disc = game(tmp_path, image)
    drive = bench.add_drive(disc)
    drive.faults(faults.bad_sectors(100, 3))
    done = rip_bin(bench, tmp_path, "--retries", "0")
    assert (done.code, done.report["bad_sectors"]) == (3, [[100, 3]])
    assert "3 sectors of data could not be read" in done.report["message"]
    assert done.report["files_affected"] == ["noise.bin"]
    got, want = done.target.read_bytes(), sectors_of(disc)
    for lba in (100, 101, 102):
        lost = sector(got, lba)
        assert lost[:16] == sector(want, lba)[:16]
        assert lost[16:2064].startswith(PATTERN % lba)
        assert raw.mode1(lba, lost[16:2064]) != lost  # whatever checks it finds it bad
    assert sector(got, 0, 100) + sector(got, 103, 2000) == sector(want, 0, 100) + sector(
        want, 103, 2000
    )
    # An image of the data alone is one of the whole sectors.
    iso = tmp_path / "again.iso"
    data = tmp_path / "data.cue"
    (tmp_path / "data.bin").write_bytes(sector(got, 0, image.stat().st_size // SECTOR))
    data.write_text('FILE "data.bin" BINARY\n  TRACK 01 MODE1/2352\n    INDEX 01 00:00:00\n')
    assert rip(bench, iso, node=str(data)).code == 0
    assert iso.read_bytes()[100 * SECTOR :].startswith(PATTERN % 100)


@pytest.mark.parametrize("kind", ["mode 1", "mode 2"])
def test_a_wrong_sector_with_good_status_is_read_again(bench, image, tmp_path, kind):
    disc = game(tmp_path, image) if kind == "mode 1" else film(tmp_path)
    drive = bench.add_drive(disc)
    drive.faults(flipped(98, times=2))
    done = rip_bin(bench, tmp_path)
    assert (done.code, done.report["state"]) == (0, "complete"), done.report
    assert done.target.read_bytes() == sectors_of(disc)


def test_a_sector_that_stays_wrong_is_kept_and_listed(bench, image, tmp_path):
    disc = game(tmp_path, image)
    drive = bench.add_drive(disc)
    drive.faults(flipped(100, 2))
    done = rip_bin(bench, tmp_path)
    assert (done.code, losses(done)) == (3, [("wrong", 1, "00:01:25", 100, 2)])
    got, want = done.target.read_bytes(), sectors_of(disc)
    places = range(0, len(want), RAW)
    differing = [at // RAW for at in places if got[at : at + RAW] != want[at : at + RAW]]
    assert differing == [100, 101]
    assert got[100 * RAW + 1000] == want[100 * RAW + 1000] ^ 0x10
    assert "as the drive gave them" in done.report["message"]
    assert done.report["files_affected"] == ["noise.bin"]


def test_a_sector_of_another_place_is_not_believed(bench, image, tmp_path):
    disc = game(tmp_path, image)
    drive = bench.add_drive(disc)
    drive.faults(Fault(DATA, range(100, 101), corrupt=bytes(14) + b"\1"))
    done = rip_bin(bench, tmp_path)
    assert (done.code, losses(done)) == (3, [("wrong", 1, "00:01:25", 100, 1)])


def test_music_whose_errors_the_drive_can_not_correct_is_listed(bench, tmp_path):
    disc = record(tmp_path, concealed=(range(900, 903),))
    bench.add_drive(disc)
    done = rip_bin(bench, tmp_path)
    assert (done.code, losses(done)) == (3, [("concealed", 2, "00:01:25", 900, 3)])
    assert done.target.read_bytes() == sectors_of(disc)  # what it gave is kept
    assert "could not correct" in done.report["message"]
    assert "reported no errors" not in done.report["message"]


def test_a_drive_that_lies_about_c2_reads_without(bench, tmp_path):
    disc = record(tmp_path)
    bench.add_drive(disc, refuses_c2=True)
    done = rip_bin(bench, tmp_path)
    assert done.code == 0, done.report
    assert done.target.read_bytes() == sectors_of(disc)
    assert "this drive reports no errors" in done.report["message"]


def test_a_second_reading_that_differs_is_no_complete_copy(bench, tmp_path):
    disc = media.audio_cd([400, 400])
    drive = bench.add_drive(disc)
    drive.add_faults(flipped(500))
    # The same bit is wrong each time: nothing can tell. Then only once.
    same = rip_bin(bench, tmp_path, "--verify", name="same")
    assert (same.code, same.report["verified"]) == (0, True)
    drive.faults(Fault(DATA, range(500, 501), skip=_readings_before(drive), times=1,
                       corrupt=bytes(1000) + b"\x10"))  # fmt: skip
    other = rip_bin(bench, tmp_path, "--verify", name="other")
    assert (other.code, other.report["verified"]) == (3, False)
    assert other.report["differing_sectors"] == [[500, 1]]
    assert "A second reading was different in 1 sector." in other.report["message"]


def _readings_before(drive):
    """How often sector 500 was read before the reading that counts: half of all."""
    reads = [one for one in drive.commands(Op.READ_CD) if one.lba <= 500 < one.lba + one.count]
    return len(reads) - 1


def test_an_open_tray_ends_the_copy_and_leaves_nothing(bench, tmp_path):
    drive = bench.add_drive(media.audio_cd([3000]))
    drive.faults(Fault(DATA, range(1500, 1501), times=1, then="open-tray"))
    done = rip_bin(bench, tmp_path)
    assert (done.code, done.report["state"]) == (1, "failed")
    assert "tray" in done.report["message"].casefold() or "no disc" in done.report["message"]
    assert done.files == set()


def test_another_disc_in_between_is_not_mixed_in(bench, tmp_path):
    drive = bench.add_drive(media.audio_cd([3000]))
    drive.limit_rate(2_000_000)
    target = tmp_path / "mixed.bin"
    child = bench.popen(["discwright", "rip", "/dev/sr0", target, "--json"])
    drive.wait_for(lambda one: one.name == "READ_CD" and one.lba == 480)
    drive.open_tray()
    drive.insert(media.audio_cd([2900]))
    drive.limit_rate(0)
    out, _err = child.communicate(timeout=60)
    assert json.loads(out.splitlines()[-1])["state"] == "failed"
    assert set(tmp_path.iterdir()) == set()


@pytest.mark.parametrize("how", ["cancel", "kill"])
def test_a_broken_off_copy_has_no_final_name(bench, tmp_path, how):
    drive = bench.add_drive(media.audio_cd([6000]))
    drive.limit_rate(2_000_000)
    child = bench.popen(["discwright", "rip", "/dev/sr0", tmp_path / "half.bin", "--json"])
    drive.wait_for(lambda one: one.name == "READ_CD" and one.lba >= 480)
    child.send_signal(signal.SIGINT if how == "cancel" else signal.SIGKILL)
    out, _err = child.communicate(timeout=30)
    drive.limit_rate(0)
    if how == "cancel":
        report = json.loads(out.splitlines()[-1])
        assert (child.returncode, report["state"]) == (130, "cancelled")
        assert "Nothing was kept" in report["message"]
        assert set(tmp_path.iterdir()) == set()
        return
    assert {path.name for path in tmp_path.iterdir()} <= {"half.bin.part", "half.cue.part"}
    again = rip(bench, tmp_path / "half.bin")  # what was left over is nobody's
    assert again.code == 0
    assert again.files == {"half.bin", "half.cue", "half.bin.sha256", "half.bin.json"}


@pytest.mark.parametrize("before", [0, 5, 20])
def test_a_drive_that_hangs_while_it_is_asked_for_q_keeps_no_cancel_waiting(
    bench, tmp_path, before
):
    drive = bench.add_drive(record(tmp_path))
    drive.faults(Fault(DATA, skip=before, times=1, hold="q"))
    (tmp_path / "out").mkdir()
    target = tmp_path / "out" / "never.bin"
    child = bench.popen(["discwright", "rip", "/dev/sr0", target, "--json"])
    drive.wait_until_held("q")
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=10)
    assert child.returncode == 130
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("short", [0, 1, 1000, 24 * RAW])
def test_what_comes_only_in_part_is_asked_for_again(bench, tmp_path, short):
    disc = record(tmp_path)
    drive = bench.add_drive(disc)
    drive.faults(Fault(DATA, range(1030, 1060), times=2, short=short))
    done = rip_bin(bench, tmp_path)
    assert (done.code, done.target.read_bytes()) == (0, sectors_of(disc))
    assert "INDEX 02 00:12:00" in sheet(done)


@pytest.mark.parametrize("there", ["out.bin", "out.cue"])
def test_nothing_is_replaced_unasked(bench, tmp_path, there):
    bench.add_drive(media.audio_cd([300]))
    (tmp_path / "ripped").mkdir()
    old = tmp_path / "ripped" / there
    old.write_text("precious")
    done = rip_bin(bench, tmp_path)
    assert (done.code, done.report["refusal"]) == (4, "exists")
    assert there in done.report["message"]
    assert (done.files, old.read_text()) == ({there}, "precious")
    done = rip_bin(bench, tmp_path, "--force")
    assert done.code == 0
    assert old.read_bytes() != b"precious"


def test_a_name_that_is_taken_meanwhile_keeps_both_files_aside(bench, tmp_path):
    drive = bench.add_drive(media.audio_cd([3000]))
    drive.limit_rate(4_000_000)
    target, cue = tmp_path / "late.bin", tmp_path / "late.cue"
    child = bench.popen(["discwright", "rip", "/dev/sr0", target, "--json"])
    drive.wait_for(lambda one: one.name == "READ_CD" and one.lba >= 480)
    cue.write_text("somebody else's")
    out, _err = child.communicate(timeout=60)
    report = json.loads(out.splitlines()[-1])
    assert report["state"] == "failed"
    assert cue.read_text() == "somebody else's"
    assert {path.name for path in tmp_path.iterdir()} == {
        "late.cue", "late.bin.part", "late.cue.part"
    }  # fmt: skip
    assert (tmp_path / "late.bin.part").stat().st_size == 3000 * RAW


def test_a_full_disk_leaves_nothing(bench, tmp_path):
    drive = bench.add_drive(media.audio_cd([3000]))
    target = tmp_path / "full.bin"
    limit = "import resource,sys,os;resource.setrlimit(resource.RLIMIT_FSIZE,(3000000,3000000));"
    start = "import signal;signal.signal(signal.SIGXFSZ,signal.SIG_IGN);"
    run = "from discwright.__main__ import main;sys.exit(main())"
    done = bench.run(["python", "-c", limit + start + run, "rip", "/dev/sr0", target, "--json"])
    report = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, report["state"]) == (1, "failed"), done.stderr
    assert list(tmp_path.iterdir()) == []
    assert drive.commands()


def test_a_disc_that_gives_nothing_is_a_failure(bench, tmp_path):
    drive = bench.add_drive(media.audio_cd([400]))
    drive.faults(faults.bad_sectors(0, 400))
    done = rip_bin(bench, tmp_path, "--retries", "0")
    assert (done.code, done.report["state"]) == (1, "failed")
    assert done.files == set()


def test_a_pause_half_of_which_is_damaged_is_not_left_out(bench, image, tmp_path):
    disc = game(tmp_path, image)
    start = disc.tracks[1].start
    bench.add_drive(replace(disc, unreadable=(range(start - 60, start - 40),)))
    done = rip_bin(bench, tmp_path, "--retries", "0")
    assert (done.code, done.report["bad_sectors"]) == (3, [[start - 60, 20]])
    assert losses(done) == [("unreadable", 2, "-00:00:60", start - 60, 20)]
    assert "PREGAP" not in sheet(done)
