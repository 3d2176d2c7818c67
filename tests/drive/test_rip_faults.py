# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever goes wrong during a rip: a clear sentence, nothing half-written, no false success."""

import errno
import json
import os
import signal
import subprocess

import pytest

from drive.asking import READY, ask
from drive.bench import Fault, Sense, faults, media
from drive.bench.codes import READS, Op
from drive.ripping import SECTOR, differing_sectors, rip, ripped

SECTORS = 1700


@pytest.fixture(scope="module")
def iso(tmp_path_factory):
    folder = tmp_path_factory.mktemp("disc")
    (folder / "tree").mkdir()
    for number in range(3):
        (folder / "tree" / f"file{number}.bin").write_bytes(bytes([65 + number]) * 1_000_000)
    image = folder / "disc.iso"
    subprocess.run(
        ["genisoimage", "-quiet", "-J", "-R", "-V", "FAULTY", "-o", image, folder / "tree"],
        check=True,
        capture_output=True,
    )
    return image


@pytest.fixture
def drive(bench, iso):
    return bench.add_drive(media.dvd_rom(iso))


def last_sector(iso):
    return iso.stat().st_size // SECTOR - 1


@pytest.mark.parametrize("where", ["first", "one in the middle", "last", "a range"])
def test_bad_sectors_are_filled_counted_and_listed(bench, drive, iso, tmp_path, where):
    lba, count = {
        "first": (0, 1), "one in the middle": (700, 1), "last": (last_sector(iso), 1),
        "a range": (600, 45),
    }[where]  # fmt: skip
    drive.faults(faults.bad_sectors(lba, count))
    done = rip(bench, tmp_path / "out.iso", "--retries", "1")
    assert (done.code, done.report["state"]) == (3, "complete-with-errors")
    assert done.report["bad_sectors"] == [[lba, count]]
    image = done.target.read_bytes()
    assert differing_sectors(image, iso.read_bytes()) == list(range(lba, lba + count))
    assert image.count(b"COULD NOT BE READ FROM THE DISC") == 32 * count
    assert f"SECTOR {lba:010}".encode() in image
    record = json.loads((tmp_path / "out.iso.json").read_text())
    assert record["state"] == "complete-with-errors"
    assert record["report"]["bad_sectors"] == [[lba, count]]


def test_a_disc_of_which_nothing_can_be_read_gives_no_image(bench, drive, tmp_path):
    drive.faults(faults.bad_sectors(0, SECTORS))
    done = rip(bench, tmp_path / "out.iso", "--retries", "0")
    assert (done.code, done.report["state"]) == (1, "failed")
    assert done.files == set()


def test_the_files_that_lost_something_are_named(bench, drive, iso, tmp_path):
    start = iso.read_bytes().index(b"B" * SECTOR) // SECTOR
    drive.faults(faults.bad_sectors(start + 5))
    assert rip(bench, tmp_path / "out.iso").report["files_affected"] == ["file1.bin"]


def test_a_sector_that_reads_on_the_third_try_is_no_loss(bench, drive, iso, tmp_path):
    drive.faults(faults.bad_sectors(900, times=3))  # the request, then twice alone
    done = rip(bench, tmp_path / "out.iso")
    assert (done.code, done.report["recovered_sectors"]) == (0, 1)
    assert done.target.read_bytes() == iso.read_bytes()


