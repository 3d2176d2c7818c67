# SPDX-License-Identifier: GPL-3.0-or-later
"""What the plan learns about a place, however odd the path."""

import os
from pathlib import Path

import pytest

from discwright.transfer.destination import FAT_FILE_LIMIT, file_system_of, survey

not_root = pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")


def test_a_new_name_in_a_directory(tmp_path):
    place = survey(tmp_path / "new.iso")
    assert place.path == tmp_path / "new.iso"
    assert place.parent_exists
    assert place.writable
    assert (place.exists, place.is_directory, place.is_symlink) == (False, False, False)
    assert place.problem == ""
    space = os.statvfs(tmp_path)
    assert place.free_bytes == pytest.approx(space.f_bavail * space.f_frsize, abs=1 << 30)
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    mounted = any(line.split()[4] == "/" for line in mounts)
    assert bool(place.file_system) is mounted  # in a chroot nobody knows


def test_the_path_becomes_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert survey(Path("new.iso")).path == tmp_path / "new.iso"


def test_a_file_that_is_there(tmp_path):
    (tmp_path / "old.iso").write_bytes(b"x")
    place = survey(tmp_path / "old.iso")
    assert place.exists
    assert not place.is_directory


def test_a_directory_that_is_there(tmp_path):
    place = survey(tmp_path)
    assert place.exists
    assert place.is_directory


def test_a_link_that_leads_nowhere_exists(tmp_path):
    (tmp_path / "link.iso").symlink_to(tmp_path / "gone")
    place = survey(tmp_path / "link.iso")
    assert (place.exists, place.is_symlink, place.is_directory) == (True, True, False)


def test_a_link_to_a_directory(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    place = survey(tmp_path / "link")
    assert (place.exists, place.is_symlink, place.is_directory) == (True, True, True)


def test_a_directory_that_is_missing(tmp_path):
    place = survey(tmp_path / "no" / "new.iso")
    assert (place.parent_exists, place.exists, place.writable) == (False, False, False)
    assert place.problem == ""
    assert place.free_bytes is None


def test_a_file_where_a_directory_should_be(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    place = survey(tmp_path / "file" / "new.iso")
    assert (place.parent_exists, place.exists) == (False, False)


@not_root
def test_a_directory_that_may_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    assert not survey(tmp_path / "new.iso").writable


@not_root
def test_a_directory_that_may_not_be_searched(tmp_path):
    (tmp_path / "closed" / "in").mkdir(parents=True)
    (tmp_path / "closed").chmod(0)
    try:
        assert "not allowed" in survey(tmp_path / "closed" / "in" / "new.iso").problem
    finally:
        (tmp_path / "closed").chmod(0o700)


def test_a_name_that_is_too_long(tmp_path):
    place = survey(tmp_path / ("x" * 300))
    assert "too long" in place.problem
    assert place.parent_exists


def test_a_name_that_only_fits_without_part(tmp_path):
    assert "too long" in survey(tmp_path / ("x" * 253)).problem
    assert not survey(tmp_path / ("x" * 250)).problem


@pytest.mark.parametrize("path", ["", ".", "..", "/", "a\0b", "y/" * 3000, "\udcff.iso"])
def test_odd_paths_raise_nothing(path):
    survey(Path(path))


def test_a_name_with_a_nul_is_a_problem(tmp_path):
    problem = survey(tmp_path / "a\0b").problem
    assert problem
    assert "\0" not in problem


def test_links_in_a_circle_are_a_problem(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert survey(tmp_path / "a" / "new.iso").problem


def test_the_directory_one_stands_in_may_be_gone(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    place = survey(Path("new.iso"))
    assert place.problem or not place.parent_exists


MOUNTS = """\
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 27 8:1 / /media/My\\040Stick rw,nosuid shared:9 master:1 - vfat /dev/sdb1 rw
31 27 8:2 / /media/My\\040Stick2 rw - exfat /dev/sdb2 rw
32 27 0:40 /@home /home rw shared:1 - btrfs /dev/sda2 rw
33 27 0:41 / /mnt rw - ext4 /dev/a rw
34 27 0:42 / /mnt rw - xfs /dev/b rw
broken line
"""


@pytest.mark.parametrize(
    ("directory", "kind"),
    [
        ("/", "ext4"),
        ("/usr/share", "ext4"),
        ("/media/My Stick", "vfat"),
        ("/media/My Stick/images", "vfat"),
        ("/media/My Stick2", "exfat"),
        ("/homework", "ext4"),
        ("/home/ann", "btrfs"),
        ("/mnt/x", "xfs"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(tmp_path, directory, kind):
    (tmp_path / "mountinfo").write_text(MOUNTS)
    assert file_system_of(Path(directory), tmp_path / "mountinfo") == kind


def test_without_a_list_of_mounts_the_file_system_is_not_known(tmp_path):
    assert file_system_of(tmp_path, tmp_path / "none") == ""


def test_fat_ends_one_byte_before_four_gib(tmp_path):
    (tmp_path / "mountinfo").write_text("1 1 8:1 / / rw - vfat /dev/sdb1 rw\n")
    place = survey(tmp_path / "new.iso", mounts=tmp_path / "mountinfo")
    assert place.max_file_size == FAT_FILE_LIMIT == 4294967295
    (tmp_path / "mountinfo").write_text("1 1 8:1 / / rw - ext4 /dev/sdb1 rw\n")
    assert survey(tmp_path / "new.iso", mounts=tmp_path / "mountinfo").max_file_size is None
