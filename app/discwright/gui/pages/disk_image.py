# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of an image that is no disc: packed, or the image of a disk; for sticks only."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from discwright.devices.model import Device
from discwright.gui import disc_facts, writing
from discwright.gui.controls import Button, Kind, Label
from discwright.gui.message import Message
from discwright.gui.pages.facts import facts_grid
from discwright.gui.pages.frame import Column, Header, Section
from discwright.wording import _, shown

if TYPE_CHECKING:
    from discwright.stick.source import WriteSource


class DiskImageView(Column):
    """What it is, and the button that writes it."""

    def __init__(self, source: "WriteSource") -> None:
        from discwright.stick import words  # noqa: PLC0415 - not needed to start

        super().__init__()
        self.header = Header("image")
        self.header.show_text(shown(source.path.name), words.image_kind(source))
        self.setAccessibleName(self.header.headline.full_text)
        self.body.addWidget(self.header)
        self.message = Message()
        self.body.addWidget(self.message)
        card = Section()
        card.setAccessibleName(_("Write USB stick"))
        self.write = Button(_("&Write USB stick…"), icon="stick", kind=Kind.PRIMARY)
        self.write.setAccessibleDescription(_("Shows what will happen before anything is done."))
        self.why = Label(_("To write a USB stick, plug one in."), faint=True)
        card.body.addWidget(self.write)
        card.body.addWidget(self.why)
        self.body.addWidget(card)
        about = Section(_("About this image"))
        place = shown(disc_facts.from_home(str(source.path)), 400)
        found = (*words.image_facts(source), (_("File"), place))
        about.body.addLayout(facts_grid(disc_facts.Fact(*fact) for fact in found))
        for remark in source.remarks:
            about.body.addWidget(Label(shown(remark, 400), faint=True))
        self.body.addWidget(about)
        self.body.addStretch()

    def follow(self, devices: Iterable[Device]) -> None:
        """Follow what is plugged in."""
        there = bool(writing.candidates(devices))
        self.write.setEnabled(there)
        self.why.setVisible(not there)
