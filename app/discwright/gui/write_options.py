# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be chosen for the writing of sticks, folded away until it is wanted."""

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QCheckBox, QLineEdit

from discwright.gui.fold import Fold
from discwright.gui.writing import WriteWish
from discwright.wording import _


class WriteChoice(Fold):
    """Reading back, eject, the checksum that the image should have."""

    def __init__(self) -> None:
        super().__init__()
        self.verify = QCheckBox(_("Read &back and compare"))
        self.verify.setChecked(True)
        self.eject = QCheckBox(_("&Eject the stick when done"))
        self.expect = QLineEdit()
        self.expect.setAccessibleName(_("Checksum that the image should have"))
        self.expect.setPlaceholderText(_("sha256: and 64 digits, from the publisher's page"))
        self.expect.setMinimumWidth(90)
        self.expect.setMinimumHeight(self.expect.fontMetrics().height() + 12)
        self.expect.setAcceptDrops(False)
        self.add(_("How"), self.verify, self.eject)
        self.add(_("Check&sum"), self.expect, wide=True)
        for box in (self.verify, self.eject):
            box.toggled.connect(self.change)
        self.expect.textChanged.connect(self.change)
        self.summarise()

    def chosen(self) -> WriteWish:
        """Give what is chosen."""
        return WriteWish(
            verify=self.verify.isChecked(),
            eject=self.eject.isChecked(),
            expect=self.expect.text(),
        )

    def restore(self, settings: QSettings) -> None:
        """Choose what was chosen the last time; reading back is on each time."""
        self.eject.setChecked(settings.value("write/eject", "false") == "true")

    def keep(self, settings: QSettings) -> None:
        """Remember what is chosen."""
        settings.setValue("write/eject", "true" if self.eject.isChecked() else "false")

    def summary(self) -> str:
        """Say what holds."""
        chosen = self.chosen()
        parts = [_("verify") if chosen.verify else _("don't verify")]
        if chosen.eject:
            parts.append(_("eject"))
        if chosen.expect.strip():
            parts.append(_("check a checksum"))
        return " · ".join(parts)
