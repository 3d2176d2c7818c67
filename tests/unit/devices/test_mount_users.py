# SPDX-License-Identifier: GPL-3.0-or-later
"""Who keeps a file system from being unmounted."""

import mmap
import subprocess

from discwright.devices.mount_users import users_of


def pids(*points):
    return {user.pid: user for user in users_of(tuple(map(str, points)))}


def test_a_program_that_works_there_is_named(tmp_path):
    (tmp_path / "deep").mkdir()
    with subprocess.Popen(["sleep", "100"], cwd=tmp_path / "deep") as process:
        found = pids(tmp_path)
        process.kill()
    assert found[process.pid].program == "sleep"
    assert not found[process.pid].own


def test_a_program_with_an_open_file_is_named(tmp_path):
    with (tmp_path / "file").open("w"):
        assert any(user.own for user in pids(tmp_path).values())


def test_a_program_with_a_mapped_file_is_named(tmp_path):
    path = tmp_path / "a file"
    path.write_bytes(bytes(4096))
    with path.open("r+b") as file:
        mapped = mmap.mmap(file.fileno(), 0)
    assert any(user.own for user in pids(tmp_path).values())
    mapped.close()


def test_neighbours_are_not_named(tmp_path):
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick2").mkdir()
    with (tmp_path / "stick2" / "file").open("w"):
        assert pids(tmp_path / "stick") == {}


def test_without_proc_nobody_is_named(tmp_path):
    assert users_of(("/",), tmp_path / "nothing") == ()
