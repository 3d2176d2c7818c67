# SPDX-License-Identifier: GPL-3.0-or-later
"""The sample disc for newcomers."""

import subprocess
import time
from pathlib import Path

import pytest

from discwright.errors import TargetError
from discwright.image.affected import files_at
from discwright.image.formats import ImageKind, identify
from discwright.image.sample import LABEL, make_sample
from discwright.image.volumes import FileSystem, read_volumes
from discwright.image.wholeness import read_wholeness
from discwright.transfer.extents import Extent

from .readers import FileReader


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sample(tmp_path_factory.mktemp("sample") / "sample.iso")


def test_it_is_a_small_whole_disc_with_a_name(sample: Path) -> None:
    volumes = read_volumes(FileReader(sample))
    assert set(volumes.file_systems) == {
        FileSystem.ISO9660, FileSystem.JOLIET, FileSystem.ROCK_RIDGE,
    }  # fmt: skip
    assert volumes.label == LABEL
    assert volumes.remarks == ()
    assert read_wholeness(FileReader(sample), volumes).message == ""
    assert 4_000_000 < sample.stat().st_size < 8_000_000
    assert identify(sample).kind is ImageKind.ISO


def test_it_explains_itself(sample: Path) -> None:
    names = files_at(FileReader(sample), [Extent(0, 100_000)])
    assert names[:3] == ("README.txt", "patterns/pattern one.bin", "patterns/pattern two.bin")
    assert b"This is the sample disc of Discwright." in sample.read_bytes()


def test_other_programs_read_it(sample: Path) -> None:
    listed = subprocess.run(
        ["isoinfo", "-R", "-f", "-i", sample], capture_output=True, text=True, check=True
    )
    assert "/patterns/pattern two.bin" in listed.stdout.splitlines()


def test_it_is_the_same_wherever_and_whenever_it_is_made(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 400 * 86400.5)
    try:
        again = make_sample(tmp_path / "again.iso")
    finally:
        monkeypatch.undo()
        time.tzset()
    assert again.read_bytes() == sample.read_bytes()


def test_it_replaces_an_earlier_one_and_leaves_nothing_beside(tmp_path: Path) -> None:
    (tmp_path / "sample.iso").write_text("old")
    make_sample(tmp_path / "sample.iso")
    assert [path.name for path in tmp_path.iterdir()] == ["sample.iso"]
    assert (tmp_path / "sample.iso").stat().st_size > 4_000_000


def test_a_place_that_can_t_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(TargetError):
        make_sample(tmp_path / "gone" / "sample.iso")
