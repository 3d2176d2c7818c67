# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright verify``: an image against its checksums or another image."""

import argparse
from pathlib import Path

from discwright.cli.interruption import Interruption
from discwright.cli.outcome import print_outcome
from discwright.cli.running import run_job
from discwright.cli.streams import Streams
from discwright.jobs.report import JobReport
from discwright.jobs.verify import plan_verify
from discwright.transfer.cancel import Cancelled
from discwright.transfer.outcome import Refusal, Report, State
from discwright.wording import _


def verify(arguments: argparse.Namespace, streams: Streams, interruption: Interruption) -> int:
    """Check an image, print what was found, and give the exit code."""
    against = None if arguments.against is None else Path(arguments.against)
    try:
        plan = interruption.look(lambda _cancel: plan_verify(Path(arguments.image), against))
    except Cancelled:
        report: Report = JobReport(State.CANCELLED, _("The check was cancelled."))
    else:
        if isinstance(plan, Refusal):
            report = JobReport.refused(plan)
        else:
            report, _log = run_job(plan, streams, interruption)
    return print_outcome(report, streams)
