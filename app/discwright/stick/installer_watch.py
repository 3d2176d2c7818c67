# SPDX-License-Identifier: GPL-3.0-or-later
"""Moving the bytes of files with an eye on progress, stalls and threads that hang."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from discwright.transfer.cancel import CancelToken
from discwright.transfer.meter import Meter
from discwright.transfer.progress import Phase
from discwright.transfer.pump import Consumer, Fill, pump
from discwright.wording import _, duration

if TYPE_CHECKING:
    import threading

STALL_S = 30.0
"""Seconds without a byte after which a stall is told in words."""

Tell = Callable[[int], None]
"""Hears of bytes that were dealt with."""


class Watch:
    """Moves bytes, tells how far it is, and says so in words when nothing moves any more."""

    def __init__(self, cancel: CancelToken, meter: Meter, say: Callable[[str], None]) -> None:
        self.cancel = cancel
        self._hanging: list[threading.Thread] = []
        self._to_close: list[Callable[[], None]] = []
        self._meter = meter
        self._say = say
        self._done = 0
        self._moved = time.monotonic()
        self._told = False

    def start(self, phase: Phase, total: int | None) -> None:
        """Begin a phase."""
        self._done = 0
        self._meter.start(phase, total)
        self._moved = time.monotonic()

    def tell(self, count: int) -> None:
        """Take note that so many more bytes of the phase are done."""
        self._done += count
        self._meter.update(self._done)
        self._moved, self._told = time.monotonic(), False
        self._meter.stall("")

    def tick(self) -> None:
        """Look whether anything has moved lately."""
        self._meter.tick()
        waited = time.monotonic() - self._moved
        if waited >= STALL_S and not self._told:
            self._told = True
            text = _("Nothing has moved for {time}.").format(time=duration(waited))
            self._meter.stall(text)
            self._say(text)

    def pump(self, fill: Fill, consumers: Sequence[Consumer], close: Callable[[], None]) -> None:
        """Move everything, then close; but not under a thread that hangs in the kernel."""
        before = len(self._hanging)
        try:
            pump(fill, consumers, cancel=self.cancel, tick=self.tick, stuck=self._hanging.append)
        finally:
            if len(self._hanging) == before:
                close()
            else:
                self._to_close.append(close)

    def settle(self, seconds: float) -> bool:
        """Wait so long for threads that hang in the kernel; tell whether none does any more."""
        deadline = time.monotonic() + seconds
        for thread in self._hanging:
            thread.join(max(0.0, deadline - time.monotonic()))
        if any(thread.is_alive() for thread in self._hanging):
            return False
        while self._to_close:
            self._to_close.pop()()
        return True
