#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the pictures of the window, from the running program and without a screen.

The program makes its sample disc, looks at it and rips it; nothing in the pictures is drawn by
hand. Run with the interpreter of ``.venv``; writes ``resources/screenshots/*.png``.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCREENSHOTS = ROOT / "resources" / "screenshots"
SCALE = "2"
WIDTH, HEIGHT = 940, 690
PATIENCE = 60
"""Seconds that the program may take for a step."""


def main() -> int:
    """Take the pictures in a home of their own, so that nothing of the user's is in them."""
    with tempfile.TemporaryDirectory(prefix="discwright-") as home:
        os.environ |= {
            "HOME": home,
            "QT_QPA_PLATFORM": "offscreen",
            "QT_SCALE_FACTOR": SCALE,
            **{f"XDG_{name}_HOME": f"{home}/.{name.lower()}" for name in ("CACHE", "CONFIG")},
            "XDG_STATE_HOME": f"{home}/.local/state",
        }
        Path(home, "Documents").mkdir()
        sys.path.insert(0, str(ROOT / "app"))
        take()
    return 0


def take() -> None:
    """Go the way of a newcomer, with a picture at each stop."""
    from discwright.gui.main import application  # noqa: PLC0415 - after the environment is set
    from discwright.gui.ports import Ports  # noqa: PLC0415
    from discwright.gui.window import Window  # noqa: PLC0415

    app = application([])

    def wait(until: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not until():
            if time.monotonic() > deadline:
                sys.exit("The program did not get there in time.")
            app.processEvents()
            time.sleep(0.005)
        for _ in range(10):
            app.processEvents()

    def picture(name: str) -> None:
        path = SCREENSHOTS / name
        window.grab().save(str(path))
        print(path.relative_to(ROOT))  # noqa: T201 - what it made

    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    window = Window(Ports(watch=NoDrives))
    window.resize(WIDTH, HEIGHT)
    window.show()
    wait(lambda: window.shelf.devices is not None and window.errands.idle)
    picture("welcome.png")
    window.open_sample()
    wait(lambda: window.page is not None and window.page.disc is not None and window.errands.idle)
    picture("window.png")
    window.rip()
    wait(lambda: window.page is not None and window.page.result is not None)
    picture("result.png")
    window.close()


class NoDrives:
    """The pictures are the same whatever is plugged in where they are made."""

    def __init__(self, callback: Callable[[tuple[()]], None]) -> None:
        self._callback = callback

    def start(self) -> None:
        """Say that there are none."""
        self._callback(())

    def stop(self) -> None:
        """Nothing to stop."""


if __name__ == "__main__":
    sys.exit(main())
