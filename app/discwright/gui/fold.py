# SPDX-License-Identifier: GPL-3.0-or-later
"""Options folded away until they are wanted; while folded, a summary says what holds."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from discwright.gui import theme
from discwright.gui.controls import Button, Kind, Label
from discwright.wording import _


class Fold(QWidget):
    """A link that unfolds a grid of labelled controls."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.unfold = Button(kind=Kind.LINK, gives_way=True)
        self.unfold.setCheckable(True)
        self.unfold.setAccessibleName(_("Options"))
        self.unfold.toggled.connect(self._fold)
        self.inside = QWidget()
        self.inside.hide()
        self._grid = QGridLayout(self.inside)
        self._grid.setContentsMargins(2, 6, 0, 0)
        self._grid.setHorizontalSpacing(theme.WIDE)
        self._grid.setVerticalSpacing(theme.GAP)
        self._grid.setColumnStretch(1, 1000)
        self._grid.setColumnStretch(2, 1)  # what controls of a limited width leave over
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        column.addWidget(self.unfold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.inside)

    def add(self, text: str, *controls: QWidget, wide: bool = False) -> Label:
        """Add controls, one below the other, after a label, which is given."""
        row = self._grid.rowCount()
        label = Label(text, faint=True, wrap=False)
        label.setBuddy(controls[0])
        top = Qt.AlignmentFlag.AlignTop if len(controls) > 1 else Qt.AlignmentFlag(0)
        self._grid.addWidget(label, row, 0, top)
        column = QVBoxLayout()
        column.setSpacing(theme.SMALL)
        for control in controls:
            column.addWidget(
                control, 0, Qt.AlignmentFlag(0) if wide else Qt.AlignmentFlag.AlignLeft
            )
        self._grid.addLayout(column, row, 1)
        return label

    def summary(self) -> str:
        """Say what holds; for those who inherit."""
        return ""

    def change(self) -> None:
        """Take note that something was chosen."""
        self.summarise()
        self.changed.emit()

    def summarise(self) -> None:
        """Show the summary anew."""
        summary = self.summary()
        if self.unfold.isChecked():
            self.unfold.setText(_("▾  O&ptions"))
        else:
            self.unfold.setText(_("▸  O&ptions: {summary}").format(summary=summary))
        self.unfold.setAccessibleDescription(summary)
        self.unfold.updateGeometry()

    def _fold(self, unfolded: bool) -> None:
        self.inside.setVisible(unfolded)
        self.summarise()
