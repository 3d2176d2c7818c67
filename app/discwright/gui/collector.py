# SPDX-License-Identifier: GPL-3.0-or-later
"""Clearing Python's garbage in the window's thread only.

The collector otherwise runs in whichever thread allocates, such as a job's. A Qt object in a
reference cycle would then be destroyed outside its thread, which Qt doesn't bear.
"""

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 1000

_ROUNDS = 20
"""Every so many looks the whole heap is looked at, not only what is young."""


class Collector(QObject):
    """Takes the place of the automatic collector until it is stopped."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rounds = 0
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._look)
        gc.disable()
        self._timer.start()

    def stop(self) -> None:
        """Give the work back to the automatic collector."""
        self._timer.stop()
        gc.enable()

    def _look(self) -> None:
        young, middle, _old = gc.get_count()
        # The first threshold of gc.get_threshold(): an idle window has nothing to clear.
        if young <= gc.get_threshold()[0] and not middle:
            return
        self._rounds += 1
        gc.collect(2 if self._rounds % _ROUNDS == 0 else 1)
