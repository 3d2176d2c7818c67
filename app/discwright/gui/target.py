# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the image goes: a name and a folder, both filled in already."""

from pathlib import Path

from PySide6.QtCore import QSettings, QStandardPaths, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QLabel, QLineEdit, QWidget

from discwright.gui import theme
from discwright.gui.controls import Button, Label
from discwright.wording import _, shown

_LONGEST_FOLDER = 34


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

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path.home()
        self.name = QLineEdit()
        self.name.setAccessibleName(_("File name of the image"))
        self.name.setMinimumHeight(self.name.fontMetrics().height() + 14)
        self.name.setMinimumWidth(90)
        self.name.setTextMargins(6, 0, 6, 0)
        self.name.setAcceptDrops(False)
        self.name.textChanged.connect(lambda _text: self.changed.emit())
        self.choose = Button(icon="folder", gives_way=True)
        self.room = Label(faint=True)
        """What the image needs, and what is free."""
        self.choose.clicked.connect(self._choose)
        name_label = QLabel(_("Save &as"))
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
        self._folder = folder
        text = shown(_short(folder), 400)
        if len(text) > _LONGEST_FOLDER:
            text = "…" + text[-_LONGEST_FOLDER:]
        self.choose.setText(text.replace("&", "&&"))
        self.choose.setToolTip("")
        self.choose.setAccessibleName(
            _("Folder: {folder}. Choose another one.").format(folder=shown(str(folder), 400))
        )
        self.choose.updateGeometry()
        self.changed.emit()

    @property
    def path(self) -> Path:
        """The target. A path that was typed as the name counts as one."""
        typed = self.name.text().strip()
        return self._folder / Path(typed).expanduser() if typed else self._folder

    def _choose(self) -> None:
        found = QFileDialog.getExistingDirectory(self, _("Folder for the image"), str(self._folder))
        if found:
            self.use_folder(Path(found))


def _short(folder: Path) -> str:
    try:
        inside = folder.relative_to(Path.home())
    except (ValueError, RuntimeError):
        return str(folder)
    return _("Home folder") if inside == Path() else str(inside)
