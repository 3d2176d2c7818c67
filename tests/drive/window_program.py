# SPDX-License-Identifier: GPL-3.0-or-later
"""Run in the bench: opens the real window and does what a newcomer does. Prints what it sees.

Arguments: the folder for the copy, the file for a picture of the window at the end.
"""

import sys
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from window_hand import button, texts, wait

from discwright.gui.main import application
from discwright.gui.window import Window


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
