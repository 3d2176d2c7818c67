# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a burn, a writing or an erasing in progress: one line for each device."""

from collections.abc import Mapping

from PySide6.QtWidgets import QVBoxLayout

from discwright.gui import job_words
from discwright.gui.bar import Bar
from discwright.gui.bridge import Running
from discwright.gui.controls import ElidedLabel, Label
from discwright.gui.pages.frame import Column, Header, Section
from discwright.transfer.progress import Progress
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
        self.status.show_text(job_words.progress_line(progress, kind))


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


def _advice(kind: str) -> str:
    return {
        "burn": _(
            "Leave the drive alone until it is done. Cancelling spoils a disc that can be written "
            "only once."
        ),
        "write": _("Leave the stick plugged in until it is done."),
        "verify": _("Nothing is written. Leave the disc or stick in its place until it is done."),
    }.get(kind, "")
