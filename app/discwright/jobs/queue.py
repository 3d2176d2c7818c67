# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue: jobs on different devices run side by side, jobs on the same device in turn."""

import threading
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from platformdirs import user_state_path

from discwright.errors import DiscwrightError
from discwright.jobs.awake import Awake
from discwright.jobs.history import Entry, History
from discwright.jobs.job import (
    Job,
    JobChanged,
    JobEvent,
    JobLogged,
    JobMarked,
    JobProgressed,
    Status,
)  # fmt: skip
from discwright.jobs.lock import DeviceLock
from discwright.jobs.log import versions
from discwright.jobs.notify import notify as notify_desktop
from discwright.jobs.report import JobReport
from discwright.jobs.work import Work
from discwright.transfer.cancel import Cancelled
from discwright.transfer.outcome import Refusal, Report, State
from discwright.transfer.progress import Mark, Progress
from discwright.wording import _

Subscriber = Callable[[JobEvent], None]
Notify = Callable[[str, Report], threading.Thread | None]
KeepAwake = Callable[[str, Callable[[str], None]], AbstractContextManager[object]]

_LOOK_AGAIN = 0.5
"""Seconds between two looks at a device that another process holds."""

_NOTIFY_TIMEOUT = 1.0
"""Seconds that :meth:`JobQueue.close` gives a notification to get out."""


def state_folder() -> Path:
    """Give the folder for the history and the logs; it need not exist."""
    return user_state_path("discwright", appauthor=False)


