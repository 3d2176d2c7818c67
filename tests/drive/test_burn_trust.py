# SPDX-License-Identifier: GPL-3.0-or-later
"""What must not pass for a success, and what must not be lost, stay locked or hang."""

import random
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from drive.bench import Op, faults, media
from drive.bench.medium import SECTOR, Profile
from drive.burners import whole
from drive.burning import burn, job, orphans, read
from drive.ripping import ripped

REWRITABLE = (Profile.DVD_RAM, Profile.BD_RE, Profile.DVD_PLUS_RW)


def named(kind):
    return kind.name


def command(bench, *words):
    bench.hurry()
    return ripped(bench.run(["discwright", *words, "--json"]), bench.root)


@pytest.fixture
def big(tmp_path):
    path = tmp_path / "big.iso"
    path.write_bytes(random.Random(3).randbytes(24 << 20))
    return path


@pytest.fixture
def photos(tmp_path):
    """A file system that is none of discs, as cameras put on DVD-RAM."""
    path = tmp_path / "photos.img"
    path.write_bytes(bytes(4 << 20))
    subprocess.run(["mkfs.vfat", "-n", "PHOTOS", path], check=True, capture_output=True)
    return path


@pytest.fixture
def namesake(tmp_path):
    """Another image of the same label and size as the usual one."""
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "noise.bin").write_bytes(random.Random(8).randbytes(600 * SECTOR))
    path = tmp_path / "namesake.iso"
    words = ["xorrisofs", "-quiet", "-V", "BENCH DISC", "-o", path, tmp_path / "tree"]
    subprocess.run(words, check=True)
    return path


def test_an_image_that_is_written_to_while_it_is_burned_fails_the_burn(bench, big):
    drive = bench.add_drive(media.blank(Profile.DVD_PLUS_RW))
    drive.add_faults(faults.hang_at_write(2))
    bench.hurry()
    child = bench.popen(job(big))
    drive.wait_until_held("write")
    with big.open("r+b") as file:  # of the same length afterwards
        file.seek(20 << 20)
        file.write(b"changed!" * 512)
    drive.release("write")
    done = read(*child.communicate(timeout=60))
    assert done.state == "failed", done.log
    assert "changed while it was burned" in done.report["message"]
    assert done.report["digests"] == {}
    assert orphans(bench) == []


@pytest.mark.parametrize("kind", REWRITABLE, ids=named)
def test_a_disc_with_a_file_system_of_disks_is_not_overwritten_without_a_yes(
    bench, image, photos, kind
):
    drive = bench.add_drive(media.overwritable(kind, photos))
    done = command(bench, "burn", image, "/dev/sr0")
    assert (done.code, done.report["refusal"]) == (4, "not-confirmed")
    assert drive.writes() == []


def test_a_damaged_disc_is_not_overwritten_without_a_yes_either(bench, image, photos):
    drive = bench.add_drive(media.overwritable(Profile.DVD_RAM, photos))
    drive.add_faults(faults.bad_sectors(0, 2), faults.bad_sectors(20))
    done = command(bench, "burn", image, "/dev/sr0")
    assert (done.code, done.report["refusal"]) == (4, "not-confirmed")
    assert drive.writes() == []


@pytest.mark.parametrize("kind", REWRITABLE, ids=named)
def test_a_disc_with_a_file_system_of_disks_is_erased_not_called_blank(bench, photos, kind):
    drive = bench.add_drive(media.overwritable(kind, photos))
    done = command(bench, "erase", "/dev/sr0", "--yes")
    assert (done.code, done.report["state"]) == (0, "complete")
    assert not any(drive.burnt(512))


def test_a_disc_that_was_exchanged_for_its_namesake_is_not_overwritten(bench, image, namesake):
    drive = bench.add_drive(media.overwritable(Profile.DVD_PLUS_RW, image))
    drive.add_faults(faults.Fault(faults.on(Op.READ_DISC_INFORMATION), skip=1, times=1,
                                  hold="again"))  # fmt: skip
    bench.hurry()
    child = bench.popen(job(image))
    drive.wait_until_held("again")
    drive.insert(media.overwritable(Profile.DVD_PLUS_RW, namesake))
    drive.release("again")
    done = read(*child.communicate(timeout=60))
    assert (done.state, done.report["refusal"]) == ("refused", "changed"), done.log
    assert drive.writes() == []


def test_another_disc_with_the_same_content_is_no_proof(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_R), loading=2)
    bench.hurry()
    child = bench.popen(job(image))
    lines = []
    for line in child.stdout:
        lines.append(line)
        if "Please close the tray of /dev/sr0." in line and "log" in line:
            drive.insert(media.overwritable(Profile.DVD_PLUS_RW, image))
    done = read("".join(lines), child.communicate(timeout=60)[1])
    assert (done.state, done.report["verified"]) == ("failed", None), done.log
    assert "Another disc is in the drive" in done.report["message"]


def test_a_drive_that_tells_no_kind_after_the_burn_is_no_false_failure(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_R))
    bench.hurry()
    child = bench.popen(job(image))
    lines = []
    for line in child.stdout:
        lines.append(line)
        if '"event": "phase"' in line and '"reloading"' in line:
            drive.add_faults(faults.Fault(faults.on(Op.GET_CONFIGURATION),
                                          sense=faults.Sense(5, 0x20, 0)))  # fmt: skip
    done = read("".join(lines), child.communicate(timeout=60)[1])
    assert (done.state, done.report["verified"]) == ("complete", True), done.log


