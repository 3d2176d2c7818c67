# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying a Windows installer to sticks, as the queue does it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from discwright.jobs.joint import joined
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Report
from discwright.transfer.progress import Listener, Progress
from discwright.wording import _, counted, shown, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discwright.stick.installer_plan import InstallerPlan


Each = Callable[[str, Progress], None]
"""Hears of each stick by its node, from the threads that copy."""


class InstallerWork:
    """The files of one image to one or several sticks; all plans are of the same image."""

    kind = "write"

    def __init__(self, plans: "Sequence[InstallerPlan]", each: Each | None = None) -> None:
        if not plans:
            raise ValueError("there is no stick to write")
        self.plans = tuple(plans)
        self._each = each

    @property
    def title(self) -> str:
        """What is copied, to which stick."""
        stick = shown(self.plans[0].stick.name, 60)
        if len(self.plans) > 1:
            stick = counted("{n} stick", "{n} sticks", len(self.plans))
        return _("Write {image} to {stick}").format(image=self.plans[0].source.name, stick=stick)

    @property
    def devices(self) -> frozenset[str]:
        """The sticks."""
        return frozenset(plan.stick.node for plan in self.plans)

    @property
    def heading(self) -> tuple[str, ...]:
        """Lines for the head of the log."""
        plan = self.plans[0]
        return (
            f"Image: {plan.source.path} ({size(plan.size)}), its files",
            *(f"Stick: {plan.stick.title}, {plan.stick.identity}" for plan in self.plans),
            f"Options: {plan.options}",
            *(f"Warning: {warning}" for plan in self.plans for warning in plan.warnings),
        )

    def run(self, listener: Listener, cancel: CancelToken) -> Report:
        """Copy; see :func:`discwright.stick.installer_run.run_installers`."""
        from discwright.stick.installer_run import run_installers  # noqa: PLC0415 - slow to import

        return joined(run_installers(self.plans, listener, cancel, each=self._each))
