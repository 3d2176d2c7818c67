# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright copy``: from a disc straight to another disc or to a USB stick."""

import argparse
import os
from dataclasses import dataclass, replace
from pathlib import Path

from discwright.burn.copy import (
    CopyPlan,
    plan_copy,
    plan_copy_with_one_drive,
    temporary_folder,
    temporary_image,
)
from discwright.burn.options import Blank, BurnOptions
from discwright.burn.surroundings import look_around
from discwright.burn.target import read_target
from discwright.cli.consent import withheld
from discwright.cli.interruption import Interruption
from discwright.cli.outcome import print_outcome
from discwright.cli.passwords import passwords_to_write
from discwright.cli.running import run_job, save_log
from discwright.cli.streams import Streams
from discwright.devices.access import user_name
from discwright.devices.opening import look_at
from discwright.devices.target_survey import survey_target
from discwright.devices.targets import StickFacts, StickTarget, TargetOptions, judge_target
from discwright.errors import DiscwrightError
from discwright.image.boot import boot_sentence
from discwright.jobs import JobReport, Work
from discwright.jobs.copy_work import CopyDiscWork, CopyInstallerWork, CopyToStickWork
from discwright.jobs.maker_speeds import MakerSpeeds
from discwright.optical.disc import Disc
from discwright.stick.installer_plan import InstallerOptions, plan_installer
from discwright.stick.installer_source import survey_installer, survey_tools
from discwright.stick.plan import WriteOptions, plan_write
from discwright.stick.source_survey import survey_disc
from discwright.transfer.cancel import CancelToken
from discwright.transfer.destination import survey
from discwright.transfer.outcome import Refusal
from discwright.wording import _, shown, size

INSTALLER = "windows"
"""The refusal's kind for discs whose files must be copied one by one."""


@dataclass(frozen=True)
class _Copying:
    """What will be copied: the job, what is told before, what to ask."""

    work: Work
    disc: Disc
    boot: str
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]
    question: str = ""
    """ "" if nothing is lost."""


def copy(arguments: argparse.Namespace, streams: Streams, interruption: Interruption) -> int:
    """Copy, print how it ended, and give the exit code."""
    try:
        copying = interruption.look(
            lambda cancel: _plan(arguments, cancel, somebody_here=streams.can_ask)
        )
    except DiscwrightError as error:
        refusal = Refusal("source", error.message, error.remedy, error.cause)
        return print_outcome(JobReport.refused(refusal), streams)
    if isinstance(copying, Refusal):
        return print_outcome(JobReport.refused(copying), streams)
    _announce(copying, arguments, streams)
    if copying.question:
        no = withheld(copying.question, streams, interruption, yes=arguments.yes)
        if no is not None:
            return print_outcome(no, streams)
    report, log = run_job(copying.work, streams, interruption)
    if arguments.log is not None:
        save_log(log, report, arguments.log, streams)
    return print_outcome(report, streams, said=copying.warnings)


def _plan(
    arguments: argparse.Namespace, cancel: CancelToken, *, somebody_here: bool
) -> _Copying | Refusal:
    """Look at the disc and the target; both must do, or nothing is touched."""
    source, target = arguments.source, arguments.target
    same = os.path.realpath(source) == os.path.realpath(target)
    if same and not somebody_here:
        return Refusal(
            "one-drive",
            _("With one drive somebody must be here to change the discs."),
            _("Name another drive as the target, or copy the disc to an image and burn that."),
        )
    virtual_target = target.startswith("stdio:")
    facts = None if same or virtual_target else survey_target(target)
    if facts is not None and not facts.optical:
        return _plan_stick(look_at(source, cancel), facts, arguments, cancel)
    if os.path.isfile(source):  # noqa: PTH113 - may be a node
        return Refusal(
            "image",
            _("{name} is an image file, not a disc in a drive.").format(
                name=shown(Path(source).name)
            ),
            _("Burn it: discwright burn IMAGE DRIVE."),
        )
    disc = look_at(source, cancel)
    return _plan_one_drive(disc, arguments) if same else _plan_disc(disc, arguments, cancel)


