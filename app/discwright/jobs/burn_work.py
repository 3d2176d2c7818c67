# SPDX-License-Identifier: GPL-3.0-or-later
"""Burning, as the queue does it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from discwright.jobs.joint import joined
from discwright.jobs.maker_speeds import MakerSpeeds
from discwright.jobs.work import held_by
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Report, State
from discwright.transfer.progress import Listener, Mark, Phase, Progress
from discwright.wording import _, counted, shown, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discwright.burn.plan import BurnPlan
    from discwright.burn.report import BurnReport


Each = Callable[[str, Progress], None]
"""Hears of each of several drives by its node, from the threads of their burns."""


class BurnWork:
    """One image with one or several drives, as planned; the image is read once."""

    kind = "burn"

    def __init__(
        self,
        plans: "Sequence[BurnPlan]",
        speeds: MakerSpeeds | None = None,
        each: Each | None = None,
    ) -> None:
        if not plans:
            raise ValueError("there is no drive to burn with")
        self.plans = tuple(plans)
        self._speeds = speeds or MakerSpeeds()
        self._each = each

    @property
    def title(self) -> str:
        """What is burned, onto which disc."""
        image = shown(self.plans[0].image.name, 60)
        disc = self.plans[0].medium.kind
        if len(self.plans) > 1:
            disc = counted("{n} disc", "{n} discs", len(self.plans))
        if self.plans[0].options.simulate:
            return _("Simulate burning {image} to {disc}").format(image=image, disc=disc)
        return _("Burn {image} to {disc}").format(image=image, disc=disc)

    @property
    def devices(self) -> frozenset[str]:
        """The drives; a file that stands for a disc counts as one."""
        held = {held_by(plan.node) for plan in self.plans}
        if not self.plans[0].image.virtual:
            held.add(self.plans[0].image.source)
        return frozenset(held)

    @property
    def heading(self) -> tuple[str, ...]:
        """Lines for the head of the log."""
        image = self.plans[0].image
        lines = [f"Image: {image.source} ({size(image.size)})"]
        for plan in self.plans:
            medium = plan.medium
            lines.append(f"Drive: {plan.node}, {medium.kind}, {medium.status}, {medium.maker}")
            lines.append(f"Plan: {plan.method}, {plan.speed_kb} kB/s; version {plan.program}")
            lines += [f"Warning: {warning}" for warning in plan.warnings]
        return (*lines, f"Options: {self.plans[0].options}")

    def run(self, listener: Listener, cancel: CancelToken) -> Report:
        """Burn; see :func:`discwright.burn.run.run_burn`."""
        from discwright.burn.run import run_burn  # noqa: PLC0415 - slow to import
        from discwright.burn.together import burn_together  # noqa: PLC0415 - so is this

        if len(self.plans) == 1:
            reports: Sequence[BurnReport] = (run_burn(self.plans[0], listener, cancel),)
        else:
            nodes = [plan.node for plan in self.plans]
            board = _Board(listener, nodes, self._each)
            reports = burn_together(self.plans, board.places, cancel)
        for plan, report in zip(self.plans, reports, strict=True):
            if report.state is State.COMPLETE and report.verified and plan.speed_kb:
                self._speeds.remember(plan.medium.maker, plan.speed_kb)
        return joined(reports)


class _Board:
    """Tells the slowest of several burns as the progress of all."""

    def __init__(self, listener: Listener, nodes: "Sequence[str]", each: Each | None) -> None:
        self._listener = listener
        self._nodes = nodes
        self._each = each
        self._lock = threading.Lock()
        self._latest: list[Progress | None] = [None] * len(nodes)
        self.places = tuple(_Place(self, number) for number in range(len(nodes)))

    def progress(self, number: int, progress: Progress) -> None:
        if self._each is not None:
            self._each(self._nodes[number], progress)
        with self._lock:
            self._latest[number] = progress
            known = [one for one in self._latest if one is not None]
            slowest = min(known, key=_rank)
        if slowest is progress:
            self._listener.progress(replace(progress))

    def log(self, number: int, line: str) -> None:
        self._listener.log(f"[{number + 1}] {line}")


class _Place:
    """The listener of one burn among several."""

    def __init__(self, board: _Board, number: int) -> None:
        self._board = board
        self._number = number

    def progress(self, progress: Progress) -> None:
        """Pass it on, if this is the slowest."""
        self._board.progress(self._number, progress)

    def log(self, line: str) -> None:
        """Pass it on, with the number of the burn."""
        self._board.log(self._number, line)

    def mark(self, lba: int, count: int, mark: Mark) -> None:
        """Hear nothing: the map shows one disc."""


_ORDER = tuple(Phase)


def _rank(progress: Progress) -> tuple[int, float]:
    """Order by who has the most to do yet; who waits for a person comes first."""
    if progress.note:
        return -1, 0.0
    share = progress.done / progress.total if progress.total else 0.0
    return _ORDER.index(progress.phase), share
