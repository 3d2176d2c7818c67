# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages are built of: a column that scrolls, a header, a notice in the middle."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from discwright.gui import theme
from discwright.gui.bar import Bar
from discwright.gui.controls import Button, Card, ElidedLabel, Label, Picture
from discwright.gui.theme import Tone

WIDEST = 780
"""Lines longer than that are hard to read."""


class Column(QScrollArea):
    """A page as one column, at most :data:`WIDEST` wide, scrolling when the window is low."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        # The controls inside take the focus and are scrolled to; the area itself need not.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside, content = QWidget(), QWidget()
        content.setMaximumWidth(WIDEST)
        row = QHBoxLayout(inside)
        row.setContentsMargins(theme.PAGE, theme.PAGE, theme.PAGE, theme.PAGE)
        row.setSpacing(0)
        row.addStretch(1)
        row.addWidget(content, 1000)
        row.addStretch(1)
        self.body = QVBoxLayout(content)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(theme.WIDE)
        self.setWidget(inside)
        self.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)


class Header(QWidget):
    """A picture, a headline, a line under it, and room for small buttons."""

    def __init__(self, icon: str, *, tone: Tone | None = None) -> None:
        super().__init__()
        self.picture = Picture(icon, 48, tone=tone)
        self.headline = ElidedLabel(factor=1.75, bold=True)
        self.below = ElidedLabel(faint=True)
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(self.headline)
        words.addWidget(self.below)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(18)
        self._row.addWidget(self.picture)
        self._row.addLayout(words, 1)

    def show_text(self, headline: str, below: str) -> None:
        """Show these two lines."""
        self.headline.show_text(headline)
        self.below.show_text(below)
        self.below.setVisible(bool(below))

    def add(self, button: Button) -> None:
        """Put a button at the end."""
        self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)


class Section(Card):
    """A card with a small title."""

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(20, 16, 20, 18)
        self.body.setSpacing(theme.GAP)
        if title:
            self.body.addWidget(Label(title, bold=True))
            self.setAccessibleName(title)


class Notice(QWidget):
    """A picture, a headline, a sentence and buttons in the middle of an otherwise empty page."""

    def __init__(self, icon: str, headline: str = "", text: str = "") -> None:
        super().__init__()
        self.picture = Picture(icon, 60)
        self.headline = Label(headline, factor=1.6, bold=True)
        self.text = Label(text, faint=True)
        self.bar = Bar()
        self.bar.setMaximumWidth(260)
        self.bar.hide()
        for label in (self.headline, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._buttons = QVBoxLayout()
        self._buttons.setSpacing(10)
        centre = Qt.AlignmentFlag.AlignHCenter
        body = QVBoxLayout()
        body.setSpacing(theme.GAP)
        body.addStretch(3)
        body.addWidget(self.picture, 0, centre)
        body.addSpacing(theme.SMALL)
        body.addWidget(self.headline)
        body.addWidget(self.text)
        body.addSpacing(theme.SMALL)
        body.addWidget(self.bar, 0, centre)
        body.addLayout(self._buttons)
        body.addStretch(4)
        content = QWidget()
        content.setMaximumWidth(520)
        content.setLayout(body)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.PAGE, theme.PAGE, theme.PAGE, theme.PAGE)
        row.addStretch(1)
        row.addWidget(content, 1000)
        row.addStretch(1)

    def show_text(self, icon: str, headline: str, text: str) -> None:
        """Show another picture, headline and sentence."""
        self.picture.show_icon(icon, self.picture.tone)
        self.headline.setText(headline)
        self.text.setText(text)
        self.text.setVisible(bool(text))

    def add(self, button: QWidget) -> None:
        """Put a button, or a message, under the text."""
        if isinstance(button, Button):
            self._buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        else:
            self._buttons.addWidget(button)