def test_the_command_line_asks_for_a_slim_drive_to_be_closed(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_R), loading=2)
    bench.hurry()
    child = bench.popen(["discwright", "burn", image, "/dev/sr0"], stderr=subprocess.STDOUT)
    said = []
    for line in child.stdout:
        said.append(line.strip())
        if said[-1] == "Please close the tray of /dev/sr0.":
            drive.close_tray()
    assert child.wait(60) == 0, said
    assert said.count("Please close the tray of /dev/sr0.") == 1


def test_a_drive_named_twice_burns_once(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_R))
    assert (bench.root / "dev/cdrom").is_symlink()
    done = command(bench, "burn", image, "/dev/sr0", "/dev/cdrom")
    assert (done.code, done.report["state"]) == (0, "complete")
    assert drive.burnt(whole(image)) == image.read_bytes()


def test_a_killed_program_takes_its_burner_with_it(bench, big):
    drive = bench.add_drive(media.blank(Profile.DVD_PLUS_R))
    drive.add_faults(faults.hang_at_write(20))
    bench.hurry()
    child = bench.popen(["discwright", "burn", big, "/dev/sr0", "--json"])
    drive.wait_until_held("write")
    child.kill()
    drive.release("write")
    drive.wait_for(lambda one: one.name == "PREVENT_ALLOW_MEDIUM_REMOVAL" and not one.cdb[4] & 1)
    assert len(drive.writes()) < whole(big) // 16
    assert drive.medium.status != 2, "the half-written disc was closed as if it were whole"


def test_a_burner_that_had_to_be_killed_leaves_no_locked_tray(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_R))
    drive.add_faults(faults.hang_at_write(8))
    bench.hurry()
    child = bench.popen(job(image, patience=0.5))
    drive.wait_until_held("write")
    child.send_signal(signal.SIGTERM)
    lines = []
    for line in child.stdout:
        lines.append(line)
        if "xorriso ended: exit code -9" in line:
            drive.release("write")
    done = read("".join(lines), child.communicate(timeout=60)[1])
    assert done.state == "cancelled", done.log
    assert not drive.is_locked


@pytest.mark.parametrize("number", [0, 1], ids=["opening", "closing"])
def test_a_cancel_is_heard_while_the_tray_hangs(bench, image, number):
    drive = bench.add_drive(media.blank(Profile.DVD_R))
    bench.hurry()
    child = bench.popen(job(image))
    patience = threading.Timer(8, lambda: drive.release("tray"))
    lines = []
    for line in child.stdout:
        lines.append(line)
        if '"event": "phase"' in line and '"reloading"' in line:
            drive.add_faults(faults.Fault(faults.on(Op.START_STOP_UNIT), skip=number, hold="tray"))
            drive.wait_until_held("tray")
            patience.start()
            child.send_signal(signal.SIGTERM)
    ended_first = patience.is_alive()
    patience.cancel()
    drive.release("tray")
    done = read("".join(lines), child.communicate(timeout=60)[1])
    assert ended_first
    assert done.state == "cancelled", done.log
    assert "nothing proves it" in done.report["message"]


def test_a_drive_that_does_not_tell_its_room_is_not_called_full(bench, image):
    drive = bench.add_drive(media.blank(Profile.BD_R))
    drive.add_faults(faults.Fault(faults.on(Op.READ_TRACK_INFORMATION),
                                  sense=faults.Sense(5, 0x20, 0)))  # fmt: skip
    report = burn(bench, image).report
    assert (report["state"], report["refusal"]) == ("refused", "unknown-room")


@pytest.mark.parametrize("moved", [True, False])
def test_the_desktop_is_told_of_a_disc_whose_tray_did_not_move(bench, image, moved):
    bench.add_drive(media.blank(Profile.DVD_R))
    done = burn(bench, image, verify=moved, eject=False)
    assert done.state == "complete", done.log
    # There is no system bus in the bench, which the log tells.
    assert ("The system was not told of the new disc" in done.log) is not moved


def test_the_desktop_is_told_of_an_erased_disc(bench, image):
    bench.add_drive(media.overwritable(Profile.DVD_PLUS_RW, image))
    done = burn(bench, image, do="erase")
    assert done.state == "complete", done.log
    assert "The system was not told of the new disc" in done.log


def test_opening_a_drive_that_hangs_does_not_stop_the_other_threads(bench, image):
    drive = bench.add_drive(media.blank(Profile.DVD_R))
    drive.add_faults(faults.hang_at_write(3))
    bench.hurry()
    burner = bench.popen(["xorriso", "-as", "cdrecord", "-v", "dev=/dev/sr0", image])
    drive.wait_until_held("write")
    patience = threading.Timer(10, lambda: drive.release("write"))
    patience.start()
    child = bench.popen(["python", Path(__file__).with_name("hanging_program.py")])
    said = [child.stdout.readline().strip() for _line in range(4)]
    in_time = patience.is_alive()
    patience.cancel()
    drive.release("write")
    child.communicate(timeout=20)
    burner.communicate(timeout=60)
    assert said == ["opening", "alive", "alive", "alive"]
    assert in_time


def test_a_cancel_is_heard_while_the_image_hangs(bench, big):
    drive = bench.add_drive(media.blank(Profile.DVD_PLUS_R))
    bench.hurry()
    words = job(big)
    words[1] = Path(__file__).with_name("stalling_program.py")
    child = bench.popen(words)
    patience = threading.Timer(20, child.kill)
    lines = []
    for line in child.stdout:
        lines.append(line)
        if "the image hangs" in line:
            drive.wait_for(Op.WRITE_10)
            patience.start()
            child.send_signal(signal.SIGTERM)
    patience.cancel()
    assert child.wait(20) == 0, lines
    done = read("".join(lines), child.stderr.read())
    assert done.state == "cancelled", done.log
    assert drive.medium.status != 2, "the half-written disc was closed as if it were whole"
    assert not drive.is_locked
    assert orphans(bench) == []
