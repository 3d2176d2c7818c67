# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder for install.wim: gone at the end, and after a kill at the next beginning."""

import os
from pathlib import Path

from discwright.stick.installer_scratch import scratch_folder


def left_by_a_kill(place: Path, name: str = "discwright-wim-old", age: float = 3600) -> Path:
    folder = place / name
    folder.mkdir()
    (folder / "install.wim.part").write_bytes(b"several GB")
    moment = folder.stat().st_mtime - age
    os.utime(folder, (moment, moment))
    return folder


def test_it_is_gone_at_the_end_with_all_that_is_in_it(tmp_path):
    with scratch_folder(tmp_path) as folder:
        (folder / "install.wim").write_bytes(b"x")
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not any(tmp_path.iterdir())


def test_what_a_killed_program_left_is_removed(tmp_path):
    left_by_a_kill(tmp_path)
    with scratch_folder(tmp_path) as folder:
        assert list(tmp_path.iterdir()) == [folder]


def test_what_another_one_works_in_is_left_alone(tmp_path):
    with scratch_folder(tmp_path) as folder:
        moment = folder.stat().st_mtime - 3600
        os.utime(folder, (moment, moment))
        with scratch_folder(tmp_path):
            pass
        assert folder.is_dir()


def test_what_was_just_made_is_not_ours_or_is_elsewhere_is_left_alone(tmp_path):
    fresh = left_by_a_kill(tmp_path, "discwright-wim-new", age=0)
    foreign = left_by_a_kill(tmp_path, "discwright-other")
    (tmp_path / "elsewhere").mkdir()
    far = left_by_a_kill(tmp_path / "elsewhere")
    (tmp_path / "discwright-wim-link").symlink_to(far)
    with scratch_folder(tmp_path):
        pass
    for folder in (fresh, foreign, far):
        assert (folder / "install.wim.part").exists()
