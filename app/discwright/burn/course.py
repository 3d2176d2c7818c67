# SPDX-License-Identifier: GPL-3.0-or-later
"""From a program's events to named phases with honest progress, and to what is known at its end."""

import re
from dataclasses import dataclass

from discwright.burn.programs import Program
from discwright.burn.transcript import SERIOUS, Began, Ended, Event, Problem, Step, Written
from discwright.optical.sense import Sense
from discwright.transfer.meter import Meter
from discwright.transfer.progress import Phase

MIB = 1 << 20

LOST = "Lost connection to drive"
"""What libburn says when the drive's node is gone."""

_CLOSING = re.compile(r"Failed to (?:synchronize|close)|Closing", re.IGNORECASE)


@dataclass(frozen=True)
class Outcome:
    """How a run of a program ended, as far as it says itself."""

    code: int | None
    """Its exit code; None if it hangs in the kernel and was left behind."""
    began: bool = False
    """It began to write, blank or format: the disc may have been touched."""
    ended_well: bool = False
    """It said so."""
    written: int = 0
    """Bytes that it told as written."""
    reached_closing: bool = False
    """It told that all data was written."""
    problems: tuple[Problem, ...] = ()
    stopped: bool = False
    """It was told to stop."""
    killed: bool = False
    """It had to be killed."""
    starved: str = ""
    """Why the image couldn't be given to it to its end, in a sentence."""
    program: Program = Program.XORRISO

    @property
    def well(self) -> bool:
        """Whether exit code and words both say that it went well."""
        return self.code == 0 and self.ended_well

    @property
    def closing(self) -> bool:
        """Whether all data was written when it ended, and only the closing went wrong."""
        serious = self._serious
        if not serious:
            return self.reached_closing
        return _CLOSING.search(serious[0].text) is not None

    @property
    def cause(self) -> str:
        """The technical reason, in the program's words."""
        serious = self._serious or self.problems
        lost = [problem for problem in serious if problem.text.startswith(LOST)]
        with_sense = [problem for problem in serious if problem.sense is not None]
        chosen = (lost or with_sense or list(serious))[:1]
        words = [problem.text for problem in chosen]
        return "; ".join([*words, f"{self.program.value}: exit code {self.code}"])

    @property
    def sense(self) -> Sense | None:
        """The drive's own reason for the first problem that has one."""
        return next((p.sense for p in self.problems if p.sense is not None), None)

    @property
    def _serious(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity in SERIOUS)


class Course:
    """Takes the events of one run and tells a meter; ``size`` is what will be written, bytes."""

    def __init__(self, meter: Meter, size: int = 0, program: Program = Program.XORRISO) -> None:
        self._meter = meter
        self._program = program
        self._size = size
        self._phase: Phase | None = None
        self._began = False
        self._ended = False
        self._stopped = False
        self._written = 0
        self._problems: list[Problem] = []

    def take(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case Began(Step.WRITING):
                self._began = True
                self._enter(Phase.LEADING_IN)
            case Began(Step.PATIENCE):
                if self._phase is Phase.WRITING:
                    self._enter(Phase.CLOSING)  # a lead-out is written
            case Began(Step.CLOSING):
                self._enter(Phase.CLOSING)
            case Began(Step.BLANKING):
                self._began = True
                self._enter(Phase.BLANKING)
            case Began(Step.FORMATTING):
                self._began = True
                self._enter(Phase.FORMATTING)
            case Written():
                self._take_written(event)
            case Ended():
                self._ended = True
            case Problem():
                self._problems.append(event)

    def stop(self) -> None:
        """Take note that it was told to stop: how far it is doesn't matter any more."""
        self._stopped = True
        self._meter.start(Phase.STOPPING, None)

    def _take_written(self, event: Written) -> None:
        all_of_it = event.total is not None and event.mib >= event.total
        done = event.mib * MIB
        if event.total and self._program is Program.CDRDAO:  # counts whole sectors, of any kind
            done = self._size * event.mib // event.total
        self._written = max(self._written, min(self._size, done))
        if all_of_it:
            self._written = self._size
        if not self._written or self._phase is Phase.CLOSING:
            return
        self._enter(Phase.WRITING)
        if not self._stopped:
            self._meter.update(self._written)
        if all_of_it:
            self._enter(Phase.CLOSING)

    def _enter(self, phase: Phase) -> None:
        if phase is self._phase:
            self._meter.tick()
            return
        self._phase = phase
        if not self._stopped:
            self._meter.start(phase, self._size if phase is Phase.WRITING else None)

    def end(
        self, code: int | None, *, stopped: bool = False, killed: bool = False, starved: str = ""
    ) -> Outcome:
        """Give what is known when the program has ended."""
        return Outcome(
            code,
            self._began,
            self._ended,
            self._written,
            self._phase is Phase.CLOSING,
            tuple(self._problems),
            stopped,
            killed,
            starved,
            self._program,
        )
