# SPDX-License-Identifier: GPL-3.0-or-later
"""Qt objects in Python's garbage are destroyed in the window's thread only."""

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from discwright.gui import collector
from discwright.gui.collector import Collector


@pytest.fixture
def collecting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """Give a collector that looks often."""
    monkeypatch.setattr(collector, "INTERVAL_MS", 10)
    found = Collector()
    yield found
    found.stop()
    assert gc.isenabled()


def test_a_busy_thread_clears_no_qt_object_and_the_window_does(
    qtbot: QtBot, collecting: Collector
) -> None:
    cleared: list[threading.Thread] = []

    class Cycle(QObject):
        def __init__(self) -> None:
            super().__init__()
            self.me = self

        def __del__(self) -> None:
            cleared.append(threading.current_thread())

    def allocate() -> None:
        for _ in range(20_000):
            cycle: list[object] = []
            cycle.append(cycle)

    Cycle()
    thread = threading.Thread(target=allocate)
    thread.start()
    thread.join()
    assert cleared == []
    qtbot.waitUntil(lambda: bool(cleared))
    assert cleared == [threading.main_thread()]
    assert isinstance(collecting, Collector)
