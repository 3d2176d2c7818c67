# SPDX-License-Identifier: GPL-3.0-or-later
"""The window: the list on the left, the page of what is selected, the jobs below."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QMainWindow, QSplitter, QVBoxLayout, QWidget

from discwright.devices.model import Device
from discwright.errors import DiscwrightError
from discwright.gui import dialogs, icons, opening
from discwright.gui.bridge import Bridge
from discwright.gui.device_follower import DeviceFollower
from discwright.gui.drop import DropHint, dropped_paths
from discwright.gui.errands import Errands
from discwright.gui.job_desk import JobDesk
from discwright.gui.job_panel import JobPanel
from discwright.gui.menus import window_menus
from discwright.gui.page_stack import PageStack
from discwright.gui.ports import Ports
from discwright.gui.shelf import Shelf
from discwright.gui.sidebar import Sidebar
from discwright.gui.theme import Tone
from discwright.wording import _

if TYPE_CHECKING:
    from discwright.gui.pages.entry import EntryPage
    from discwright.gui.past import PastJobs

STOP_SECONDS = 5.0
"""How long cancelled rips may take before the window closes all the same."""

STOP_WRITING_SECONDS = 60.0
"""How long burns and sticks may take: a drive closes what it has begun."""


class Window(QMainWindow):
    """Discwright's one window."""

    def __init__(self, ports: Ports | None = None) -> None:
        super().__init__()
        self.ports = ports or Ports()
        self.settings = QSettings(str(self.ports.settings_file), QSettings.Format.IniFormat)
        self.bridge = Bridge(self.ports, self)
        self.errands = Errands(self)
        self.sidebar = Sidebar()
        self.stack = PageStack(self.ports, self.bridge, self.errands, self.settings)
        self.shelf = Shelf(self.stack.is_held, self.stack.is_busy)
        self.panel = JobPanel()
        self.follower = DeviceFollower(self, self.ports, self.errands)
        self.desk = JobDesk(self)
        self._wanted = ""
        """A drive to select as soon as it is seen."""
        self._past: PastJobs | None = None
        self._stopping = False
        self._giving_up = False
        """Whether the time runs after which the window closes all the same."""
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
        self.drop_hint = DropHint(central)
        self.menus = window_menus(self)
        self._update_actions()

    def _connect(self) -> None:
        self.follower.seen.connect(self.show_devices)
        self.follower.failed.connect(self._tell_no_devices)
        self.sidebar.chosen.connect(self._show_key)
        self.sidebar.activated_key.connect(lambda _key: self._enter_page())
        self.sidebar.close_asked.connect(self.close_source)
        self.stack.open_asked.connect(self.ask_for_image)
        self.stack.sample_asked.connect(self.open_sample)
        self.stack.changed.connect(self._update_actions)
        self.stack.show_asked.connect(self.desk.show_job)
        self.desk.show_asked.connect(self._select)
        self.desk.list_changed.connect(self._refresh_list)
        self.desk.ended.connect(self._close_if_stopping)

    def _restore_geometry(self) -> None:
        geometry = self.settings.value("window/geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            self.resize(QSize(1040, 740).boundedTo(self.screen().availableSize() * 0.9))
        splitter = self.settings.value("window/splitter")
        if isinstance(splitter, QByteArray):
            self.splitter.restoreState(splitter)

    def showEvent(self, event: QShowEvent) -> None:
        """Look for devices once the window is there."""
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            QTimer.singleShot(0, self.follower.start)

    # What is plugged in

    def _tell_no_devices(self, error: DiscwrightError) -> None:
        self.show_devices(())
        self.stack.welcome.message.say(Tone.BAD, error.message, error.remedy, error.cause)

    def show_devices(self, devices: tuple[Device, ...]) -> None:
        """Follow what is plugged in now."""
        if devices == self.shelf.devices:
            # The same list again: a disc was changed for one that looks alike.
            for page in self.stack.sources():
                if page.settled and page.is_drive:
                    page.use(page.entry)
        self.shelf.devices = devices
        self._refresh_list()
        self.stack.use_devices(devices)
        self._update_actions()
        self._select_something()

    def _refresh_list(self) -> None:
        for entry in self.shelf.refresh():
            self.stack.renew(entry)
        self.stack.keep_only(self.shelf.__contains__)
        # A row whose page is gone would lead nowhere.
        self.panel.keep_only(lambda running: self.stack.page_of(running) is not None)
        self.sidebar.show_entries(self.shelf, self.desk.statuses)
        key = self.sidebar.key
        if key and self.stack.extra is None and self.stack.currentWidget() is self.stack.welcome:
            self._show_key(key)
        self._update_actions()

    def _select_something(self) -> None:
        """Select what was asked for, else the first disc, unless the user looks at something."""
        if self._wanted in self.shelf:
            key, self._wanted = self._wanted, ""
            self.sidebar.select(key)
        elif self.stack.extra is None:
            key = self.shelf.best(self.sidebar.key)
            if key and key == self.sidebar.key:
                self._show_key(key)
            elif key:
                self.sidebar.select(key)
            elif self.shelf.devices is not None:
                self.stack.show_welcome()

    # Pages

    def _show_key(self, key: str) -> None:
        entry = self.shelf.get(key)
        if entry is None:
            if self.shelf.devices is not None and self.stack.extra is None:
                self.stack.show_welcome()
            return
        self.stack.show_entry(entry)
        page = self.page
        if page is not None and page.running is not None and page.running.done:
            self.panel.remove(page.running)

    @property
    def page(self) -> "EntryPage | None":
        """The page in sight, if it is one of a drive, a stick or an image."""
        return self.stack.source

    def _enter_page(self) -> None:
        """Move the focus from the list to what can be done."""
        page = self.page
        if page is None or not page.focus_first():
            self.sidebar.setFocus()
            self.focusNextChild()

    def _update_actions(self) -> None:
        page, entry = self.page, self.shelf.get(self.sidebar.key)
        self.panel.in_sight(page.running if page is not None else None)
        act = self.menus.actions
        idle = page is not None and not page.busy
        act["rip"].setEnabled(page is not None and page.rippable)
        act["reread"].setEnabled(idle)
        act["burn"].setEnabled(page is not None and page.can_burn)
        act["write"].setEnabled(page is not None and page.can_write)
        act["erase"].setEnabled(page is not None and page.can_erase)
        act["eject"].setEnabled(page is not None and idle and page.is_drive)
        act["close"].setEnabled(page is not None and entry is not None and entry.closable)
        title = _("Discwright")
        if self.stack.extra is not None:
            title = _("History – Discwright")
        elif entry is not None and page is not None:
            title = _("{what} – Discwright").format(what=entry.title)
        self.setWindowTitle(title)

    # Images

    def ask_for_image(self) -> None:
        """Let the user choose image files."""
        self.open_paths(opening.ask_for_images(self, self.settings))

    def open_sample(self) -> None:
        """Make the sample disc and show it."""
        self.errands.run(
            lambda: opening.made(self.ports.sample),
            lambda path: self.open_paths([str(path)]),
            lambda error: dialogs.tell(self, error),
        )

    def open_paths(self, paths: Iterable[str]) -> None:
        """Open image files, or select drives, by path or file URI; the last one is shown."""
        last = ""
        for text in paths:
            url = QUrl(text)
            path = Path(url.toLocalFile() if url.scheme() == "file" else text)
            path = path.expanduser().absolute()
            if path.is_relative_to("/dev") and str(path) not in self.shelf:
                # A drive that will be seen soon.
                self._wanted = str(path)
            else:
                last = self.shelf.open_image(path)
        if last:
            self._refresh_list()
            self.sidebar.select(last)
            self._show_key(last)

    def close_current(self) -> None:
        """Close the image in sight."""
        self.close_source(self.sidebar.key)

    def close_source(self, key: str) -> None:
        """Take an image, or an unplugged drive, off the list."""
        entry = self.shelf.get(key)
        if entry is None or not entry.closable or self.stack.is_busy(key):
            return
        selected = self.sidebar.key == key
        after = self.shelf.neighbour(key)
        self.shelf.close(key)
        self.stack.drop(key)
        self._refresh_list()
        if selected and after:
            self.sidebar.select(after)
        else:
            self._select_something()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files."""
        paths = dropped_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.drop_hint.appear(self._dropping(paths))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Forget the files."""
        self.drop_hint.hide()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Use what was dropped on the page in sight, or open it."""
        self.drop_hint.hide()
        paths = dropped_paths(event.mimeData())
        if not paths:
            return
        event.acceptProposedAction()
        if self.page is not None and self._dropping(paths):
            self.page.take(Path(paths[0]))
        else:
            self.open_paths(paths)

    def _dropping(self, paths: list[str]) -> str:
        """Say what dropping does on the page in sight; "" if it only opens."""
        return self.page.takes() if self.page is not None and len(paths) == 1 else ""

    # Jobs

    def rip(self) -> None:
        """Press the big button of the page in sight."""
        if self.page is not None:
            self.page.start()

    def burn(self) -> None:
        """Set up a burn on the page in sight."""
        if self.page is not None and self.page.can_burn:
            self.page.press_burn()

    def write(self) -> None:
        """Set up the writing of a stick on the page in sight."""
        if self.page is not None and self.page.can_write:
            self.page.press_write()

    def erase(self) -> None:
        """Erase the disc or the stick in sight, after a question."""
        if self.page is not None:
            self.page.erase()

    def reread(self) -> None:
        """Read the disc in sight again."""
        if self.page is not None:
            self.page.reread()

    def eject(self) -> None:
        """Eject the disc in sight."""
        if self.page is not None:
            self.page.eject()

    def _select(self, key: str) -> None:
        self.sidebar.select(key)
        self._show_key(key)

    def _close_if_stopping(self) -> None:
        if self._stopping and not self.bridge.busy:
            self.close()

    # Small things

    def show_history(self) -> None:
        """Show the last jobs."""
        from discwright.gui.past import PastJobs  # noqa: PLC0415 - seldom needed

        if self._past is None:
            self._past = PastJobs(self, self.stack, self.ports, self.bridge, self.errands)
            self._past.left.connect(self._leave_history)
        self._past.show_list()

    def _leave_history(self) -> None:
        if self.sidebar.key:
            self._show_key(self.sidebar.key)
        else:
            self.stack.show_welcome()
            self._select_something()
        self.sidebar.setFocus()

    def toggle_list(self) -> None:
        """Show or hide the list on the left."""
        self.sidebar.setVisible(self.menus.actions["list"].isChecked())

    # Closing

    def stop_and_close(self) -> None:
        """Cancel what runs and close, without asking; for signals."""
        self._stopping = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close; with a job running only if the user says so."""
        busy = self.bridge.busy
        if busy and not self._stopping:
            if not dialogs.may_stop(self, [running.job.work.kind for running in busy]):
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
        if not self._giving_up:
            self._giving_up = True
            rips = all(running.job.work.kind == "rip" for running in self.bridge.busy)
            patience = STOP_SECONDS if rips else STOP_WRITING_SECONDS
            QTimer.singleShot(round(patience * 1000), self._give_up)
        self._stopping = True
        self.bridge.cancel_all()

    def _give_up(self) -> None:
        if self.isVisible():
            self.bridge.running.clear()
            self.close()

    def _put_away(self) -> None:
        self.settings.setValue("window/geometry", self.saveGeometry())
        self.settings.setValue("window/splitter", self.splitter.saveState())
        self.settings.sync()
        self.stack.leave_all()
        self.follower.stop()
        self.bridge.close(0.5)
