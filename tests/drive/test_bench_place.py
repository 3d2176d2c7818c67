# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench cleans up after itself, whatever happens, and says what it needs."""

import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .asking import READY, ask, read_10
from .bench import Bench, Op, faults, media
from .bench import bench as place

CRASHER = """
import sys
sys.path.insert(0, sys.argv[1])
from drive.bench import Bench, media
bench = Bench()
drive = bench.add_drive()
print(drive._process.pid, bench.root, flush=True)
sys.stdin.read()
"""


def test_nothing_is_left_behind(image: Path) -> None:
    with Bench() as bench:
        drive = bench.add_drive(media.cd_rom(image))
        child = bench.popen(["python", "-c", "import time; time.sleep(60)"])
        root = bench.root
        process = drive._process
    assert not root.exists()
    assert process.poll() is not None
    assert child.poll() is not None


def test_a_test_that_dies_takes_its_drives_with_it() -> None:
    tests = Path(__file__).parents[1]
    child = subprocess.Popen(
        [sys.executable, "-c", CRASHER, str(tests)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    pid, root = child.stdout.readline().split()
    watch = os.pidfd_open(int(pid))
    child.send_signal(signal.SIGKILL)
    with child:
        pass
    try:
        ready, _, _ = select.select([watch], [], [], 10)
        assert ready, "the drive's process outlived the test"
        assert not Path(root).exists(), "the bench's directory outlived the test"
    finally:
        os.close(watch)
        shutil.rmtree(root, ignore_errors=True)


def test_the_log_knows_every_command(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.cd_rom(image))
    ask(bench, drive, READY, read_10(20, 3))
    ready, read = drive.commands(Op.TEST_UNIT_READY)[-1], drive.commands(Op.READ_10)[-1]
    assert ready.via == "CDROM_SEND_PACKET"
    assert (read.lba, read.count, read.transferred, read.ok) == (20, 3, 6144, True)
    assert read.cdb[:10] == read_10(20, 3)[0]
    assert drive.wait_for(Op.READ_10) == read
    with pytest.raises(TimeoutError):
        drive.wait_for(Op.READ_12, timeout=0.1)


def test_waiting_for_a_command_needs_no_sleep(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.cd_rom(image))
    drive.faults(faults.hang_at_read(3))
    bench.shim.build()
    bench.popen(["dd", "if=/dev/sr0", "of=/dev/null", "bs=2048"])
    drive.wait_until_held()
    assert [entry.lba for entry in drive.reads()] == [0, 1]
    drive.release()
    last = media.sectors_of(image) - 1
    assert drive.wait_for(lambda entry: entry.name == "read" and entry.lba == last).ok


def test_a_drive_that_is_asked_nonsense_says_so(bench: Bench) -> None:
    drive = bench.add_drive()
    (reply,) = ask(bench, drive, (bytes((0xD8,)) + bytes(11), 16))
    assert not reply.ok
    with pytest.raises(RuntimeError, match="TypeError"):
        drive._ask("insert")


def test_two_runs_at_once_do_not_meet(bench: Bench) -> None:
    with Bench() as other:
        mine, theirs = bench.environment(), other.environment()
    for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "UMOCKDEV_DIR", "DBUS_SYSTEM_BUS_ADDRESS"):
        assert mine[name].find(str(bench.root)) >= 0
        assert mine[name] != theirs[name]
    assert bench.environment({"XDG_RUNTIME_DIR": "/elsewhere"})["XDG_RUNTIME_DIR"] == "/elsewhere"


def test_what_to_install_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert place.umockdev_missing() == ""
    monkeypatch.setattr(place, "_LIBRARY", "libnot-there.so.0")
    assert "umockdev" in place.umockdev_missing()
