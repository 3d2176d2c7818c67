# SPDX-License-Identifier: GPL-3.0-or-later
"""The menu bar: everything that can be done, with its keys."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from discwright.gui import dialogs, icons
from discwright.wording import _

if TYPE_CHECKING:
    from discwright.gui.window import Window


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


def window_menus(window: "Window") -> Menus:
    """Build the menus of the window."""
    menus = Menus(window)
    keys = QKeySequence.StandardKey
    menus.add(
        _("&File"),
        [
            Command("open", _("&Open image…"), window.ask_for_image, keys.Open, "open"),
            Command("sample", _("Try with a &sample disc"), window.open_sample, "", "disc"),
            Command("close", _("&Close image"), window.close_current, "Ctrl+W", "close"),
            None,
            Command("quit", _("&Quit"), window.close, "Ctrl+Q"),
        ],
    )
    menus.add(
        _("&Disc"),
        [
            Command("rip", _("&Rip disc"), window.rip, "Ctrl+R", "rip"),
            Command("burn", _("&Burn image to disc…"), window.burn, "Ctrl+B", "burn"),
            Command("write", _("&Write USB stick…"), window.write, "Ctrl+U", "stick"),
            Command("erase", _("Erase disc or &stick…"), window.erase, "", "cancel"),
            None,
            Command("reread", _("Read &again"), window.reread, "F5", "refresh"),
            Command("eject", _("&Eject"), window.eject, "Ctrl+E", "eject"),
        ],
    )
    menus.add(
        _("&View"),
        [
            Command("history", _("&History"), window.show_history, "Ctrl+H", "log"),
            Command("list", _("&List of drives"), window.toggle_list, "F9", checkable=True),
        ],
    )
    menus.actions["list"].setChecked(True)
    menus.add(
        _("&Help"),
        [
            Command(
                "keys",
                _("&Keyboard shortcuts"),
                lambda: dialogs.shortcuts(window, menus.keys()),
                "Ctrl+?",
            ),
            Command("about", _("&About Discwright"), lambda: dialogs.about(window)),
        ],
    )
    return menus
