# SPDX-License-Identifier: GPL-3.0-or-later
"""The program as a process: it starts, opens what it is given, and ends in order."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from discwright.gui.main import ErrorDesk

from .conftest import Open

# Says "shown" once the window has been painted, then leaves the program as it is.
PROGRAM = """
import sys
from PySide6.QtCore import QTimer
from discwright.gui import device_follower, main
start = device_follower.DeviceFollower.start
def started(self):
    start(self)
    print("shown", flush=True)
device_follower.DeviceFollower.start = started
{more}
sys.exit(main.main(sys.argv[1:]))
"""


@pytest.fixture
def program(tmp_path: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Collect started programs and end what is left."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()


def run(started: list[subprocess.Popen[str]], *args: str, more: str = "") -> subprocess.Popen[str]:
    """Start the program and wait for its window."""
    root = Path(__file__).parents[2]
    path = os.pathsep.join(filter(None, (str(root / "app"), os.environ.get("PYTHONPATH"))))
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(more=more), *args],
        env={**os.environ, "PYTHONPATH": path, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    started.append(process)
    assert process.stdout is not None
    assert process.stdout.readline() == "shown\n", process.communicate(timeout=20)[1]
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_program_in_order(
    program: list[subprocess.Popen[str]], number: signal.Signals
) -> None:
    process = run(program)
    process.send_signal(number)
    _out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert "Traceback" not in err


def test_ctrl_c_during_a_rip_leaves_no_half_image(
    program: list[subprocess.Popen[str]], tmp_path: Path, own_home: Path
) -> None:
    big = tmp_path / "big.iso"
    sample = f"""
from pathlib import Path
from discwright.image.sample import make_sample
from discwright.gui import window
path = make_sample(Path({str(big)!r}))
with path.open("r+b") as file:
    file.truncate(3 << 30)
def go(window):
    if window.page is None or window.page.disc is None or not window.errands.idle:
        return QTimer.singleShot(20, lambda: go(window))
    window.page.disc.warn(window.page.disc.told)
    window.rip()
    wait(window)
def wait(window):
    busy = window.bridge.busy
    if busy and busy[0].progress is not None and busy[0].progress.done:
        return print("ripping", flush=True)
    QTimer.singleShot(5, lambda: wait(window))
opened = window.Window.open_paths
def open_paths(self, paths):
    opened(self, paths)
    go(self)
window.Window.open_paths = open_paths
"""
    process = run(program, str(big), more=sample)
    assert process.stdout is not None
    assert process.stdout.readline() == "ripping\n"
    process.send_signal(signal.SIGINT)
    _out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert list((own_home / "Documents").iterdir()) == []


def test_this_pyside_counts_the_references_of_this_python() -> None:
    # The wheels of 6.12.0 take None for immortal, as it is from Python 3.12 on: with 3.11 each
    # call loses one of its references, and the window crashes when the last one is gone.
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(1000):
        thing.setObjectName("x")
    assert sys.getrefcount(None) > before - 500


def test_an_error_that_nobody_meets_is_printed_and_shown_once(
    qtbot: QtBot, open_window: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    window = open_window()
    desk = ErrorDesk(window)

    def fail() -> None:
        try:
            raise ValueError("a surprise")
        except ValueError as error:
            desk.report(type(error), error, error.__traceback__)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    fail()
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is not None)
    (box,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox)]
    assert "Something went wrong inside Discwright" in box.text()
    assert "a surprise" in box.detailedText()
    assert capsys.readouterr().err.count("ValueError: a surprise") == 2
    box.close()


SMALL = """
import sys
from discwright.gui.main import application
from discwright.gui.window import Window
app = application([])
window = Window()
window.show()
screen = app.primaryScreen().availableSize()
print(window.width() <= screen.width(), window.height() <= screen.height())
"""


def test_the_first_window_fits_on_a_small_screen() -> None:
    """At 125 % the screen of the offscreen platform has 640 × 640 points."""
    done = subprocess.run(
        [sys.executable, "-c", SMALL], capture_output=True, text=True, check=True, timeout=60,
        env=os.environ | {"QT_SCALE_FACTOR": "1.25", "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert done.stdout.split() == ["True", "True"]
