# SPDX-License-Identifier: GPL-3.0-or-later
"""The page for when nothing is plugged in."""

from PySide6.QtCore import Signal

from discwright.gui.controls import Button, Kind
from discwright.gui.message import Message
from discwright.gui.pages.frame import Notice
from discwright.wording import _


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
