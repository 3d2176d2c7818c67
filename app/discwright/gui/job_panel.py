# SPDX-License-Identifier: GPL-3.0-or-later
"""Below: the jobs, each with phase, bar, rate, remaining time and Cancel."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from discwright.gui import job_words, theme
from discwright.gui.bar import Bar
from discwright.gui.bridge import Running
from discwright.gui.controls import Button, ElidedLabel, Kind, Picture, icon_button
from discwright.gui.job_words import outcome_of
from discwright.gui.theme import Tone
from discwright.wording import _, shown

_MOST_ROWS = 3
"""More jobs than that scroll."""


class JobRow(QWidget):
    """One job."""

    show_asked = Signal()
    dismissed = Signal()

    def __init__(self, running: Running) -> None:
        super().__init__()
        self.running = running
        title = shown(running.job.work.title)
        self._icon = Picture(job_words.icon_of(running.job.work.kind), 22, tone=Tone.INFO)
        self.title = ElidedLabel(title, bold=True)
        self.status = ElidedLabel(faint=True)
        self.bar = Bar()
        self.bar.setAccessibleName(_("Progress of {job}").format(job=title))
        self.cancel = Button(_("Cancel"), icon="cancel")
        self.cancel.setAccessibleName(_("Cancel {job}").format(job=title))
        self.cancel.clicked.connect(self._cancel)
        self.show_button = Button(_("Show"), kind=Kind.FLAT)
        self.show_button.setAccessibleName(_("Show {job}").format(job=title))
        self.show_button.clicked.connect(self.show_asked)
        self.dismiss = icon_button("close", _("Remove {job} from the list").format(job=title))
        self.dismiss.clicked.connect(self.dismissed)
        self.dismiss.hide()
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.title)
        words.addWidget(self.bar)
        words.addWidget(self.status)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.WIDE, 10, theme.WIDE, 10)
        row.setSpacing(14)
        row.addWidget(self._icon)
        row.addLayout(words, 1)
        for button in (self.show_button, self.cancel, self.dismiss):
            row.addWidget(button)
        self.setAccessibleName(title)
        self.refresh()

    def _cancel(self) -> None:
        self.running.cancel()
        self.refresh()

    def refresh(self) -> None:
        """Show where the job is now."""
        running = self.running
        if running.report is not None:
            self._show_end(running)
            return
        progress = running.progress
        total = progress.total if progress is not None else None
        self.bar.show_share(progress.done if progress is not None else 0, total)
        self.status.show_text(job_words.status_line(running))
        self.cancel.setEnabled(not running.cancelling)

    def _show_end(self, running: Running) -> None:
        if running.report is None:
            return
        outcome = outcome_of(running.report, kind=running.job.work.kind)
        self._icon.show_icon(outcome.icon, outcome.tone)
        self.bar.hide()
        self.cancel.hide()
        self.dismiss.show()
        self.status.show_text(f"{outcome.word} · {outcome.message}")


class JobPanel(QFrame):
    """The rows; hidden while there are none."""

    show_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[object, JobRow] = {}
        self.setAccessibleName(_("Jobs"))
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 2, 0, 2)
        self._column.setSpacing(0)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._inside)
        self._scroll.viewport().setAutoFillBackground(False)
        self._inside.setAutoFillBackground(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 1, 0, 0)
        column.addWidget(self._scroll)
        self.hide()

    def add(self, running: Running) -> None:
        """Show a new job."""
        row = JobRow(running)
        row.show_asked.connect(lambda: self.show_asked.emit(running))
        row.dismissed.connect(lambda: self.remove(running))
        self.rows[running.job.id] = row
        self._column.addWidget(row)
        self._fit()

    def in_sight(self, running: Running | None) -> None:
        """Take note which job has its page in sight: its row need not offer to show it."""
        for row in self.rows.values():
            row.show_button.setVisible(row.running is not running)

    def refresh(self, running: Running) -> None:
        """Show where this job is now."""
        row = self.rows.get(running.job.id)
        if row is not None:
            row.refresh()

    def remove(self, running: Running) -> None:
        """Show this job no more."""
        row = self.rows.pop(running.job.id, None)
        if row is not None:
            row.hide()
            self._column.removeWidget(row)
            row.deleteLater()
            self._fit()

    def keep_only(self, wanted: Callable[[Running], bool]) -> None:
        """Drop the rows of ended jobs that are not wanted any more."""
        for row in list(self.rows.values()):
            if row.running.done and not wanted(row.running):
                self.remove(row.running)

    def _fit(self) -> None:
        heights = [row.sizeHint().height() for row in self.rows.values()]
        self._scroll.setFixedHeight(sum(heights[:_MOST_ROWS]) + 6)
        self.setVisible(bool(heights))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.card(self.palette()))
        painter.setPen(QPen(theme.line(self.palette()), 1))
        painter.drawLine(0, 0, self.width(), 0)
        painter.end()
