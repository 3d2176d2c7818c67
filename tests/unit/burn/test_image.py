# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be burned as one run of sectors, and what is refused with a reason."""

import gzip

import pytest

from discwright.burn.image import read_image
from discwright.image.sample import make_sample
from discwright.transfer.reader import SECTOR


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return make_sample(tmp_path_factory.mktemp("sample") / "sample.iso")


def test_a_plain_image_is_taken_whole(sample):
    image = read_image(sample)
    assert image.problem is None
    assert image.size == sample.stat().st_size
    assert image.name == "sample.iso"
    assert image.device


def test_what_follows_the_file_system_is_burned_too(sample, tmp_path):
    path = tmp_path / "padded.iso"
    path.write_bytes(sample.read_bytes() + b"P" * (64 * SECTOR))
    assert read_image(path).size == path.stat().st_size


def test_half_a_sector_is_told(sample, tmp_path):
    path = tmp_path / "odd.iso"
    path.write_bytes(sample.read_bytes() + b"x")
    assert read_image(path).odd_bytes == 1


def test_an_image_without_a_file_system_is_taken_as_it_is(tmp_path):
    path = tmp_path / "raw.iso"
    path.write_bytes(b"r" * (100 * SECTOR))
    image = read_image(path)
    assert (image.problem, image.file_systems, image.sectors) == (None, (), 100)


@pytest.mark.parametrize("kind", ["missing", "compressed", "text", "folder"])
def test_what_is_no_image_has_a_problem(sample, tmp_path, kind):
    path = tmp_path / "x.iso"
    if kind == "compressed":
        path.write_bytes(gzip.compress(sample.read_bytes()))
    elif kind == "text":
        path = tmp_path / "x.txt"
        path.write_text("hello " * 9999)
    elif kind == "folder":
        path.mkdir()
    problem = read_image(path).problem
    assert problem is not None
    assert problem.kind == ("compressed" if kind == "compressed" else "image")


def cue(tmp_path, *tracks, raw=2352):
    lines = ['FILE "x.bin" BINARY']
    for number, (mode, start) in enumerate(tracks, 1):
        lines += [f"  TRACK {number:02} {mode}", f"    INDEX 01 00:{start:02}:00"]
    (tmp_path / "x.bin").write_bytes(bytes(raw) * 75 * 20)
    path = tmp_path / "x.cue"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_single_data_track_of_a_cue_sheet_is_burned_as_its_sectors(sample, tmp_path):
    path = cue(tmp_path, ("MODE1/2048", 0), raw=2048)
    image = read_image(path)
    assert image.problem is None
    assert image.sectors == 75 * 20


@pytest.mark.parametrize(
    ("tracks", "said"),
    [
        ((("AUDIO", 0), ("AUDIO", 9)), "2 tracks of music, 0:20"),
        ((("MODE1/2352", 0), ("AUDIO", 9)), "1 track of data and 1 track of music, 0:20"),
        ((("MODE1/2352", 0), ("MODE1/2352", 9)), "2 tracks of data, 0:20"),
    ],
)
def test_music_and_several_tracks_are_taken_track_by_track(tmp_path, tracks, said):
    image = read_image(cue(tmp_path, *tracks))
    assert image.problem is None
    assert not image.as_sectors
    assert image.extent == said
    assert image.sectors == 20 * 75
    assert image.size == image.recording.size


def test_a_bin_is_taken_by_the_cue_sheet_beside_it(tmp_path):
    path = cue(tmp_path, ("MODE1/2352", 0), ("AUDIO", 9))
    path.with_suffix(".bin").write_bytes((b"\0" + b"\xff" * 10 + bytes(2341)) * 75 * 20)
    image = read_image(path.with_suffix(".bin"))
    assert image.problem is None
    assert image.source == str(path)


def test_two_sessions_are_refused_and_said(tmp_path):
    path = cue(tmp_path, ("AUDIO", 0), ("MODE1/2352", 9))
    path.write_text(path.read_text().replace("  TRACK 02", "REM SESSION 02\n  TRACK 02"))
    problem = read_image(path).problem
    assert problem is not None
    assert problem.kind == "sessions"


def test_a_plain_image_can_be_written_as_a_track_too(sample):
    recording = read_image(sample).recording
    assert recording.plain
    assert recording.size == sample.stat().st_size


@pytest.mark.parametrize(
    ("described", "mode", "right"),
    [("MODE1/2352", 1, True), ("MODE1/2352", 2, False), ("MODE2/2352", 2, True),
     ("MODE2/2352", 1, False), ("MODE1/2352", 0, True)],
)  # fmt: skip
def test_sectors_of_another_mode_than_described_are_refused(tmp_path, described, mode, right):
    path = cue(tmp_path, (described, 0))
    sector = b"\0" + b"\xff" * 10 + b"\0" + bytes([0, 2, 0, mode]) + bytes(2336)
    path.with_suffix(".bin").write_bytes(sector * 75 * 20)
    problem = read_image(path).problem
    assert (problem is None) is right
    assert problem is None or described in problem.message
