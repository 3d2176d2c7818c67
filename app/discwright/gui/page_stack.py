# SPDX-License-Identifier: GPL-3.0-or-later
"""The right side: one page for each entry, made when it is first shown."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from discwright.devices.model import Device
from discwright.gui.bridge import Bridge, Running
from discwright.gui.entries import Entry, Group
from discwright.gui.errands import Errands
from discwright.gui.means import Means
from discwright.gui.pages.frame import Notice
from discwright.gui.pages.welcome import Welcome
from discwright.gui.ports import Ports
from discwright.wording import _

if TYPE_CHECKING:
    from discwright.gui.pages.entry import EntryPage


class PageStack(QStackedWidget):
    """Welcome, the entries' pages, and one extra page (history) that goes when left."""

    open_asked = Signal()
    sample_asked = Signal()
    show_asked = Signal(object)
    """The page of this Running is to be shown."""
    changed = Signal()
    """Another page is in sight, or the one in sight is another now."""

    def __init__(self, ports: Ports, bridge: Bridge, errands: Errands, settings: QSettings) -> None:
        super().__init__()
        self._means = Means(ports, bridge, errands, settings)
        self._pages: dict[str, QWidget] = {}
        self.extra: QWidget | None = None
        self.welcome = Welcome()
        self.welcome.open_asked.connect(self.open_asked)
        self.welcome.sample_asked.connect(self.sample_asked)
        self.addWidget(Notice("drive", _("Looking for drives…")))
        self.addWidget(self.welcome)

    @property
    def source(self) -> "EntryPage | None":
        """The page in sight, if it is one of a drive or an image."""
        return _as_source(self.currentWidget())

    def source_of(self, key: str) -> "EntryPage | None":
        """Give the page of a drive or an image, if it was made."""
        return _as_source(self._pages.get(key))

    def sources(self) -> "Iterator[EntryPage]":
        """Give the pages of drives and images."""
        return filter(None, map(_as_source, list(self._pages.values())))

    def page_of(self, running: Running) -> "EntryPage | None":
        """Give the page that shows this job."""
        return next((page for page in self.sources() if page.running is running), None)

    def is_busy(self, key: str) -> bool:
        """Whether a job of this entry runs."""
        page = self.source_of(key)
        return page is not None and page.busy

    def is_held(self, key: str) -> bool:
        """Whether the page of this entry shows a job or its end."""
        page = self.source_of(key)
        return page is not None and (page.busy or page.result is not None)

    def released(self, running: Running) -> None:
        """Take note that a job has let go of its devices."""
        for page in self.sources():
            if page.entry.key in running.job.devices:
                page.release()
        self.follow()

    def use_devices(self, devices: tuple[Device, ...]) -> None:
        """Tell all pages what is plugged in now."""
        self._means.devices = devices
        self.follow()

    def follow(self) -> None:
        """Tell all pages that other devices, or others of them, can be used now."""
        for page in self.sources():
            page.follow()

    def show_welcome(self) -> None:
        """Show what to do without a drive."""
        self._put(self.welcome)

    def show_entry(self, entry: Entry) -> None:
        """Show the page of this entry."""
        page = self._pages.get(entry.key)
        if page is None:
            page = self._new(entry)
            self._pages[entry.key] = page
        self._put(page)
        source = _as_source(page)
        if source is not None:
            source.begin()

    def show_extra(self, page: QWidget) -> None:
        """Show a page that belongs to no entry; it goes when another one is shown."""
        before, self.extra = self.extra, page
        self._put(page)
        self._forget(before)

    def renew(self, entry: Entry) -> None:
        """Take note that what this entry stands for is another thing now."""
        source = self.source_of(entry.key)
        if source is not None and entry.device is not None:
            source.use(entry)

    def keep_only(self, wanted: Callable[[str], bool]) -> None:
        """Drop the pages of entries that are gone."""
        for key in list(self._pages):
            if not wanted(key):
                self.drop(key)

    def drop(self, key: str) -> None:
        """Drop the page of this entry."""
        page = self._pages.pop(key, None)
        source = _as_source(page)
        if source is not None:
            source.leave()
        self._forget(page)

    def leave_all(self) -> None:
        """Drop what the pages ask; the window goes."""
        for page in self.sources():
            page.leave()

    def _new(self, entry: Entry) -> "EntryPage":
        # Not needed to start.
        from discwright.gui.pages.source import SourcePage  # noqa: PLC0415
        from discwright.gui.pages.stick import StickPage  # noqa: PLC0415

        kind = StickPage if entry.group is Group.STICKS else SourcePage
        page: EntryPage = kind(entry, self._means)
        page.show_asked.connect(self.show_asked)
        page.changed.connect(self.changed)
        page.open_asked.connect(self.open_asked)
        page.sample_asked.connect(self.sample_asked)
        return page

    def _put(self, page: QWidget) -> None:
        if self.indexOf(page) < 0:
            self.addWidget(page)
        self.setCurrentWidget(page)
        if page is not self.extra:
            before, self.extra = self.extra, None
            self._forget(before)
        self.changed.emit()

    def _forget(self, page: QWidget | None) -> None:
        if page is not None:
            self.removeWidget(page)
            page.deleteLater()


def _as_source(page: QWidget | None) -> "EntryPage | None":
    if page is None or isinstance(page, Notice):
        return None
    from discwright.gui.pages.entry import EntryPage  # noqa: PLC0415 - not needed to start

    return page if isinstance(page, EntryPage) else None
