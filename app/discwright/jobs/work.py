# SPDX-License-Identifier: GPL-3.0-or-later
"""What the queue does: a piece of work on one or more devices, whatever its kind."""

import os
from typing import TYPE_CHECKING, Protocol

from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Report
from discwright.transfer.progress import Listener
from discwright.wording import _, shown, size

if TYPE_CHECKING:
    from discwright.rip.plan import RipPlan


class Work(Protocol):
    """A planned job, ready to run."""

    @property
    def kind(self) -> str:
        """A short stable word: "rip"."""

    @property
    def title(self) -> str:
        """What is done with what, safe to show."""

    @property
    def devices(self) -> frozenset[str]:
        """The devices (nodes) and files (``file:`` and a path) that only one job may hold."""

    @property
    def heading(self) -> tuple[str, ...]:
        """Lines for the head of the log: drive, medium, target."""

    def run(self, listener: Listener, cancel: CancelToken) -> Report:
        """Do it."""


def held_by(target: str) -> str:
    """Give what a job that burns holds: a drive by its one real name, or a file taken as a disc."""
    if target.startswith("stdio:"):
        return f"file:{os.path.realpath(target.removeprefix('stdio:'))}"
    return os.path.realpath(target)


class RipWork:
    """A rip as planned."""

    kind = "rip"

    def __init__(self, plan: "RipPlan") -> None:
        self.plan = plan

    @property
    def title(self) -> str:
        """What is ripped, to which file."""
        disc = self.plan.disc
        name = disc.label or os.path.basename(disc.source)  # noqa: PTH119 - may be a node
        return _("Rip “{label}” to {target}").format(
            label=shown(name, 60), target=shown(self.plan.target.name, 60)
        )

    @property
    def devices(self) -> frozenset[str]:
        """The drive and the image that is written; an image file may be read by many."""
        files = (self.plan.target, self.plan.sheet)
        held = {f"file:{os.path.realpath(file)}" for file in files if file is not None}
        if not self.plan.disc.virtual:
            held.add(os.path.realpath(self.plan.disc.source))
        return frozenset(held)

    @property
    def heading(self) -> tuple[str, ...]:
        """Lines for the head of the log."""
        disc, length = self.plan.disc, self.plan.disc.length
        drive = "-"
        if disc.drive is not None:
            drive = f"{disc.drive} (firmware {disc.drive.firmware}, serial {disc.drive.serial})"
        found = f"{length.sectors} sectors ({size(disc.size)}), rule {length.rule}"
        candidates = ", ".join(f"{c.source} {c.sectors}" for c in length.candidates)
        return (
            f"Source: {disc.source} ({disc.driver or 'image'})",
            f"Drive: {drive}",
            f"Medium: {disc.profile.title}, {disc.status.value}, label “{disc.label}”",
            f"Length: {found}; candidates: {candidates or '-'}",
            f"Target: {self.plan.target}",
            f"Options: {self.plan.options}",
            *(f"Warning: {warning}" for warning in self.plan.warnings),
        )

    def run(self, listener: Listener, cancel: CancelToken) -> Report:
        """Rip; see :func:`discwright.rip.run.run_rip`, and ``run_bin`` beside it."""
        if self.plan.sheet is not None:
            from discwright.rip.bin_run import run_bin  # noqa: PLC0415 - as below

            return run_bin(self.plan, listener, cancel)
        from discwright.rip.run import run_rip  # noqa: PLC0415 - reads drives: slow to import

        return run_rip(self.plan, listener, cancel)