def _plan_stick(
    disc: Disc, facts: StickFacts, arguments: argparse.Namespace, cancel: CancelToken
) -> _Copying | Refusal:
    source = survey_disc(disc, cancel)
    allowed = TargetOptions(allow_file=arguments.allow_file, large_ok=arguments.large)
    stick = judge_target(facts, allowed, image_disks=source.devices)
    if isinstance(stick, Refusal):
        return stick
    options = WriteOptions(
        verify=not arguments.no_verify,
        unbootable_ok=arguments.anyway,
        eject=arguments.eject,
        retries=arguments.retries,
    )
    plan = plan_write(source, stick, options)
    if isinstance(plan, Refusal):
        if plan.kind == INSTALLER:
            return _plan_installer(disc, stick, arguments, cancel)
        return plan
    work = CopyToStickWork((plan,))
    boot = boot_sentence(disc.boot)
    passwords = passwords_to_write([stick], user_name())
    return _to_stick(work, disc, boot, stick, plan.warnings, passwords=passwords)


def _plan_installer(
    disc: Disc, stick: StickTarget, arguments: argparse.Namespace, cancel: CancelToken
) -> _Copying | Refusal:
    """Plan to copy a Windows installer's files one by one."""
    source = survey_installer(disc.source, cancel)
    options = InstallerOptions(unbootable_ok=arguments.anyway, eject=arguments.eject)
    plan = plan_installer(source, stick, survey_tools(stick.node), options)
    if isinstance(plan, Refusal):
        return plan
    work = CopyInstallerWork((plan,))
    return _to_stick(work, disc, plan.boot, stick, plan.warnings)


def _to_stick(
    work: Work,
    disc: Disc,
    boot: str,
    stick: StickTarget,
    warnings: tuple[str, ...],
    *,
    passwords: str = "",
) -> _Copying:
    sentences = [_("To {stick}").format(stick=stick.title)]
    if passwords:
        sentences.append(passwords)
    question = _("Everything on {sticks} will be lost. Write?").format(sticks=stick.title)
    return _Copying(work, disc, boot, tuple(sentences), warnings, question)


def _plan_disc(
    disc: Disc, arguments: argparse.Namespace, cancel: CancelToken
) -> _Copying | Refusal:
    node = arguments.target
    around = look_around(node)
    if around.problem is not None:
        return around.problem
    medium = read_target(node, cancel)
    remembered = MakerSpeeds().of(medium.maker)
    plan = plan_copy(
        disc, medium, _burn_options(arguments), replace(around, remembered_kb=remembered)
    )
    if isinstance(plan, Refusal):
        return plan
    question = ""
    if plan.burn is not None and plan.burn.destroys:
        question = _("Everything on {discs} will be lost. Burn?").format(
            discs=f"{medium.kind} ({shown(node)})"
        )
    return _on_disc(plan, question)


def _plan_one_drive(disc: Disc, arguments: argparse.Namespace) -> _Copying | Refusal:
    place = survey(temporary_image(temporary_folder()))
    # What is put in later was not there to be asked about: nothing on it is erased.
    options = replace(_burn_options(arguments), blank=Blank.NEVER)
    around = look_around(arguments.source)
    if around.problem is not None:
        return around.problem
    plan = plan_copy_with_one_drive(disc, options, around, place)
    if isinstance(plan, Refusal):
        return plan
    return _on_disc(plan, "")


def _burn_options(arguments: argparse.Namespace) -> BurnOptions:
    return BurnOptions(
        speed=arguments.speed, verify=not arguments.no_verify, eject=not arguments.no_eject
    )


def _on_disc(plan: CopyPlan, question: str) -> _Copying:
    boot = boot_sentence(plan.disc.boot)
    return _Copying(CopyDiscWork(plan), plan.disc, boot, plan.sentences, plan.warnings, question)


def _announce(copying: _Copying, arguments: argparse.Namespace, streams: Streams) -> None:
    disc = copying.disc
    streams.event(
        {
            "event": "plan",
            "source": disc.source,
            "target": arguments.target,
            "medium": disc.kind,
            "label": disc.label,
            "size": disc.size,
            "boot": copying.boot,
            "steps": list(copying.sentences),
            "warnings": list(copying.warnings),
        }
    )
    name = shown(disc.label, 60) or shown(Path(disc.source).name, 60)
    what = _("{what} “{label}”, {size}").format(what=disc.kind, label=name, size=size(disc.size))
    streams.message(f"{what}. {copying.boot}".rstrip())
    for sentence in copying.sentences:
        streams.message(sentence)
    for warning in copying.warnings:
        streams.message(_("Note: {text}").format(text=warning))
