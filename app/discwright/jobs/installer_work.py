# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying a Windows installer to sticks, as the queue does it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from discwright.jobs.joint import joined
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Report
from discwright.transfer.progress import Listener, Mark, Progress
from discwright.wording import _, counted, shown, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discwright.stick.installer_plan import InstallerPlan


Each = Callable[[str, Progress], None]
"""Hears of each stick by its node, from the job's thread."""


class InstallerWork:
    """The files of one image to one or several sticks, one stick after the other."""

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
        """Copy; see :func:`discwright.stick.installer_run.run_installer`."""
        from discwright.stick.installer_run import run_installer  # noqa: PLC0415 - slow to import

        reports = []
        for plan in self.plans:
            told = _Place(listener, plan.stick.node, self._each)
            reports.append(run_installer(plan, told, cancel))
        return joined(reports)


class _Place:
    """The listener of one stick."""

    def __init__(self, listener: Listener, node: str, each: Each | None) -> None:
        self._listener = listener
        self._node = node
        self._each = each

    def progress(self, progress: Progress) -> None:
        """Pass it on, and tell of this stick by itself."""
        if self._each is not None:
            self._each(self._node, progress)
        self._listener.progress(progress)

    def log(self, line: str) -> None:
        """Pass it on."""
        self._listener.log(line)

    def mark(self, lba: int, count: int, mark: Mark) -> None:
        """Pass it on."""
        self._listener.mark(lba, count, mark)
