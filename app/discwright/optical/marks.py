# SPDX-License-Identifier: GPL-3.0-or-later
"""Telling what became of the sectors without telling of each one."""

import time

from discwright.transfer.progress import Listener, Mark


class Marks:
    """Joins neighbouring marks, and tells them at most 20 times a second."""

    INTERVAL_S = 0.05

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._waiting: list[tuple[int, int, Mark]] = []
        self._told = 0.0

    def add(self, lba: int, count: int, mark: Mark) -> None:
        """Take note of what became of some sectors."""
        last = self._waiting[-1] if self._waiting else None
        if last and last[2] is mark and last[0] + last[1] == lba:
            self._waiting[-1] = (last[0], last[1] + count, mark)
        else:
            self._waiting.append((lba, count, mark))
        if time.monotonic() - self._told >= self.INTERVAL_S:
            self.flush()

    def flush(self) -> None:
        """Tell what waits."""
        for lba, count, mark in self._waiting:
            self._listener.mark(lba, count, mark)
        self._waiting.clear()
        self._told = time.monotonic()
