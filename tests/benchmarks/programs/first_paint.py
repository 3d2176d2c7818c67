# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells when a window was painted for the first time, then ends the program."""

import time

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget


class FirstPaint(QObject):
    """Prints the monotonic clock once a top window has dealt with its first paint event."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wait for the paint; what is queued behind it runs when it was done."""
        is_paint = event.type() == QEvent.Type.Paint
        if is_paint and isinstance(watched, QWidget) and watched.isWindow():
            QApplication.instance().removeEventFilter(self)
            QTimer.singleShot(0, self._painted)
        return False

    def _painted(self) -> None:
        print(time.monotonic(), flush=True)
        QApplication.instance().quit()
