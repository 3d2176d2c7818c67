# SPDX-License-Identifier: GPL-3.0-or-later
"""A message inside a page: what happened, what to do, and the technical cause folded away."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from discwright.gui import theme
from discwright.gui.controls import Button, Card, Kind, Label, Picture
from discwright.gui.theme import Tone
from discwright.wording import _


class Message(Card):
    """An inline message with an icon, a sentence, a remedy, details, and buttons of its own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message")
        self._icon = Picture("warning", 22)
        self._text = Label(bold=True).selectable()
        self._remedy = Label().selectable()
        self._cause = Label(faint=True).selectable()
        self._details = Button(_("Show &details"), kind=Kind.FLAT)
        self._details.setCheckable(True)
        self._details.toggled.connect(self._fold)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(theme.SMALL)
        self._buttons.addWidget(self._details)
        self._buttons.addStretch()

        words = QVBoxLayout()
        words.setSpacing(theme.SMALL)
        for label in (self._text, self._remedy, self._cause):
            words.addWidget(label)
        words.addLayout(self._buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 14, 16, 14)
        row.setSpacing(14)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self._extra: list[Button] = []
        self.hide()

    def say(
        self,
        tone: Tone,
        text: str,
        remedy: str = "",
        cause: str = "",
        *,
        buttons: tuple[Button, ...] = (),
    ) -> None:
        """Show this; the buttons of an earlier message go."""
        self._drop_buttons()
        self.tint = tone
        self._icon.show_icon(tone.icon, tone)
        self._text.setText(text)
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy))
        self._cause.setText(cause)
        self._details.setVisible(bool(cause))
        self._details.setChecked(False)
        self._cause.hide()
        for button in reversed(buttons):
            self._buttons.insertWidget(0, button)
            self._extra.append(button)
        self.setAccessibleName(" ".join(part for part in (text, remedy) if part))
        self.show()
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._drop_buttons()
        self._text.setText("")
        self.hide()

    @property
    def text(self) -> str:
        """What it says, without details; "" if it is not shown."""
        if self.isHidden():
            return ""
        return " ".join(part for part in (self._text.text(), self._remedy.text()) if part)

    def _fold(self, shown: bool) -> None:
        self._cause.setVisible(shown)
        self._details.setText(_("Hide &details") if shown else _("Show &details"))

    def _drop_buttons(self) -> None:
        for button in self._extra:
            button.hide()
            button.deleteLater()
        self._extra.clear()
