# SPDX-License-Identifier: GPL-3.0-or-later
"""The window: the list on the left, the page of what is selected, the jobs below."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeySequence,
    QShowEvent,
)  # fmt: skip
from PySide6.QtWidgets import (
    QFileDialog,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from discwright.devices.model import Device, Stick
from discwright.errors import DiscwrightError
from discwright.gui import announce, entries, icons, job_words
from discwright.gui.bridge import Bridge, Running
from discwright.gui.drop import DropHint, dropped_paths
from discwright.gui.entries import Entry
from discwright.gui.errands import Errands
from discwright.gui.job_panel import JobPanel
from discwright.gui.menus import Command, Menus
from discwright.gui.pages.frame import Notice
from discwright.gui.pages.welcome import StickPage, Welcome
from discwright.gui.ports import DeviceWatch, Ports
from discwright.gui.sidebar import Sidebar
from discwright.gui.theme import Tone
from discwright.wording import _, shown

if TYPE_CHECKING:
    from discwright.gui.pages.source import SourcePage
    from discwright.jobs.history import Entry as PastJob

STOP_SECONDS = 5.0
"""How long cancelled jobs may take before the window closes all the same."""

_IMAGE_FILES = "*.iso *.cue *.toc *.nrg *.bin *.img *.ISO *.CUE *.TOC *.NRG *.BIN *.IMG"


class Window(QMainWindow):
    """Discwright's one window."""

    _devices_seen = Signal(object)

    def __init__(self, ports: Ports | None = None) -> None:
        super().__init__()
        self.ports = ports or Ports()
        self.settings = QSettings(str(self.ports.settings_file), QSettings.Format.IniFormat)
        self.bridge = Bridge(self.ports, self)
        self.errands = Errands(self)
        self.sidebar = Sidebar()
        self.stack = QStackedWidget()
        self.panel = JobPanel()
        self.welcome = Welcome()
        self._waiting = Notice("drive", _("Looking for drives…"))
        self._watch: DeviceWatch | None = None
        self._devices: tuple[Device, ...] | None = None
        self._entries: dict[str, Entry] = {}
        self._images: dict[str, Entry] = {}
        self._pages: dict[str, QWidget] = {}
        self._extra: QWidget | None = None
        """The history, or a result that it shows."""
        self._wanted = ""
        self._statuses: dict[str, str] = {}
        self._stopping = False
        self._shown = False
        self._build()
        self._connect()
        self._restore_geometry()

    # Building

    def _build(self) -> None:
        self.setWindowTitle(_("Discwright"))
        self.setWindowIcon(icons.app_icon())
        self.setAcceptDrops(True)
        self.setMinimumSize(520, 380)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.sidebar)
        self.splitter.addWidget(self.stack)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setCollapsible(1, False)
        self.splitter.setHandleWidth(1)
        self.splitter.setSizes([250, 750])
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.splitter, 1)
        column.addWidget(self.panel)
        self.setCentralWidget(central)
        for page in (self._waiting, self.welcome):
            self.stack.addWidget(page)
        self.drop_hint = DropHint(central)
        self._build_menus()
        self._update_actions()

    def _build_menus(self) -> None:
        self.menus = Menus(self)
        keys = QKeySequence.StandardKey
        self.menus.add(
            _("&File"),
            [
                Command("open", _("&Open image…"), self.ask_for_image, keys.Open, "open"),
                Command("sample", _("Try with a &sample disc"), self.open_sample, "", "disc"),
                Command("close", _("&Close image"), self.close_current, "Ctrl+W", "close"),
                None,
                Command("quit", _("&Quit"), self.close, "Ctrl+Q"),
            ],
        )
        self.menus.add(
            _("&Disc"),
            [
                Command("rip", _("&Rip disc to ISO"), self.rip, "Ctrl+R", "rip"),
                Command("reread", _("Read &again"), self.reread, "F5", "refresh"),
                Command("eject", _("&Eject"), self.eject, "Ctrl+E", "eject"),
            ],
        )
        self.menus.add(
            _("&View"),
            [
                Command("history", _("&History"), self.show_history, "Ctrl+H", "log"),
                Command("list", _("&List of drives"), self._toggle_list, "F9", checkable=True),
            ],
        )
        self.menus.actions["list"].setChecked(True)
        self.menus.add(
            _("&Help"),
            [
                Command("keys", _("&Keyboard shortcuts"), self._show_keys, "Ctrl+?"),
                Command("about", _("&About Discwright"), self._show_about),
            ],
        )

    def _connect(self) -> None:
        self._devices_seen.connect(self.show_devices, Qt.ConnectionType.QueuedConnection)
        self.sidebar.chosen.connect(self._show_key)
        self.sidebar.activated_key.connect(lambda _key: self._enter_page())
        self.sidebar.close_asked.connect(self.close_source)
        self.welcome.open_asked.connect(self.ask_for_image)
        self.welcome.sample_asked.connect(self.open_sample)
        self.panel.show_asked.connect(self._show_job)
        self.bridge.started.connect(self._job_started)
        self.bridge.changed.connect(self._job_changed)
        self.bridge.finished.connect(self._job_finished)

    def _restore_geometry(self) -> None:
        geometry = self.settings.value("window/geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            self.resize(1040, 740)
        splitter = self.settings.value("window/splitter")
        if isinstance(splitter, QByteArray):
            self.splitter.restoreState(splitter)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin what only matters while it is seen."""
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            QTimer.singleShot(0, self._start_watching)

    # What is plugged in

    def _start_watching(self) -> None:
        def start() -> DeviceWatch:
            watch = self.ports.watch(self._devices_seen.emit)
            watch.start()
            return watch

        def started(watch: DeviceWatch) -> None:
            self._watch = watch

        def failed(error: DiscwrightError) -> None:
            self.show_devices(())
            self.welcome.message.say(Tone.BAD, error.message, error.remedy, error.cause)

        self.errands.run(start, started, failed)

    def show_devices(self, devices: tuple[Device, ...]) -> None:
        """Follow what is plugged in now."""
        same = devices == self._devices
        self._devices = devices
        if same:
            # The same list again: a disc was changed for one that looks alike.
            for page in self._pages.values():
                if isinstance(page, _source_page()) and page.settled and page.is_drive:
                    page.use(page.entry)
        self._refresh_list()
        self._select_something()

    def _refresh_list(self) -> None:
        old, new = self._entries, {}
        for device in self._devices or ():
            entry = entries.device_entry(device)
            new[entry.key] = entry
        for key, page in list(self._pages.items()):
            if key in new or key in self._images:
                continue
            if isinstance(page, _source_page()) and (page.busy or page.result is not None):
                new[key] = _unplugged(page.entry)
            else:
                self._drop_page(key)
        for key, entry in self._images.items():
            new[key] = replace(entry, closable=not self._is_busy(key))
        self._entries = new
        for key, entry in new.items():
            if key in self._pages and old.get(key) != entry:
                self._renew_page(key, entry)
        self.sidebar.show_entries(new.values(), self._statuses)
        current = self.sidebar.key
        if current and current not in self._pages:
            self._show_key(current)

    def _is_busy(self, key: str) -> bool:
        page = self._pages.get(key)
        return isinstance(page, _source_page()) and page.busy

    def _renew_page(self, key: str, entry: Entry) -> None:
        page = self._pages[key]
        if isinstance(page, _source_page()) and entry.device is not None:
            page.use(entry)
        elif isinstance(page, StickPage):
            self._drop_page(key)

    def _select_something(self) -> None:
        """Select what was asked for, else the first disc, unless the user looks at something."""
        if self._wanted and self._wanted in self._entries:
            key, self._wanted = self._wanted, ""
            self.sidebar.select(key)
            return
        if self._extra is not None:
            return
        current = self._entries.get(self.sidebar.key)
        if current is not None and (current.has_disc or current.group is entries.Group.STICKS):
            return
        found = next((entry for entry in self._entries.values() if entry.has_disc), None)
        found = found or current
        drives = (e for e in self._entries.values() if e.group is entries.Group.DRIVES)
        found = found or next(drives, None)
        if found is not None:
            self.sidebar.select(found.key)
        elif not self.sidebar.key and self._devices is not None:
            self._show(self.welcome)

    # Pages

    def _show(self, page: QWidget) -> None:
        if self.stack.indexOf(page) < 0:
            self.stack.addWidget(page)
        self.stack.setCurrentWidget(page)
        if self._extra is not None and page is not self._extra:
            self._leave_extra()
        self._update_actions()

    def _leave_extra(self) -> None:
        extra, self._extra = self._extra, None
        if extra is not None:
            self.stack.removeWidget(extra)
            extra.deleteLater()

    def _show_key(self, key: str) -> None:
        entry = self._entries.get(key)
        if entry is None:
            if self._devices is not None and self._extra is None:
                self._show(self.welcome)
            return
        page = self._pages.get(key)
        if page is None:
            page = self._make_page(entry)
            self._pages[key] = page
        self._show(page)
        if isinstance(page, _source_page()):
            page.begin()
            if page.running is not None and page.running.done:
                self.panel.remove(page.running)
        self._update_actions()

    def _make_page(self, entry: Entry) -> QWidget:
        if isinstance(entry.device, Stick):
            return StickPage(entry.device)
        page: SourcePage = _source_page()(
            entry, self.ports, self.bridge, self.errands, self.settings
        )
        page.changed.connect(self._update_actions)
        page.open_asked.connect(self.ask_for_image)
        page.sample_asked.connect(self.open_sample)
        return page

    def _drop_page(self, key: str) -> None:
        page = self._pages.pop(key, None)
        if page is None:
            return
        if isinstance(page, _source_page()):
            page.leave()
            if page.running is not None:
                self.panel.remove(page.running)
        self.stack.removeWidget(page)
        page.deleteLater()

    @property
    def page(self) -> "SourcePage | None":
        """The page in sight, if it is one of a drive or an image."""
        page = self.stack.currentWidget()
        return page if isinstance(page, _source_page()) else None

    def _enter_page(self) -> None:
        """Move the focus from the list to what can be done."""
        page = self.page
        if page is not None and page.disc is not None and page.disc.rippable:
            page.disc.rip.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.sidebar.setFocus()
            self.focusNextChild()

    def _update_actions(self) -> None:
        page = self.page
        act = self.menus.actions
        ready = page is not None and page.disc is not None
        rippable = ready and page is not None and page.disc is not None and page.disc.rippable
        act["rip"].setEnabled(rippable)
        act["reread"].setEnabled(page is not None and not page.busy)
        act["eject"].setEnabled(page is not None and page.is_drive and not page.busy)
        entry = self._entries.get(self.sidebar.key)
        act["close"].setEnabled(entry is not None and entry.closable and page is not None)
        title = _("Discwright")
        if entry is not None and page is not None:
            title = _("{what} – Discwright").format(what=entry.title)
        self.setWindowTitle(title)

    # Images

    def ask_for_image(self) -> None:
        """Let the user choose image files."""
        folder = str(self.settings.value("open/folder", str(Path.home())))
        names, _filter = QFileDialog.getOpenFileNames(
            self,
            _("Open an image as a virtual disc"),
            folder,
            _("Disc images ({patterns})").format(patterns=_IMAGE_FILES) + ";;" + _("All files (*)"),
        )
        if names:
            self.settings.setValue("open/folder", str(Path(names[0]).parent))
            self.open_paths(names)

    def open_sample(self) -> None:
        """Make the sample disc and show it."""

        def made(path: Path) -> None:
            self.open_paths([str(path)])

        def failed(error: DiscwrightError) -> None:
            from discwright.gui import dialogs  # noqa: PLC0415 - seldom needed

            dialogs.tell(self, error)

        def make() -> Path:
            try:
                return self.ports.sample()
            except OSError as error:
                raise DiscwrightError(
                    _("The sample disc could not be written."),
                    remedy=_("Make room in your cache folder."),
                    cause=str(error),
                ) from error

        self.errands.run(make, made, failed)

    def open_paths(self, paths: Iterable[str]) -> None:
        """Open image files, or select drives, by path or file URI; the last one is shown."""
        last = ""
        for text in paths:
            url = QUrl(text)
            name = url.toLocalFile() if url.scheme() == "file" else text
            path = Path(name).expanduser().absolute()
            key = str(path)
            if name.startswith("/dev/") and key not in self._entries:
                # A drive that will be seen soon.
                self._wanted = key
                continue
            if key not in self._entries:
                self._images[key] = entries.image_entry(path, _file_size(path))
            last = key
        if last:
            self._refresh_list()
            self.sidebar.select(last)
            self._show_key(last)

    def close_current(self) -> None:
        """Close the image in sight."""
        if self.sidebar.key:
            self.close_source(self.sidebar.key)

    def close_source(self, key: str) -> None:
        """Take an image, or an unplugged drive, off the list."""
        entry = self._entries.get(key)
        if entry is None or not entry.closable:
            return
        keys = list(self._entries)
        at = keys.index(key)
        was_selected = self.sidebar.key == key
        self._images.pop(key, None)
        self._drop_page(key)
        self._refresh_list()
        if was_selected:
            left = [other for other in keys if other in self._entries]
            if left:
                self.sidebar.select(left[min(at, len(left) - 1)])
            else:
                self._select_something()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files."""
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()
            self.drop_hint.appear()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Forget the files."""
        self.drop_hint.hide()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self.drop_hint.hide()
        paths = dropped_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.open_paths(paths)

    # Jobs

    def rip(self) -> None:
        """Press the big button of the page in sight."""
        if self.page is not None:
            self.page.start()

    def reread(self) -> None:
        """Read the disc in sight again."""
        if self.page is not None:
            self.page.reread()

    def eject(self) -> None:
        """Eject the disc in sight."""
        if self.page is not None:
            self.page.eject()

    def _page_of(self, running: Running) -> "SourcePage | None":
        for page in self._pages.values():
            if isinstance(page, _source_page()) and page.running is running:
                return page
        return None

    def _job_started(self, running: Running) -> None:
        self.panel.add(running)
        announce.say(self, _("Started: {job}").format(job=running.job.work.title))
        QTimer.singleShot(0, self._refresh_list)

    def _job_changed(self, running: Running) -> None:
        self.panel.refresh(running)
        page = self._page_of(running)
        if page is None:
            return
        if page is self.stack.currentWidget():
            page.refresh()
        percent = job_words.percent(running)
        status = _("Ripping…") if percent is None else _("Ripping {n} %").format(n=percent)
        if running.done:
            status = ""
        if self._statuses.get(page.entry.key, "") != status:
            self._statuses[page.entry.key] = status
            self.sidebar.show_entries(self._entries.values(), self._statuses)

    def _job_finished(self, running: Running) -> None:
        self.panel.refresh(running)
        page = self._page_of(running)
        if page is not None:
            self._statuses.pop(page.entry.key, None)
            page.finish()
            if page is self.stack.currentWidget():
                self.panel.remove(running)
            self._refresh_list()
        if running.report is not None:
            outcome = job_words.outcome_of(running.report)
            announce.say(self, f"{outcome.word}. {outcome.message}")
        self._update_actions()
        if self._stopping and not self.bridge.busy:
            self.close()

    def _show_job(self, running: Running) -> None:
        page = self._page_of(running)
        if page is not None:
            self._leave_extra_for(page)
            self.sidebar.select(page.entry.key)
            self._show_key(page.entry.key)

    def _leave_extra_for(self, page: QWidget) -> None:
        if self._extra is not None:
            self._show(page)

    # History

    def show_history(self) -> None:
        """Show the last jobs."""

        def read() -> "Sequence[PastJob]":
            if self.ports.past_jobs is not None:
                return self.ports.past_jobs()
            return self.bridge.queue.history.entries()

        def failed(error: DiscwrightError) -> None:
            from discwright.gui import dialogs  # noqa: PLC0415 - seldom needed

            dialogs.tell(self, error)

        self.errands.run(read, self._show_past, failed)

    def _show_past(self, jobs: "Sequence[PastJob]") -> None:
        from discwright.gui.pages.history import HistoryView  # noqa: PLC0415 - seldom needed

        view = HistoryView(jobs)
        view.closed.connect(self._back_from_extra)
        view.chosen.connect(self._show_past_job)
        view.log_asked.connect(self._show_past_log)
        self._show_extra(view)

    def _show_past_job(self, job: "PastJob") -> None:
        from discwright.gui.pages.result import ResultView  # noqa: PLC0415 - seldom needed

        result = ResultView(job_words.outcome_of_past(job), title=shown(job.title))
        result.again.setText(_("&Back to the history"))
        result.again.set_symbol("log")
        result.again_asked.connect(self.show_history)
        self._show_extra(result)

    def _show_past_log(self, path: Path) -> None:
        from discwright.gui import dialogs  # noqa: PLC0415 - seldom needed

        def read() -> str:
            try:
                return path.read_text(encoding="utf-8", errors="replace")
            except OSError as error:
                raise DiscwrightError(
                    _("The log is not there any more."),
                    remedy=_("Only the newest logs are kept."),
                    cause=str(error),
                ) from error

        self.errands.run(
            read,
            lambda text: dialogs.show_text(self, _("Log"), text, save_as=path.name),
            lambda error: dialogs.tell(self, error),
        )

    def _show_extra(self, page: QWidget) -> None:
        self._leave_extra()
        self._extra = page
        self._show(page)
        self.setWindowTitle(_("History – Discwright"))
        page.setFocus()

    def _back_from_extra(self) -> None:
        self._leave_extra()
        if self.sidebar.key:
            self._show_key(self.sidebar.key)
        else:
            self._show(self.welcome)
            self._select_something()
        self._update_actions()

    # Small things

    def _toggle_list(self) -> None:
        self.sidebar.setVisible(self.menus.actions["list"].isChecked())

    def _show_keys(self) -> None:
        from discwright.gui import dialogs  # noqa: PLC0415 - seldom needed

        dialogs.shortcuts(self, self.menus.keys())

    def _show_about(self) -> None:
        from discwright.gui import dialogs  # noqa: PLC0415 - seldom needed

        dialogs.about(self)

    # Closing

    def stop_and_close(self) -> None:
        """Cancel what runs and close, without asking; for signals."""
        self._stopping = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close; with a job running only if the user says so."""
        busy = self.bridge.busy
        if busy and not self._stopping:
            from discwright.gui import dialogs  # noqa: PLC0415 - seldom needed

            if not dialogs.may_stop(self, len(busy)):
                event.ignore()
                return
            busy = self.bridge.busy
        if busy:
            self._begin_stopping()
            event.ignore()
            return
        self._put_away()
        super().closeEvent(event)

    def _begin_stopping(self) -> None:
        """Cancel all jobs; the last one to end, or patience running out, closes the window."""
        self._stopping = True
        self.bridge.cancel_all()
        QTimer.singleShot(round(STOP_SECONDS * 1000), self._give_up)

    def _give_up(self) -> None:
        if self.isVisible():
            self.bridge.running.clear()
            self.close()

    def _put_away(self) -> None:
        self.settings.setValue("window/geometry", self.saveGeometry())
        self.settings.setValue("window/splitter", self.splitter.saveState())
        self.settings.sync()
        for page in self._pages.values():
            if isinstance(page, _source_page()):
                page.leave()
        if self._watch is not None:
            self._watch.stop()
            self._watch = None
        self.bridge.close(0.5)


def _source_page() -> "type[SourcePage]":
    """Give the class; what it stands on is imported after the first paint."""
    from discwright.gui.pages.source import SourcePage  # noqa: PLC0415

    return SourcePage


def _unplugged(entry: Entry) -> Entry:
    return replace(
        entry, subtitle=_("Unplugged"), icon="drive", has_disc=False, closable=True, device=None
    )


def _file_size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
