# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts Discwright as the command does, until its window was painted."""

import sys

from first_paint import FirstPaint
from PySide6.QtWidgets import QApplication

from discwright.__main__ import main
from discwright.gui import main as window

watch = FirstPaint()
application = window.application


def watched(argv: list[str]) -> QApplication:
    """Make the application and watch it."""
    app = application(argv)
    app.installEventFilter(watch)
    return app


window.application = watched
sys.exit(main())