class JobQueue:
    """Runs each job in a thread of its own, which ends with the job.

    ``wait_for_others``: whether a job waits for a device that another process works on; if
    not, it is refused. ``state``: the folder for history and logs. ``notify`` and ``awake`` are
    the courtesies to the desktop; None leaves one out.
    """

    def __init__(
        self,
        *,
        wait_for_others: bool = True,
        state: Path | None = None,
        notify: Notify | None = notify_desktop,
        awake: KeepAwake | None = Awake,
        locks: Path | None = None,
    ) -> None:
        self._wait_for_others = wait_for_others
        self._state = state_folder() if state is None else state
        self.history = History(self._state / "history.jsonl")
        self._notify = notify
        self._awake = awake
        self._locks = locks
        self._jobs: list[Job] = []
        self._threads: list[threading.Thread] = []
        self._subscribers: list[Subscriber] = []
        self._closed = False
        # Guards the lists above; notified when a job may have come to its turn.
        self._turn = threading.Condition()

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All jobs that were submitted and not forgotten, oldest first."""
        with self._turn:
            return tuple(self._jobs)

    @property
    def busy(self) -> bool:
        """Whether a job waits or runs."""
        return any(job.status is not Status.DONE for job in self.jobs)

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Call ``callback`` with every event from now on; give a function that ends this.

        It is called from the jobs' threads, for one job in order, and must return at once.
        What it raises is written to the job's log and changes nothing else.
        """
        with self._turn:
            self._subscribers.append(callback)

        def unsubscribe() -> None:
            with self._turn, suppress(ValueError):
                self._subscribers.remove(callback)

        return unsubscribe

    def submit(self, work: Work) -> Job:
        """Take on a job. Raises RuntimeError after :meth:`close`."""
        with self._turn:
            if self._closed:
                raise RuntimeError("the queue is closed")
            job = Job(len(self._jobs) + 1, work)
            thread = threading.Thread(target=self._follow, args=(job,), name=f"job-{job.id}")
            self._jobs.append(job)
            self._threads.append(thread)
            thread.start()
        return job

    def cancel_all(self) -> None:
        """Ask all jobs to stop."""
        for job in self.jobs:
            job.cancel()

    def close(self, timeout: float | None = None) -> bool:
        """Take no more jobs, ask all to stop, and wait; give whether all have ended.

        ``timeout``: seconds for all together, None for ever.
        """
        with self._turn:
            self._closed = True
            threads = tuple(self._threads)
        self.cancel_all()
        deadline = None if timeout is None else time.monotonic() + timeout
        for thread in threads:
            thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _follow(self, job: Job) -> None:
        """Lead a job from its submission to its end; the body of its thread."""
        try:
            job.log.open(self._state / "logs", job.work.kind)
            for line in (*versions(), job.work.title, *job.work.heading):
                job.log.write(line)
            report = self._attempt(job)
        except Cancelled:
            if job.status is Status.RUNNING:
                report = JobReport(State.CANCELLED, _("The job was cancelled."))
            else:
                report = JobReport(State.CANCELLED, _("The job was cancelled before it began."))
        except DiscwrightError as error:
            report = JobReport(State.FAILED, error.message, error.remedy, error.cause)
        except Exception as error:  # the report must come, whatever happened
            job.log.write(traceback.format_exc())
            report = JobReport(
                State.FAILED,
                _("The job stopped because of an error in Discwright itself."),
                _("Please save the log and report it."),
                f"{type(error).__name__}: {error}",
            )
        self._end(job, report)

    def _attempt(self, job: Job) -> Report:
        self._await_turn(job)
        with DeviceLock(job.devices, job.work.title, self._locks) as lock:
            refusal = self._await_others(job, lock)
            if refusal is not None:
                return JobReport.refused(refusal)
            job.token.raise_if_cancelled()
            job.waiting_for = ""
            job.status = Status.RUNNING
            self._tell(JobChanged(job))
            listener = _JobListener(job, self._tell)
            if self._awake is None:
                return job.work.run(listener, job.token)
            with self._awake(job.work.title, listener.log):
                return job.work.run(listener, job.token)

    def _await_turn(self, job: Job) -> None:
        """Wait for the jobs that came before this one and use one of its devices."""
        with self._turn:
            while (other := self._before(job)) is not None:
                job.token.raise_if_cancelled()
                waiting_for = _("Waits for “{title}” to end.").format(title=other.work.title)
                if waiting_for != job.waiting_for:
                    job.waiting_for = waiting_for
                    self._turn.release()
                    try:
                        self._tell(JobChanged(job))
                    finally:
                        self._turn.acquire()
                    continue
                self._turn.wait(_LOOK_AGAIN)

    def _before(self, job: Job) -> Job | None:
        for other in self._jobs:
            if other is job:
                return None
            if other.status is not Status.DONE and other.devices & job.devices:
                return other
        return None

    def _await_others(self, job: Job, lock: DeviceLock) -> Refusal | None:
        """Take the locks, waiting for other processes if that is what the queue does."""
        while (holder := lock.acquire()) is not None:
            if not self._wait_for_others:
                return Refusal(
                    "busy", holder.sentence(), _("Wait until it has ended, then try again.")
                )
            waiting_for = holder.sentence()
            if waiting_for != job.waiting_for:
                job.waiting_for = waiting_for
                job.log.write(waiting_for)
                self._tell(JobChanged(job))
            job.token.wait(_LOOK_AGAIN)
        return None

    def _end(self, job: Job, report: Report) -> None:
        end = f"{report.state.value}: {report.message}"
        for line in (end, report.remedy):
            if line:
                job.log.write(line)
        job.log.close()
        # Nobody should lose a finished job because the history's disk is full.
        try:
            self.history.add(Entry.of(job.work.kind, job.work.title, report, job.log.path))
        except Exception as error:
            job.log.write(f"The history can't be written: {error}")
        with self._turn:
            job.waiting_for = ""
            job.report = report
            job.status = Status.DONE
            self._turn.notify_all()
        self._tell(JobChanged(job))
        job.told_all()
        if self._notify is not None:
            thread = self._notify(job.work.title, report)
            if thread is not None:
                thread.join(_NOTIFY_TIMEOUT)

    def _tell(self, event: JobEvent) -> None:
        with self._turn:
            subscribers = tuple(self._subscribers)
        for subscriber in subscribers:
            try:
                subscriber(event)
            except Exception:  # one bad listener must not stop the job
                event.job.log.write(traceback.format_exc())


class _JobListener:
    """Passes on what a work tells."""

    def __init__(self, job: Job, tell: Callable[[JobEvent], None]) -> None:
        self._job = job
        self._tell = tell

    def progress(self, progress: Progress) -> None:
        self._job.progress = progress
        self._tell(JobProgressed(self._job, progress))

    def log(self, line: str) -> None:
        for written in self._job.log.write(line):
            self._tell(JobLogged(self._job, written))

    def mark(self, lba: int, count: int, mark: Mark) -> None:
        self._tell(JobMarked(self._job, lba, count, mark))
