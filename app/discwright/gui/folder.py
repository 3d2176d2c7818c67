# SPDX-License-Identifier: GPL-3.0-or-later
"""A button that names a folder and lets another one be chosen."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog

from discwright.gui.controls import Button
from discwright.wording import _, shown

_LONGEST = 34


class FolderButton(Button):
    """Shows where something goes."""

    chosen = Signal()

    def __init__(self, title: str) -> None:
        """Give it no folder yet; ``title``: of the dialog in which another one is chosen."""
        super().__init__(icon="folder", gives_way=True)
        self._title = title
        self.folder = Path.home()
        self.clicked.connect(self._choose)

    def use(self, folder: Path) -> None:
        """Show this folder."""
        self.folder = folder
        text = shown(_short(folder), 400)
        if len(text) > _LONGEST:
            text = "…" + text[-_LONGEST:]
        self.setText(text.replace("&", "&&"))
        self.setToolTip("")
        self.setAccessibleName(
            _("Folder: {folder}. Choose another one.").format(folder=shown(str(folder), 400))
        )
        self.updateGeometry()
        self.chosen.emit()

    def _choose(self) -> None:
        found = QFileDialog.getExistingDirectory(self, self._title, str(self.folder))
        if found:
            self.use(Path(found))


def _short(folder: Path) -> str:
    try:
        inside = folder.relative_to(Path.home())
    except (ValueError, RuntimeError):
        return str(folder)
    return _("Home folder") if inside == Path() else str(inside)
