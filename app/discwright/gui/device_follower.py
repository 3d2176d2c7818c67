# SPDX-License-Identifier: GPL-3.0-or-later
"""Follows what is plugged in: begun and ended outside the window's thread, told inside it."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from discwright.errors import DiscwrightError
from discwright.gui.errands import Errands
from discwright.gui.ports import DeviceWatch, Ports


class DeviceFollower(QObject):
    """Tells each new list of devices; looks for them once the window is there."""

    seen = Signal(object)
    """A tuple of all devices that are plugged in now."""
    failed = Signal(object)
    """A DiscwrightError: devices can't be followed."""
    _told = Signal(object)

    def __init__(self, window: QWidget, ports: Ports, errands: Errands) -> None:
        super().__init__(window)
        self._window = window
        self._ports = ports
        self._errands = errands
        self._watch: DeviceWatch | None = None
        self._told.connect(self.seen, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Begin; the first list comes soon."""

        def start() -> DeviceWatch:
            watch = self._ports.watch(self._told.emit)
            watch.start()
            return watch

        def started(watch: DeviceWatch) -> None:
            self._watch = watch
            if not self._window.isVisible():
                self.stop()

        def failed(error: DiscwrightError) -> None:
            self.failed.emit(error)

        self._errands.run(start, started, failed)

    def stop(self) -> None:
        """Follow no more."""
        if self._watch is not None:
            self._watch.stop()
            self._watch = None
