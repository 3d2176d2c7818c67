# SPDX-License-Identifier: GPL-3.0-or-later
"""Run in the bench: opens the real window and does what a newcomer does. Prints what it sees.

Arguments: the folder for the copy, the file for a picture of the window at the end.
"""

import sys
import time
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel

from discwright.gui.main import application
from discwright.gui.window import Window

DEADLINE_S = 60


def texts(window):
    """All that can be read in the window."""
    shown = [one.text() for one in window.findChildren(QLabel) if one.isVisible()]
    return " | ".join(text for text in shown if text)


def wait(app, what, ready):
    until = time.monotonic() + DEADLINE_S
    while not (found := ready()):
        app.processEvents()
        QTest.qWait(10)
        if time.monotonic() > until:
            print(
                f"nothing came of: {what}; {texts(app.activeWindow() or app.topLevelWidgets()[0])}"
            )
            sys.exit(1)
    print(what, flush=True)
    return found


def button(window, name):
    for one in window.findChildren(QAbstractButton):
        if one.isVisible() and one.isEnabled() and one.text().replace("&", "") == name:
            return one
    return None


def main():
    folder, picture = Path(sys.argv[1]), sys.argv[2]
    app = application([])
    window = Window()
    window.resize(1000, 720)
    window.show()
    wait(app, "no drive yet", lambda: button(window, "Try with a sample disc"))
    print("plug in", flush=True)
    rip = wait(app, "disc recognised", lambda: button(window, "Rip disc to ISO"))
    assert "WINDOW_DISC" in texts(window), texts(window)
    QTest.mouseClick(rip, Qt.MouseButton.LeftButton)
    wait(app, "complete", lambda: "Complete" in texts(window))
    window.grab().save(picture)
    print("unplug", flush=True)
    wait(app, "gone", lambda: "BH16NS40" not in texts(window) or "No " in texts(window))
    QTimer.singleShot(0, window.stop_and_close)
    wait(app, "closed", lambda: not window.isVisible())
    assert folder.is_dir()
    QSettings().sync()


main()
