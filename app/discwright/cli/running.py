# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a job for a command, from its submission to its report."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from discwright.cli.interruption import Interruption
from discwright.cli.progress import Display, display
from discwright.cli.streams import Streams
from discwright.cli.text_agent import TextAgent, may_ask
from discwright.devices.asking import asked_by
from discwright.jobs import JobEvent, JobLog, JobProgressed, JobQueue, Work
from discwright.jobs.log import versions
from discwright.transfer.outcome import Report
from discwright.transfer.progress import Progress
from discwright.wording import _, shown


def run_job(work: Work, streams: Streams, interruption: Interruption) -> tuple[Report, JobLog]:
    """Have the queue do it, show its progress, and give its report and log.

    It is refused if another process holds one of its devices.
    """
    queue = JobQueue(wait_for_others=False, notify=None)
    shows = display(streams)
    questions = _Questions(shows)

    def hear(event: JobEvent) -> None:
        if isinstance(event, JobProgressed):
            questions.show(event.progress)

    queue.subscribe(hear)
    with ExitStack() as around:
        around.callback(queue.close)
        if may_ask(streams):
            around.callback(questions.end)
            around.enter_context(asked_by(questions.asked))
        job = queue.submit(work)
        interruption.follow(job)
        shows.end()
    if job.report is None:
        raise RuntimeError("the job ended without a report")
    return job.report, job.log


class _Questions:
    """Keeps the progress line away while a password is asked for on the terminal."""

    def __init__(self, shows: Display) -> None:
        self._shows = shows
        self._lock = threading.Lock()
        self._agent: TextAgent | None = None

    def show(self, progress: Progress) -> None:
        """Show the progress unless a question stands there."""
        with self._lock:
            if self._agent is None:
                self._shows.show(progress)

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Inside a ``with`` on this the terminal belongs to the question."""
        with self._lock:
            self._shows.end()
            self._agent = agent = TextAgent()
        try:
            with agent:
                yield
        finally:
            with self._lock:
                self._agent = None

    def end(self) -> None:
        """End a question that still stands there: its job was given up."""
        with self._lock:
            agent = self._agent
        if agent is not None:
            agent.__exit__()


def save_log(log: JobLog, report: Report, path: Path, streams: Streams) -> None:
    """Save the log where the user asked for it; one that can't be is told of, and no error."""
    if not log.lines:
        for line in (*versions(), f"{report.state.value}: {report.message}", report.remedy):
            log.write(line)
    try:
        log.save(path)
    except OSError as error:
        streams.message(
            _("The log could not be saved to {path}: {why}.").format(
                path=shown(str(path)), why=error.strerror
            )
        )
