# SPDX-License-Identifier: GPL-3.0-or-later
"""A job: a piece of work in the queue, and what is told of it."""

import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from discwright.jobs.log import JobLog
from discwright.jobs.work import Work
from discwright.transfer.cancel import CancelToken
from discwright.transfer.progress import Mark, Progress

if TYPE_CHECKING:
    from discwright.transfer.outcome import Report


class Status(StrEnum):
    """Where a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"


class Job:
    """A piece of work that was given to the queue. Everything here may be read from any thread."""

    def __init__(self, number: int, work: Work) -> None:
        self.id = number
        """Counts from 1 in each queue."""
        self.work = work
        self.devices = work.devices
        self.log = JobLog()
        self.token = CancelToken()
        self.status = Status.WAITING
        self.waiting_for = ""
        """What a waiting job waits for, in a sentence; "" before that is known."""
        self.progress: Progress | None = None
        self.report: Report | None = None
        """The end; set before the status becomes done."""
        self._done = threading.Event()

    def cancel(self) -> None:
        """Ask the job to stop, waiting or running. Safe to call often, also when it is done."""
        self.token.cancel()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the job is done and all have been told; give whether it is.

        ``timeout``: seconds, None for ever. Not to be called by a subscriber.
        """
        return self._done.wait(timeout)

    def told_all(self) -> None:
        """Let those go on who wait; for the queue."""
        self._done.set()


@dataclass(frozen=True)
class JobChanged:
    """The job's status, or what it waits for, is another now."""

    job: Job


@dataclass(frozen=True)
class JobProgressed:
    """The job got on."""

    job: Job
    progress: Progress


@dataclass(frozen=True)
class JobMarked:
    """The job dealt with ``count`` sectors from ``lba`` on."""

    job: Job
    lba: int
    count: int
    mark: Mark


@dataclass(frozen=True)
class JobLogged:
    """The job's log grew by a line, given as it stands there."""

    job: Job
    line: str


JobEvent = JobChanged | JobProgressed | JobMarked | JobLogged
