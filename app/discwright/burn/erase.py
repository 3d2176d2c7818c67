# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a rewritable disc empty again."""

import time
from dataclasses import dataclass, replace
from datetime import datetime

from discwright.burn import xorriso
from discwright.burn.course import Course, Outcome
from discwright.burn.method import Preparation, blanking
from discwright.burn.options import Blank, BurnOptions
from discwright.burn.plan import refuse_medium
from discwright.burn.program_run import run_program
from discwright.burn.refusals import refuse_burner
from discwright.burn.reload import tell_system
from discwright.burn.report import BurnReport, refused
from discwright.burn.surroundings import Surroundings
from discwright.burn.target import aside, look_at_end, read_target, same_medium
from discwright.burn.timing import Timing
from discwright.burn.verdict import reason, remedy
from discwright.burn.virtual import empty_file
from discwright.burn.xorriso import prepare_arguments, zero_arguments, zeros
from discwright.devices.mounts import mounted_at
from discwright.devices.udisks import unmount
from discwright.errors import DiscwrightError
from discwright.optical.profile import Profile
from discwright.optical.writable import MediumStatus, WritableMedium
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.meter import Meter
from discwright.transfer.outcome import Refusal, State
from discwright.transfer.progress import Listener, Phase
from discwright.transfer.reader import SECTOR
from discwright.wording import _, shown

FIRST = 1024
"""Sectors that are written over to erase an overwritable disc the quick way: what disks, ISO 9660,
UDF and FAT are described by lies there."""


@dataclass(frozen=True)
class ErasePlan:
    """What will happen."""

    medium: WritableMedium
    preparation: Preparation
    surroundings: Surroundings

    @property
    def node(self) -> str:
        """The drive."""
        return self.medium.node

    @property
    def sentences(self) -> tuple[str, ...]:
        """What will happen, in words."""
        words = {"kind": self.medium.kind, "node": shown(self.node), "label": self.medium.label}
        what = (
            _("The {kind} “{label}” in {node} is erased: everything on it is lost.")
            if self.medium.label
            else _("The {kind} in {node} is erased: everything on it is lost.")
        ).format(**words)
        match self.preparation:
            case Preparation.BLANK_FULL | Preparation.ZEROS:
                how = _("It is done all over the disc, which takes as long as writing it.")
            case Preparation.BLANK_MINIMAL:
                how = _(
                    "It is done the quick way, in a minute or two; the disc then takes only one "
                    "session. Erase it fully if you want to write several."
                )
            case Preparation.TRUNCATE:
                how = ""
            case _quick:
                how = _("It is done the quick way: who searches the disc can still find old data.")
        return (what, how) if how else (what,)


def plan_erase(
    medium: WritableMedium, blank: Blank, surroundings: Surroundings
) -> ErasePlan | Refusal:
    """Say what erasing will do, or why it will not be done. Pure."""
    full = Blank.FULL if blank is Blank.FULL else Blank.FAST
    if medium.virtual:
        return ErasePlan(medium, Preparation.TRUNCATE, surroundings)
    refusal = refuse_burner(medium, surroundings)
    if refusal is None and medium.profile.writable and not medium.profile.rewritable:
        refusal = Refusal(
            "not-rewritable",
            _("A {kind} can't be erased: it is written once and for good.").format(
                kind=medium.kind
            ),
        )
    refusal = refusal or refuse_medium(medium, BurnOptions(blank=full))
    if refusal is not None:
        return refusal
    preparation = _erasing(medium, full)
    if preparation is Preparation.NONE:
        return Refusal("blank", _("The {kind} is blank already.").format(kind=medium.kind))
    return ErasePlan(medium, preparation, surroundings)


def _erasing(medium: WritableMedium, blank: Blank) -> Preparation:
    if not medium.profile.overwritable:
        return blanking(medium, blank)
    if blank is Blank.FULL:
        return Preparation.ZEROS
    if medium.formatted is False and medium.profile is not Profile.DVD_PLUS_RW:
        return Preparation.FORMAT
    return Preparation.ZEROS_FIRST if medium.used else Preparation.NONE


