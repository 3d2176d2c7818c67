# SPDX-License-Identifier: GPL-3.0-or-later
"""A Windows installer's disc in a drive: found out as one, its files copied and compared."""

import json
from pathlib import Path

import pytest

from drive.bench import faults, media
from drive.ripping import ripped
from unit.stick.installer_disc import make_installer

PROGRAM = Path(__file__).with_name("installer_program.py")


@pytest.fixture(scope="module")
def windows(tmp_path_factory):
    return make_installer(tmp_path_factory.mktemp("windows"))


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "stick"
    path.mkdir()
    return path


def copied(bench, folder):
    done = bench.run(["python", PROGRAM, "/dev/sr0", folder])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_files_come_from_the_drive_to_the_byte(bench, windows, folder):
    bench.add_drive(media.dvd_rom(windows))
    report = copied(bench, folder)
    assert report["state"] == "complete", report
    files = windows.parent / "files"
    wanted = {path.relative_to(files): path for path in files.rglob("*") if path.is_file()}
    assert len(wanted) > 10
    for name, path in wanted.items():
        assert (folder / name).read_bytes() == path.read_bytes()


def test_a_file_that_cannot_be_read_is_named_and_no_success(bench, windows, folder):
    drive = bench.add_drive(media.dvd_rom(windows))
    inside = (windows.parent / "files" / "sources" / "boot.wim").read_bytes()
    drive.faults(faults.bad_sectors(windows.read_bytes().index(inside[4096:6144]) // 2048))
    report = copied(bench, folder)
    assert report["state"] == "failed"
    assert "boot.wim" in report["message"]


def test_the_command_finds_out_that_files_must_be_copied(bench, windows, tmp_path):
    bench.add_drive(media.dvd_rom(windows))
    stick = tmp_path / "file"
    stick.write_bytes(bytes(32 << 20))
    words = ["discwright", "copy", "/dev/sr0", stick, "--allow-file", "--yes", "--json"]
    done = ripped(bench.run(words), stick)
    assert (done.code, done.report["state"]) == (4, "refused")
    assert "files can be copied only to a stick" in done.report["message"]
