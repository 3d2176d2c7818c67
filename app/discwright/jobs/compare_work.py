# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing a stick with an image, as the queue does it; nothing is written."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Refusal, Report
from discwright.transfer.progress import Listener
from discwright.wording import _, shown

if TYPE_CHECKING:
    from discwright.stick.compare import ComparePlan


class CompareWork:
    """One stick and one image, as planned."""

    kind = "verify"

    def __init__(self, plan: "ComparePlan") -> None:
        self.plan = plan

    @property
    def title(self) -> str:
        """What is compared with what."""
        return _("Compare {stick} with {image}").format(
            stick=shown(self.plan.stick.name, 60), image=shown(self.plan.source.path.name, 60)
        )

    @property
    def devices(self) -> frozenset[str]:
        """The stick."""
        stick = self.plan.stick
        return frozenset({f"file:{stick.node}" if stick.regular_file else stick.node})

    @property
    def heading(self) -> tuple[str, ...]:
        """Lines for the head of the log."""
        return (f"Stick: {self.plan.stick.title}", f"Image: {self.plan.source.path}")

    def run(self, listener: Listener, cancel: CancelToken) -> Report:
        """Compare; see :func:`discwright.stick.compare.run_compare`."""
        from discwright.stick.compare import run_compare  # noqa: PLC0415 - slow to import

        return run_compare(self.plan, listener, cancel)


def look_and_plan(node: str, image: Path, *, allow_file: bool = False) -> CompareWork | Refusal:
    """Look at a stick and an image; give the work of comparing them, or why it can't be done.

    Nothing is written, so a stick that is write-protected or large will do. Raises SourceError.
    """
    from discwright.devices.target_survey import survey_target  # noqa: PLC0415 - as above
    from discwright.devices.targets import TargetOptions, judge_target  # noqa: PLC0415
    from discwright.image.formats import ImageKind, identify  # noqa: PLC0415
    from discwright.stick.compare import plan_compare  # noqa: PLC0415
    from discwright.stick.source_survey import survey_source  # noqa: PLC0415

    if identify(image).kind in {ImageKind.CUE, ImageKind.TOC, ImageKind.NRG}:
        return Refusal(
            "not-raw",
            _("{image} holds a disc in a form that is never on a stick byte by byte.").format(
                image=shown(image.name)
            ),
            _("Choose the image that the stick was written from."),
        )
    allowed = TargetOptions(allow_file=allow_file, large_ok=True)
    stick = judge_target(replace(survey_target(node), read_only=False), allowed)
    if isinstance(stick, Refusal):
        return stick
    plan = plan_compare(survey_source(image), stick)
    return plan if isinstance(plan, Refusal) else CompareWork(plan)
