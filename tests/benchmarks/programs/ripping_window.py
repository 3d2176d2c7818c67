# SPDX-License-Identifier: GPL-3.0-or-later
"""Rips IMAGE to TARGET in the window and tells how long its event loop was held up at most."""

import sys
from pathlib import Path

from pulse import Pulse
from PySide6.QtCore import QTimer

from discwright.gui.main import application
from discwright.gui.window import Window

image, target = sys.argv[1], Path(sys.argv[2])
app = application([])
window = Window()
pulse = Pulse()


def press_when_ready() -> None:
    """Press the big button once the disc is on its page."""
    page = window.page
    if page is None or page.disc is None:
        return
    waiting.stop()
    page.disc.target.show_target(target.parent, target.name)
    pulse.start()
    window.rip()


waiting = QTimer()
waiting.timeout.connect(press_when_ready)
waiting.start(50)
pulse.until_finished(window)
window.show()
window.open_paths([image])
app.exec()
