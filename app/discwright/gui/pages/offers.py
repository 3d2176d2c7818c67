# SPDX-License-Identifier: GPL-3.0-or-later
"""What else can be done with a disc or an image: burn, write a stick, erase."""

from collections.abc import Iterable

from PySide6.QtWidgets import QVBoxLayout

from discwright.devices.model import Device, Drive
from discwright.gui import burning, theme, writing
from discwright.gui.controls import Button, Kind, Label
from discwright.gui.entries import medium_title
from discwright.gui.flow import Flow
from discwright.gui.pages.frame import Section
from discwright.gui.ports import Look
from discwright.optical.disc import DiscStatus
from discwright.wording import _, shown


class Offers(Section):
    """Buttons that are there only where they make sense, enabled where a target is there."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        disc = look.disc
        self._blank = disc.status is DiscStatus.BLANK and not disc.virtual
        rewritable = disc.profile.rewritable and not disc.virtual
        self.words = Label()
        self.burn = Button(_("&Burn image to disc…"), icon="burn")
        self.burn.setAccessibleDescription(_("Shows what will happen before anything is done."))
        self.write = Button(_("&Write USB stick…"), icon="stick")
        self.write.setAccessibleDescription(_("Shows what will happen before anything is done."))
        self.copy = Button(_("&Copy disc…"), icon="copy")
        self.copy.setAccessibleDescription(_("Shows what will happen before anything is done."))
        self.erase = Button(_("Er&ase disc…"), icon="cancel")
        self.why = Label(faint=True)
        column = QVBoxLayout()
        column.setSpacing(theme.SMALL + 4)
        column.addWidget(self.words)
        self.buttons = buttons = Flow(gap=theme.GAP)
        self._offered = {
            self.burn: disc.virtual or self._blank or rewritable,
            self.copy: False,
            self.write: disc.virtual,
            self.erase: rewritable,
        }
        for button, offered in self._offered.items():
            buttons.addWidget(button)
            button.setEnabled(offered)
            if not offered:
                button.hide()
        column.addLayout(buttons)
        column.addWidget(self.why)
        self.body.addLayout(column)
        for label in (self.words, self.why):
            label.hide()
        if not any(self._offered.values()):
            self.hide()
        self.setAccessibleName(_("Burn and write"))
        if self._blank:
            self.burn.become(Kind.PRIMARY)
            self.words.setText(_("Choose an image to burn, or drop one here."))
            self.words.show()
            if not rewritable or not (look.writable is not None and look.writable.used):
                self.erase.setEnabled(False)
                self.erase.hide()

    def add(self, button: Button) -> None:
        """Offer something else that can always be done."""
        self._offered[button] = True
        self.buttons.addWidget(button)
        self.show()

    @property
    def urgent(self) -> bool:
        """Whether burning is what is most likely wanted."""
        return self.burn.kind is Kind.PRIMARY

    def follow(self, devices: Iterable[Device]) -> None:
        """Follow what is plugged in."""
        devices = tuple(devices)
        if not self._look.disc.virtual:
            self._follow_targets(devices)
            self.erase.setEnabled(self._offered[self.erase] and not self.erase.isHidden())
            return
        drives, sticks = burning.candidates(devices), writing.candidates(devices)
        blank = next((one for one in drives if burning.blank(one)), None)
        self.burn.setEnabled(bool(drives))
        self.write.setEnabled(bool(sticks))
        self.burn.become(Kind.PLAIN if blank is None else Kind.PRIMARY)
        self.words.setVisible(blank is not None)
        if blank is not None:
            self.words.setText(_ready(blank))
        missing = []
        if not drives:
            missing.append(_("To burn it, insert a blank or rewritable disc."))
        if not sticks:
            missing.append(_("To write a USB stick, plug one in."))
        self.why.setText(" ".join(missing))
        self.why.setVisible(bool(missing))

    def _follow_targets(self, devices: tuple[Device, ...]) -> None:
        """Offer a disc's other ways only while there is somewhere to go."""
        source, whole = self._look.disc.source, self._look.refusal is None
        others = [one for one in burning.candidates(devices) if one.node != source]
        own = next((d for d in devices if isinstance(d, Drive) and d.node == source), None)
        alone = own is not None and bool(own.writes)
        for button, there in (
            (self.copy, whole and (bool(others) or alone)),
            (self.write, whole and bool(writing.candidates(devices))),
        ):
            button.setEnabled(there)
            button.setVisible(there)
        self.setVisible(any(not button.isHidden() for button in self._offered))


def _ready(drive: Drive) -> str:
    return _("{disc} is ready in {drive}.").format(
        disc=medium_title(drive.medium), drive=shown(drive.name)
    )
