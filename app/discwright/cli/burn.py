# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright burn``: from an image to blank or rewritable discs."""

import argparse
from dataclasses import replace
from pathlib import Path

from discwright.burn.choice import choose_target
from discwright.burn.image import BurnImage, read_image
from discwright.burn.options import Blank, BurnOptions
from discwright.burn.plan import BurnPlan, plan_burn
from discwright.burn.surroundings import look_around
from discwright.burn.target import read_target
from discwright.burn.virtual import file_of
from discwright.cli.consent import withheld
from discwright.cli.interruption import Interruption
from discwright.cli.outcome import print_outcome
from discwright.cli.running import run_job, save_log
from discwright.cli.streams import Streams
from discwright.devices.udev import Devices
from discwright.errors import DiscwrightError
from discwright.jobs import JobReport
from discwright.jobs.burn_work import BurnWork
from discwright.jobs.joint import joined
from discwright.jobs.maker_speeds import MakerSpeeds
from discwright.jobs.work import held_by
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.outcome import Refusal, Report, State
from discwright.wording import _, counted


def burn(arguments: argparse.Namespace, streams: Streams, interruption: Interruption) -> int:
    """Burn all copies, print how it ended, and give the exit code."""
    options = _options(arguments)
    if not arguments.drives:
        chosen = interruption.look(lambda _cancel: _choose(arguments.image))
        if isinstance(chosen, Refusal):
            return print_outcome(JobReport.refused(chosen), streams)
        if file_of(chosen) is not None:
            streams.message(_("No drive was found, so that a file stands for the disc."))
        arguments.drives = [chosen]
    if options.copies > 1 and not streams.can_ask:
        refusal = Refusal(
            "copies",
            _("For several copies somebody must be here to change the discs."),
            _("Name several drives, or run the command once for each copy."),
        )
        return print_outcome(JobReport.refused(refusal), streams)
    reports: list[Report] = []
    for number in range(options.copies):
        try:
            if number and not _next_disc(number, options.copies, streams, interruption):
                raise Cancelled
            reports.append(_burn_once(arguments, options, streams, interruption, number))
        except Cancelled:  # what was burned before is still to be told
            if not reports:
                raise
            reports.append(JobReport(State.CANCELLED, _("The next disc was not begun.")))
        if reports[-1].state is not State.COMPLETE:
            break
    return print_outcome(joined(reports), streams)


def _choose(image: str) -> str | Refusal:
    return choose_target(Devices().all(), Path(image), Path.cwd())


def _options(arguments: argparse.Namespace) -> BurnOptions:
    return BurnOptions(
        speed=arguments.speed,
        simulate=arguments.simulate,
        blank=Blank(arguments.blank),
        verify=not arguments.no_verify,
        eject=not arguments.no_eject,
        overburn=arguments.overburn,
        copies=arguments.copies,
    )


def _burn_once(
    arguments: argparse.Namespace,
    options: BurnOptions,
    streams: Streams,
    interruption: Interruption,
    number: int,
) -> Report:
    """Burn disc ``number``, counted from 0."""
    try:
        plans = interruption.look(lambda cancel: _plans(arguments, options, cancel))
    except DiscwrightError as error:
        return JobReport.refused(Refusal("source", error.message, error.remedy, error.cause))
    if isinstance(plans, Refusal):
        return JobReport.refused(plans)
    _announce(plans, streams)
    # A further disc with something on it may be the one just burned, left in the drive.
    no = _withheld(plans, streams, interruption, yes=arguments.yes and not number)
    if no is not None:
        return no
    report, log = run_job(BurnWork(plans), streams, interruption)
    if arguments.log is not None:
        one, path = f"-{number + 1}" if number else "", arguments.log
        save_log(log, report, path.with_name(f"{path.stem}{one}{path.suffix}"), streams)
    return report


def _plans(
    arguments: argparse.Namespace, options: BurnOptions, cancel: CancelToken
) -> tuple[BurnPlan, ...] | Refusal:
    """Look at the image and each drive; all must do, or none is touched."""
    image = read_image(arguments.image)
    plans = []
    named: dict[str, str] = {}
    for node in arguments.drives:
        named.setdefault(held_by(node), node)  # one drive may have several names
    for node in named.values():
        plan = _plan(image, node, options, cancel)
        if isinstance(plan, Refusal):
            return plan
        plans.append(plan)
    return tuple(plans)


def _plan(
    image: BurnImage, node: str, options: BurnOptions, cancel: CancelToken
) -> BurnPlan | Refusal:
    around = look_around(node)
    if around.problem is not None:
        return around.problem
    medium = read_target(node, cancel)
    remembered = MakerSpeeds().of(medium.maker)
    return plan_burn(image, medium, options, replace(around, remembered_kb=remembered))


def _announce(plans: tuple[BurnPlan, ...], streams: Streams) -> None:
    image = plans[0].image
    streams.event(
        {
            "event": "plan",
            "image": image.source,
            "size": image.size,
            "drives": [
                {"node": plan.node, "medium": plan.medium.kind, "mode": plan.method.mode.value,
                 "speed_kb": plan.speed_kb, "steps": list(plan.sentences),
                 "warnings": list(plan.warnings)}
                for plan in plans
            ],
        }
    )  # fmt: skip
    streams.message(_("{image}, {size}").format(image=image.name, size=image.extent))
    for plan in plans:
        streams.message(_("To the {kind} in {node}:").format(kind=plan.medium.kind, node=plan.node))
        for sentence in plan.sentences:
            streams.message(sentence)
        for warning in plan.warnings:
            streams.message(_("Note: {text}").format(text=warning))


def _withheld(
    plans: tuple[BurnPlan, ...], streams: Streams, interruption: Interruption, *, yes: bool
) -> JobReport | None:
    """Ask before something is erased."""
    destroyed = [plan for plan in plans if plan.destroys]
    if not destroyed:
        return None
    names = ", ".join(f"{plan.medium.kind} ({plan.node})" for plan in destroyed)
    question = _("Everything on {discs} will be lost. Burn?").format(discs=names)
    return withheld(question, streams, interruption, yes=yes)


def _next_disc(done: int, copies: int, streams: Streams, interruption: Interruption) -> bool:
    left = counted("{n} copy is left.", "{n} copies are left.", copies - done)
    with interruption.breaking():
        return streams.ask(f"{left} {_('Insert the next blank disc. Go on?')}")
