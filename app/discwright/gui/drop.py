# SPDX-License-Identifier: GPL-3.0-or-later
"""Dropping image files onto the window."""

from PySide6.QtCore import QMimeData, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from discwright.gui import theme
from discwright.wording import _


def dropped_paths(data: QMimeData) -> list[str]:
    """Give the local files that are dragged."""
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]


class DropHint(QWidget):
    """Covers the window while files hang over it, and says what dropping does."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._text = _("Drop the image to open it")
        self.setAccessibleName(self._text)
        self.hide()

    def appear(self, text: str = "") -> None:
        """Cover the window; without a text it says that the image is opened."""
        self._text = text or _("Drop the image to open it")
        self.setAccessibleName(self._text)
        self.setGeometry(self._over.rect())
        self.raise_()
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        veil = QColor(palette.window().color())
        veil.setAlphaF(0.86)
        painter.fillRect(self.rect(), veil)
        colour = theme.tone(palette, theme.Tone.INFO)
        painter.setPen(QPen(colour, 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(14, 14, -14, -14), 14, 14)
        painter.setFont(theme.larger(self, 1.5, bold=True))
        painter.setPen(palette.windowText().color())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)
        painter.end()
