# SPDX-License-Identifier: GPL-3.0-or-later
"""A message inside a page: what happened, what to do, and the technical cause folded away."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from discwright.gui import theme
from discwright.gui.controls import Button, Card, Kind, Label, Picture
from discwright.gui.theme import Tone
from discwright.wording import _


class Details(QWidget):
    """The technical cause, folded away until it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.cause = Label(faint=True).selectable()
        self.cause.hide()
        self._button = Button(_("Show &details"), kind=Kind.LINK)
        self._button.setCheckable(True)
        self._button.toggled.connect(self._fold)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.cause)
        self.hide()

    def show_cause(self, cause: str) -> None:
        """Fold this away; nothing is shown if there is nothing."""
        self.cause.setText(cause)
        self._button.setChecked(False)
        self.setVisible(bool(cause))

    def _fold(self, shown: bool) -> None:
        self.cause.setVisible(shown)
        self._button.setText(_("Hide &details") if shown else _("Show &details"))
        self._button.updateGeometry()


class Message(Card):
    """An inline message with an icon, a sentence, a remedy and details."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message")
        self._icon = Picture("warning", 22)
        self._text = Label().selectable()
        self._remedy = Label().selectable()
        self._details = Details()

        words = QVBoxLayout()
        words.setSpacing(theme.SMALL)
        for part in (self._text, self._remedy, self._details):
            words.addWidget(part)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 14, 16, 14)
        row.setSpacing(14)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.hide()

    def say(self, tone: Tone, text: str, remedy: str = "", cause: str = "") -> None:
        """Show this."""
        self.tint = tone
        self._icon.show_icon(tone.icon, tone)
        self._text.setText(text)
        font = self.font()
        # A headline is bold if something follows it; a paragraph alone is easier to read plain.
        font.setBold(bool(remedy))
        self._text.setFont(font)
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy))
        self._details.show_cause(cause)
        self.setAccessibleName(" ".join(part for part in (text, remedy) if part))
        self.show()
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._text.setText("")
        self.hide()

    @property
    def text(self) -> str:
        """What it says, without details; "" if it is not shown."""
        if self.isHidden():
            return ""
        return " ".join(part for part in (self._text.text(), self._remedy.text()) if part)
