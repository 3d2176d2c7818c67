# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright rip``: from a disc to an image file."""

import argparse
import os
import shlex
from dataclasses import replace
from pathlib import Path

from discwright.cli.interruption import Interruption
from discwright.cli.outcome import print_outcome
from discwright.cli.running import run_job, save_log
from discwright.cli.streams import Streams
from discwright.devices.opening import look_at
from discwright.errors import SourceError, TargetError
from discwright.jobs import JobLog, RipWork
from discwright.optical.disc import Disc
from discwright.rip.bin_plan import bin_path, chosen_format, needed_format, plan_bin
from discwright.rip.earlier import find
from discwright.rip.plan import ImageFormat, RipOptions, RipPlan, plan_rip, suggested_name
from discwright.rip.report import RipReport, refused, refused_source
from discwright.transfer.cancel import Cancelled
from discwright.transfer.destination import survey
from discwright.transfer.outcome import Refusal, Report, State
from discwright.wording import _, shown, size

MOST_LOSSES = 100
"""Places that are printed; the record beside the image has all."""


def rip(arguments: argparse.Namespace, streams: Streams, interruption: Interruption) -> int:
    """Rip, print how it ended, and give the exit code."""
    log = JobLog()
    said: tuple[str, ...] = ()
    try:
        plan = _plan(arguments, streams, interruption)
    except Cancelled:
        report: Report = RipReport(
            State.CANCELLED, _("The copy was cancelled before it began. Nothing was written.")
        )
    except SourceError as error:
        report = refused_source(error)
    else:
        if isinstance(plan, Refusal):
            report = refused(plan)
        else:
            said = plan.warnings
            _announce(plan, streams)
            report, log = run_job(RipWork(plan), streams, interruption)
    if arguments.log is not None:
        save_log(log, report, arguments.log, streams)
    code = print_outcome(report, streams, said=said)
    if isinstance(report, RipReport):
        _print_losses(report, streams)
    if isinstance(report, RipReport) and report.can_go_on:
        again = shlex.join(["discwright", "rip", arguments.source, str(arguments.target)])
        where = "" if arguments.map is None else " " + shlex.join(["--map", str(arguments.map)])
        streams.message(_("To go on: {command}").format(command=f"{again}{where} --resume"))
    return code


def _print_losses(report: RipReport, streams: Streams) -> None:
    """Say where in the tracks of a CD the bad sectors are."""
    for loss in report.losses[:MOST_LOSSES]:
        streams.result(loss.sentence())
    if len(report.losses) > MOST_LOSSES:
        streams.result(_("… and more, in the record"))


def _plan(
    arguments: argparse.Namespace, streams: Streams, interruption: Interruption
) -> RipPlan | Refusal:
    """Look at the disc and the target, and ask what has to be asked."""
    disc = interruption.look(lambda cancel: look_at(arguments.source, cancel))
    asked = None if arguments.format is None else ImageFormat(arguments.format)
    image, target = _target(arguments.target, disc, asked)
    options = RipOptions(
        format=image,
        hashes=arguments.hash,
        retries=arguments.retries,
        speed=arguments.speed,
        verify=arguments.verify,
        eject=arguments.eject,
        overwrite=arguments.force or arguments.yes,
        map_file=arguments.map,
        resume=arguments.resume,
    )
    plan = interruption.look(lambda _cancel: _planned(disc, options, target))
    if isinstance(plan, Refusal):
        if plan.kind in {"exists", "unfinished"}:
            return _replacing(
                plan, disc, options, target, streams=streams, interruption=interruption
            )
        if plan.kind == "no-map":
            return replace(plan, remedy=_("Give its map with --map, or choose another name."))
    return plan


def _planned(disc: Disc, options: RipOptions, target: Path) -> RipPlan | Refusal:
    """Plan, with what an earlier run left there."""
    if options.format is ImageFormat.BIN:
        return plan_bin(disc, options, survey(target), survey(target.with_suffix(".cue")))
    try:
        looking = options.resume or not options.overwrite
        earlier = find(target.absolute(), options.map_file) if looking else None
    except TargetError as error:
        return Refusal("map", error.message, error.remedy, error.cause)
    return plan_rip(disc, options, survey(target), earlier)


def _replacing(
    refusal: Refusal,
    disc: Disc,
    options: RipOptions,
    target: Path,
    *,
    streams: Streams,
    interruption: Interruption,
) -> RipPlan | Refusal:
    """Ask whether what is there may go, or say how that is allowed."""
    if streams.can_ask and _may_replace(refusal, streams, interruption):
        return _planned(disc, replace(options, overwrite=True), target)
    remedy = _("Choose another name, or use --force to replace what is there.")
    if refusal.kind == "unfinished":
        remedy = _("Go on with it by --resume, or use --force to start anew.")
    return replace(refusal, remedy=remedy)


def _may_replace(refusal: Refusal, streams: Streams, interruption: Interruption) -> bool:
    with interruption.breaking():
        return streams.ask(f"{refusal.message} {_('Replace it?')}")


def _target(text: str, disc: Disc, asked: ImageFormat | None) -> tuple[ImageFormat, Path]:
    """Give the kind of image and its file, by what was asked for, the name or the disc."""
    path = Path(text)
    if text.endswith("/") or os.path.isdir(text):  # noqa: PTH112 - no error for odd paths
        image = asked or needed_format(disc)
        return image, path / suggested_name(disc, image)
    image = chosen_format(disc, text, asked)
    return image, bin_path(path) if image is ImageFormat.BIN else path


def _announce(plan: RipPlan, streams: Streams) -> None:
    disc, length = plan.disc, plan.disc.length
    streams.event(
        {
            "event": "plan",
            "source": disc.source,
            "target": str(plan.target),
            "format": plan.options.format.value,
            "sheet": None if plan.sheet is None else str(plan.sheet),
            "drive": None if disc.drive is None else str(disc.drive),
            "medium": disc.kind,
            "label": disc.label,
            "size": plan.size,
            "sectors": plan.sectors,
            "rule": length.rule,
            "reason": length.reason,
            "candidates": [
                {"source": candidate.source, "sectors": candidate.sectors}
                for candidate in length.candidates
            ],
            "warnings": list(plan.warnings),
        }
    )
    streams.message(
        _("{what} “{label}”, {size}, to {target}").format(
            what=disc.kind,
            label=shown(disc.label, 60) or shown(Path(disc.source).name, 60),
            size=size(plan.size),
            target=shown(str(plan.target)),
        )
    )
    for warning in plan.warnings:
        streams.message(_("Note: {text}").format(text=warning))
