# SPDX-License-Identifier: GPL-3.0-or-later
"""Checking an image or a disc, as the queue does it; nothing is written."""

from typing import TYPE_CHECKING

from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Report
from discwright.transfer.progress import Listener
from discwright.wording import _, shown

if TYPE_CHECKING:
    from discwright.check.plan import CheckPlan


class CheckWork:
    """A check as planned."""

    kind = "verify"

    def __init__(self, plan: "CheckPlan") -> None:
        self.plan = plan

    @property
    def title(self) -> str:
        """What is checked."""
        return _("Check {name}").format(name=shown(self.plan.name, 60))

    @property
    def devices(self) -> frozenset[str]:
        """The drive, if it is a disc; files may be read by many."""
        return frozenset({self.plan.node} if self.plan.node else ())

    @property
    def heading(self) -> tuple[str, ...]:
        """Lines for the head of the log."""
        return (
            f"Checked: {self.plan.source}",
            *(f"Against: {path}" for path in self.plan.against),
        )

    def run(self, listener: Listener, cancel: CancelToken) -> Report:
        """Check; see :func:`discwright.check.run.run_check`."""
        from discwright.check.run import run_check  # noqa: PLC0415 - reads drives: slow to import

        return run_check(self.plan, listener, cancel)
