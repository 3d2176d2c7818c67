# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue: one job at a time per device, log, history, keeping the machine awake."""

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
from discwright.jobs.log import JobLog
from discwright.jobs.queue import JobQueue
from discwright.jobs.report import JobReport
from discwright.jobs.work import RipWork, Work

__all__ = [
    "Entry", "History", "Job", "JobChanged", "JobEvent", "JobLog", "JobLogged", "JobMarked",
    "JobProgressed", "JobQueue", "JobReport", "RipWork", "Status", "Work",
]  # fmt: skip
