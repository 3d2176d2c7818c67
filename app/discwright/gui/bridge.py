# SPDX-License-Identifier: GPL-3.0-or-later
"""From the job threads into the window: events are gathered and delivered 20 times a second."""

import contextlib
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from discwright.gui.ports import Ports
from discwright.gui.sector_cells import SectorCells, SpeedPoints
from discwright.transfer.progress import Phase, Progress

if TYPE_CHECKING:
    from discwright.jobs.job import Job, JobEvent
    from discwright.jobs.queue import JobQueue
    from discwright.jobs.work import Work
    from discwright.rip.plan import RipPlan
    from discwright.transfer.outcome import Report

Each = Callable[[str, Progress], None]
"""Hears of each device of a job by its node; called from the job's threads."""

INTERVAL_MS = 50
"""Between two deliveries."""

_BUDGET_S = 0.015
"""How long one delivery may keep the window's thread."""


class Running:
    """A job as the window knows it: where it is, and how it ended."""

    def __init__(self, job: "Job") -> None:
        self.job = job
        self.progress: Progress | None = None
        self.each: dict[str, Progress] = {}
        """Where each device is, by node, if the job does the same to several; else empty."""
        self.cancelling = False
        self.report: Report | None = None
        """Set when it has ended."""

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self.report is not None

    def cancel(self) -> None:
        """Ask it to stop; it ends a moment later."""
        self.cancelling = True
        self.job.cancel()


class Ripping(Running):
    """A rip: its plan, and what became of the sectors."""

    def __init__(self, job: "Job", plan: "RipPlan") -> None:
        super().__init__(job)
        self.plan = plan
        self.cells = SectorCells(plan.sectors)
        self.speed = SpeedPoints(plan.sectors)


class Bridge(QObject):
    """Submits jobs and tells the window of them, in the window's thread."""

    started = Signal(object)
    changed = Signal(object)
    """A Running has moved on; at most 20 times a second for each."""
    finished = Signal(object)
    _woken = Signal()

    def __init__(self, ports: Ports, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ports = ports
        self._queue: JobQueue | None = None
        self._inbox: deque[JobEvent] = deque()
        self._awake = False
        self.running: dict[object, Running] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._deliver)
        self._woken.connect(self._wake, Qt.ConnectionType.QueuedConnection)

    @property
    def queue(self) -> "JobQueue":
        """The queue; made when first needed."""
        if self._queue is None:
            self._queue = self._ports.queue()
            self._queue.subscribe(self._hear)
        return self._queue

    @property
    def busy(self) -> list[Running]:
        """The jobs that have not ended."""
        return [running for running in self.running.values() if not running.done]

    def submit(self, plan: "RipPlan") -> Ripping:
        """Start the rip, or queue it behind the job that holds its device."""
        running = Ripping(self.queue.submit(self._ports.work(plan)), plan)
        self._begin(running)
        return running

    def start(self, make: "Callable[[Each], Work]") -> Running:
        """Start other work; ``make`` gets what is to be told of each of several devices."""
        each: dict[str, Progress] = {}
        running = Running(self.queue.submit(make(each.__setitem__)))
        running.each = each
        self._begin(running)
        return running

    def _begin(self, running: Running) -> None:
        self.running[running.job.id] = running
        self.started.emit(running)
        self._wake()

    def holder(self, node: str) -> Running | None:
        """Give the job that has to do with this device or file and has not ended."""
        return next((running for running in self.busy if node in running.job.devices), None)

    def cancel_all(self) -> None:
        """Ask all jobs to stop."""
        for running in self.busy:
            running.cancel()
            self.changed.emit(running)

    def close(self, timeout: float) -> None:
        """Stop what runs and let go of the queue, waiting at most ``timeout`` seconds."""
        if self._queue is not None:
            self._queue.close(timeout)
            self._queue = None

    def _hear(self, event: "JobEvent") -> None:
        """Take an event, in a job's thread; must return at once."""
        self._inbox.append(event)
        if not self._awake:
            self._awake = True
            with contextlib.suppress(RuntimeError):  # the window is gone
                self._woken.emit()

    @Slot()
    def _wake(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _deliver(self) -> None:
        from discwright.jobs.job import JobMarked, JobProgressed, Status  # noqa: PLC0415

        self._awake = False
        deadline = time.monotonic() + _BUDGET_S
        touched: dict[object, Running] = {}
        while self._inbox and time.monotonic() < deadline:
            event = self._inbox.popleft()
            running = self.running.get(event.job.id)
            if running is None:
                continue
            touched[event.job.id] = running
            match event:
                case JobProgressed(progress=progress):
                    _advance(running, progress)
                case JobMarked(lba=lba, count=count, mark=mark):
                    if isinstance(running, Ripping):
                        running.cells.mark(lba, count, mark)
                case _:
                    pass
        for running in touched.values():
            if not running.done:
                self.changed.emit(running)
        if self._inbox:
            self._timer.start()
            return
        # Only now: all that a job told before its end has been shown.
        for running in self.busy:
            if running.job.status is Status.DONE and running.job.report is not None:
                running.report = running.job.report
                self.changed.emit(running)
                self.finished.emit(running)


def _advance(running: Running, progress: Progress) -> None:
    running.progress = progress
    if not isinstance(running, Ripping):
        return
    if progress.phase is Phase.READING and progress.rate is not None:
        position = progress.position
        running.speed.add(progress.done // 2048 if position is None else position, progress.rate)
