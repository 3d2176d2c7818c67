# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing a stick with an image, as the queue does it; nothing is written."""

from typing import TYPE_CHECKING

from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Report
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
