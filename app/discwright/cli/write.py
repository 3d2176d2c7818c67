# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright write``: from an image to bootable USB sticks."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from discwright.cli.consent import withheld
from discwright.cli.interruption import Interruption
from discwright.cli.outcome import print_outcome
from discwright.cli.passwords import passwords_to_write
from discwright.cli.running import run_job, save_log
from discwright.cli.streams import Streams
from discwright.devices.access import user_name
from discwright.devices.mounts import device_number
from discwright.devices.target_survey import survey_target
from discwright.devices.targets import StickTarget, TargetOptions, judge_target
from discwright.errors import SourceError
from discwright.image.boot import boot_sentence
from discwright.image.expected import expected_for
from discwright.jobs import JobReport, Work
from discwright.jobs.installer_work import InstallerWork
from discwright.jobs.write_work import WriteWork
from discwright.stick.installer_plan import (
    InstallerOptions,
    InstallerPlan,
    plan_installer,
    refuse_expectation,
)
from discwright.stick.installer_source import survey_installer, survey_tools
from discwright.stick.plan import WriteOptions, WritePlan, plan_write
from discwright.stick.source_survey import survey_source
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Refusal
from discwright.wording import _, shown, size

INSTALLER = "windows"
"""The refusal's kind for images whose files must be copied one by one."""


@dataclass(frozen=True)
class _Writing:
    """What will be written: the job, and what is told before."""

    work: Work
    sticks: tuple[StickTarget, ...]
    size: int | None
    boot: str
    warnings: tuple[str, ...]
    method: str
    passwords: str
    """What the system may ask for; "" if nothing."""


def write(arguments: argparse.Namespace, streams: Streams, interruption: Interruption) -> int:
    """Write, print how each stick ended, and give the exit code."""
    try:
        writing = interruption.look(lambda cancel: _plan(arguments, cancel))
    except SourceError as error:
        refusal = Refusal("source", error.message, error.remedy, error.cause)
        return print_outcome(JobReport.refused(refusal), streams)
    if isinstance(writing, Refusal):
        return print_outcome(JobReport.refused(writing), streams)
    _announce(writing, arguments, streams)
    names = ", ".join(stick.title for stick in writing.sticks)
    question = _("Everything on {sticks} will be lost. Write?").format(sticks=names)
    no = withheld(question, streams, interruption, yes=arguments.yes)
    if no is not None:
        return print_outcome(no, streams)
    report, log = run_job(writing.work, streams, interruption)
    if arguments.log is not None:
        save_log(log, report, arguments.log, streams)
    return print_outcome(report, streams, said=writing.warnings)


def _plan(arguments: argparse.Namespace, cancel: CancelToken) -> _Writing | Refusal:
    """Look at the image and each stick; all must do, or none is touched."""
    image = Path(arguments.image)
    if device_number(arguments.image):
        return _no_image(arguments)
    source = survey_source(image, block_map=not arguments.no_bmap)
    options = _options(arguments, image)
    if isinstance(options, Refusal):
        return options
    allowed = TargetOptions(allow_file=arguments.allow_file, large_ok=arguments.large)
    sticks: dict[str, StickTarget] = {}
    for node in arguments.sticks:
        target = judge_target(survey_target(node), allowed, image_disks=source.devices)
        if isinstance(target, Refusal):
            return target
        sticks[target.node] = target
    plans = []
    for stick in sticks.values():
        plan = plan_write(source, stick, options)
        if isinstance(plan, Refusal):
            if plan.kind == INSTALLER:
                return _installer(image, tuple(sticks.values()), arguments, cancel)
            return plan
        plans.append(plan)
    return _byte_by_byte(tuple(plans))


def _no_image(arguments: argparse.Namespace) -> Refusal:
    node = shown(arguments.image)
    if survey_target(arguments.image).optical:
        return Refusal(
            "drive",
            _("{node} is a drive, not an image file.").format(node=node),
            _("To write its disc to a stick: discwright copy {node} {stick}").format(
                node=node, stick=shown(arguments.sticks[0])
            ),
        )
    return Refusal(
        "device",
        _("{node} is a device, not an image file.").format(node=node),
        _("Name an image file first, then the sticks."),
    )


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


def _byte_by_byte(plans: tuple[WritePlan, ...]) -> _Writing:
    source = plans[0].source
    return _Writing(
        WriteWork(plans),
        tuple(plan.stick for plan in plans),
        source.size,
        "" if source.boot is None else boot_sentence(source.boot),
        _once(plans),
        source.method,
        passwords_to_write([plan.stick for plan in plans], user_name()),
    )


def _installer(
    image: Path, sticks: tuple[StickTarget, ...], arguments: argparse.Namespace, cancel: CancelToken
) -> _Writing | Refusal:
    """Plan to copy a Windows installer's files one by one."""
    if arguments.expect is not None:
        return refuse_expectation()
    source = survey_installer(image, cancel)
    plans = []
    for stick in sticks:
        options = InstallerOptions(unbootable_ok=arguments.anyway, eject=arguments.eject)
        plan = plan_installer(source, stick, survey_tools(stick.node), options)
        if isinstance(plan, Refusal):
            return plan
        plans.append(plan)
    return _Writing(
        InstallerWork(plans), sticks, plans[0].size, plans[0].boot, _once(tuple(plans)), "files",
        passwords="",
    )  # fmt: skip


def _once(plans: tuple[WritePlan, ...] | tuple[InstallerPlan, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(warning for plan in plans for warning in plan.warnings))


def _announce(writing: _Writing, arguments: argparse.Namespace, streams: Streams) -> None:
    streams.event(
        {
            "event": "plan",
            "image": arguments.image,
            "size": writing.size,
            "method": writing.method,
            "boot": writing.boot,
            "sticks": [
                {"node": stick.node, "name": stick.name, "size": stick.size,
                 "contents": list(stick.contents)}
                for stick in writing.sticks
            ],
            "warnings": list(writing.warnings),
        }
    )  # fmt: skip
    length = _("size not known") if writing.size is None else size(writing.size)
    image = shown(Path(arguments.image).name)
    streams.message(f"{image}, {length}. {writing.boot}".rstrip())
    for stick in writing.sticks:
        streams.message(_("To {stick}").format(stick=stick.title))
    for warning in writing.warnings:
        streams.message(_("Note: {text}").format(text=warning))
    if writing.passwords:
        streams.message(writing.passwords)
