# SPDX-License-Identifier: GPL-3.0-or-later
"""What the window does when jobs begin, move on and end: rows, pages, the list, announcements."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from discwright.gui import announce, job_words
from discwright.gui.bridge import Running
from discwright.wording import _

if TYPE_CHECKING:
    from discwright.gui.window import Window


class JobDesk(QObject):
    """Hears the bridge and shows what it tells in all places."""

    show_asked = Signal(str)
    """The page of this entry is to be shown."""
    list_changed = Signal()
    """Which entries can be closed may be others now."""
    ended = Signal()
    """A job has ended, and everything shows it."""

    def __init__(self, window: "Window") -> None:
        super().__init__(window)
        self._window = window
        self.statuses: dict[str, str] = {}
        """What the list says behind an entry whose job runs."""
        window.panel.show_asked.connect(self.show_job)
        window.bridge.started.connect(self._started)
        window.bridge.changed.connect(self._changed)
        window.bridge.finished.connect(self._finished)

    def _started(self, running: Running) -> None:
        self._window.panel.add(running)
        announce.say(self._window, _("Started: {job}").format(job=running.job.work.title))
        # When the page knows of its job, the image that is read can't be closed any more, and
        # other pages must leave its devices alone.
        QTimer.singleShot(0, self.list_changed.emit)
        QTimer.singleShot(0, self._window.stack.follow)

    def _changed(self, running: Running) -> None:
        window = self._window
        window.panel.refresh(running)
        page = window.stack.page_of(running)
        if page is not None and page is window.page:
            page.refresh()
        statuses = {
            key: "" if running.done else job_words.short_status(running, key)
            for key in self._keys(running)
        }
        if any(self.statuses.get(key, "") != status for key, status in statuses.items()):
            self.statuses.update(statuses)
            window.sidebar.show_entries(window.shelf, self.statuses)

    def _finished(self, running: Running) -> None:
        window = self._window
        page = window.stack.page_of(running)
        for key in self._keys(running):
            self.statuses.pop(key, None)
        if page is not None:
            page.finish()
            if page is window.page:
                window.panel.remove(running)
        window.stack.released(running)
        if running.report is not None:
            outcome = job_words.outcome_of(running.report, kind=running.job.work.kind)
            announce.say(window, f"{outcome.word}. {outcome.message}")
        self.list_changed.emit()
        self.ended.emit()

    def _keys(self, running: Running) -> set[str]:
        """Give the entries that the job has to do with."""
        page = self._window.stack.page_of(running)
        keys = {key for key in running.job.devices if key in self._window.shelf}
        return keys if page is None else keys | {page.entry.key}

    def show_job(self, running: Running) -> None:
        """Have the page of this job shown."""
        page = self._window.stack.page_of(running)
        if page is not None:
            self.show_asked.emit(page.entry.key)
