# SPDX-License-Identifier: GPL-3.0-or-later
"""Damaged discs and broken-off copies: all that can be read ends up in the image, nothing else."""

import hashlib
import json
import os
import random
import signal
import subprocess
import time
from dataclasses import replace

import pytest

from discwright.rip.map import Status
from discwright.rip.mapfile import read_map
from drive.bench import Fault, Sense, faults, media
from drive.bench.codes import READS
from drive.ripping import SECTOR, differing_sectors, rip, ripped

LBAS = 2600


@pytest.fixture(scope="module")
def iso(tmp_path_factory):
    """A disc on which no two sectors are the same."""
    folder = tmp_path_factory.mktemp("disc")
    (folder / "tree").mkdir()
    for number in range(3):
        noise = random.Random(number).randbytes(800 * SECTOR)
        (folder / "tree" / f"file{number}.bin").write_bytes(noise)
    image = folder / "disc.iso"
    subprocess.run(
        ["genisoimage", "-quiet", "-J", "-R", "-V", "RESCUE", "-o", image, folder / "tree"],
        check=True,
        capture_output=True,
    )
    return image


@pytest.fixture
def drive(bench, iso):
    return bench.add_drive(media.dvd_rom(iso))


def part_is_true(folder, iso, name="out.iso"):
    """Check that what the map calls finished is in the part file; give its sectors."""
    rescue, _current = read_map(folder / f"{name}.map")
    part, whole = (folder / f"{name}.part").read_bytes(), iso.read_bytes()
    for run in rescue.of(Status.FINISHED):
        at, end = run.lba * SECTOR, run.end * SECTOR
        assert part[at:end] == whole[at:end]
    return rescue.finished


def is_whole(done, iso):
    assert (done.code, done.report["state"]) == (0, "complete")
    whole = iso.read_bytes()
    assert done.target.read_bytes() == whole
    assert done.report["digests"]["sha256"] == hashlib.sha256(whole).hexdigest()
    assert done.files == {"out.iso", "out.iso.sha256", "out.iso.json"}


