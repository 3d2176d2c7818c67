# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be chosen for a rip, folded away until it is wanted."""

from collections.abc import Sequence

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from discwright.gui import theme
from discwright.gui.controls import Button, Kind, Label
from discwright.gui.flow import Flow
from discwright.rip.plan import MAX_RETRIES, ImageFormat, RipOptions
from discwright.wording import _, counted


class Options(QWidget):
    """Kind of image, checksums, retries, speed, verify, eject; folded, a summary says what holds.

    ``formats``: the kinds of image to choose from, the usual one first.
    """

    changed = Signal()

    def __init__(
        self,
        algorithms: Sequence[str],
        speeds: Sequence[float],
        *,
        drive: bool,
        formats: Sequence[ImageFormat] = (),
    ) -> None:
        super().__init__()
        self.image = QComboBox()
        for kind in formats or (ImageFormat.ISO,):
            self.image.addItem(format_name(kind), kind)
        self.unfold = Button(kind=Kind.LINK, gives_way=True)
        self.unfold.setCheckable(True)
        self.unfold.setAccessibleName(_("Options"))
        self.inside = QWidget()
        self.inside.hide()
        self.hashes = {name: QCheckBox(display(name)) for name in algorithms}
        for name, box in self.hashes.items():
            box.setAccessibleName(_("Checksum {name}").format(name=display(name)))
            box.setChecked(name == "sha256")
        self.retries = QSpinBox()
        self.retries.setRange(0, MAX_RETRIES)
        self.retries.setValue(RipOptions().retries)
        self.speed = QComboBox()
        self.speed.addItem(_("As the drive likes"), None)
        for factor in speeds:
            self.speed.addItem(f"{factor:g}×", factor)
        self.verify = QCheckBox(_("Read tw&ice and compare"))
        self.eject = QCheckBox(_("&Eject the disc when done"))
        if not drive:
            self.eject.hide()
        self._lay_out(drive=drive, speeds=bool(speeds))
        for box in (*self.hashes.values(), self.verify, self.eject):
            box.toggled.connect(self._change)
        self.image.currentIndexChanged.connect(self._change)
        self.retries.valueChanged.connect(self._change)
        self.speed.currentIndexChanged.connect(self._change)
        self.unfold.toggled.connect(self._fold)
        self._fold(False)

    def _lay_out(self, *, drive: bool, speeds: bool) -> None:
        checksums = Flow(gap=theme.GAP, columns=True)
        for box in self.hashes.values():
            checksums.addWidget(box)
        grid = QGridLayout(self.inside)
        grid.setContentsMargins(2, 6, 0, 0)
        grid.setHorizontalSpacing(theme.WIDE)
        grid.setVerticalSpacing(theme.GAP)
        grid.setColumnStretch(1, 1)
        image = _buddy(_("&Image"), self.image)
        self.image.setAccessibleName(_("Kind of image"))
        grid.addWidget(image, 0, 0)
        grid.addWidget(self.image, 0, 1, Qt.AlignmentFlag.AlignLeft)
        for widget in (image, self.image):
            widget.setVisible(self.image.count() > 1)
        grid.addWidget(Label(_("Checksums"), faint=True, wrap=False), 1, 0, _TOP)
        grid.addLayout(checksums, 1, 1)
        retries = _buddy(_("Re&tries"), self.retries)
        self.retries.setAccessibleName(_("Retries of a sector that can't be read"))
        grid.addWidget(retries, 2, 0)
        grid.addWidget(self.retries, 2, 1, Qt.AlignmentFlag.AlignLeft)
        speed = _buddy(_("S&peed"), self.speed)
        self.speed.setAccessibleName(_("Reading speed"))
        grid.addWidget(speed, 3, 0)
        grid.addWidget(self.speed, 3, 1, Qt.AlignmentFlag.AlignLeft)
        for widget in (speed, self.speed):
            widget.setVisible(drive and speeds)
        grid.addWidget(Label(_("Then"), faint=True, wrap=False), 4, 0, _TOP)
        after = QVBoxLayout()
        after.setSpacing(theme.SMALL)
        after.addWidget(self.verify)
        after.addWidget(self.eject)
        grid.addLayout(after, 4, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        column.addWidget(self.unfold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.inside)

    def chosen(self, *, overwrite: bool = False) -> RipOptions:
        """Give what is chosen."""
        speed = self.speed.currentData()
        return RipOptions(
            hashes=tuple(name for name, box in self.hashes.items() if box.isChecked()),
            retries=self.retries.value(),
            speed=None if speed is None else float(speed),
            verify=self.verify.isChecked(),
            eject=not self.eject.isHidden() and self.eject.isChecked(),
            overwrite=overwrite,
            format=ImageFormat(self.image.currentData()),
        )

    def choose_format(self, kind: ImageFormat) -> None:
        """Choose a kind of image, if there is that choice."""
        at = self.image.findText(format_name(kind))
        if at >= 0:
            self.image.setCurrentIndex(at)

    def restore(self, settings: QSettings) -> None:
        """Choose what was chosen the last time."""
        names = str(settings.value("options/hashes", "sha256")).split()
        for name, box in self.hashes.items():
            box.setChecked(name in names)
        retries = str(settings.value("options/retries", self.retries.value()))
        if retries.isdecimal():
            self.retries.setValue(min(int(retries), MAX_RETRIES))
        self.verify.setChecked(settings.value("options/verify", "false") == "true")
        self.eject.setChecked(settings.value("options/eject", "false") == "true")

    def keep(self, settings: QSettings) -> None:
        """Remember what is chosen for the next disc."""
        chosen = self.chosen()
        settings.setValue("options/hashes", " ".join(chosen.hashes))
        settings.setValue("options/retries", chosen.retries)
        settings.setValue("options/verify", "true" if chosen.verify else "false")
        settings.setValue("options/eject", "true" if self.eject.isChecked() else "false")

    def _change(self) -> None:
        self._summarise()
        self.changed.emit()

    def _fold(self, unfolded: bool) -> None:
        self.inside.setVisible(unfolded)
        self.unfold.set_symbol("")
        self._summarise()

    def _summarise(self) -> None:
        chosen = self.chosen()
        names = ", ".join(display(name) for name in chosen.hashes) or _("no checksum")
        parts = [format_name(chosen.format)] if self.image.count() > 1 else []
        parts += [names, counted("{n} retry", "{n} retries", chosen.retries)]
        if chosen.speed is not None:
            parts.append(f"{chosen.speed:g}×")
        if chosen.verify:
            parts.append(_("verify"))
        if chosen.eject:
            parts.append(_("eject"))
        summary = " · ".join(parts)
        if self.unfold.isChecked():
            self.unfold.setText(_("▾  O&ptions"))
        else:
            self.unfold.setText(_("▸  O&ptions: {summary}").format(summary=summary))
        self.unfold.setAccessibleDescription(summary)
        self.unfold.updateGeometry()


_TOP = Qt.AlignmentFlag.AlignTop


def format_name(kind: ImageFormat) -> str:
    """Give the name of a kind of image."""
    return "BIN/CUE" if kind is ImageFormat.BIN else "ISO"


def display(name: str) -> str:
    """Give an algorithm's name as its standard writes it."""
    upper = name.upper()
    if upper.startswith("SHA") and upper[3:].isdecimal():
        return f"SHA-{upper[3:]}"
    return {"BLAKE2B": "BLAKE2b", "CRC32": "CRC-32"}.get(upper, upper)


def _buddy(text: str, control: QWidget) -> Label:
    """Give a label whose mnemonic goes to the control."""
    label = Label(text, faint=True, wrap=False)
    label.setBuddy(control)
    return label
