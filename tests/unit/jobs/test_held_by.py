# SPDX-License-Identifier: GPL-3.0-or-later
"""A drive is held by its one real name, whichever name a job was given."""

from discwright.jobs.work import held_by


def test_two_names_of_a_drive_are_one(tmp_path):
    drive, link = tmp_path / "sr0", tmp_path / "cdrom"
    drive.touch()
    link.symlink_to("sr0")
    assert held_by(str(link)) == held_by(str(drive)) == str(drive)


def test_a_file_taken_as_a_disc_is_held_as_a_file(tmp_path):
    path = tmp_path / "disc.img"
    assert held_by(f"stdio:{path}") == f"file:{path}"
