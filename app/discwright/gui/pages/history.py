# SPDX-License-Identifier: GPL-3.0-or-later
"""The last jobs, newest first; each opens as the result page it ended with."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from discwright.gui import theme
from discwright.gui.controls import Button, Card, ElidedLabel, Kind, Picture
from discwright.gui.job_words import outcome_of_past
from discwright.gui.pages.frame import Column, Header
from discwright.wording import _, counted, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discwright.jobs.history import Entry as PastJob


class HistoryView(Column):
    """What was done before."""

    chosen = Signal(object)
    log_asked = Signal(object)
    closed = Signal()

    def __init__(self, jobs: "Sequence[PastJob]") -> None:
        super().__init__()
        header = Header("log")
        text = counted("{n} job", "{n} jobs", len(jobs)) if jobs else _("No job was run yet.")
        header.show_text(_("History"), text)
        back = Button(_("&Back"))
        back.clicked.connect(self.closed)
        header.add(back)
        self.body.addWidget(header)
        rows = QVBoxLayout()
        rows.setSpacing(theme.SMALL)
        for job in jobs:
            rows.addWidget(self._row(job))
        self.body.addLayout(rows)
        self.body.addStretch()

    def _row(self, job: "PastJob") -> Card:
        outcome = outcome_of_past(job)
        card = Card()
        title = ElidedLabel(shown(job.title), bold=True)
        parts = (*outcome.details, outcome.word)
        below = ElidedLabel(" · ".join(parts), faint=True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(title)
        words.addWidget(below)
        row = QHBoxLayout(card)
        row.setContentsMargins(16, 10, 12, 10)
        row.setSpacing(14)
        row.addWidget(
            Picture(outcome.icon, 22, tone=outcome.tone), 0, Qt.AlignmentFlag.AlignVCenter
        )
        row.addLayout(words, 1)
        if job.log:
            log = Button(_("Log"), kind=Kind.FLAT)
            log.setAccessibleName(_("Show the log of {job}").format(job=shown(job.title)))
            log.clicked.connect(lambda: self.log_asked.emit(Path(job.log)))
            row.addWidget(log)
        show = Button(_("Show"))
        show.setAccessibleName(_("Show {job}").format(job=shown(job.title)))
        show.clicked.connect(lambda: self.chosen.emit(job))
        row.addWidget(show)
        return card
