# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking files out of a disc or an image, as the queue does it."""

import os
from typing import TYPE_CHECKING

from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Report
from discwright.transfer.progress import Listener
from discwright.wording import _, shown, size

if TYPE_CHECKING:
    from discwright.extract.plan import ExtractPlan


class ExtractWork:
    """An extraction as planned."""

    kind = "extract"

    def __init__(self, plan: "ExtractPlan") -> None:
        self.plan = plan

    @property
    def plans(self) -> "tuple[ExtractPlan]":
        """Its only plan, where those of works on several devices are."""
        return (self.plan,)

    @property
    def title(self) -> str:
        """What is taken out, and where it goes."""
        return _("Extract files of “{disc}” to {folder}").format(
            disc=shown(self.plan.name, 60), folder=shown(self.plan.folder.name, 60)
        )

    @property
    def devices(self) -> frozenset[str]:
        """The drive and the folder; an image file may be read by many."""
        held = {f"file:{os.path.realpath(self.plan.folder)}"}
        if not self.plan.disc.virtual:
            held.add(os.path.realpath(self.plan.disc.source))
        return frozenset(held)

    @property
    def heading(self) -> tuple[str, ...]:
        """Lines for the head of the log."""
        plan = self.plan
        return (
            f"Source: {plan.disc.source} ({plan.disc.driver or 'image'})",
            f"Files: {len(plan.files)} ({size(plan.size)}), {len(plan.links)} links",
            f"Folder: {plan.folder}",
            f"Options: {plan.options}",
            *(f"Warning: {warning}" for warning in plan.warnings),
        )

    def run(self, listener: Listener, cancel: CancelToken) -> Report:
        """Extract; see :func:`discwright.extract.run.run_extract`."""
        from discwright.extract.run import run_extract  # noqa: PLC0415 - reads drives

        return run_extract(self.plan, listener, cancel)
