# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright write``: from an image to bootable USB sticks."""

import argparse
from pathlib import Path

from discwright.cli.interruption import Interruption
from discwright.cli.outcome import print_outcome
from discwright.cli.running import run_job, save_log
from discwright.cli.streams import Streams
from discwright.devices.target_survey import survey_target
from discwright.devices.targets import StickTarget, TargetOptions, judge_target
from discwright.errors import SourceError
from discwright.image.boot import boot_sentence
from discwright.image.expected import expected_for
from discwright.jobs import JobReport
from discwright.jobs.write_work import WriteWork
from discwright.stick.plan import WriteOptions, WritePlan, plan_write
from discwright.stick.source import WriteSource
from discwright.stick.source_survey import survey_source
from discwright.transfer.outcome import Refusal, Report, State
from discwright.wording import _, shown, size


def write(arguments: argparse.Namespace, streams: Streams, interruption: Interruption) -> int:
    """Write, print how each stick ended, and give the exit code."""
    said: tuple[str, ...] = ()
    try:
        plans = interruption.look(lambda _cancel: _plans(arguments))
    except SourceError as error:
        refusal = Refusal("source", error.message, error.remedy, error.cause)
        return print_outcome(JobReport.refused(refusal), streams)
    if isinstance(plans, Refusal):
        return print_outcome(JobReport.refused(plans), streams)
    _announce(plans, streams)
    said = tuple(warning for plan in plans for warning in plan.warnings)
    report: Report
    if not _agreed(plans, arguments, streams, interruption):
        report = _not_agreed(streams)
    else:
        report, log = run_job(WriteWork(plans), streams, interruption)
        if arguments.log is not None:
            save_log(log, report, arguments.log, streams)
    return print_outcome(report, streams, said=said)


def _plans(arguments: argparse.Namespace) -> tuple[WritePlan, ...] | Refusal:
    """Look at the image and each stick; all must do, or none is touched."""
    image = Path(arguments.image)
    source = survey_source(image, block_map=not arguments.no_bmap)
    options = _options(arguments, image)
    if isinstance(options, Refusal):
        return options
    plans: list[WritePlan] = []
    for node in dict.fromkeys(arguments.sticks):
        target = _target(node, source, arguments)
        plan = target if isinstance(target, Refusal) else plan_write(source, target, options)
        if isinstance(plan, Refusal):
            return plan
        if any(plan.stick.node == other.stick.node for other in plans):
            continue
        plans.append(plan)
    return tuple(plans)


def _options(arguments: argparse.Namespace, image: Path) -> WriteOptions | Refusal:
    try:
        expect = () if arguments.expect is None else expected_for(image, arguments.expect)
    except ValueError as error:
        return Refusal("hash", str(error))
    return WriteOptions(
        verify=not arguments.no_verify,
        expect=expect,
        block_map=not arguments.no_bmap,
        unbootable_ok=arguments.anyway,
        eject=arguments.eject,
    )


def _target(node: str, source: WriteSource, arguments: argparse.Namespace) -> StickTarget | Refusal:
    allowed = TargetOptions(allow_file=arguments.allow_file, large_ok=arguments.large)
    return judge_target(survey_target(node), allowed, image_disks=source.devices)


def _announce(plans: tuple[WritePlan, ...], streams: Streams) -> None:
    source = plans[0].source
    boot = "" if source.boot is None else boot_sentence(source.boot)
    streams.event(
        {
            "event": "plan",
            "image": str(source.path),
            "size": source.size,
            "method": source.method,
            "boot": boot,
            "sticks": [
                {"node": plan.stick.node, "name": plan.stick.name, "size": plan.stick.size,
                 "contents": list(plan.stick.contents), "warnings": list(plan.warnings)}
                for plan in plans
            ],
        }
    )  # fmt: skip
    length = _("size not known") if source.size is None else size(source.size)
    streams.message(
        _("{image}, {size}. {boot}")
        .format(image=shown(source.path.name), size=length, boot=boot)
        .rstrip()
    )
    for plan in plans:
        streams.message(_("To {stick}").format(stick=plan.stick.title))
        for warning in plan.warnings:
            streams.message(_("Note: {text}").format(text=warning))
    if any(plan.password_needed for plan in plans):
        streams.message(
            _(
                "The system may ask for an administrator's password, once: to write the stick "
                "and to read it back."
            )
        )


def _agreed(
    plans: tuple[WritePlan, ...],
    arguments: argparse.Namespace,
    streams: Streams,
    interruption: Interruption,
) -> bool:
    if arguments.yes:
        return True
    if not streams.can_ask:
        return False
    names = ", ".join(plan.stick.title for plan in plans)
    with interruption.breaking():
        return streams.ask(_("Everything on {sticks} will be lost. Write?").format(sticks=names))


def _not_agreed(streams: Streams) -> JobReport:
    if streams.can_ask:
        return JobReport(State.CANCELLED, _("Nothing was written."))
    return JobReport.refused(
        Refusal(
            "not-confirmed",
            _("Writing a stick destroys what is on it, and nobody is here to be asked."),
            _("Add --yes to the command."),
        )
    )
