# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the image goes: a name and a folder, both filled in already."""

from pathlib import Path

from PySide6.QtCore import QSettings, QStandardPaths, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from discwright.gui import theme
from discwright.gui.controls import Label
from discwright.gui.folder import FolderButton
from discwright.wording import _


def usual_folder(settings: QSettings) -> Path:
    """Give the folder last used if it is still there, else the documents, else home."""
    last = str(settings.value("target/folder", ""))
    if last and Path(last).is_dir():
        return Path(last)
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(documents) if documents and Path(documents).is_dir() else Path.home()


class Target(QWidget):
    """Name and folder of the image."""

    changed = Signal()

    def __init__(self, label: str = "", spoken: str = "", title: str = "") -> None:
        """Make one for an image, or with other words: before the name, of it, of the folder."""
        super().__init__()
        self.name = QLineEdit()
        self.name.setAccessibleName(spoken or _("File name of the image"))
        self.name.setMinimumHeight(self.name.fontMetrics().height() + 14)
        self.name.setMinimumWidth(90)
        self.name.setTextMargins(6, 0, 6, 0)
        self.name.setAcceptDrops(False)
        self.name.textChanged.connect(lambda _text: self.changed.emit())
        self.choose = FolderButton(title or _("Folder for the image"))
        self.room = Label(faint=True)
        """What the image needs, and what is free."""
        self.choose.chosen.connect(self.changed)
        name_label = QLabel(label or _("Save &as"))
        name_label.setBuddy(self.name)
        folder_label = QLabel(_("&Folder"))
        folder_label.setBuddy(self.choose)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.GAP)
        grid.setVerticalSpacing(10)
        grid.setColumnStretch(1, 1)
        grid.addWidget(name_label, 0, 0)
        grid.addWidget(self.name, 0, 1)
        grid.addWidget(folder_label, 1, 0)
        grid.addWidget(self.choose, 1, 1, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(self.room, 2, 1)

    def show_target(self, folder: Path, name: str) -> None:
        """Fill in folder and name."""
        self.name.setText(name)
        self.name.setCursorPosition(0)
        self.use_folder(folder)

    def use_folder(self, folder: Path) -> None:
        """Put the image into this folder."""
        self.choose.use(folder)

    @property
    def suffix(self) -> str:
        """How the typed name ends, in small letters."""
        return Path(self.name.text().strip()).suffix.casefold()

    def end_in(self, suffix: str) -> None:
        """Let the name end otherwise."""
        name = self.name.text().strip()
        self.name.setText(name[: len(name) - len(self.suffix)] + suffix)

    @property
    def path(self) -> Path:
        """The target. A path that was typed as the name counts as one."""
        typed, folder = self.name.text().strip(), self.choose.folder
        return folder / Path(typed).expanduser() if typed else folder
