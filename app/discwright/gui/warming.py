# SPDX-License-Identifier: GPL-3.0-or-later
"""Loads what the first disc and the first job will need, in small steps after the first paint.

Loaded all at once when a disc is first shown it would hold the window up for a tenth of a second;
loaded by another thread meanwhile, nearly so, for Python runs one thread at a time.
"""

import contextlib
import importlib

from PySide6.QtCore import QObject, QTimer

PAUSE_MS = 4
"""Between two steps, for all that waits."""

STEPS = tuple(
    f"discwright.{room}.{name}"
    for room, names in (
        ("transfer", "reader"),
        ("image", "sectors fat text iso9660 isotree udftree boot hfs volumes affected wholeness"),
        ("optical", "profile disc"),
        ("transfer", "partfile destination"),
        ("rip", "plan"),
        ("gui", "options pages.offers target pages.disc sector_map pages.result pages.entry"),
        ("gui", "speed_curve pages.running pages.disk_image pages.source pages.stick"),
        ("devices", "mounts access udisks"),
        ("optical", "commands libcdio sense drive answers toc length drive_source"),
        ("image", "layout cdrdao cue nero formats checksums"),
        ("optical", "source"),
        ("devices", "opening"),
        ("transfer", "pump digests comparison"),
        ("rip", "findings guard report run"),
        ("jobs", "history log job bus lock queue work"),
        ("burn", "options method forecast plan"),
        ("gui", "fold ticks burn_options pages.task task burn_task write_task pages.working"),
        ("optical", "writing_answers writable"),
        ("burn", "image surroundings target"),
        ("devices", "identity layers targets"),
        ("image", "decoders compression expected bmap"),
        ("stick", "source plan device feed probe proof one_stick words"),
        ("devices", "target_survey"),
        ("stick", "source_survey disc_reading fanout follower verdict board run"),
        ("jobs", "joint maker_speeds write_work installer_work copy_work"),
    )
    for name in names.split()
)
"""What is loaded, each after what it needs itself, so that no step is long."""


class Warming(QObject):
    """Does a step whenever nothing else is to be done for a moment."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._left = list(reversed(STEPS))
        self._timer = QTimer(self)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self._step)

    @property
    def done(self) -> bool:
        """Whether all is loaded."""
        return not self._left

    def start(self) -> None:
        """Begin."""
        self._timer.start()

    def stop(self) -> None:
        """Load no more."""
        self._timer.stop()

    def _step(self) -> None:
        if not self._left:
            self._timer.stop()
            return
        # What can't be loaded is told when it is needed.
        with contextlib.suppress(Exception):
            importlib.import_module(self._left.pop())
