# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes IMAGE to the loop device NODE in the window, and proves it; tells how long it was held up.

The loop device is shown to the window as a stick; all else is the program's own.
"""

import sys
from collections.abc import Callable
from dataclasses import replace

from pulse import Pulse
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from discwright.devices.model import Device, Stick
from discwright.devices.target_survey import survey_target
from discwright.devices.targets import Kind
from discwright.gui.main import application
from discwright.gui.ports import Ports
from discwright.gui.warming import Warming
from discwright.gui.window import Window
from discwright.gui.writing import Place

image, node = sys.argv[1:]
facts = replace(
    survey_target(node), kind=Kind.DISK, bus="usb", removable=True, virtual=False, model="Loop"
)
stick = Stick(
    node=node, vendor="", model="Loop", serial="", bus="usb",
    size=facts.identity.size, diskseq=facts.identity.diskseq,
)  # fmt: skip


class Watch:
    """Sees the one stick."""

    def __init__(self, seen: Callable[[tuple[Device, ...]], None]) -> None:
        self._seen = seen

    def start(self) -> None:
        """Tell of it."""
        self._seen((stick,))

    def stop(self) -> None:
        """Nothing to stop."""


app = application([])
window = Window(replace(Ports(), watch=Watch, place=lambda _node, **_kind: Place(facts)))
warming = Warming(window)  # as the program does it when it starts
pulse = Pulse()


def press() -> None:
    """Press whatever leads on, one thing at a time."""
    box, page = QApplication.activeModalWidget(), window.page
    if isinstance(box, QMessageBox):
        waiting.stop()
        yes = next(one for one in box.buttons() if one is not box.defaultButton())
        QTimer.singleShot(0, yes.click)
        pulse.start()
    elif page is not None and page.task is not None:
        view = page.task.view
        if view.go.isEnabled():
            QTimer.singleShot(0, view.go.click)
        else:
            view.consent.box.setChecked(True)
    elif page is not None and page.can_write and warming.done:
        window.write()


waiting = QTimer()
waiting.timeout.connect(press)
waiting.start(50)
pulse.until_finished(window)
window.show()
window.open_paths([image])
QTimer.singleShot(0, warming.start)
app.exec()
