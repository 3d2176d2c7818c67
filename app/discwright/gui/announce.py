# SPDX-License-Identifier: GPL-3.0-or-later
"""Saying to screen readers what others see happen."""

from PySide6 import QtGui
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget


def say(widget: QWidget, text: str) -> None:
    """Have a running screen reader say this, politely; Qt before 6.8 can't."""
    event = getattr(QtGui, "QAccessibleAnnouncementEvent", None)
    if event is not None and text and QAccessible.isActive():
        QAccessible.updateAccessibility(event(widget, text))
