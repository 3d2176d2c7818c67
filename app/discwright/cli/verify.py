# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright verify``: an image, a disc or a stick against what it should be."""

import argparse
from pathlib import Path

from discwright.cli.interruption import Interruption
from discwright.cli.outcome import print_outcome
from discwright.cli.running import run_job
from discwright.cli.streams import Streams
from discwright.devices.mounts import device_number
from discwright.errors import SourceError
from discwright.jobs import Work
from discwright.jobs.report import JobReport
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.outcome import Refusal, Report, State
from discwright.wording import _


def verify(arguments: argparse.Namespace, streams: Streams, interruption: Interruption) -> int:
    """Check an image, a disc or a stick, print what was found, and give the exit code."""
    try:
        plan = interruption.look(lambda cancel: _plan(arguments, cancel))
    except Cancelled:
        report: Report = JobReport(State.CANCELLED, _("The check was cancelled."))
    except SourceError as error:
        refusal = Refusal("source", error.message, error.remedy, error.cause)
        report = JobReport.refused(refusal)
    else:
        if isinstance(plan, Refusal):
            report = JobReport.refused(plan)
        else:
            report, _log = run_job(plan, streams, interruption)
    return print_outcome(report, streams)


def _plan(arguments: argparse.Namespace, cancel: CancelToken) -> Work | Refusal:
    against = None if arguments.against is None else Path(arguments.against)
    if arguments.allow_file:
        return _plan_stick(arguments, against)
    if device_number(arguments.subject):
        from discwright.devices.target_survey import survey_target  # noqa: PLC0415 - rare

        if survey_target(arguments.subject).optical:
            return _plan_disc(arguments.subject, against, cancel)
        return _plan_stick(arguments, against)
    return _plan_image(Path(arguments.subject), against)


def _plan_image(image: Path, against: Path | None) -> Work | Refusal:
    from discwright.check.plan import plan_image_check  # noqa: PLC0415 - as below
    from discwright.jobs.check_work import CheckWork  # noqa: PLC0415

    plan = plan_image_check(image, against)
    return plan if isinstance(plan, Refusal) else CheckWork(plan)


def _plan_disc(node: str, against: Path | None, cancel: CancelToken) -> Work | Refusal:
    from discwright.check.plan import plan_disc_check  # noqa: PLC0415
    from discwright.devices.opening import look_at  # noqa: PLC0415
    from discwright.jobs.check_work import CheckWork  # noqa: PLC0415

    if against is None:
        return Refusal(
            "no-image",
            _("A disc is compared with an image or a checksum file, and none was named."),
            _("Name it: discwright verify DRIVE IMAGE."),
        )
    plan = plan_disc_check(look_at(node, cancel), against)
    return plan if isinstance(plan, Refusal) else CheckWork(plan)


def _plan_stick(arguments: argparse.Namespace, image: Path | None) -> Work | Refusal:
    """Plan to compare a stick with an image."""
    from discwright.jobs.compare_work import look_and_plan  # noqa: PLC0415

    if image is None:
        return Refusal(
            "no-image",
            _("A stick is compared with an image, and none was named."),
            _("Name it: discwright verify STICK IMAGE."),
        )
    return look_and_plan(arguments.subject, image, allow_file=arguments.allow_file)
