# SPDX-License-Identifier: GPL-3.0-or-later
"""The smallest window that a program with PySide6 can show: one button."""

from first_paint import FirstPaint
from PySide6.QtWidgets import QApplication, QPushButton

app = QApplication([])
watch = FirstPaint()
app.installEventFilter(watch)
button = QPushButton("Button")
button.show()
app.exec()