SHAPES = {
    "a scratch": [range(500, 640)],
    "every twentieth": [range(n, n + 1) for n in range(400, 900, 20)],
    "both ends of a request": [range(640, 641), range(671, 672)],
    "three areas": [range(100, 103), range(1000, 1064), range(2300, 2320)],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_exactly_the_bad_sectors_are_lost(bench, drive, iso, tmp_path, shape):
    drive.faults(*(faults.bad_sectors(bad.start, len(bad)) for bad in SHAPES[shape]))
    done = rip(bench, tmp_path / "out.iso", "--retries", "1")
    lost = [lba for bad in SHAPES[shape] for lba in bad]
    assert (done.code, done.report["bad_sector_count"]) == (3, len(lost))
    image = done.target.read_bytes()
    assert differing_sectors(image, iso.read_bytes()) == lost
    assert done.report["digests"]["sha256"] == hashlib.sha256(image).hexdigest()
    assert done.files == {"out.iso", "out.iso.sha256", "out.iso.json", "out.iso.map"}


def test_the_good_parts_are_read_before_the_bad_ones_are_worried_at(bench, drive, iso, tmp_path):
    bad = range(1000, 1200)
    drive.faults(faults.bad_sectors(bad.start, len(bad)))
    assert rip(bench, tmp_path / "out.iso", "--retries", "1").code == 3
    good, failed, whole = set(), 0, iso.stat().st_size // SECTOR - len(bad)
    for read in drive.reads():
        sectors = set(range(read.lba, read.lba + read.count))
        if sectors.isdisjoint(bad):
            good |= sectors
        else:
            failed += 1
        if len(good) >= whole * 0.95:
            break
    assert failed <= 6


def test_a_slow_area_is_read_last_and_is_no_loss(bench, drive, iso, tmp_path):
    drive.faults(faults.slow_sectors(640, 96, 2.1))
    done = rip(bench, tmp_path / "out.iso")
    is_whole(done, iso)
    order = [read.lba for read in drive.reads() if read.count > 1]
    assert order.index(2400) < order.index(704)


@pytest.mark.parametrize("sense", [Sense(6, 0x29, 0), Sense(2, 4, 1)])
def test_a_place_where_the_drive_crashes_costs_only_itself(bench, drive, iso, tmp_path, sense):
    drive.faults(faults.bad_sectors(900, 2, sense=sense), faults.bad_sectors(905, 10))
    done = rip(bench, tmp_path / "out.iso", "--retries", "0")
    assert (done.code, done.report["bad_sectors"]) == (3, [[900, 2], [905, 10]])


def test_bad_sectors_are_tried_again_slowly_and_the_drive_is_fast_again_after(
    bench, drive, tmp_path
):
    drive.faults(faults.bad_sectors(700, times=3))
    done = rip(bench, tmp_path / "out.iso")
    assert (done.code, done.report["recovered_sectors"]) == (0, 1)
    entries = drive.commands()
    sets = [n for n, entry in enumerate(entries) if entry.name == "SET_STREAMING"]
    again = [n for n, entry in enumerate(entries) if entry.lba == 700 and entry.count == 1]
    assert again[0] < sets[0] < again[1] < again[-1] < sets[1]
    assert drive.read_speed == 16 * 1385


def test_a_speed_that_was_asked_for_holds_for_the_retries_too(bench, drive, tmp_path):
    drive.faults(faults.bad_sectors(700))
    assert rip(bench, tmp_path / "out.iso", "--speed", "4").code == 3
    assert drive.read_speed == 4 * 1385


def wait_until(happened):
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def broken_off(bench, drive, folder, how, *options):
    """Begin a rip that ends at a read that hangs; give what it said, if it could."""
    target = folder / "out.iso"
    child = bench.popen(["discwright", "rip", "/dev/sr0", target, "--json", *options])
    drive.wait_until_held()
    if how == "killed":
        wait_until((folder / "out.iso.map").exists)
        child.kill()
        drive.release()
        child.communicate(timeout=20)
        return None
    if how == "cancelled":
        child.send_signal(signal.SIGINT)
    else:
        drive.unplug()
    stdout, stderr = child.communicate(timeout=30)
    return ripped(subprocess.CompletedProcess([], child.returncode, stdout, stderr), target)


@pytest.mark.parametrize("read", [40, 67, 88, 95])
def test_a_killed_rescue_is_gone_on_with_and_nothing_is_lost(bench, drive, iso, tmp_path, read):
    # The first failure has the map saved; the drive hangs when that has been done.
    drive.faults(faults.bad_sectors(300, 40), faults.hang_at_read(read))
    broken_off(bench, drive, tmp_path, "killed")
    assert part_is_true(tmp_path, iso) >= 200
    drive.faults(faults.bad_sectors(310, 2))
    done = rip(bench, tmp_path / "out.iso", "--resume", "--retries", "0")
    assert (done.code, done.report["bad_sectors"]) == (3, [[310, 2]])
    image = done.target.read_bytes()
    assert differing_sectors(image, iso.read_bytes()) == [310, 311]
    assert done.report["digests"]["sha256"] == hashlib.sha256(image).hexdigest()
    drive.faults()
    is_whole(rip(bench, tmp_path / "out.iso", "--resume"), iso)


def test_a_cancelled_rip_is_gone_on_with_and_reads_nothing_twice(bench, drive, iso, tmp_path):
    drive.faults(faults.hang_at_read(60))
    done = broken_off(bench, drive, tmp_path, "cancelled", "--map", str(tmp_path / "out.iso.map"))
    assert (done.code, done.report["state"]) == (130, "cancelled")
    assert done.report["kept"] == str(tmp_path / "out.iso.part")
    assert "kept" in done.report["message"]
    finished = part_is_true(tmp_path, iso)
    assert done.report["unread_sectors"] == iso.stat().st_size // SECTOR - finished
    drive.release()
    drive.faults()
    before = len(drive.reads())
    done = rip(bench, tmp_path / "out.iso", "--resume")
    is_whole(done, iso)
    again = sum(read.count for read in drive.reads()[before:])
    assert again <= iso.stat().st_size // SECTOR - finished + 120  # looks at disc and samples


def test_a_rip_whose_drive_is_unplugged_goes_on_in_another_drive(bench, drive, iso, tmp_path):
    drive.faults(faults.bad_sectors(300, 40), faults.hang_at_read(80))
    done = broken_off(bench, drive, tmp_path, "unplugged")
    assert (done.code, done.report["state"]) == (1, "failed")
    assert part_is_true(tmp_path, iso)
    bench.add_drive(media.dvd_rom(iso), model="OTHER")
    done = rip(bench, tmp_path / "out.iso", "--resume", node="/dev/sr1")
    is_whole(done, iso)
    readings = json.loads((tmp_path / "out.iso.json").read_text())["readings"]
    assert ["OTHER" in reading["drive"] for reading in readings] == [False, True]
    covered = sorted(run for reading in readings for run in reading["sectors"])
    assert sum(count for _lba, count in covered) == iso.stat().st_size // SECTOR


@pytest.fixture
def unfinished(bench, drive, iso, tmp_path):
    """A folder with an unfinished copy."""
    drive.faults(faults.bad_sectors(300, 40), faults.tray_opens_at_read(70))
    assert rip(bench, tmp_path / "out.iso").code == 1
    part_is_true(tmp_path, iso)
    drive.faults()
    drive.close_tray()
    return tmp_path


def test_another_disc_is_refused_and_the_copy_stays_as_it_was(
    bench, drive, iso, unfinished, tmp_path_factory
):
    other = tmp_path_factory.mktemp("other") / "other.iso"
    data = bytearray(iso.read_bytes())
    data[100 * SECTOR] ^= 1  # the same label, dates and length
    for lba in range(60, len(data) // SECTOR, 3):
        data[lba * SECTOR] ^= 1
    other.write_bytes(data)
    drive.insert(media.dvd_rom(other))
    before = (unfinished / "out.iso.part").read_bytes()
    done = rip(bench, unfinished / "out.iso", "--resume")
    assert (done.code, done.report["state"]) == (1, "failed")
    assert "Another disc" in done.report["message"]
    assert (unfinished / "out.iso.part").read_bytes() == before
    part_is_true(unfinished, iso)
    drive.insert(media.dvd_rom(iso))
    is_whole(rip(bench, unfinished / "out.iso", "--resume"), iso)


def test_a_plain_rip_does_not_throw_away_what_was_read(bench, drive, iso, unfinished):
    done = rip(bench, unfinished / "out.iso")
    assert (done.code, done.report["refusal"]) == (4, "unfinished")
    assert "--resume" in done.report["remedy"]
    part_is_true(unfinished, iso)
    is_whole(rip(bench, unfinished / "out.iso", "--force"), iso)


def test_a_drive_that_gives_less_of_the_disc_loses_nothing(
    bench, drive, iso, unfinished, tmp_path_factory
):
    short = tmp_path_factory.mktemp("short") / "short.iso"
    short.write_bytes(iso.read_bytes()[: 2000 * SECTOR])
    bench.add_drive(media.dvd_rom(short))
    done = rip(bench, unfinished / "out.iso", "--resume", node="/dev/sr1")
    assert done.code == 3
    assert differing_sectors(done.target.read_bytes(), iso.read_bytes())[0] >= 2000
    assert "fewer" in " ".join(done.report["warnings"])
    is_whole(rip(bench, unfinished / "out.iso", "--resume"), iso)


def test_a_part_that_is_shorter_than_its_map_says_is_read_again(bench, drive, iso, unfinished):
    os.truncate(unfinished / "out.iso.part", 100 * SECTOR + 5)
    is_whole(rip(bench, unfinished / "out.iso", "--resume"), iso)


def test_a_map_that_is_none_is_told_and_nothing_is_touched(bench, drive, unfinished):
    (unfinished / "out.iso.map").write_text("something else")
    before = (unfinished / "out.iso.part").read_bytes()
    done = rip(bench, unfinished / "out.iso", "--resume")
    assert (done.code, done.report["refusal"]) == (4, "map")
    assert (unfinished / "out.iso.part").read_bytes() == before


def test_without_an_unfinished_copy_resume_begins_one(bench, drive, iso, tmp_path):
    is_whole(rip(bench, tmp_path / "out.iso", "--resume"), iso)


@pytest.fixture
def damaged(bench, drive, tmp_path):
    """A folder with an image of which some sectors could not be read."""
    drive.faults(faults.bad_sectors(700, 3), faults.bad_sectors(1500))
    assert rip(bench, tmp_path / "out.iso", "--retries", "0").code == 3
    drive.faults()
    return tmp_path


def test_bad_sectors_of_an_image_are_tried_again_and_checksums_follow(bench, drive, iso, damaged):
    drive.faults(faults.bad_sectors(1500))
    before = len(drive.reads())
    done = rip(bench, damaged / "out.iso", "--resume", "--retries", "0")
    assert (done.code, done.report["bad_sectors"]) == (3, [[1500, 1]])
    assert sum(read.count for read in drive.reads()[before:]) < 200
    sums = (damaged / "out.iso.sha256").read_text()
    assert sums.startswith(hashlib.sha256(done.target.read_bytes()).hexdigest())
    drive.faults()
    is_whole(rip(bench, damaged / "out.iso", "--resume"), iso)


def test_an_image_that_is_being_made_better_is_never_made_worse(bench, drive, iso, damaged):
    before = (damaged / "out.iso").read_bytes()
    drive.faults(Fault(READS, range(1500, 1501), times=1, hold="read"))
    broken_off(bench, drive, damaged, "killed", "--resume")
    assert (damaged / "out.iso").read_bytes() == before
    done = rip(bench, damaged / "out.iso", "--resume")
    is_whole(done, iso)


def test_an_image_that_is_complete_has_nothing_left_to_read(bench, drive, tmp_path):
    map_file = str(tmp_path / "out.map")
    assert rip(bench, tmp_path / "out.iso", "--map", map_file).code == 0
    done = rip(bench, tmp_path / "out.iso", "--map", map_file, "--resume")
    assert (done.code, done.report["refusal"]) == (4, "nothing-left")


def test_an_image_without_a_map_is_not_taken_for_an_unfinished_one(bench, drive, tmp_path):
    (tmp_path / "out.iso").write_text("precious")
    done = rip(bench, tmp_path / "out.iso", "--resume")
    assert (done.code, done.report["refusal"]) == (4, "no-map")
    assert (tmp_path / "out.iso").read_text() == "precious"


@pytest.mark.parametrize("name", ["out.iso", "out.iso.part"])
def test_what_ddrescue_began_is_gone_on_with(bench, drive, iso, tmp_path, name):
    lost = tmp_path / "lost.map"
    size = iso.stat().st_size
    lost.write_text(
        f"0 + 1\n0 {300 * SECTOR} +\n{300 * SECTOR} {900 * SECTOR} -\n"
        f"{1200 * SECTOR} {size - 1200 * SECTOR} +\n"
    )
    map_file = tmp_path / "out.iso.map"
    subprocess.run(
        ["ddrescue", "-q", "-n", "-N", f"--test-mode={lost}", iso, tmp_path / name, map_file],
        check=True,
    )
    lost.unlink()
    assert b"ddrescue" in map_file.read_bytes()
    is_whole(rip(bench, tmp_path / "out.iso", "--resume"), iso)


def test_ddrescue_goes_on_with_what_we_began(bench, drive, iso, unfinished):
    subprocess.run(
        ["ddrescue", "-q", "-b2048", iso, unfinished / "out.iso.part", unfinished / "out.iso.map"],
        check=True,
    )
    assert (unfinished / "out.iso.part").read_bytes() == iso.read_bytes()


def test_a_second_reading_leaves_out_what_could_not_be_read(bench, drive, tmp_path):
    drive.faults(faults.bad_sectors(700, 3))
    done = rip(bench, tmp_path / "out.iso", "--retries", "0", "--verify")
    assert (done.code, done.report["verified"]) == (3, True)
    assert (done.report["bad_sectors"], done.report["differing_sectors"]) == ([[700, 3]], [])


def test_the_count_of_bad_sectors_is_right_from_the_first_word_of_each_stage(
    bench, drive, tmp_path
):
    drive.faults(replace(faults.bad_sectors(500, 140), delay=0.004))
    done = rip(bench, tmp_path / "out.iso", "--retries", "2")
    told = [
        event["bad_sectors"]
        for event in done.events
        if event["event"] == "progress" and event["phase"] == "retrying"
    ]
    assert told
    assert set(told) == {140}
