# SPDX-License-Identifier: GPL-3.0-or-later
"""Image files as discs: whatever stores the sectors, the same bytes come out."""

import os
import subprocess

import pytest

from discwright.errors import SourceError
from discwright.optical.disc import TrackMode
from discwright.optical.source import examine, open_source
from discwright.transfer.reader import read_sectors
from unit.optical.images import raw_image, write_cue, write_nrg, write_toc

SECTOR = 2048


@pytest.fixture(scope="module")
def iso(tmp_path_factory):
    folder = tmp_path_factory.mktemp("iso")
    (folder / "tree").mkdir()
    (folder / "tree" / "file.bin").write_bytes(bytes(range(256)) * 4000)
    image = folder / "disc.iso"
    subprocess.run(
        ["genisoimage", "-quiet", "-R", "-V", "THE_LABEL", "-o", image, folder / "tree"],
        check=True,
        capture_output=True,
    )
    return image


def make(kind, folder, data):
    match kind:
        case "iso":
            path = folder / "a.iso"
            path.write_bytes(data)
            return path
        case "cue 2352":
            return write_cue(folder, "a", [("MODE1/2352", raw_image(data))])
        case "cue 2048":
            return write_cue(folder, "a", [("MODE1/2048", data)])
        case "cue mode 2":
            return write_cue(folder, "a", [("MODE2/2352", raw_image(data, 2))])
        case "toc raw":
            return write_toc(folder, "a", "MODE1_RAW", raw_image(data))
        case "toc 2048":
            return write_toc(folder, "a", "MODE1", data)
        case "nrg":
            return write_nrg(folder / "a.nrg", data)
    raise AssertionError(kind)


KINDS = ["iso", "cue 2352", "cue 2048", "cue mode 2", "toc raw", "toc 2048", "nrg"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_sector_is_that_of_the_disc(kind, iso, tmp_path):
    data = iso.read_bytes()
    source = open_source(make(kind, tmp_path, data))
    try:
        disc = source.examine()
        assert disc.length.sectors == len(data) // SECTOR
        assert disc.label == "THE_LABEL"
        assert disc.virtual
        n = disc.length.sectors
        assert read_sectors(source.reader, 0, n) == data
        assert read_sectors(source.reader, n - 1, 1) == data[-SECTOR:]
    finally:
        source.close()


def test_zeros_that_no_file_holds_are_read_as_zeros(iso, tmp_path):
    data = iso.read_bytes()
    toc = write_toc(tmp_path, "a", "MODE1", data)
    toc.write_text(toc.read_text() + "ZERO 00:02:00\n")
    source = open_source(toc)
    try:
        n = len(data) // SECTOR
        assert source.reader.sectors == n + 150
        assert read_sectors(source.reader, n - 1, 10) == data[-SECTOR:] + bytes(9 * SECTOR)
    finally:
        source.close()


def test_music_in_a_cue_sheet_is_seen(iso, tmp_path):
    cue = write_cue(
        tmp_path, "mixed", [("MODE1/2352", raw_image(iso.read_bytes())), ("AUDIO", bytes(2352 * 9))]
    )
    disc = examine(cue)
    assert [track.mode for track in disc.tracks] == [TrackMode.MODE1, TrackMode.AUDIO]
    assert disc.label == "THE_LABEL"


def test_form_2_sectors_late_in_a_track_are_seen(iso, tmp_path):
    data = iso.read_bytes()
    cue = write_cue(
        tmp_path, "psx", [("MODE2/2352", raw_image(data, 2, 0x08) + raw_image(data, 2, 0x20))]
    )
    assert examine(cue).tracks[0].mode is TrackMode.MODE2_MIXED


def test_the_same_file_keeps_its_fingerprint_and_a_changed_one_does_not(iso, tmp_path):
    copy = make("iso", tmp_path, iso.read_bytes())
    first = examine(copy).fingerprint
    assert examine(copy).fingerprint == first
    with copy.open("ab") as file:
        file.write(bytes(SECTOR))
    assert examine(copy).fingerprint != first


@pytest.mark.parametrize("what", ["missing", "folder", "empty", "three bytes", "fifo"])
def test_what_cannot_be_a_disc_is_said(what, tmp_path):
    path = tmp_path / "x.iso"
    match what:
        case "folder":
            path.mkdir()
        case "empty":
            path.touch()
        case "three bytes":
            path.write_bytes(b"abc")
        case "fifo":
            path = tmp_path / "fifo"
            os.mkfifo(path)
    with pytest.raises(SourceError) as caught:
        examine(path)
    assert caught.value.message.endswith(".")
