# SPDX-License-Identifier: GPL-3.0-or-later
"""Which devices a job goes to: one is simply named, several can be ticked."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from discwright.gui import theme
from discwright.gui.controls import ElidedLabel, Label
from discwright.wording import _


@dataclass(frozen=True)
class Choice:
    """A device that can be chosen."""

    node: str
    title: str
    """Safe to show."""
    note: str = ""
    """What is in it or on it."""
    free: bool = True
    """Whether no other job has to do with it."""


class Ticks(QWidget):
    """The devices, one line each."""

    changed = Signal()

    def __init__(self, nothing: str) -> None:
        super().__init__()
        self._nothing = nothing
        self._ticked: set[str] = set()
        self._choices: tuple[Choice, ...] | None = None
        self.boxes: dict[str, QCheckBox] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.SMALL + 2)

    def tick(self, *nodes: str) -> None:
        """Tick exactly these, whether or not they are there now."""
        self._ticked = set(nodes)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The devices that are ticked, or the only one there is; busy ones never are."""
        free = [choice.node for choice in self._choices or () if choice.free]
        if len(self._choices or ()) == 1:
            return tuple(free)
        return tuple(node for node in free if node in self._ticked)

    def show_choices(self, choices: Sequence[Choice]) -> None:
        """Show these devices."""
        if tuple(choices) == self._choices:
            return
        self._choices = tuple(choices)
        free = [choice.node for choice in choices if choice.free]
        if free and not self._ticked & set(free):
            self._ticked.add(free[0])
        self._clear()
        if not choices:
            self._column.addWidget(Label(self._nothing, faint=True))
        for choice in choices:
            self._column.addWidget(self._line(choice, alone=len(choices) == 1))

    def _clear(self) -> None:
        self.boxes = {}
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _line(self, choice: Choice, *, alone: bool) -> QWidget:
        note = choice.note if choice.free else _("{note} · in use by another job")
        note = note.format(note=choice.note) if not choice.free else note
        line = QWidget()
        row = QVBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        if alone:
            row.addWidget(ElidedLabel(choice.title, bold=True))
            row.addWidget(ElidedLabel(note, faint=True))
            return line
        box = QCheckBox(choice.title.replace("&", "&&"))
        box.setAccessibleName(f"{choice.title}, {note}")
        box.setMinimumWidth(60)
        box.setChecked(choice.node in self._ticked and choice.free)
        box.setEnabled(choice.free)
        box.toggled.connect(lambda on: self._toggle(choice.node, on=on))
        self.boxes[choice.node] = box
        row.addWidget(box)
        below = ElidedLabel(note, faint=True)
        below.setContentsMargins(24, 0, 0, 0)
        row.addWidget(below)
        row.setAlignment(Qt.AlignmentFlag.AlignTop)
        return line

    def _toggle(self, node: str, *, on: bool) -> None:
        (self._ticked.add if on else self._ticked.discard)(node)
        self.changed.emit()
