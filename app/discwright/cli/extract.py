# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright extract``: files of a disc or an image into a folder."""

import argparse
from pathlib import Path

from discwright.cli.interruption import Interruption
from discwright.cli.outcome import print_outcome
from discwright.cli.running import run_job, save_log
from discwright.cli.streams import Streams
from discwright.errors import SourceError
from discwright.extract.plan import Existing, ExtractOptions, ExtractPlan
from discwright.extract.source import read_disc
from discwright.extract.survey import prepare
from discwright.jobs.extract_work import ExtractWork
from discwright.jobs.log import JobLog
from discwright.jobs.report import JobReport
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.outcome import Refusal, Report, State
from discwright.wording import _, counted, size


def extract(arguments: argparse.Namespace, streams: Streams, interruption: Interruption) -> int:
    """Take files out, print how it went, and give the exit code."""
    log = JobLog()
    said: tuple[str, ...] = ()
    try:
        plan = interruption.look(lambda cancel: _plan(arguments, cancel))
    except Cancelled:
        report: Report = JobReport(State.CANCELLED, _("The extraction was cancelled."))
    except SourceError as error:
        report = JobReport.refused(Refusal("source", error.message, error.remedy, error.cause))
    else:
        if isinstance(plan, Refusal):
            report = JobReport.refused(plan)
        else:
            _announce(plan, streams)
            said = plan.warnings
            report, log = run_job(ExtractWork(plan), streams, interruption)
    if arguments.log is not None:
        save_log(log, report, arguments.log, streams)
    code = print_outcome(report, streams, said=said)
    for name, why in getattr(report, "left_out", ()):
        streams.result(_("Left out: {name} ({why})").format(name=name, why=why))
    return code


def _plan(arguments: argparse.Namespace, cancel: CancelToken) -> ExtractPlan | Refusal:
    existing = Existing.REPLACE if arguments.force else Existing.REFUSE
    options = ExtractOptions(
        tuple(arguments.paths),
        Existing.SKIP if arguments.skip else existing,
        arguments.retries,
    )
    found = read_disc(arguments.source, cancel)
    if isinstance(found, Refusal):
        return found
    return prepare(found, Path(arguments.folder).expanduser(), options, cancel)


def _announce(plan: ExtractPlan, streams: Streams) -> None:
    streams.event(
        {
            "event": "plan",
            "source": plan.disc.source,
            "target": str(plan.folder),
            "files": len(plan.files),
            "bytes": plan.size,
            "skipped": plan.skipped,
            "warnings": list(plan.warnings),
        }
    )
    files = counted("{n} file", "{n} files", len(plan.files))
    streams.message(
        _("{files} ({size}) of {source} to {folder}").format(
            files=files, size=size(plan.size), source=plan.name, folder=plan.folder
        )
    )
    for warning in plan.warnings:
        streams.message(_("Note: {text}").format(text=warning))