def run_erase(plan: ErasePlan, listener: Listener, cancel: CancelToken) -> BurnReport:
    """Erase as planned. Whatever goes wrong with disc and drive is in the report."""
    began = time.monotonic()
    started = datetime.now().astimezone().isoformat(timespec="seconds")
    timing = Timing(listener)
    meter = Meter(timing)
    meter.start(Phase.PREPARING, None)
    try:
        report = _erase(plan, timing, cancel, meter)
    except Cancelled:
        report = BurnReport(State.CANCELLED, _("The erasing was cancelled."))
    except DiscwrightError as error:
        report = BurnReport(State.FAILED, error.message, error.remedy, error.cause)
    if report.state is not State.REFUSED and not plan.medium.virtual:
        tell_system(plan.node, listener)
    meter.finish()
    report = replace(
        report, target=plan.node, kind=plan.medium.kind, maker=plan.medium.maker,
        drive=plan.medium.drive, writer="xorriso",
        program=plan.surroundings.installed.xorriso, started=started,
        duration_s=time.monotonic() - began, times_s=timing.seconds(),
    )  # fmt: skip
    listener.log(f"{report.state}: {report.message} {report.cause}".strip())
    return report


def _erase(plan: ErasePlan, listener: Listener, cancel: CancelToken, meter: Meter) -> BurnReport:
    if plan.preparation is Preparation.TRUNCATE:
        empty_file(plan.node)
        return BurnReport(State.COMPLETE, _("The file is empty."))
    try:
        if mounted_at(plan.node):
            unmount(plan.node)
        medium = aside(lambda: read_target(plan.node, cancel), cancel)
    except DiscwrightError as error:
        return refused(Refusal("busy", error.message, error.remedy, error.cause))
    if not same_medium(medium, plan.medium):
        return refused(
            Refusal(
                "changed",
                _("Another disc is in the drive than the one that was looked at."),
                _("Look at the disc again, then erase it."),
            )
        )
    outcome = _run(plan, listener, cancel, meter)
    meter.start(Phase.FINISHING, None)
    after = None if outcome.killed else look_at_end(plan.node, listener)
    return _judge(plan, outcome, after)


def _run(plan: ErasePlan, listener: Listener, cancel: CancelToken, meter: Meter) -> Outcome:
    sectors = plan.medium.capacity_sectors
    if plan.preparation is Preparation.ZEROS_FIRST:
        sectors = min(FIRST, sectors or FIRST)
    elif plan.preparation is not Preparation.ZEROS:
        erasing = xorriso.call(prepare_arguments(plan.node, plan.preparation))
        return run_program(erasing, Course(meter), listener, cancel)
    writing = xorriso.call(zero_arguments(plan.node, sectors))
    course = Course(meter, sectors * SECTOR)
    return run_program(writing, course, listener, cancel, lambda: zeros(sectors))


def _judge(plan: ErasePlan, outcome: Outcome, after: WritableMedium | None) -> BurnReport:
    """Judge by what xorriso says and by what the disc is like now."""
    kind, status = plan.medium.kind, None if after is None else after.status
    empty = after is not None and not after.used
    empty = empty and status in {MediumStatus.BLANK, MediumStatus.OVERWRITABLE}
    if outcome.stopped:
        fate = _("This {kind} can be used again when it has been erased.").format(kind=kind)
        if not outcome.began:
            fate = _("This {kind} is as it was.").format(kind=kind)
        message = _("The erasing was cancelled.") + " " + fate
        return BurnReport(State.CANCELLED, message, medium_after=status)
    if outcome.well and empty:
        return BurnReport(
            State.COMPLETE,
            _("The {kind} is empty and can be written again.").format(kind=kind),
            medium_after=status,
        )
    why = _("The drive reported success, but the disc is not empty.")
    if not outcome.well:
        why = reason(outcome.sense, outcome.cause)
    return BurnReport(
        State.FAILED,
        _("The {kind} could not be erased.").format(kind=kind) + " " + why,
        remedy(outcome.sense),
        outcome.cause,
        medium_after=status,
    )
