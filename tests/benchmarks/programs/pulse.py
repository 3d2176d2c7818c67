# SPDX-License-Identifier: GPL-3.0-or-later
"""Feels the pulse of an event loop."""

import json
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer

if TYPE_CHECKING:
    from discwright.gui.window import Window

EVERY_MS = 2

SEEN_MS = 300
"""Milliseconds for the result page to appear."""


class Pulse(QObject):
    """Beats every two milliseconds and remembers by how much the latest beat was late."""

    def __init__(self) -> None:
        super().__init__()
        self.longest_ms = 0.0
        self._last = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begin to count."""
        self._last = time.monotonic()
        self._timer.start()

    def stop(self) -> None:
        """Count to the present moment and no further."""
        self._beat()
        self._timer.stop()

    def until_finished(self, window: "Window") -> None:
        """Have the first job's end tell what was felt, and close the window."""

        def end(running: object) -> None:
            self.stop()
            print(json.dumps({"longest_ms": self.longest_ms, "state": str(running.report.state)}))
            window.close()

        def finished(running: object) -> None:
            QTimer.singleShot(SEEN_MS, lambda: end(running))

        window.bridge.finished.connect(finished)

    def _beat(self) -> None:
        now = time.monotonic()
        self.longest_ms = max(self.longest_ms, (now - self._last) * 1000 - EVERY_MS)
        self._last = now
