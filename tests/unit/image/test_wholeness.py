# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an image was cut off."""

from pathlib import Path

import pytest

from discwright.image.volumes import VolumeEnd, Volumes, read_volumes
from discwright.image.wholeness import missing_sectors, read_wholeness

from .readers import SECTOR, FileReader, MemoryReader


def judged(data: bytes):
    reader = MemoryReader(data)
    return read_wholeness(reader, read_volumes(reader))


@pytest.mark.parametrize(
    ("ends", "sectors", "missing"),
    [
        ((), 100, 0),
        ((100,), 100, 0),
        ((100,), 400, 0),
        ((100,), 99, 1),
        ((100, 257), 100, 157),
    ],
)
def test_the_longest_file_system_counts(ends: tuple[int, ...], sectors: int, missing: int) -> None:
    volumes = Volumes(ends=tuple(VolumeEnd("iso9660", end) for end in ends))
    assert missing_sectors(volumes, sectors) == missing


@pytest.mark.parametrize("image", ["bridge_iso", "hybrid_iso", "hfs_iso", "udf_image"])
def test_whole_images_are_whole(image: str, request: pytest.FixtureRequest) -> None:
    whole = judged(request.getfixturevalue(image).read_bytes())
    assert whole.known
    assert not whole.truncated
    assert whole.message == ""


def test_a_longer_image_is_whole(plain_iso: Path) -> None:
    assert judged(plain_iso.read_bytes() + bytes(500 * SECTOR)).message == ""


def test_lost_padding_is_told_but_is_no_loss(bridge_iso: Path) -> None:
    whole = judged(bridge_iso.read_bytes()[: -100 * SECTOR])
    assert whole.missing == 100
    assert not whole.truncated
    assert "padding" in whole.message


def test_a_download_that_broke_off_names_what_is_lost(bridge_iso: Path) -> None:
    data = bridge_iso.read_bytes()
    cut = data.index(b"hello\n") // SECTOR
    whole = judged(data[: cut * SECTOR])
    assert whole.truncated
    assert "docs/a readme with a long name.txt" in whole.files
    assert "docs/a readme with a long name.txt" in whole.message


def test_a_file_system_without_readable_folders_that_is_too_short_counts_as_cut(
    hfs_iso: Path,
) -> None:
    reader = FileReader(hfs_iso)
    volumes = Volumes(ends=(VolumeEnd("hfs", reader.sectors + 10),))
    blank = MemoryReader(bytes(len(reader.data)))
    assert read_wholeness(blank, volumes).truncated


def test_no_file_system_is_not_known() -> None:
    assert not judged(bytes(100 * SECTOR)).known
    assert judged(b"").message == ""
