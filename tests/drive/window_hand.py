# SPDX-License-Identifier: GPL-3.0-or-later
"""What the programs that open the real window in the bench have in common: look, wait, find."""

import sys
import time

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel

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
