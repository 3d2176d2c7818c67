# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the window."""

import signal
import socket
import sys
import traceback
from types import FrameType, TracebackType

from PySide6.QtCore import QObject, QSocketNotifier, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from discwright import APP_ID, __version__
from discwright.gui.collector import Collector
from discwright.gui.ports import Ports
from discwright.gui.warming import Warming
from discwright.gui.window import Window
from discwright.wording import _


class ErrorDesk(QObject):
    """The one place where errors that nobody met arrive: they are printed and shown."""

    _told = Signal(str)

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._open = False
        self._told.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def report(
        self,
        kind: type[BaseException],
        error: BaseException,
        where: TracebackType | None,
    ) -> None:
        """Take an error, from any thread; stands in for ``sys.excepthook``."""
        text = "".join(traceback.format_exception(kind, error, where))
        print(text, file=sys.stderr, end="", flush=True)  # noqa: T201 - stderr is the log
        if issubclass(kind, Exception):
            self._told.emit(text)

    def _show(self, text: str) -> None:
        if self._open:
            return
        from PySide6.QtWidgets import QMessageBox  # noqa: PLC0415 - seldom needed

        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Critical)
        box.setWindowTitle(_("Discwright"))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(_("Something went wrong inside Discwright."))
        box.setInformativeText(_("Running jobs go on. Please report this, with the details below."))
        box.setDetailedText(text)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.finished.connect(self._closed)
        self._open = True
        box.open()

    def _closed(self) -> None:
        self._open = False


class SignalDoor(QObject):
    """Lets SIGINT, SIGTERM and SIGHUP end the program in order, without a timer that polls."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._read, self._write = socket.socketpair()
        for end in (self._read, self._write):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._arrived)
        self._before = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _note)

    def _arrived(self) -> None:
        if self._read.recv(64):
            self._window.stop_and_close()

    def close(self) -> None:
        """Give the signals back."""
        signal.set_wakeup_fd(self._before)
        for end in (self._read, self._write):
            end.close()


def _note(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: that the signal came is told through the wakeup descriptor."""


def application(argv: list[str]) -> QApplication:
    """Make the QApplication, under the names that the desktop knows."""
    app = QApplication([APP_ID, *argv])
    app.setApplicationName("discwright")
    app.setApplicationDisplayName("Discwright")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName(APP_ID)
    return app


def main(argv: list[str], ports: Ports | None = None) -> int:
    """Show the window; ``argv``: paths or file URIs to open. Gives the exit code."""
    app = application([])
    window = Window(ports)
    desk = ErrorDesk(window)
    sys.excepthook = desk.report
    door = SignalDoor(window)
    collector = Collector(window)
    warming = Warming(window)
    window.show()
    QTimer.singleShot(0, warming.start)
    if argv:
        window.open_paths(argv)
    code = app.exec()
    warming.stop()
    collector.stop()
    door.close()
    sys.excepthook = sys.__excepthook__
    return code
