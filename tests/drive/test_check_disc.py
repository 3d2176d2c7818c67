# SPDX-License-Identifier: GPL-3.0-or-later
"""A disc in a drive is checked against an image, published checksums or a catalogue."""

import hashlib
import signal
import zlib

import pytest

from discwright.optical.fill import filler
from drive.bench import faults, media
from drive.bench.medium import SECTOR, Profile
from drive.ripping import ripped


@pytest.fixture
def check(bench, tmp_path):
    def run(against, *options):
        words = ["discwright", "verify", "/dev/sr0", against, "--json", *options]
        return ripped(bench.run(words), tmp_path / "none")

    return run


def sums(folder, *lines):
    path = folder / "SHA256SUMS"
    path.write_text("".join(f"{digest}  {name}\n" for digest, name in lines))
    return path


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def dat(folder, data, *, md5=None):
    path = folder / "discs.dat"
    path.write_text(
        '<?xml version="1.0"?>\n<datafile><header><name>Test Discs</name></header>'
        f'<game name="Bench Disc (World)"><rom name="Bench Disc.iso" size="{len(data)}" '
        f'crc="{zlib.crc32(data):08x}" md5="{md5 or hashlib.md5(data).hexdigest()}" '
        f'sha1="{hashlib.sha1(data).hexdigest()}"/></game></datafile>\n'
    )
    return path


@pytest.fixture
def padded(image, tmp_path):
    """The image as a disc holds it that was burned with padding."""
    path = tmp_path / "padded.iso"
    path.write_bytes(image.read_bytes() + bytes(150 * SECTOR))
    return path


def test_a_disc_that_holds_the_image_is_the_same(bench, check, image):
    bench.add_drive(media.dvd_rom(image))
    done = check(image)
    assert (done.code, done.report["state"]) == (0, "complete")
    assert "every byte is the same" in done.report["message"]
    assert done.report["bytes"] == image.stat().st_size
    assert done.report["digests"]["sha256"] == sha256(image.read_bytes())
    assert done.report["warnings"] == []


def test_one_wrong_bit_is_found_and_its_place_told(bench, check, image):
    drive = bench.add_drive(media.dvd_rom(image))
    drive.faults(faults.silent_corruption(333))
    done = check(image)
    assert (done.code, done.report["state"]) == (3, "complete-with-errors")
    assert done.report["differing_sectors"] == [[333, 1]]
    assert "different at LBA 333" in done.report["message"]


def test_an_unreadable_sector_is_no_difference_but_a_loss(bench, check, image):
    drive = bench.add_drive(media.cd_rom(image))
    drive.faults(faults.bad_sectors(200, 3))
    done = check(image)
    assert done.code == 3
    assert done.report["bad_sectors"] == [[200, 3]]
    assert done.report["differing_sectors"] == []


def test_padding_behind_the_image_is_told_and_no_difference(bench, check, image, padded):
    bench.add_drive(media.cd_r(padded))
    done = check(image)
    assert (done.code, done.report["state"]) == (0, "complete")
    assert "150 sectors behind" in done.report["warnings"][0]


def test_a_disc_that_ends_before_the_image_is_told(bench, check, image, padded):
    bench.add_drive(media.dvd_rom(image))
    done = check(padded)
    sectors = image.stat().st_size // SECTOR
    assert done.code == 3
    assert done.report["bad_sectors"] == [[sectors, 150]]


def test_a_padded_disc_is_what_was_published(bench, check, image, padded, tmp_path):
    bench.add_drive(media.cd_r(padded, tao=True))
    digest = sha256(image.read_bytes())
    done = check(sums(tmp_path, ("0" * 64, "other.iso"), (digest, "bench.iso")))
    assert (done.code, done.report["state"]) == (0, "complete")
    assert "is bench.iso, as published in SHA256SUMS" in done.report["message"]
    assert done.report["digests"] == {"sha256": digest}


def test_a_disc_with_another_content_is_none_of_those_published(bench, check, image, tmp_path):
    drive = bench.add_drive(media.dvd_rom(image))
    drive.faults(faults.silent_corruption(50))
    done = check(sums(tmp_path, (sha256(image.read_bytes()), "bench.iso")))
    assert (done.code, done.report["state"]) == (3, "complete-with-errors")


def test_a_damaged_disc_is_never_called_what_was_published(bench, check, image, tmp_path):
    drive = bench.add_drive(media.dvd_rom(image))
    drive.faults(faults.bad_sectors(50))
    done = check(sums(tmp_path, (sha256(image.read_bytes()), "bench.iso")))
    assert done.code == 3
    assert done.report["bad_sectors"] == [[50, 1]]
    assert "nothing can be said" in done.report["message"]


def test_the_checksum_of_a_copy_with_losses_does_not_prove_the_disc(bench, check, image, tmp_path):
    drive = bench.add_drive(media.dvd_rom(image))
    drive.faults(faults.bad_sectors(50))
    copy = bytearray(image.read_bytes())
    copy[50 * SECTOR : 51 * SECTOR] = filler(50)
    done = check(sums(tmp_path, (sha256(copy), "copy.iso")))
    assert (done.code, done.report["state"]) == (3, "complete-with-errors")
    assert done.report["bad_sectors"] == [[50, 1]]


def test_a_catalogue_gives_the_disc_its_name(bench, check, image, padded, tmp_path):
    bench.add_drive(media.data_disc(Profile.DVD_PLUS_R, padded))
    done = check(dat(tmp_path, image.read_bytes()))
    assert (done.code, done.report["title"]) == (0, "Bench Disc (World)")


def test_one_wrong_checksum_of_a_catalogue_is_enough(bench, check, image, tmp_path):
    bench.add_drive(media.dvd_rom(image))
    done = check(dat(tmp_path, image.read_bytes(), md5="0" * 32))
    assert (done.code, done.report["title"]) == (3, "")
    assert "has this size, but other content" in done.report["message"]


@pytest.mark.parametrize("kind", ["audio", "blank", "none"])
def test_what_cannot_be_checked_is_refused(bench, check, image, kind):
    discs = {"audio": media.audio_cd(), "blank": media.blank(Profile.CD_R), "none": None}
    bench.add_drive(discs[kind])
    done = check(image)
    assert (done.code, done.report["state"]) == (4, "refused")
    assert done.report["message"].endswith(".")


def test_a_disc_needs_something_to_be_checked_against(bench, image, tmp_path):
    bench.add_drive(media.dvd_rom(image))
    done = ripped(bench.run(["discwright", "verify", "/dev/sr0", "--json"]), tmp_path / "none")
    assert (done.code, done.report["refusal"]) == (4, "no-image")


def test_a_tray_that_opens_in_the_middle_is_a_failure(bench, check, image):
    drive = bench.add_drive(media.dvd_rom(image))
    drive.faults(faults.tray_opens_at_read(12))
    done = check(image)
    assert (done.code, done.report["state"]) == (1, "failed")
    assert "tray" in done.report["message"]


def test_a_check_stops_when_it_is_told_to(bench, image):
    drive = bench.add_drive(media.dvd_rom(image))
    drive.add_faults(faults.hang_at_read(12))
    child = bench.popen(["discwright", "verify", "/dev/sr0", image])
    drive.wait_until_held()
    child.send_signal(signal.SIGINT)
    _out, error = child.communicate(timeout=10)
    drive.release()
    assert child.returncode == 130, error
