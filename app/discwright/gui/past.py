# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at the last jobs: the list, the end of one of them, its log."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from discwright.errors import DiscwrightError
from discwright.gui import dialogs
from discwright.gui.bridge import Bridge
from discwright.gui.errands import Errands
from discwright.gui.job_words import outcome_of_past
from discwright.gui.page_stack import PageStack
from discwright.gui.pages.history import HistoryView
from discwright.gui.pages.result import ResultView
from discwright.gui.ports import Ports
from discwright.wording import _, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discwright.jobs.history import Entry as PastJob


class PastJobs(QObject):
    """Shows history pages in the stack."""

    left = Signal()

    def __init__(
        self, window: QWidget, stack: PageStack, ports: Ports, bridge: Bridge, errands: Errands
    ) -> None:
        super().__init__(window)
        self._window = window
        self._stack = stack
        self._ports = ports
        self._bridge = bridge
        self._errands = errands

    def show_list(self) -> None:
        """Show the last jobs."""
        past, bridge = self._ports.past_jobs, self._bridge
        queue = None if past is not None else bridge.queue

        def read() -> "Sequence[PastJob]":
            if past is not None:
                return past()
            return queue.history.entries() if queue is not None else ()

        self._errands.run(read, self._show_jobs, self._tell)

    def _show_jobs(self, jobs: "Sequence[PastJob]") -> None:
        view = HistoryView(jobs)
        view.closed.connect(self.left)
        view.chosen.connect(self._show_job)
        view.log_asked.connect(self._show_log)
        self._show(view, self.left.emit)

    def _show_job(self, job: "PastJob") -> None:
        result = ResultView(outcome_of_past(job), title=shown(job.title))
        result.again.setText(_("&Back to the history"))
        result.again.set_symbol("log")
        result.again_asked.connect(self.show_list)
        self._show(result, self.show_list)

    def _show(self, page: QWidget, escape: object) -> None:
        keys = QShortcut(QKeySequence(Qt.Key.Key_Escape), page)
        keys.activated.connect(escape)
        self._stack.show_extra(page)
        page.setFocus()
        page.focusNextChild()

    def _show_log(self, path: Path) -> None:
        def read() -> str:
            try:
                return path.read_text(encoding="utf-8", errors="replace")
            except OSError as error:
                raise DiscwrightError(
                    _("The log is not there any more."),
                    remedy=_("Only the newest logs are kept."),
                    cause=str(error),
                ) from error

        def show(text: str) -> None:
            dialogs.show_text(self._window, _("Log"), text, save_as=path.name)

        self._errands.run(read, show, self._tell)

    def _tell(self, error: DiscwrightError) -> None:
        dialogs.tell(self._window, error)
