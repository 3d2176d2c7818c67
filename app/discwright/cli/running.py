# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a job for a command, from its submission to its report."""

from pathlib import Path

from discwright.cli.interruption import Interruption
from discwright.cli.progress import display
from discwright.cli.streams import Streams
from discwright.jobs import JobEvent, JobLog, JobProgressed, JobQueue, Work
from discwright.jobs.log import versions
from discwright.transfer.outcome import Report
from discwright.wording import _, shown


def run_job(work: Work, streams: Streams, interruption: Interruption) -> tuple[Report, JobLog]:
    """Have the queue do it, show its progress, and give its report and log.

    It is refused if another process holds one of its devices.
    """
    queue = JobQueue(wait_for_others=False, notify=None)
    shows = display(streams)

    def hear(event: JobEvent) -> None:
        if isinstance(event, JobProgressed):
            shows.show(event.progress)

    queue.subscribe(hear)
    try:
        job = queue.submit(work)
        interruption.follow(job)
        shows.end()
    finally:
        queue.close()
    if job.report is None:
        raise RuntimeError("the job ended without a report")
    return job.report, job.log


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
