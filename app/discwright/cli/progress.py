# SPDX-License-Identifier: GPL-3.0-or-later
"""Showing where a job is: JSON events, a line redrawn on a terminal, or plain lines."""

import os
import sys
import time
import unicodedata
from collections.abc import Callable
from typing import Protocol

from discwright.cli.streams import Streams
from discwright.transfer.progress import Phase, Progress
from discwright.wording import _, counted, duration, size

_EVENT_INTERVAL = 0.05
"""Seconds between two progress events within a phase: at most 20 in a second."""

_DRAW_INTERVAL = 0.1

_STEP = 10
"""Per cent between two plain lines."""

_BAR = range(8, 41)
"""Columns that a bar may have."""


class Display(Protocol):
    """Shows the progress of one job; called from the job's thread."""

    def show(self, progress: Progress) -> None:
        """Show it, or not, if the last one was just shown."""

    def end(self) -> None:
        """Clean up before the result is printed."""


def display(streams: Streams) -> Display:
    """Give the display that fits the streams."""
    if streams.as_json:
        return EventDisplay(streams)
    return BarDisplay(streams) if streams.has_terminal else LineDisplay(streams)


class EventDisplay:
    """A JSON event at most 20 times a second; beginning and end of a phase are never lost."""

    def __init__(self, streams: Streams, clock: Callable[[], float] = time.monotonic) -> None:
        self._streams = streams
        self._pace = _Pace(_EVENT_INTERVAL, clock)

    def show(self, progress: Progress) -> None:
        """Write the event."""
        if self._pace.allows(progress):
            self._streams.event(progress.to_json())

    def end(self) -> None:
        """Do nothing: the report follows."""


class LineDisplay:
    """A line for each phase and for each 10 %."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._phase: Phase | None = None
        self._step = 0
        self._said = ""

    def show(self, progress: Progress) -> None:
        """Write a line if there is something new to say."""
        if said(progress) != self._said:
            self._said = said(progress)
            if self._said:
                self._streams.message(self._said)
        if progress.phase is not self._phase:
            self._phase, self._step = progress.phase, 0
            self._streams.message(phase_name(progress.phase))
        step = (_percent(progress) or 0) // _STEP
        if step > self._step:
            self._step = step
            parts = [f"{step * _STEP} %", *_facts(progress)]
            self._streams.message(f"{phase_name(progress.phase)}: {', '.join(parts)}")

    def end(self) -> None:
        """Do nothing: each line is whole."""


class BarDisplay:
    """One line on the terminal, redrawn, never wider than it."""

    def __init__(
        self,
        streams: Streams,
        clock: Callable[[], float] = time.monotonic,
        width: Callable[[], int] | None = None,
    ) -> None:
        self._streams = streams
        self._pace = _Pace(_DRAW_INTERVAL, clock)
        self._width = width or _terminal_width
        self._drawn = 0
        self._said = ""

    def show(self, progress: Progress) -> None:
        """Draw the line anew; what a person has to know gets a line of its own, which stays."""
        if said(progress) != self._said:
            self._said = said(progress)
            if self._said:
                self.end()
                self._streams.message(self._said)
        if not self._pace.allows(progress):
            return
        # The last column stays free: writing there may already wrap.
        line = bar_line(progress, self._width() - 1)
        used = columns(line)
        self._streams.draw("\r" + line + " " * (self._drawn - used))
        self._drawn = used

    def end(self) -> None:
        """Take the line away."""
        if self._drawn:
            self._streams.draw("\r" + " " * self._drawn + "\r")
            self._drawn = 0


def said(progress: Progress) -> str:
    """Give what a person has to know in a whole sentence: what is asked, or what doesn't answer."""
    return progress.note or progress.stall


