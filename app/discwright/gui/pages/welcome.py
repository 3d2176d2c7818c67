# SPDX-License-Identifier: GPL-3.0-or-later
"""The page for when nothing is plugged in, and the pages that only say something."""

from PySide6.QtCore import Signal

from discwright.devices.model import Stick
from discwright.gui.controls import Button, Kind, Label
from discwright.gui.message import Message
from discwright.gui.pages.frame import Column, Header, Notice, Section
from discwright.gui.theme import Tone
from discwright.wording import _, counted, shown, size


class Welcome(Notice):
    """No drive is there: an image file serves as well, and there is one to try with."""

    open_asked = Signal()
    sample_asked = Signal()

    def __init__(self) -> None:
        super().__init__(
            "disc",
            _("No disc drive found"),
            _(
                "Plug in a drive and it appears here by itself. An image file can be used like "
                "a disc: open one, or drop it on this window."
            ),
        )
        self.open_button = Button(
            _("&Open an image as a virtual disc"), icon="open", kind=Kind.PRIMARY
        )
        self.sample_button = Button(_("&Try with a sample disc"), icon="disc")
        self.open_button.clicked.connect(self.open_asked)
        self.sample_button.clicked.connect(self.sample_asked)
        self.open_button.setAccessibleDescription(
            _("Choose an .iso, .cue, .toc or .nrg file that is then treated like a disc.")
        )
        self.sample_button.setAccessibleDescription(
            _("Makes a small disc image to try the program with.")
        )
        self.message = Message()
        self.add(self.open_button)
        self.add(self.sample_button)
        self.add(self.message)


class StickPage(Column):
    """What a stick holds, and what this version does with it: nothing."""

    def __init__(self, stick: Stick) -> None:
        super().__init__()
        header = Header("stick")
        header.show_text(
            shown(stick.name), " · ".join((_("USB stick"), size(stick.size), shown(stick.node)))
        )
        self.body.addWidget(header)
        self.message = Message()
        self.body.addWidget(self.message)
        self.message.say(
            Tone.INFO,
            _("Writing USB sticks is not in this version yet."),
            _("Nothing on the stick is touched."),
        )
        holds = Section(_("What is on it"))
        if stick.labels:
            n = len(stick.labels)
            holds.body.addWidget(
                Label(counted("{n} named file system:", "{n} named file systems:", n), faint=True)
            )
            for label in stick.labels:
                holds.body.addWidget(Label(shown(label)))
        else:
            holds.body.addWidget(Label(_("No file system with a name.")))
        if stick.read_only:
            holds.body.addWidget(Label(_("The stick is write-protected."), faint=True))
        self.body.addWidget(holds)
        self.body.addStretch()
