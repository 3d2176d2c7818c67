# SPDX-License-Identifier: GPL-3.0-or-later
"""Erasing a rewritable disc, or giving a stick back, as the queue does it."""

from typing import TYPE_CHECKING

from discwright.jobs.work import held_by
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Report
from discwright.transfer.progress import Listener
from discwright.wording import _, shown

if TYPE_CHECKING:
    from discwright.burn.erase import ErasePlan as DiscPlan
    from discwright.stick.erase import ErasePlan as StickPlan


class EraseDiscWork:
    """One disc as planned."""

    kind = "erase"

    def __init__(self, plan: "DiscPlan") -> None:
        self.plan = plan

    @property
    def title(self) -> str:
        """What is erased, and where."""
        return _("Erase the {kind} in {node}").format(
            kind=self.plan.medium.kind, node=shown(self.plan.node)
        )

    @property
    def devices(self) -> frozenset[str]:
        """The drive; a file that stands for a disc counts as one."""
        return frozenset({held_by(self.plan.node)})

    @property
    def heading(self) -> tuple[str, ...]:
        """Lines for the head of the log."""
        medium = self.plan.medium
        return (
            f"Drive: {self.plan.node}, {medium.kind}, {medium.status}, {medium.maker}",
            f"Plan: {self.plan.preparation}; {self.plan.surroundings.installed.xorriso}",
        )

    def run(self, listener: Listener, cancel: CancelToken) -> Report:
        """Erase; see :func:`discwright.burn.erase.run_erase`."""
        from discwright.burn.erase import run_erase  # noqa: PLC0415 - slow to import

        return run_erase(self.plan, listener, cancel)


class EraseStickWork:
    """One stick as planned."""

    kind = "erase"

    def __init__(self, plan: "StickPlan") -> None:
        self.plan = plan

    @property
    def title(self) -> str:
        """What is erased."""
        return _("Erase {stick}").format(stick=shown(self.plan.stick.name, 60))

    @property
    def devices(self) -> frozenset[str]:
        """The stick."""
        stick = self.plan.stick
        return frozenset({f"file:{stick.node}" if stick.regular_file else stick.node})

    @property
    def heading(self) -> tuple[str, ...]:
        """Lines for the head of the log."""
        stick = self.plan.stick
        return (
            f"Stick: {stick.title}, {stick.identity}",
            f"Plan: {self.plan.file_system}, label “{self.plan.label}”",
        )

    def run(self, listener: Listener, cancel: CancelToken) -> Report:
        """Erase; see :func:`discwright.stick.erase.run_erase`."""
        from discwright.stick.erase import run_erase  # noqa: PLC0415 - slow to import

        return run_erase(self.plan, listener, cancel)
