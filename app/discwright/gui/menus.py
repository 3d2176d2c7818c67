# SPDX-License-Identifier: GPL-3.0-or-later
"""The menu bar: everything that can be done, with its keys."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from discwright.gui import icons
from discwright.wording import _


@dataclass(frozen=True)
class Command:
    """One line of a menu."""

    name: str
    text: str
    act: Callable[[], object]
    keys: str | QKeySequence.StandardKey = ""
    icon: str = ""
    checkable: bool = False


class Menus:
    """Builds the menus and keeps their actions by name."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self.actions: dict[str, QAction] = {}

    def add(self, title: str, commands: list[Command | None]) -> QMenu:
        """Add a menu; None is a line between."""
        menu = self._window.menuBar().addMenu(title)
        for command in commands:
            if command is None:
                menu.addSeparator()
                continue
            action = QAction(command.text, self._window)
            action.setObjectName(command.name)
            if command.icon:
                action.setIcon(icons.icon(command.icon))
            if command.keys:
                action.setShortcut(QKeySequence(command.keys))
            action.setCheckable(command.checkable)
            action.triggered.connect(_quietly(command.act))
            menu.addAction(action)
            self.actions[command.name] = action
        return menu

    def keys(self) -> list[tuple[str, str]]:
        """Give each shortcut and what it does."""
        found = []
        for action in self.actions.values():
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            if keys:
                found.append((keys, action.text().replace("&", "").rstrip("…")))
        found.append((_("Del"), _("Close the selected image")))
        found.append((_("Esc"), _("Leave the history")))
        return found


def _quietly(act: Callable[[], object]) -> Callable[[], None]:
    """Drop the ``checked`` that Qt passes to whoever takes an argument."""

    def go() -> None:
        act()

    return go
