# SPDX-License-Identifier: GPL-3.0-or-later
"""Run in the bench: copies the disc in the only drive with the real window. Prints what it sees.

Argument: the file for a picture of the window while it asks for the blank disc.
"""

import sys

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from window_hand import button, texts, wait

from discwright.gui.main import application
from discwright.gui.window import Window


def click(found):
    QTest.mouseClick(found, Qt.MouseButton.LeftButton)


def main():
    app = application([])
    window = Window()
    window.resize(1000, 720)
    window.show()
    click(wait(app, "disc recognised", lambda: button(window, "Copy disc…")))
    click(wait(app, "planned", lambda: button(window, "Copy")))
    wait(app, "insert a blank", lambda: "Insert a blank disc" in texts(window))
    window.grab().save(sys.argv[1])
    wait(app, "explained", lambda: "is not to be erased" in texts(window))
    wait(app, "complete", lambda: "Complete" in texts(window))
    print(texts(window), flush=True)
    QTimer.singleShot(0, window.stop_and_close)
    wait(app, "closed", lambda: not window.isVisible())


main()
