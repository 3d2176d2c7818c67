# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows one button while the command rips IMAGE to TARGET; tells how long it was held up."""

import json
import sys

from pulse import Pulse
from PySide6.QtCore import QProcess
from PySide6.QtWidgets import QApplication, QPushButton

app = QApplication([])
button = QPushButton("Button")
button.show()
pulse = Pulse()
ripping = QProcess()


def finished(code: int) -> None:
    """Tell and end."""
    pulse.stop()
    state = "complete" if code == 0 else f"exit code {code}"
    print(json.dumps({"longest_ms": pulse.longest_ms, "state": state}))
    app.quit()


ripping.finished.connect(finished)
ripping.started.connect(pulse.start)
ripping.start(sys.executable, ["-m", "discwright", "rip", *sys.argv[1:], "--json"])
app.exec()
