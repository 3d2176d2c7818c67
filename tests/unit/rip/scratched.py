# SPDX-License-Identifier: GPL-3.0-or-later
"""An image file as a disc with scratches, and what is copied of it."""

from dataclasses import dataclass, field
from pathlib import Path

from discwright.optical.source import examine
from discwright.rip.earlier import find
from discwright.rip.plan import RipOptions, plan_rip
from discwright.rip.run import run_rip
from discwright.transfer.cancel import CancelToken
from discwright.transfer.destination import survey
from discwright.transfer.outcome import Refusal, State
from discwright.transfer.progress import Silent


@dataclass
class Scratched:
    """An image file as a disc with scratches, and a folder for copies of it."""

    path: Path
    folder: Path
    bad: set[int] = field(default_factory=set)
    cancel_at: int | None = None
    cancel: CancelToken = field(default_factory=CancelToken)
    reads: list[int] = field(default_factory=list)

    @property
    def target(self) -> Path:
        return self.folder / "out.iso"

    def copy(self, **options):
        self.cancel = CancelToken()
        disc = examine(self.path)
        wanted = RipOptions(**options)
        earlier = find(self.target, wanted.map_file)
        plan = plan_rip(disc, wanted, survey(self.target), earlier)
        assert not isinstance(plan, Refusal), plan
        self.reads.clear()
        return run_rip(plan, Silent(), self.cancel)

    def names(self):
        return {path.name for path in self.folder.iterdir()}

    def is_whole(self, report):
        assert report.state is State.COMPLETE, report
        assert self.target.read_bytes() == self.path.read_bytes()


def broken_off(disc, **options):
    disc.cancel_at = 1500
    report = disc.copy(**options)
    disc.cancel_at = None
    assert report.state is State.CANCELLED
    return report
