# SPDX-License-Identifier: GPL-3.0-or-later
"""Files are taken out of a disc in a drive that misbehaves."""

import random
import signal
import subprocess

import pytest

from drive.bench import faults, media
from drive.bench.codes import READS
from drive.ripping import ripped

SECTOR = 2048


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    folder = tmp_path_factory.mktemp("content")
    (folder / "photos").mkdir()
    for number in range(8):
        noise = random.Random(number).randbytes(150 * SECTOR + number)
        (folder / "photos" / f"{number}.jpg").write_bytes(noise)
    (folder / "letter.txt").write_text("Dear reader\n")
    return folder


@pytest.fixture(scope="module")
def disc(content, tmp_path_factory):
    path = tmp_path_factory.mktemp("disc") / "disc.iso"
    subprocess.run(["xorrisofs", "-quiet", "-R", "-V", "PHOTOS", "-o", path, content], check=True)
    return path


@pytest.fixture
def extract(bench, tmp_path):
    def run(*options):
        words = ["discwright", "extract", "/dev/sr0", tmp_path / "out", "--json", *options]
        return ripped(bench.run(words), tmp_path / "none")

    return run


def place(disc, content, name):
    return disc.read_bytes().index((content / name).read_bytes()[:64]) // SECTOR


def files(folder):
    if not folder.exists():
        return {}
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_disc_is_listed(bench, disc):
    bench.add_drive(media.dvd_rom(disc))
    done = bench.run(["discwright", "list", "/dev/sr0"])
    assert done.returncode == 0
    assert [line.split()[-1] for line in done.stdout.splitlines()][:2] == ["letter.txt", "photos/"]


@pytest.mark.parametrize("medium", [media.cd_rom, media.dvd_rom])
def test_all_files_come_out(bench, extract, disc, content, tmp_path, medium):
    bench.add_drive(medium(disc))
    done = extract()
    assert (done.code, done.report["state"], done.report["files"]) == (0, "complete", 9)
    assert files(tmp_path / "out") == files(content)


def test_bad_sectors_damage_the_file_that_lies_there_and_no_other(
    bench, extract, disc, content, tmp_path
):
    drive = bench.add_drive(media.dvd_rom(disc))
    lba = place(disc, content, "photos/3.jpg") + 20
    drive.faults(faults.bad_sectors(lba, 2))
    done = extract("--retries", "1")
    assert (done.code, done.report["state"]) == (3, "complete-with-errors")
    assert done.report["files_affected"] == ["photos/3.jpg"]
    assert done.report["bad_sectors"] == [[lba, 2]]
    found, whole = files(tmp_path / "out"), files(content)
    damaged = found.pop("photos/3.jpg")
    good = whole.pop("photos/3.jpg")
    assert found == whole
    assert damaged[: 20 * SECTOR] == good[: 20 * SECTOR]
    assert damaged[22 * SECTOR :] == good[22 * SECTOR :]
    assert b"COULD NOT BE READ" in damaged


def test_a_file_beside_bad_sectors_is_whole(bench, extract, disc, content):
    drive = bench.add_drive(media.dvd_rom(disc))
    drive.faults(faults.bad_sectors(place(disc, content, "photos/3.jpg") + 20, 2))
    assert extract("photos/2.jpg", "photos/4.jpg").report["state"] == "complete"


@pytest.mark.parametrize("then", ["open-tray", "unplug"])
def test_a_lost_disc_keeps_the_files_that_were_whole(bench, extract, disc, content, tmp_path, then):
    drive = bench.add_drive(media.dvd_rom(disc))
    lba = place(disc, content, "photos/5.jpg") + 3
    drive.faults(faults.Fault(faults.on(*READS), lba=range(lba, lba + 1), then=then))
    done = extract()
    assert (done.code, done.report["state"]) == (1, "failed")
    found = files(tmp_path / "out")
    assert found == {name: files(content)[name] for name in found}
    assert len(found) == done.report["files"] >= 1
    assert "stay" in done.report["message"]


def test_a_cancel_while_the_drive_hangs_leaves_whole_files_only(bench, disc, content, tmp_path):
    drive = bench.add_drive(media.dvd_rom(disc))
    lba = place(disc, content, "photos/5.jpg") + 3
    drive.faults(faults.Fault(faults.on(*READS), lba=range(lba, lba + 1), hold="read"))
    child = bench.popen(["discwright", "extract", "/dev/sr0", tmp_path / "out", "--json"])
    drive.wait_until_held()
    child.send_signal(signal.SIGINT)
    done = ripped(
        subprocess.CompletedProcess([], child.wait(60), child.stdout.read(), ""), tmp_path
    )
    drive.release()
    assert (done.code, done.report["state"]) == (130, "cancelled")
    found = {name: data for name, data in files(tmp_path / "out").items() if ".part/" not in name}
    assert found == {name: files(content)[name] for name in found}
    assert len(found) == done.report["files"]


def test_a_kill_leaves_nothing_by_halves_and_can_be_gone_on_with(
    bench, extract, disc, content, tmp_path
):
    drive = bench.add_drive(media.dvd_rom(disc))
    lba = place(disc, content, "photos/5.jpg") + 3
    drive.faults(faults.Fault(faults.on(*READS), lba=range(lba, lba + 1), hold="read"))
    child = bench.popen(["discwright", "extract", "/dev/sr0", tmp_path / "out", "--json"])
    drive.wait_until_held()
    child.kill()
    child.wait(60)
    drive.release()
    found = {name: data for name, data in files(tmp_path / "out").items() if ".part/" not in name}
    assert found == {name: files(content)[name] for name in found}
    drive.faults()
    assert extract("--skip").code == 0
    assert files(tmp_path / "out") == files(content)


def test_the_files_of_a_mixed_cd_come_out(bench, extract, disc, content, tmp_path):
    bench.add_drive(media.mixed_cd(disc))
    done = extract()
    assert (done.code, done.report["state"]) == (0, "complete")
    assert files(tmp_path / "out") == files(content)


def test_the_last_session_says_which_files_there_are(bench, extract, disc, content, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "added.txt").write_text("later\n")
    start = disc.stat().st_size // SECTOR + 2 + media.FIRST_GAP
    second = tmp_path / "second.iso"
    subprocess.run(
        ["genisoimage", "-quiet", "-R", "-C", f"0,{start}", "-M", disc, "-o", second,
         tmp_path / "more"], check=True, capture_output=True,
    )  # fmt: skip
    bench.add_drive(media.multisession_cd([disc, second]))
    done = extract()
    assert (done.code, done.report["state"]) == (0, "complete"), done.report
    assert files(tmp_path / "out") == {**files(content), "added.txt": b"later\n"}


def test_an_audio_cd_is_refused_with_the_reason(bench, extract, tmp_path):
    bench.add_drive(media.audio_cd())
    done = extract()
    assert (done.code, done.report["refusal"]) == (4, "audio")
    assert not (tmp_path / "out").exists()
