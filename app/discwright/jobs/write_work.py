# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing sticks, as the queue does it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from discwright.jobs.joint import joined
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Report
from discwright.transfer.progress import Listener, Progress
from discwright.wording import _, counted, shown, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discwright.stick.plan import WritePlan


Each = Callable[[str, Progress], None]
"""Hears of each stick by its node, from the threads that write."""


class WriteWork:
    """One image to one or several sticks, as planned; all plans are of the same image."""

    kind = "write"

    def __init__(self, plans: "Sequence[WritePlan]", each: Each | None = None) -> None:
        if not plans:
            raise ValueError("there is no stick to write")
        self.plans = tuple(plans)
        self._each = each

    @property
    def title(self) -> str:
        """What is written, to which stick."""
        image = shown(self.plans[0].source.path.name, 60)
        if len(self.plans) == 1:
            return _("Write {image} to {stick}").format(
                image=image, stick=shown(self.plans[0].stick.name, 60)
            )
        sticks = counted("{n} stick", "{n} sticks", len(self.plans))
        return _("Write {image} to {stick}").format(image=image, stick=sticks)

    @property
    def devices(self) -> frozenset[str]:
        """The sticks."""
        return frozenset(
            f"file:{plan.stick.node}" if plan.stick.regular_file else plan.stick.node
            for plan in self.plans
        )

    @property
    def heading(self) -> tuple[str, ...]:
        """Lines for the head of the log."""
        source = self.plans[0].source
        length = "?" if source.size is None else size(source.size)
        return (
            f"Image: {source.path} ({source.method}, {length})",
            *(f"Stick: {plan.stick.title}, {plan.stick.identity}" for plan in self.plans),
            f"Options: {self.plans[0].options}",
            *(f"Warning: {warning}" for plan in self.plans for warning in plan.warnings),
        )

    def run(self, listener: Listener, cancel: CancelToken) -> Report:
        """Write; see :func:`discwright.stick.run.run_write`."""
        from discwright.stick.run import run_write  # noqa: PLC0415 - slow to import

        return joined(run_write(self.plans, listener, cancel, each=self._each))
