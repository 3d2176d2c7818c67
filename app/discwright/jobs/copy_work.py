# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying discs straight to another disc or to a stick, as the queue does it."""

import os
from typing import TYPE_CHECKING

from discwright.jobs.installer_work import InstallerWork
from discwright.jobs.maker_speeds import MakerSpeeds
from discwright.jobs.work import held_by
from discwright.jobs.write_work import WriteWork
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Report, State
from discwright.transfer.progress import Listener
from discwright.wording import _, counted, shown, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discwright.burn.copy import CopyPlan
    from discwright.devices.targets import StickTarget


class CopyToStickWork(WriteWork):
    """A disc to one or several sticks, sector by sector; the plans' source is the disc."""

    kind = "copy"

    @property
    def title(self) -> str:
        """What is copied, to which stick."""
        return _title(self.plans[0].source.name, _sticks([plan.stick for plan in self.plans]))

    @property
    def devices(self) -> frozenset[str]:
        """The sticks and the drive."""
        return super().devices | _drive(os.fspath(self.plans[0].source.path))

    @property
    def heading(self) -> tuple[str, ...]:
        """Lines for the head of the log."""
        source = self.plans[0].source
        disc, *rest = super().heading
        if source.disc is not None:
            length = source.disc.length
            disc = (
                f"Disc: {source.path}, {source.disc.kind}, label “{source.disc.label}”, "
                f"{length.sectors} sectors, rule {length.rule}"
            )
        return (disc, *rest)


class CopyInstallerWork(InstallerWork):
    """The files of a Windows installer's disc to one or several sticks."""

    kind = "copy"

    @property
    def title(self) -> str:
        """What is copied, to which stick."""
        source = self.plans[0].source
        return _title(source.label or source.name, _sticks([plan.stick for plan in self.plans]))

    @property
    def devices(self) -> frozenset[str]:
        """The sticks and the drive."""
        return super().devices | _drive(self.plans[0].source.path)


class CopyDiscWork:
    """A disc to a disc, as planned: with two drives, or with one over a temporary image."""

    kind = "copy"

    def __init__(self, plan: "CopyPlan", speeds: MakerSpeeds | None = None) -> None:
        self.plan = plan
        self._speeds = speeds or MakerSpeeds()

    @property
    def title(self) -> str:
        """What is copied, onto which disc."""
        burn = self.plan.burn
        target = _("another disc") if burn is None else burn.medium.kind
        return _title(self.plan.image.name, target)

    @property
    def devices(self) -> frozenset[str]:
        """The drives; a file that stands for a disc counts as one."""
        held = _drive(self.plan.disc.source)
        burn = self.plan.burn
        if burn is None:
            return held
        return held | {held_by(burn.node)}

    @property
    def heading(self) -> tuple[str, ...]:
        """Lines for the head of the log."""
        disc, length = self.plan.disc, self.plan.disc.length
        lines = [
            f"Source: {disc.source}, {disc.kind}, label “{disc.label}”",
            f"Length: {length.sectors} sectors ({size(disc.size)}), rule {length.rule}",
        ]
        burn = self.plan.burn
        if burn is None:
            lines.append(f"Temporary image: {self.plan.temporary}")
        else:
            medium = burn.medium
            lines.append(f"Drive: {burn.node}, {medium.kind}, {medium.status}, {medium.maker}")
            lines.append(f"Plan: {burn.method}, {burn.speed_kb} kB/s; version {burn.program}")
        lines += [f"Warning: {warning}" for warning in self.plan.warnings]
        return (*lines, f"Options: {self.plan.options}")

    def run(self, listener: Listener, cancel: CancelToken) -> Report:
        """Copy; see :func:`discwright.burn.copy.run_copy`."""
        from discwright.burn.copy import run_copy  # noqa: PLC0415 - slow to import

        report = run_copy(self.plan, listener, cancel)
        burn = self.plan.burn
        proved = report.state is State.COMPLETE and report.verified
        if proved and burn is not None and burn.speed_kb:
            self._speeds.remember(burn.medium.maker, burn.speed_kb)
        return report


def _title(disc: str, target: str) -> str:
    return _("Copy “{disc}” to {target}").format(disc=shown(disc, 60), target=target)


def _sticks(sticks: "Sequence[StickTarget]") -> str:
    if len(sticks) > 1:
        return counted("{n} stick", "{n} sticks", len(sticks))
    return shown(sticks[0].name, 60)


def _drive(source: str) -> frozenset[str]:
    """Give the drive that is held; an image file may be read by many."""
    real = os.path.realpath(source)
    return frozenset() if os.path.isfile(real) else frozenset({real})  # noqa: PTH113 - a node
