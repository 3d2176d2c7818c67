# SPDX-License-Identifier: GPL-3.0-or-later
"""Telling where a rescue is, stage by stage."""

import threading

from discwright.rip.map import Stage, Status
from discwright.rip.rescue import Rescue, Step
from discwright.transfer.meter import Meter
from discwright.transfer.progress import Phase

_PHASES = {
    Stage.COPYING: Phase.READING,
    Stage.TRIMMING: Phase.TRIMMING,
    Stage.SCRAPING: Phase.SCRAPING,
    Stage.RETRYING: Phase.RETRYING,
}


class Telling:
    """Turns the steps of a rescue into phases of a job; may be called by several threads."""

    def __init__(self, meter: Meter, sector_size: int, *, instead: Phase | None = None) -> None:
        """Prepare; ``instead``: the one phase that all stages are, for a second reading."""
        self._meter = meter
        self._size = sector_size
        self._instead = instead
        self._step: Step | None = None
        self._lock = threading.Lock()

    def tell(self, rescue: Rescue) -> None:
        """Tell where it is now."""
        with self._lock:
            step, before = rescue.step, self._step
            bad = rescue.map.count(Status.BAD)
            if before is not None and step is not before:
                self._meter.update(before.done * self._size, position=before.lba, bad_sectors=bad)
            if step.stage not in _PHASES or not step.total:
                return
            if step is not self._step:
                self._step = step
                again = step.stage is Stage.COPYING and step.number > 1
                phase = Phase.RETURNING if again else _PHASES[step.stage]
                total = step.total * self._size
                self._meter.start(self._instead or phase, total, position=step.lba)
            self._meter.update(step.done * self._size, position=step.lba, bad_sectors=bad)