def test_the_map_can_be_read_by_ddrescue(bench, drive, tmp_path):
    drive.faults(faults.bad_sectors(700, 3))
    done = rip(bench, tmp_path / "out.iso", "--map", str(tmp_path / "out.map"), "--retries", "0")
    assert done.code == 3
    shown = subprocess.run(
        ["ddrescuelog", "--list-blocks=-", "-b2048", tmp_path / "out.map"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert shown.stdout.split() == ["700", "701", "702"]


ENDINGS = {
    "the tray opens": (faults.tray_opens_at_read(12), "tray"),
    "the drive is unplugged": (faults.unplugged_at_read(12), "unplugged"),
}


@pytest.mark.parametrize("what", ENDINGS)
def test_a_lost_disc_fails_the_copy_and_leaves_nothing(bench, drive, tmp_path, what):
    fault, word = ENDINGS[what]
    drive.add_faults(fault)
    done = rip(bench, tmp_path / "out.iso")
    assert (done.code, done.report["state"]) == (1, "failed")
    assert word in done.report["message"]
    assert done.files == set()


def test_a_unit_attention_with_the_same_disc_costs_nothing(bench, drive, iso, tmp_path):
    attention = faults.bad_sectors(800, times=1, sense=faults.MEDIUM_CHANGED)
    drive.faults(attention)
    done = rip(bench, tmp_path / "out.iso")
    assert done.code == 0
    assert done.target.read_bytes() == iso.read_bytes()


def test_another_disc_is_noticed_even_if_another_program_heard_of_it(bench, drive, iso, tmp_path):
    other = tmp_path / "other.iso"
    other.write_bytes(iso.read_bytes().replace(b"FAULTY", b"OTHERS"))
    drive.add_faults(faults.hang_at_read(30))
    (tmp_path / "out").mkdir()
    target = tmp_path / "out" / "out.iso"
    child = bench.popen(["discwright", "rip", "/dev/sr0", target, "--json"])
    drive.wait_until_held()
    child.send_signal(signal.SIGSTOP)  # as when the machine sleeps
    drive.insert(media.dvd_rom(other))
    drive.release()
    ask(bench, drive, READY)
    child.send_signal(signal.SIGCONT)
    stdout, stderr = child.communicate(timeout=20)
    done = ripped(subprocess.CompletedProcess([], child.returncode, stdout, stderr), target)
    assert (done.code, done.report["state"]) == (1, "failed")
    assert "changed" in done.report["message"]
    assert done.files == set()


def test_a_first_descriptor_that_reads_only_sometimes_makes_no_other_disc(bench, drive, tmp_path):
    at_16 = {"commands": READS, "lba": range(16, 17), "sense": faults.L_EC_UNCORRECTABLE}
    drive.faults(Fault(skip=3, times=1, **at_16))
    assert rip(bench, tmp_path / "out.iso").code == 0


@pytest.mark.parametrize("sense", [Sense(6, 0x29, 0), Sense(2, 4, 1)])
def test_a_sector_that_makes_the_drive_start_anew_costs_only_itself(bench, drive, tmp_path, sense):
    drive.faults(faults.bad_sectors(900, sense=sense))
    done = rip(bench, tmp_path / "out.iso", "--retries", "0")
    assert (done.code, done.report["bad_sectors"]) == (3, [[900, 1]])


def test_an_interruption_while_the_disc_is_looked_at_hides_nothing_of_it(bench, drive, tmp_path):
    drive.faults(faults.bad_sectors(16, times=1, sense=Sense(6, 0x29, 0)))
    done = rip(bench, tmp_path / "out.iso")
    assert (done.code, done.report["warnings"]) == (0, [])


@pytest.mark.parametrize("what", [Op.READ_DISC_INFORMATION, Op.READ_CAPACITY])
def test_an_answer_that_never_arrived_is_not_taken_for_zeros(bench, drive, iso, tmp_path, what):
    drive.faults(Fault(frozenset({what}), skip=1, times=1, short=0))
    assert rip(bench, tmp_path / "one.iso").code == 0
    drive.faults(Fault(frozenset({what}), short=0))
    done = rip(bench, tmp_path / "out.iso")
    assert done.code == 0
    assert done.target.read_bytes() == iso.read_bytes()


def test_a_drive_that_needs_a_moment_is_waited_for(bench, drive, iso, tmp_path):
    drive.faults(faults.becoming_ready(4))
    done = rip(bench, tmp_path / "out.iso")
    assert done.code == 0
    assert done.target.read_bytes() == iso.read_bytes()


def test_a_drive_that_sends_less_than_it_says_is_caught(bench, drive, iso, tmp_path):
    drive.add_faults(faults.short_read(20, 4096))
    done = rip(bench, tmp_path / "out.iso")
    assert done.code == 0
    assert done.target.read_bytes() == iso.read_bytes()


def test_an_io_error_without_sense_is_tried_again(bench, drive, iso, tmp_path):
    drive.add_faults(faults.read_fails_with(20, errno.EIO))
    done = rip(bench, tmp_path / "out.iso")
    assert done.code == 0
    assert done.target.read_bytes() == iso.read_bytes()


def test_a_second_reading_that_differs_is_told_with_the_sectors(bench, drive, tmp_path):
    drive.faults(faults.silent_corruption(500, times=1))
    done = rip(bench, tmp_path / "out.iso", "--verify")
    assert (done.code, done.report["state"]) == (3, "complete-with-errors")
    assert done.report["verified"] is False
    assert done.report["differing_sectors"] == [[500, 1]]


def test_a_second_reading_that_agrees_is_told(bench, drive, tmp_path):
    done = rip(bench, tmp_path / "out.iso", "--verify")
    assert (done.code, done.report["verified"]) == (0, True)


def test_a_target_folder_that_is_not_there_is_refused(bench, drive, tmp_path):
    done = bench.run(["discwright", "rip", "/dev/sr0", tmp_path / "no" / "out.iso", "--json"])
    report = ripped(done, tmp_path / "out.iso").report
    assert (done.returncode, report["refusal"]) == (4, "no-directory")


def test_an_existing_target_is_not_touched_unless_asked_to(bench, drive, iso, tmp_path):
    (tmp_path / "out.iso").write_text("precious")
    done = rip(bench, tmp_path / "out.iso")
    assert (done.code, done.report["refusal"]) == (4, "exists")
    assert done.target.read_text() == "precious"
    assert rip(bench, tmp_path / "out.iso", "--force").code == 0
    assert done.target.read_bytes() == iso.read_bytes()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_cancels_and_leaves_nothing(bench, drive, tmp_path, number):
    drive.add_faults(faults.hang_at_read(30))
    target = tmp_path / "out.iso"
    child = bench.popen(["discwright", "rip", "/dev/sr0", target, "--json"])
    drive.wait_until_held()
    child.send_signal(number)
    # The command is stuck in the drive; the program must end all the same.
    stdout, stderr = child.communicate(timeout=10)
    done = ripped(subprocess.CompletedProcess([], child.returncode, stdout, stderr), target)
    assert (done.code, done.report["state"]) == (130, "cancelled")
    assert done.files == set()


def test_a_drive_that_hangs_before_the_copy_keeps_no_cancel_waiting(bench, drive, tmp_path):
    # The first is of the look at the disc, the second of the copy itself.
    drive.faults(Fault(frozenset({Op.TEST_UNIT_READY}), skip=1, times=1, hold="ready"))
    target = tmp_path / "out.iso"
    child = bench.popen(["discwright", "rip", "/dev/sr0", target, "--json"])
    drive.wait_until_held("ready")
    child.send_signal(signal.SIGTERM)
    stdout, stderr = child.communicate(timeout=10)
    done = ripped(subprocess.CompletedProcess([], child.returncode, stdout, stderr), target)
    assert (done.code, done.files) == (130, set())


def test_a_kill_leaves_no_final_name_and_no_lock(bench, drive, iso, tmp_path):
    drive.add_faults(faults.hang_at_read(30))
    target = tmp_path / "out.iso"
    child = bench.popen(["discwright", "rip", "/dev/sr0", target])
    drive.wait_until_held()
    child.kill()
    drive.release()
    child.communicate(timeout=10)
    assert {path.name for path in tmp_path.iterdir()} <= {"out.iso.part"}
    drive.faults()
    done = rip(bench, target)
    assert done.code == 0
    assert target.read_bytes() == iso.read_bytes()
    assert done.files == {"out.iso", "out.iso.sha256", "out.iso.json"}


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MiB; needs root to mount it."""
    if os.geteuid() != 0:
        pytest.skip("mounting a tmpfs needs root")
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "none", folder], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"tmpfs can't be mounted here: {made.stderr.decode()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_refused_before(bench, drive, small_disk):
    (small_disk / "ballast").write_bytes(bytes(5 << 20))
    done = rip(bench, small_disk / "out.iso")
    assert (done.code, done.report["refusal"]) == (4, "no-space")
    assert done.files == {"ballast"}


def test_what_others_write_meanwhile_cannot_take_the_room_of_a_copy(bench, drive, iso, small_disk):
    drive.add_faults(faults.hang_at_read(25))
    target = small_disk / "out.iso"
    child = bench.popen(["discwright", "rip", "/dev/sr0", target, "--json"])
    drive.wait_until_held()
    with (small_disk / "ballast").open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(65536))
        except OSError as error:
            assert error.errno == errno.ENOSPC  # noqa: PT017
    drive.release()
    stdout, stderr = child.communicate(timeout=20)
    done = ripped(subprocess.CompletedProcess([], child.returncode, stdout, stderr), target)
    assert (done.code, done.report["state"]) == (0, "complete")
    assert target.read_bytes() == iso.read_bytes()


def test_a_refused_open_says_why(bench, drive, tmp_path):
    bench.refuse_open("sr0", errno.EACCES)
    done = rip(bench, tmp_path / "out.iso")
    assert done.code == 4
    assert "permission" in (done.report["message"] + done.report["remedy"]).lower()
    bench.refuse_open("sr0", errno.EBUSY)
    busy = rip(bench, tmp_path / "out.iso")
    assert busy.code == 4
    assert "use" in busy.report["message"].lower()


def test_speed_is_asked_of_the_drive(bench, drive, tmp_path):
    assert rip(bench, tmp_path / "out.iso", "--speed", "4").code == 0
    assert drive.read_speed == 4 * 1385


def test_a_speed_that_cannot_be_asked_for_does_not_stop_the_copy(bench, drive, tmp_path):
    bench.refuse_open("sr0", errno.EACCES, "write")
    done = rip(bench, tmp_path / "out.iso", "--speed", "4")
    assert done.code == 0
    assert "speed" in " ".join(done.report["warnings"])


def test_the_disc_comes_out_when_asked_for(bench, drive, tmp_path):
    assert rip(bench, tmp_path / "out.iso", "--eject").code == 0
    assert drive.tray_is_open
    assert drive.commands(Op.START_STOP_UNIT)
