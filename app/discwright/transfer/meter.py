# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns bytes done into progress: how far, how fast, how long still."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from discwright.transfer.progress import Listener, Phase, Progress

INTERVAL = 1 / 16
"""Seconds between two looks; leaves room for the first and last of phases in 20 a second."""

RATE_SPAN = 2.5
"""Seconds over which the rate is taken: what the drive does now."""

REMAINING_SPAN = 15.0
"""Seconds over which the rate is taken that foretells the rest: calmer than what is shown."""

SETTLING = 0.3
"""Seconds of a phase after which a rate means something."""


class Meter:
    """Tells a listener the progress of one phase after the other.

    Each phase gets a first look and a last one, and between them at most one every
    :data:`INTERVAL`. ``done`` never goes back within a phase and never over the total.
    May be called from several threads; the listener is called in the caller's.
    """

    def __init__(self, listener: Listener, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._listener = listener
        self._clock = clock
        self._lock = threading.RLock()
        self._now: Progress | None = None
        self._told: Progress | None = None
        self._told_at = 0.0
        self._rate = _Rate(RATE_SPAN)
        self._calm_rate = _Rate(REMAINING_SPAN)

    def start(
        self,
        phase: Phase,
        total: int | None,
        *,
        done: int = 0,
        position: int | None = None,
        note: str = "",
    ) -> None:
        """Begin a phase of ``total`` bytes (None: not known), ``done`` of them done before.

        ``note``: what a person is asked to do meanwhile.
        """
        with self._lock:
            self.finish()
            bad_sectors = self._told.bad_sectors if self._told else 0
            done = done if total is None else min(done, total)
            self._now = Progress(
                phase, done, total, position=position, bad_sectors=bad_sectors, note=note
            )
            moment = self._clock()
            self._rate.begin(moment, done)
            self._calm_rate.begin(moment, done)
            self._tell(moment)

    def update(
        self, done: int, *, position: int | None = None, bad_sectors: int | None = None
    ) -> None:
        """Take note that ``done`` bytes of the phase are done; None: as before."""
        with self._lock:
            now = self._now
            if now is None:
                raise RuntimeError("No phase was started")
            done = max(done, now.done)
            self._now = Progress(
                now.phase,
                done if now.total is None else min(done, now.total),
                now.total,
                position=now.position if position is None else position,
                bad_sectors=now.bad_sectors if bad_sectors is None else bad_sectors,
                note=now.note,
                stall=now.stall,
            )
            self.tick()

    def stall(self, text: str) -> None:
        """Say at once what has not answered for long, until it is said otherwise; "": nothing."""
        with self._lock:
            if self._now is not None and self._now.stall != text:
                self._now = replace(self._now, stall=text)
                self._tell(self._clock())

    def tick(self) -> None:
        """Tell again if it is time: a drive that hangs shows a sinking rate."""
        with self._lock:
            moment = self._clock()
            if self._now is not None and moment - self._told_at >= INTERVAL:
                self._tell(moment)

    def finish(self) -> None:
        """End the phase, if there is one, with a last look at it."""
        with self._lock:
            if self._now is not None:
                self._tell(self._clock())
                self._now = None

    def _tell(self, moment: float) -> None:
        now = self._now
        if now is None:
            return
        self._rate.add(moment, now.done)
        self._calm_rate.add(moment, now.done)
        rate, calm = self._rate.per_second(moment), self._calm_rate.per_second(moment)
        remaining = None
        if now.total is not None:
            left = now.total - now.done
            remaining = 0.0 if not left else left / calm if calm else None
        self._told = replace(now, rate=rate, remaining=remaining)
        self._told_at = moment
        self._listener.progress(self._told)


class _Rate:
    """Bytes per second over the last ``span`` seconds."""

    def __init__(self, span: float) -> None:
        self._span = span
        self._began = 0.0
        self._samples: deque[tuple[float, int]] = deque()

    def begin(self, moment: float, done: int) -> None:
        self._began = moment
        self._samples.clear()
        self._samples.append((moment, done))

    def add(self, moment: float, done: int) -> None:
        self._samples.append((moment, done))
        while len(self._samples) > 2 and self._samples[1][0] <= moment - self._span:
            self._samples.popleft()

    def per_second(self, moment: float) -> float | None:
        first_moment, first = self._samples[0]
        if moment - self._began < SETTLING:
            return None
        return (self._samples[-1][1] - first) / (moment - first_moment)
