# SPDX-License-Identifier: GPL-3.0-or-later
"""Small works that do as they are told, and an ear for the queue's events."""

import threading
import time
from collections.abc import Callable

from discwright.jobs import JobReport
from discwright.jobs.job import JobChanged, JobEvent
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import State
from discwright.transfer.progress import Listener

DEADLINE = 10.0
"""Seconds after which a test gives up waiting."""


def eventually(condition: Callable[[], object]) -> bool:
    """Wait until the condition holds; give whether it did before the deadline."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.005)
    return True


class FakeWork:
    """Runs until it is let go or cancelled, unless it is told to act otherwise."""

    kind = "rip"
    heading = ("Drive: ACME Reader",)

    def __init__(
        self,
        *devices: str,
        title: str = "Rip",
        act: Callable[[Listener, CancelToken], object] | None = None,
        report: object = None,
    ) -> None:
        self.devices = frozenset(devices)
        self.title = title
        self.act = act
        self.report = report or JobReport(State.COMPLETE, "All of it.")
        self.started = threading.Event()
        self.go = threading.Event()

    def run(self, listener: Listener, cancel: CancelToken) -> object:
        self.started.set()
        if self.act is not None:
            self.act(listener, cancel)
            return self.report
        deadline = time.monotonic() + DEADLINE
        while not self.go.wait(0.01):
            cancel.raise_if_cancelled()
            assert time.monotonic() < deadline, "the test forgot to let the work go"
        return self.report


class Ear:
    """Keeps the events."""

    def __init__(self) -> None:
        self.events: list[JobEvent] = []
        self.threads: set[str] = set()

    def __call__(self, event: JobEvent) -> None:
        self.threads.add(threading.current_thread().name)
        self.events.append(event)

    def changes(self) -> list[JobChanged]:
        return [event for event in self.events if isinstance(event, JobChanged)]
