# SPDX-License-Identifier: GPL-3.0-or-later
"""A disc in a drive straight to a stick: the bytes of a rip, proved, and never a false success."""

import shutil
import signal

import pytest

from drive.bench import faults, media
from drive.bench.codes import READS
from drive.bench.media import Profile
from drive.ripping import SECTOR, differing_sectors, ripped

MIB = 1 << 20
MARK = b"\x55\xaa"
OLD = b"what was on the stick" * 64


@pytest.fixture(scope="module")
def hybrid(tmp_path_factory, image):
    """A disc image with boot code and a partition table, as hybrid images have them."""
    path = tmp_path_factory.mktemp("hybrid") / "hybrid.iso"
    data = bytearray(image.read_bytes())
    data[0:446] = bytes(range(200)) + bytes(246)
    data[446:462] = bytes([0x80, 0, 2, 0, 0x17, 0, 0, 0, 64, 0, 0, 0, 0, 16, 0, 0])
    data[510:512] = MARK
    path.write_bytes(data)
    return path


@pytest.fixture
def stick(tmp_path):
    path = tmp_path / "stick"
    path.write_bytes(OLD + bytes(8 * MIB - len(OLD)))
    return path


def copy(bench, stick, *options, source="/dev/sr0"):
    words = ["discwright", "copy", source, stick, "--allow-file", "--yes", "--json", *options]
    return ripped(bench.run(words), stick)


@pytest.mark.parametrize("kind", [media.dvd_rom, media.cd_rom, media.bd_rom])
def test_the_stick_holds_the_disc_to_the_byte_and_is_proved(bench, hybrid, stick, kind):
    bench.add_drive(kind(hybrid))
    done = copy(bench, stick)
    assert (done.code, done.report["state"], done.report["verified"]) == (0, "complete", True)
    written = hybrid.stat().st_size
    assert done.report["bytes"] == written
    assert stick.read_bytes()[:written] == hybrid.read_bytes()
    assert done.report["bad_sectors"] == []


def test_the_run_out_of_a_cd_is_not_copied(bench, hybrid, stick):
    bench.add_drive(media.cd_r(hybrid, tao=True))
    done = copy(bench, stick)
    assert (done.code, done.report["bytes"]) == (0, hybrid.stat().st_size)


def test_digest_and_boot_report_are_those_of_the_way_over_an_image(bench, hybrid, stick, tmp_path):
    bench.add_drive(media.dvd_rom(hybrid))
    straight = copy(bench, stick).report
    iso, other = tmp_path / "out.iso", tmp_path / "other"
    shutil.copyfile(stick, other)
    assert bench.run(["discwright", "rip", "/dev/sr0", iso]).returncode == 0
    words = ["discwright", "write", iso, other, "--allow-file", "--yes", "--json"]
    detour = ripped(bench.run(words), other).report
    assert straight["boot"] == detour["boot"]
    assert "start from the stick" in straight["boot"]
    assert straight["digests"] == detour["digests"]
    assert stick.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(("lba", "count"), [(0, 1), (40, 1), (700, 5)])
def test_sectors_that_cannot_be_read_are_filled_listed_and_no_success(
    bench, hybrid, stick, lba, count
):
    drive = bench.add_drive(media.dvd_rom(hybrid))
    drive.faults(faults.bad_sectors(lba, count))
    done = copy(bench, stick, "--retries", "1", "--anyway")
    assert (done.code, done.report["state"]) == (3, "complete-with-errors")
    assert done.report["bad_sectors"] == [[lba, count]]
    assert done.report["verified"] is True
    written = stick.read_bytes()[: hybrid.stat().st_size]
    assert differing_sectors(written, hybrid.read_bytes()) == list(range(lba, lba + count))
    assert f"SECTOR {lba:010}".encode() in written
    assert "every byte" not in done.report["message"]


def test_the_damaged_file_is_named(bench, hybrid, stick):
    drive = bench.add_drive(media.dvd_rom(hybrid))
    drive.faults(faults.bad_sectors(hybrid.stat().st_size // SECTOR - 400))
    assert copy(bench, stick).report["files_affected"] == ["noise.bin"]


def test_a_sector_that_reads_on_the_third_try_is_no_loss(bench, hybrid, stick):
    drive = bench.add_drive(media.dvd_rom(hybrid))
    drive.faults(faults.bad_sectors(500, times=3))
    done = copy(bench, stick)
    assert (done.code, done.report["recovered_sectors"]) == (0, 1)
    assert stick.read_bytes()[: hybrid.stat().st_size] == hybrid.read_bytes()


ENDINGS = {
    "the tray opens": ("open-tray", "tray"),
    "the drive is unplugged": ("unplug", "unplugged"),
}


@pytest.mark.parametrize("what", ENDINGS)
def test_a_disc_lost_on_the_way_fails_and_leaves_nothing_that_starts(bench, hybrid, stick, what):
    then, word = ENDINGS[what]
    drive = bench.add_drive(media.dvd_rom(hybrid))
    drive.add_faults(faults.Fault(READS, range(600, 601), then=then))
    done = copy(bench, stick)
    assert (done.code, done.report["state"]) == (1, "failed")
    assert word in done.report["message"]
    assert "sector" in done.report["message"]
    head = stick.read_bytes()[:MIB]
    assert head[510:512] != MARK
    assert b"CD001" not in head
    assert done.report["left_bootable"] is False


def test_a_cancel_ends_soon_though_the_drive_hangs(bench, hybrid, stick):
    drive = bench.add_drive(media.dvd_rom(hybrid))
    drive.add_faults(faults.Fault(READS, range(600, 601), hold="read"))
    words = ["discwright", "copy", "/dev/sr0", stick, "--allow-file", "--yes", "--json"]
    child = bench.popen(words)
    drive.wait_until_held()
    child.send_signal(signal.SIGINT)
    stdout, stderr = child.communicate(timeout=20)
    assert child.returncode == 130, stderr
    assert '"cancelled"' in stdout
    assert stick.read_bytes()[510:512] != MARK
    drive.release()


UNFIT = {"audio": media.audio_cd, "blank": lambda: media.blank(Profile.DVD_R)}


@pytest.mark.parametrize("kind", UNFIT)
def test_music_and_blank_discs_are_refused_before_the_stick_is_touched(bench, stick, kind):
    before = stick.read_bytes()
    bench.add_drive(UNFIT[kind]())
    done = copy(bench, stick)
    assert (done.code, done.report["refusal"]) == (4, kind)
    assert stick.read_bytes() == before


def test_a_protected_disc_is_told_of(bench, hybrid, stick):
    bench.add_drive(media.css_dvd(hybrid))
    done = copy(bench, stick)
    assert any("CSS" in warning for warning in done.plan["warnings"])


def test_a_drive_without_a_disc_is_refused_in_words(bench, stick):
    bench.add_drive(None)
    before = stick.read_bytes()
    done = copy(bench, stick)
    assert (done.code, done.report["state"]) == (4, "refused")
    assert "no disc" in done.report["message"].lower()
    assert stick.read_bytes() == before
