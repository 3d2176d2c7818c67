# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drive's page says when it can't show a disc: there is none, or a job has it."""

from collections.abc import Callable

from PySide6.QtCore import Signal

from discwright.gui.bridge import Running
from discwright.gui.controls import Button
from discwright.gui.entries import Entry
from discwright.gui.pages.frame import Notice
from discwright.wording import _, shown


class NoDisc(Notice):
    """Says that there is none, and offers an image or the sample in its place."""

    again_asked = Signal()
    open_asked = Signal()
    sample_asked = Signal()

    def __init__(self, entry: Entry) -> None:
        super().__init__(
            "drive",
            _("No disc"),
            _("Insert a disc into {drive}; it appears here by itself.").format(
                drive=entry.subtitle or entry.key
            ),
        )
        for text, icon, asked in (
            (_("&Look again"), "refresh", self.again_asked),
            (_("&Open an image as a virtual disc"), "open", self.open_asked),
            (_("&Try with a sample disc"), "disc", self.sample_asked),
        ):
            button = Button(text, icon=icon)
            button.clicked.connect(asked)
            self.add(button)


class InUse(Notice):
    """Says which job has the drive, and leads to it."""

    def __init__(self, entry: Entry, holder: Running, lead: Callable[[], None]) -> None:
        job = shown(holder.job.work.title)
        super().__init__("drive", entry.title, _("In use: {job}").format(job=job))
        show = Button(_("&Show the job"))
        show.clicked.connect(lead)
        self.add(show)
