# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be chosen for a burn, folded away until it is wanted."""

from collections.abc import Iterable

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QCheckBox, QComboBox, QSizePolicy

from discwright.burn.options import Blank, BurnOptions
from discwright.gui.fold import Fold
from discwright.wording import _


class BurnChoice(Fold):
    """Speed, simulation, erasing, reading back, eject."""

    def __init__(self) -> None:
        super().__init__()
        self.speed = QComboBox()
        self.speed.setAccessibleName(_("Writing speed"))
        self.speed.addItem(_("A middle one"), None)
        self.blank = QComboBox()
        self.blank.setAccessibleName(_("What is done to a disc that isn't blank"))
        for text, how in (
            (_("What is needed, the quick way"), Blank.AUTO),
            (_("Erase it quickly"), Blank.FAST),
            (_("Erase all of it, which takes long"), Blank.FULL),
            (_("Nothing: blank discs only"), Blank.NEVER),
        ):
            self.blank.addItem(text, how)
        self.simulate = QCheckBox(_("&Simulate only"))
        self.verify = QCheckBox(_("Read &back and compare"))
        self.eject = QCheckBox(_("&Eject the disc when done"))
        self.overburn = QCheckBox(_("&Overburn a CD that is too small"))
        self.overburn.setToolTip(
            _("Writes more than the CD says that it holds. The drive may fail at the end, and then "
              "the disc is lost.")
        )  # fmt: skip
        self.overburn.setAccessibleDescription(self.overburn.toolTip())
        self.verify.setChecked(True)
        self.eject.setChecked(True)
        self.add(_("Spee&d"), self.speed, wide=True)
        self._used = self.add(_("&Used discs"), self.blank, wide=True)
        self.add(_("How"), self.simulate, self.verify, self.eject, self.overburn)
        for combo in (self.speed, self.blank):
            combo.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            combo.setMinimumContentsLength(14)
            combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            combo.setMaximumWidth(320)
            combo.currentIndexChanged.connect(self.change)
        for box in (self.simulate, self.verify, self.eject, self.overburn):
            box.toggled.connect(self.change)
        self.overburn.hide()
        self.summarise()

    def offer_speeds(self, factors: Iterable[float]) -> None:
        """Offer these speeds, fastest first; what was chosen stays chosen if it is among them."""
        offered = sorted({round(one, 1) for one in factors if one > 0}, reverse=True)
        if [self.speed.itemData(n) for n in range(1, self.speed.count())] == offered:
            return
        chosen = self.speed.currentData()
        before = self.speed.blockSignals(True)
        while self.speed.count() > 1:
            self.speed.removeItem(1)
        for factor in offered:
            self.speed.addItem(f"{factor:g}×", factor)
        self.speed.setCurrentIndex(max(0, self.speed.findData(chosen)))
        self.speed.blockSignals(before)
        self.summarise()

    def offer_erasing(self, offered: bool) -> None:
        """Offer what may be done to used discs only where a rewritable one is there."""
        for part in (self._used, self.blank):
            part.setVisible(offered)
        if not offered:
            self.blank.setCurrentIndex(0)

    def offer_overburning(self, offered: bool) -> None:
        """Offer to write beyond the end only where a CD is there: no other disc can be."""
        self.overburn.setVisible(offered)
        if not offered:
            self.overburn.setChecked(False)

    def chosen(self) -> BurnOptions:
        """Give what is chosen."""
        speed = self.speed.currentData()
        return BurnOptions(
            speed=None if speed is None else float(speed),
            simulate=self.simulate.isChecked(),
            blank=Blank(self.blank.currentData()),
            verify=self.verify.isChecked(),
            eject=self.eject.isChecked(),
            overburn=self.overburn.isChecked(),
        )

    def restore(self, settings: QSettings) -> None:
        """Choose what was chosen the last time; reading back is on each time."""
        self.eject.setChecked(settings.value("burn/eject", "true") == "true")

    def keep(self, settings: QSettings) -> None:
        """Remember what is chosen."""
        settings.setValue("burn/eject", "true" if self.eject.isChecked() else "false")

    def summary(self) -> str:
        """Say what holds."""
        chosen = self.chosen()
        parts = [self.speed.currentText() if chosen.speed else _("middle speed")]
        if chosen.simulate:
            parts.append(_("simulate"))
        if chosen.blank is not Blank.AUTO:
            parts.append(
                {
                    Blank.FAST: _("erase"),
                    Blank.FULL: _("erase fully"),
                    Blank.NEVER: _("blank discs only"),
                }[chosen.blank]
            )
        if chosen.overburn:
            parts.append(_("overburn"))
        parts.append(_("verify") if chosen.verify else _("don't verify"))
        if chosen.eject:
            parts.append(_("eject"))
        return " · ".join(parts)
