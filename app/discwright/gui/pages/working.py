# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a burn, a writing or an erasing in progress: one line for each device."""

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout

from discwright.gui import announce, job_words, theme
from discwright.gui.bar import Bar
from discwright.gui.bridge import Running
from discwright.gui.controls import ElidedLabel, Label, Picture
from discwright.gui.entries import Entry
from discwright.gui.message import Message
from discwright.gui.pages.frame import Column, Header, Section
from discwright.gui.theme import Tone
from discwright.transfer.progress import Phase, Progress
from discwright.wording import _, shown


class _Line(QVBoxLayout):
    """One device: its name, a bar, and what is being done."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setSpacing(4)
        self._name = ElidedLabel(name, bold=True)
        self.bar = Bar()
        self.bar.setAccessibleName(_("Progress of {job}").format(job=name))
        self.status = ElidedLabel(_("Waiting to start"), faint=True)
        for part in (self._name, self.bar, self.status):
            self.addWidget(part)

    def show_progress(self, progress: Progress, kind: str) -> None:
        """Show where it is."""
        self.bar.show_share(progress.done, progress.total)
        told = progress.note or progress.stall  # by the page
        words = job_words.phase_name(progress.phase, kind) if told else ""
        self.status.show_text(words or job_words.progress_line(progress, kind))


class Request(Section):
    """What a person is to do now; it goes on by itself afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self.picture = Picture("disc-blank", 48, tone=Tone.INFO)
        self.headline = Label(factor=1.35, bold=True)
        self.note = Label().selectable()
        self.state = Label(faint=True)
        below = Label(_("It goes on by itself. To stop, press Cancel below."), faint=True)
        words = QVBoxLayout()
        words.setSpacing(theme.SMALL)
        for part in (self.headline, self.note, self.state, below):
            words.addWidget(part)
        row = QHBoxLayout()
        row.setSpacing(18)
        row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.body.addLayout(row)
        self.hide()

    def show_progress(self, progress: Progress | None) -> None:
        """Show what is asked for; nothing if nothing is."""
        if progress is None:
            self.hide()
            return
        inserting = progress.phase is Phase.INSERTING
        headline = _("Insert a blank disc") if inserting else _("Close the tray")
        if self.isHidden() or self.note.text() != progress.note:
            self.picture.show_icon("disc-blank" if inserting else "drive", Tone.INFO)
            self.headline.setText(headline)
            self.note.setText(progress.note)
            self.setAccessibleName(f"{headline}. {progress.note}")
            self.show()
            announce.say(self, f"{headline}. {progress.note}")
            QApplication.alert(self.window())


class WorkingView(Column):
    """Phases by name; Cancel is in the panel below, where all jobs are."""

    def __init__(self, running: Running, names: Mapping[str, str]) -> None:
        super().__init__()
        self.running = running
        title = shown(running.job.work.title)
        self.setAccessibleName(title)
        header = Header(job_words.icon_of(running.job.work.kind))
        header.show_text(title, "")
        self.body.addWidget(header)
        self.request = Request()
        self.body.addWidget(self.request)
        self.stall = Message()
        self.body.addWidget(self.stall)
        card = Section()
        card.setAccessibleName(title)
        self.lines = {node: _Line(name) for node, name in names.items()}
        for number, line in enumerate(self.lines.values()):
            if number:
                card.body.addSpacing(8)
            card.body.addLayout(line)
        self.body.addWidget(card)
        self.advice = Label(_advice(running.job.work.kind), faint=True)
        self.body.addWidget(self.advice)
        self.body.addStretch()
        self.refresh()

    def refresh(self) -> None:
        """Show where the job is now."""
        running = self.running
        kind = running.job.work.kind
        for node, line in self.lines.items():
            progress = running.each.get(node)
            if progress is None and (len(self.lines) == 1 or not running.each):
                progress = running.progress
            if running.cancelling:
                line.status.show_text(_("Cancelling…"))
            elif progress is not None:
                line.show_progress(progress, kind)
            elif running.job.waiting_for:
                line.status.show_text(running.job.waiting_for)
        known = [*running.each.values(), running.progress]
        asking = next((one for one in known if one is not None and one.note), None)
        self.request.show_progress(None if running.cancelling else asking)
        stalls = dict.fromkeys(one.stall for one in known if one is not None and one.stall)
        self._show_stall(next(iter(stalls), ""))

    def _show_stall(self, text: str) -> None:
        """Say what doesn't answer; a stick that tidies up answers again by itself."""
        if not text:
            self.stall.clear()
        elif self.stall.text != text:
            self.stall.say(Tone.WARNING, text)
            announce.say(self, text)

    def show_entry(self, entry: Entry) -> None:
        """Show what is in the drive now, as far as the system tells."""
        self.request.state.setText(
            _("In the drive: {what}").format(what=entry.title) if entry.device is not None else ""
        )


def _advice(kind: str) -> str:
    return {
        "burn": _(
            "Leave the drive alone until it is done. Cancelling spoils a disc that can be written "
            "only once."
        ),
        "write": _("Leave the stick plugged in until it is done."),
        "extract": _("Leave the disc in its place until it is done."),
        "verify": _("Nothing is written. Leave the disc or stick in its place until it is done."),
    }.get(kind, "")