def phase_name(phase: Phase) -> str:
    """Give the phase as a person would call it."""
    return {
        Phase.INSERTING: _("Waiting for a disc"),
        Phase.PREPARING: _("Preparing"),
        Phase.BLANKING: _("Blanking"),
        Phase.FORMATTING: _("Formatting"),
        Phase.LEADING_IN: _("Writing lead-in"),
        Phase.READING: _("Reading"),
        Phase.RETURNING: _("Reading what was skipped"),
        Phase.TRIMMING: _("Trimming damaged areas"),
        Phase.SCRAPING: _("Scraping damaged areas"),
        Phase.RETRYING: _("Retrying bad sectors"),
        Phase.WRITING: _("Writing"),
        Phase.CLOSING: _("Closing session"),
        Phase.FLUSHING: _("Flushing"),
        Phase.RELOADING: _("Reloading disc"),
        Phase.CLOSING_TRAY: _("Waiting for the tray to be closed"),
        Phase.HASHING: _("Computing checksums"),
        Phase.VERIFYING: _("Reading back"),
        Phase.STOPPING: _("Stopping, when the drive has let go of the disc"),
        Phase.FINISHING: _("Finishing"),
    }[phase]


def bar_line(progress: Progress, width: int) -> str:
    """Give the line for a terminal of so many columns: what matters most comes first."""
    percent = _percent(progress)
    head = phase_name(progress.phase) + ("…" if percent is None else f" {percent:3} %")
    facts = _facts(progress)
    while facts and columns("  ".join((head, *facts))) > width:
        facts.pop()
    free = width - columns("  ".join((head, *facts))) - 2
    if percent is not None and free >= _BAR.start:
        cells = min(free, _BAR.stop - 1)
        full = cells * percent // 100
        head += "  " + _block(full=True) * full + _block(full=False) * (cells - full)
    return _cut("  ".join((head, *facts)), width)


def columns(text: str) -> int:
    """Give the columns that ``text`` takes on a terminal (UAX #11: wide and full-width are two)."""
    return sum(
        0 if unicodedata.combining(ch) else 2 if unicodedata.east_asian_width(ch) in "WF" else 1
        for ch in text
    )


class _Pace:
    """Lets through one look per interval, and the first and last of each phase."""

    def __init__(self, interval: float, clock: Callable[[], float]) -> None:
        self._interval = interval
        self._clock = clock
        self._phase: Phase | None = None
        self._last = 0.0
        self._ended = False
        self._said = ""

    def allows(self, progress: Progress) -> bool:
        now = self._clock()
        fresh = progress.phase is not self._phase or said(progress) != self._said
        self._said = said(progress)
        ended = progress.done == progress.total and not (self._ended and not fresh)
        if not fresh and not ended and now - self._last < self._interval:
            return False
        self._phase, self._last = progress.phase, now
        self._ended = progress.done == progress.total
        return True


def _facts(progress: Progress) -> list[str]:
    """Rate, remaining time and bad sectors; the bad ones first, as they matter most."""
    facts = []
    if progress.bad_sectors:
        facts.append(counted("{n} bad sector", "{n} bad sectors", progress.bad_sectors))
    if progress.rate is not None:
        facts.append(_("{size}/s").format(size=size(round(progress.rate))))
    if progress.remaining is not None and progress.done != progress.total:
        facts.append(_("{time} left").format(time=duration(progress.remaining)))
    return facts


def _percent(progress: Progress) -> int | None:
    if progress.total is None:
        return None
    if progress.total <= 0:
        return 100
    return max(0, min(100, progress.done * 100 // progress.total))


def _cut(line: str, width: int) -> str:
    while line and columns(line) > max(0, width):
        line = line[:-1]
    return line


def _block(*, full: bool) -> str:
    blocks = "█" if full else "░"
    encoding = getattr(sys.stderr, "encoding", None) or "ascii"
    try:
        blocks.encode(encoding)
    except UnicodeEncodeError:
        return "#" if full else "-"
    return blocks


def _terminal_width() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError, AttributeError):
        return 80
