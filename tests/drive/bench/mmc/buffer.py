# SPDX-License-Identifier: GPL-3.0-or-later
"""The time that writing takes: the drive's buffer, and being busy after a command is answered."""

import time

from drive.bench.codes import LONG_WRITE, Refused, Sense


class Buffer:
    """What the drive took and has not yet written, when its rate is limited."""

    def __init__(self, size: int):
        self.size = size
        self._level = 0.0
        self._when = time.monotonic()

    def level(self, rate: int) -> int:
        """Give the bytes in it now; ``rate`` in bytes a second, 0: nothing ever waits."""
        now = time.monotonic()
        self._level = max(self._level - rate * (now - self._when), 0.0) if rate else 0.0
        self._when = now
        return int(self._level)

    def wait(self, size: int, rate: int) -> float:
        """Give the seconds until there is room for so many bytes."""
        if not rate:
            return 0.0
        room = self.size - self.level(rate)
        return max(min(size, self.size) - room, 0) / rate

    def take(self, size: int) -> None:
        """Take bytes."""
        self._level += size

    def seconds(self, rate: int) -> float:
        """Give how long it takes to write what is in it."""
        return self.level(rate) / rate if rate else 0.0


class Busy:
    """A long operation that goes on after its command was answered (the Immed bit)."""

    def __init__(self) -> None:
        self._sense = LONG_WRITE
        self._polls = self._left = 0
        self._until = self._seconds = 0.0

    def begin(self, sense: Sense, polls: int, seconds: float = 0.0) -> None:
        """Be busy for so many questions and for so long."""
        self._sense = sense
        self._polls = self._left = polls
        self._seconds = seconds
        self._until = time.monotonic() + seconds

    def check(self) -> None:
        """Raise :class:`Refused` with the operation's sense while it goes on."""
        rest = self._until - time.monotonic()
        if self._left <= 0 and rest <= 0:
            return
        self._left -= 1
        done = 1 - max(rest / self._seconds if self._seconds else 0,
                       self._left / self._polls if self._polls else 0)  # fmt: skip
        raise Refused(self._sense, progress=done)

    def end(self) -> float:
        """Stop being busy; give the seconds that it would still have taken."""
        rest = max(self._until - time.monotonic(), 0.0)
        self._left = 0
        self._until = 0.0
        return rest
