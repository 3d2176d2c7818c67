# SPDX-License-Identifier: GPL-3.0-or-later
"""A window on fake ports, without a screen and without the user's own files."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QMenu, QWidget
from pytestqt.qtbot import QtBot

from discwright.gui.ports import Ports
from discwright.gui.window import Window
from discwright.jobs.queue import JobQueue

from .fakes import Bench

Open = Callable[..., Window]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ignore what the screenless plugin says of itself."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints"))


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the user's home, settings and history out of it."""
    home = tmp_path / "home"
    (home / "Documents").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    for name in ("CONFIG", "CACHE", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    return home


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Give the fakes behind the window."""
    return Bench(tmp_path)


@pytest.fixture
def real(bench: Bench, tmp_path: Path) -> Ports:
    """Give the real ports, but no devices, no desktop, and folders of the test."""
    return replace(
        Ports(settings_file=tmp_path / "window.ini"),
        watch=bench.ports().watch,
        queue=lambda: JobQueue(
            state=tmp_path / "state", locks=tmp_path / "locks", notify=None, awake=None
        ),
    )


class Flashes(QObject):
    """Catches widgets that are shown as windows of their own before they have a place."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() is QEvent.Type.Show
            and isinstance(watched, QWidget)
            and watched.isWindow()
            and not isinstance(watched, (Window, QDialog, QMenu))
        ):
            self.seen.append(f"{type(watched).__name__} {watched.accessibleName()}")
        return False


@pytest.fixture(autouse=True)
def no_flashing_windows(qapp: QApplication) -> Iterator[None]:
    """Let nothing flash up beside the window."""
    flashes = Flashes()
    qapp.installEventFilter(flashes)
    yield
    qapp.removeEventFilter(flashes)
    assert flashes.seen == []


@pytest.fixture
def open_window(qtbot: QtBot, bench: Bench) -> Iterator[Open]:
    """Give a function that opens the window on the bench and waits until it is settled."""
    windows: list[Window] = []

    def open_now(ports: object = None) -> Window:
        window = Window(ports or bench.ports())
        windows.append(window)
        window.resize(1000, 720)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(lambda: window.shelf.devices is not None, timeout=10_000)
        settle(qtbot, window)
        return window

    yield open_now
    for window in windows:
        if bench.gate is not None:
            bench.gate.set()
        window.stop_and_close()
        qtbot.waitUntil(
            lambda window=window: not window.isVisible() and window.errands.idle, timeout=10_000
        )
        window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QApplication.processEvents()


def settle(qtbot: QtBot, window: Window) -> None:
    """Wait until all that was asked has been answered."""
    qtbot.waitUntil(lambda: window.errands.idle, timeout=10_000)


def click(qtbot: QtBot, widget: QWidget) -> None:
    """Click the middle of a widget that can be seen."""
    assert widget.isVisible()
    assert widget.isEnabled()
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def choose(qtbot: QtBot, window: Window, key: str) -> None:
    """Click a line of the list."""
    place = window.sidebar.place_of(key)
    assert not place.isNull()
    qtbot.mouseClick(window.sidebar.viewport(), Qt.MouseButton.LeftButton, pos=place)


def texts(widget: QWidget) -> str:
    """Give all text in sight inside a widget."""
    from PySide6.QtWidgets import QLabel  # noqa: PLC0415

    found = []
    for child in widget.findChildren(QWidget):
        if not child.isVisible():
            continue
        if isinstance(child, QLabel):
            found.append(getattr(child, "full_text", child.text()))
        elif isinstance(child, QAbstractButton):
            found.append(child.text().replace("&", ""))
    return "\n".join(found)


def button(window: QWidget, text: str) -> QAbstractButton:
    """Give the button in sight that says this."""
    found = [
        child
        for child in window.findChildren(QAbstractButton)
        if child.isVisible() and child.text().replace("&", "") == text
    ]
    assert len(found) == 1, f"{len(found)} buttons say {text!r}"
    return found[0]


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[str]:
    """Have a light palette, then a dark one, as the desktop would give them."""
    before = qapp.palette()
    qapp.setPalette(
        QPalette(QColor(50, 50, 50) if request.param == "dark" else QColor(240, 240, 240))
    )
    yield request.param
    qapp.setPalette(before)
