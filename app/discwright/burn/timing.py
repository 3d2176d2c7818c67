# SPDX-License-Identifier: GPL-3.0-or-later
"""How long each phase of a job took."""

import time
from collections.abc import Mapping

from discwright.transfer.progress import Listener, Mark, Phase, Progress


class Timing:
    """Passes on what a job tells, and takes the time of its phases."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._spent: dict[str, float] = {}
        self._phase: Phase | None = None
        self._since = 0.0

    def progress(self, progress: Progress) -> None:
        """Pass it on; a new phase ends the one before."""
        if progress.phase is not self._phase:
            self._count()
            self._phase = progress.phase
        self._listener.progress(progress)

    def log(self, line: str) -> None:
        """Pass it on."""
        self._listener.log(line)

    def mark(self, lba: int, count: int, mark: Mark) -> None:
        """Pass it on."""
        self._listener.mark(lba, count, mark)

    def seconds(self) -> Mapping[str, float]:
        """Give the seconds by phase, in the order in which the phases came first."""
        self._count()
        return dict(self._spent)

    def _count(self) -> None:
        now = time.monotonic()
        if self._phase is not None:
            name = self._phase.value
            self._spent[name] = self._spent.get(name, 0.0) + now - self._since
        self._since = now
