# SPDX-License-Identifier: GPL-3.0-or-later
"""Two processes never work on the same device at once, and no lock outlives its process."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from discwright.errors import DiscwrightError
from discwright.jobs.lock import DeviceLock, open_lock_folder

HOLD = """
import sys
from pathlib import Path
from discwright.jobs.lock import DeviceLock
lock = DeviceLock(["/dev/sr0"], "Rip A to B", Path(sys.argv[1]))
assert lock.acquire() is None
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other_process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds /dev/sr0 until its input is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path / "locks"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_who_holds_a_device_is_named(other_process: subprocess.Popen[str], tmp_path: Path) -> None:
    holder = DeviceLock(["/dev/sr0"], "Ours", tmp_path / "locks").acquire()
    assert (holder.key, holder.pid, holder.title) == ("/dev/sr0", other_process.pid, "Rip A to B")
    assert str(other_process.pid) in holder.sentence()
    assert "/dev/sr0" in holder.sentence()


def test_another_device_is_free(other_process: subprocess.Popen[str], tmp_path: Path) -> None:
    with DeviceLock(["/dev/sr1"], "Ours", tmp_path / "locks") as lock:
        assert lock.acquire() is None


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_process_that_is_killed_leaves_no_lock(
    end: signal.Signals, other_process: subprocess.Popen[str], tmp_path: Path
) -> None:
    other_process.send_signal(end)
    other_process.wait(10)
    with DeviceLock(["/dev/sr0"], "Ours", tmp_path / "locks") as lock:
        assert lock.acquire() is None


def test_a_child_process_does_not_inherit_the_lock(tmp_path: Path) -> None:
    lock = DeviceLock(["/dev/sr0"], "A", tmp_path)
    lock.acquire()
    with subprocess.Popen(["sleep", "60"], close_fds=False) as child:
        lock.release()
        with DeviceLock(["/dev/sr0"], "B", tmp_path) as again:
            assert again.acquire() is None
        child.kill()


def test_images_of_one_name_in_two_folders_are_two(tmp_path: Path) -> None:
    with (
        DeviceLock(["file:/a/x.iso"], "A", tmp_path) as one,
        DeviceLock(["file:/b/x.iso"], "B", tmp_path) as other,
    ):
        assert one.acquire() is None
        assert other.acquire() is None


def test_all_devices_are_taken_or_none(tmp_path: Path) -> None:
    held = DeviceLock(["/dev/sr1"], "A", tmp_path)
    held.acquire()
    both = DeviceLock(["/dev/sr0", "/dev/sr1"], "B", tmp_path)
    assert both.acquire().key == "/dev/sr1"
    with DeviceLock(["/dev/sr0"], "C", tmp_path) as first:
        assert first.acquire() is None
    held.release()
    assert both.acquire() is None
    both.release()


def test_released_locks_leave_no_files(tmp_path: Path) -> None:
    with DeviceLock(["/dev/sr0", "file:/x/y.iso"], "A", tmp_path) as lock:
        lock.acquire()
        assert len(list(tmp_path.iterdir())) == 2
    assert list(tmp_path.iterdir()) == []


def test_never_two_holders_while_many_take_and_release(tmp_path: Path) -> None:
    inside = threading.Semaphore(1)
    clashes: list[int] = []

    def take_often() -> None:
        for _ in range(300):
            with DeviceLock(["/dev/sr0"], "A", tmp_path) as lock:
                if lock.acquire() is None:
                    if not inside.acquire(blocking=False):
                        clashes.append(1)
                        return
                    inside.release()

    threads = [threading.Thread(target=take_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clashes == []


def test_device_names_cannot_leave_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "locks"
    keys = ["/dev/../../etc/passwd", "file:/a/..", "file:/a/\udcff\n", "file:/" + "x" * 5000]
    with DeviceLock(keys, "A\nB", folder) as lock:
        assert lock.acquire() is None
        assert len(list(folder.iterdir())) == len(keys)
    assert list(tmp_path.iterdir()) == [folder]


def folder_in_use(monkeypatch: pytest.MonkeyPatch, runtime: Path | None, temp: Path) -> Path:
    if runtime is None:
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    else:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setattr(tempfile, "tempdir", str(temp))
    fd = open_lock_folder()
    try:
        return Path(f"/proc/self/fd/{fd}").readlink()
    finally:
        os.close(fd)


def test_locks_are_in_the_runtime_directory_for_the_owner_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = folder_in_use(monkeypatch, tmp_path, Path("/nowhere"))
    assert folder == tmp_path / "discwright"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(
    Path(f"/run/user/{os.geteuid()}").is_dir(), reason="this user has a runtime directory"
)
def test_without_a_runtime_directory_the_temporary_folder_serves(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    expected = tmp_path / f"discwright-{os.geteuid()}"
    assert folder_in_use(monkeypatch, None, tmp_path) == expected
    assert folder_in_use(monkeypatch, tmp_path / "gone", tmp_path) == expected


def test_a_link_in_the_place_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").mkdir()
    (tmp_path / "locks").symlink_to(tmp_path / "victim")
    with pytest.raises(DiscwrightError, match="can't be kept"):
        DeviceLock(["/dev/sr0"], "A", tmp_path / "locks").acquire()
    assert list((tmp_path / "victim").iterdir()) == []


def test_a_link_in_the_place_of_a_lock_file_is_not_followed(tmp_path: Path) -> None:
    lock = DeviceLock(["/dev/sr0"], "A", tmp_path)
    lock.acquire()
    (name,) = tmp_path.iterdir()
    lock.release()
    victim = tmp_path / "victim"
    victim.write_text("precious")
    name.symlink_to(victim)
    with pytest.raises(DiscwrightError):
        lock.acquire()
    assert victim.read_text() == "precious"


def test_a_folder_in_which_others_may_write_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "locks"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(DiscwrightError, match="belongs to somebody else"):
        DeviceLock(["/dev/sr0"], "A", folder).acquire()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "locks"
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)
    with pytest.raises(DiscwrightError, match="belongs to somebody else"):
        DeviceLock(["/dev/sr0"], "A", folder).acquire()


def test_a_job_without_devices_needs_no_folder() -> None:
    assert DeviceLock([], "A", Path("/nowhere/at/all")).acquire() is None
