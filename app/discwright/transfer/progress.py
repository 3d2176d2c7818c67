# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running job tells: where it is, what it logs, which sectors it has dealt with."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Phase(StrEnum):
    """The named parts of a job that take time."""

    INSERTING = "inserting"
    """A person is asked to put a disc in."""
    PREPARING = "preparing"
    BLANKING = "blanking"
    FORMATTING = "formatting"
    LEADING_IN = "leading-in"
    READING = "reading"
    RETURNING = "returning"
    """Reading what was jumped over. This and the next three are the stages of a rescue."""
    TRIMMING = "trimming"
    SCRAPING = "scraping"
    RETRYING = "retrying"
    WRITING = "writing"
    CLOSING = "closing"
    FLUSHING = "flushing"
    RELOADING = "reloading"
    CLOSING_TRAY = "closing-tray"
    """A person is asked to close the tray."""
    HASHING = "hashing"
    VERIFYING = "verifying"
    STOPPING = "stopping"
    """After a cancel, until what is in the drive's hands is let go of."""
    FINISHING = "finishing"


@dataclass(frozen=True)
class Progress:
    """One look at a running job.

    ``done`` and ``total`` are bytes of this phase (total None: not known, show a busy bar).
    ``rate`` is bytes per second over the last seconds (None: not yet known), ``remaining`` seconds
    of this phase (None: not yet known). ``position`` is the sector being read. ``note``: what a
    person is asked to do, in a sentence that is safe to show; "" if nothing. ``stall``: what has
    not answered for long, likewise.
    """

    phase: Phase
    done: int
    total: int | None
    rate: float | None = None
    remaining: float | None = None
    position: int | None = None
    bad_sectors: int = 0
    note: str = ""
    stall: str = ""

    def to_json(self) -> dict[str, object]:
        """Give the ``progress`` event of the command line contract."""
        return {
            **({"note": self.note} if self.note else {}),
            **({"stall": self.stall} if self.stall else {}),
            "event": "progress",
            "phase": self.phase.value,
            "done": self.done,
            "total": self.total,
            "rate": None if self.rate is None else round(self.rate),
            "remaining_s": None if self.remaining is None else round(self.remaining, 1),
            "bad_sectors": self.bad_sectors,
        }


class Mark(StrEnum):
    """What became of a sector; the values are those of a GNU ddrescue map file."""

    UNTRIED = "?"
    READ = "+"
    BAD = "-"
    SLOW = "s"
    RETRIED = "r"
    SKIPPED = "*"
    """In a request that failed, or jumped over: to be done later."""


class Listener(Protocol):
    """Hears what a job tells. Called from the job's threads; must return at once."""

    def progress(self, progress: Progress) -> None:
        """Hear where the job is; at most 20 times a second."""

    def log(self, line: str) -> None:
        """Hear one line for the job's log."""

    def mark(self, lba: int, count: int, mark: Mark) -> None:
        """Hear what became of ``count`` sectors from ``lba`` on; neighbours come joined."""


class Silent:
    """A listener that hears nothing."""

    def progress(self, progress: Progress) -> None:
        """Hear nothing."""

    def log(self, line: str) -> None:
        """Hear nothing."""

    def mark(self, lba: int, count: int, mark: Mark) -> None:
        """Hear nothing."""
