# SPDX-License-Identifier: GPL-3.0-or-later
"""Feels the pulse of an event loop."""

import time

from PySide6.QtCore import QObject, Qt, QTimer

EVERY_MS = 2


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

    def _beat(self) -> None:
        now = time.monotonic()
        self.longest_ms = max(self.longest_ms, (now - self._last) * 1000 - EVERY_MS)
        self._last = now
