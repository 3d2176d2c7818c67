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
from discwright.wording import _, shown, size

if TYPE_CHECKING:
    from discwright.stick.source import WriteSource


class DiskImageView(Column):
    """What it is, and the button that writes it."""

    def __init__(self, source: "WriteSource") -> None:
        super().__init__()
        kind = _("Packed image") if source.packed else _("Image of a disk")
        length = size(source.size) if source.size else _("size not known before it is unpacked")
        self.header = Header("image")
        self.header.show_text(shown(source.path.name), f"{kind} · {length}")
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
        about.body.addLayout(facts_grid(_facts(source)))
        for remark in source.remarks:
            about.body.addWidget(Label(shown(remark, 400), faint=True))
        self.body.addWidget(about)
        self.body.addStretch()

    def follow(self, devices: Iterable[Device]) -> None:
        """Follow what is plugged in."""
        there = bool(writing.candidates(devices))
        self.write.setEnabled(there)
        self.why.setVisible(not there)


def _facts(source: "WriteSource") -> list[disc_facts.Fact]:
    from discwright.stick.words import stick_sentence  # noqa: PLC0415 - not needed to start

    found = [disc_facts.Fact(_("Starting a PC"), stick_sentence(source.boot))]
    if source.packed:
        packed = _("{method}, {size} as it lies there").format(
            method=source.method, size=size(source.file_size)
        )
        found.append(disc_facts.Fact(_("Packed"), packed))
    names = dict.fromkeys(one.source for one in source.expected if one.source)
    if names:
        found.append(disc_facts.Fact(_("Checksum"), ", ".join(shown(name) for name in names)))
    if source.block_map is not None:
        found.append(disc_facts.Fact(_("Block map"), shown(source.block_map.path.name)))
    found.append(disc_facts.Fact(_("File"), shown(disc_facts.from_home(str(source.path)), 400)))
    return found
