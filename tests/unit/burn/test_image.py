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
    ("tracks", "words"),
    [
        ((("AUDIO", 0), ("AUDIO", 9)), "music"),
        ((("MODE1/2352", 0), ("AUDIO", 9)), "music"),
        ((("MODE1/2352", 0), ("MODE1/2352", 9)), "several tracks"),
    ],
)
def test_music_and_several_tracks_are_refused_and_a_way_out_is_named(tmp_path, tracks, words):
    problem = read_image(cue(tmp_path, *tracks)).problem
    assert problem is not None
    assert words in problem.message
    assert "cdrskin" in problem.remedy
