# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells how far the sticks are, and in words when one doesn't answer."""

import time
from collections.abc import Callable
from dataclasses import replace

from discwright.stick.disc_reading import DiscReading
from discwright.stick.one_stick import OneStick, Standing
from discwright.transfer.meter import Meter
from discwright.transfer.progress import Listener, Phase, Progress
from discwright.wording import _, duration, shown

STALL_S = 30.0
"""Seconds without an answer after which a stick's stall is told in words."""

Each = Callable[[str, Progress], None]
"""Hears of each stick by its node."""


class Board:
    """Tells how far the sticks are: all of them by the slowest, and each by itself."""

    _ORDER = (Phase.PREPARING, Phase.WRITING, Phase.FLUSHING, Phase.VERIFYING, Phase.FINISHING)

    def __init__(
        self,
        sticks: list[OneStick],
        listener: Listener,
        each: Each | None,
        reading: DiscReading | None = None,
    ) -> None:
        self._reading = reading
        self._sticks = sticks
        self._listener = listener
        self._all = Meter(listener)
        self._phase: Phase | None = None
        self._own = [
            (Meter(_Forward(each, one.plan.stick.node)), one) for one in sticks if each is not None
        ]
        self._own_phases: list[Phase | None] = [None for _own in self._own]
        self._stalled: dict[int, str] = {}
        self._seen: tuple[Standing, ...] = ()
        """How the writing stood when it last moved."""
        self._moved = time.monotonic()
        self._starving = ""

    def tell(self) -> None:
        """Look at all sticks."""
        standings = [one.standing for one in self._sticks if not one.standing.over]
        if standings:
            slowest = min(standings, key=self._rank)
            self._phase = _tell_one(self._all, self._phase, slowest, self._reading)
        for at, (meter, one) in enumerate(self._own):
            if not one.standing.over:
                self._own_phases[at] = _tell_one(meter, self._own_phases[at], one.standing)
        self._tell_stalls()
        self._tell_starving()
        self._all.stall(" ".join(filter(None, (*self._stalled.values(), self._starving))))
        for at, (meter, _one) in enumerate(self._own):
            meter.stall(self._stalled.get(at, self._starving))

    def finish(self) -> None:
        """Tell where all phases ended."""
        self._all.finish()
        for meter, _one in self._own:
            meter.finish()

    def _rank(self, standing: Standing) -> tuple[int, float]:
        total = standing.total or 0
        return self._ORDER.index(standing.phase), standing.done / total if total else 0.0

    def _tell_stalls(self) -> None:
        for number, one in enumerate(self._sticks):
            waited = one.waited
            name = shown(one.name)
            if waited >= STALL_S and number not in self._stalled:
                self._stalled[number] = text = _(
                    "{name} has not answered for {time}. Some sticks pause like this when they "
                    "tidy up; if it goes on for minutes, the stick or its socket is at fault."
                ).format(name=name, time=duration(waited))
                self._listener.log(text)
            elif waited < STALL_S and number in self._stalled:
                del self._stalled[number]
                self._listener.log(_("{name} answers again.").format(name=name))

    def _tell_starving(self) -> None:
        """Say in words when no stick is waited for, and yet nothing comes to be written."""
        now = time.monotonic()
        standings = tuple(replace(one.standing) for one in self._sticks)
        writing = any(one.phase is Phase.WRITING and not one.over for one in standings)
        asked = any(one.waited for one in self._sticks)
        if standings != self._seen or asked or not writing:
            self._seen, self._moved, self._starving = standings, now, ""
        elif now - self._moved >= STALL_S and not self._starving:
            self._starving = _(
                "No data has come from {image} for {time}. If it lies on a network or on "
                "another drive, look whether that still answers."
            ).format(image=self._sticks[0].plan.source.name, time=duration(now - self._moved))
            self._listener.log(self._starving)


def _tell_one(
    meter: Meter, before: Phase | None, standing: Standing, reading: DiscReading | None = None
) -> Phase:
    phase, done, total = standing.phase, standing.done, standing.total
    if phase is not before:
        meter.start(phase, total, done=0)
    if reading is None:
        meter.update(done)
    else:
        meter.update(done, position=reading.position, bad_sectors=reading.bad_sectors)
    return phase


class _Forward:
    """A listener that passes one stick's progress on."""

    def __init__(self, each: Each | None, node: str) -> None:
        self._each = each
        self._node = node

    def progress(self, progress: Progress) -> None:
        """Pass it on."""
        if self._each is not None:
            self._each(self._node, progress)

    def log(self, line: str) -> None:
        """Nothing is logged here."""

    def mark(self, lba: int, count: int, mark: object) -> None:
        """Nothing is marked here."""
