# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what a disc still gives: the good parts first, then ever closer to the damage.

The stages and their names are GNU ddrescue's (its manual, "Algorithm"): **copying** in large
requests, forward and jumping over what fails or is slow, then backward, then without jumps;
**trimming** the requests that failed from both ends to their first bad sector; **scraping** what
lies between, sector by sector; **retrying** what is bad, in alternating directions. Each works on
what the map says is left, so that a copy can be gone on with at any moment. A disc without damage
knows only the first.
"""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from discwright.errors import ReadError
from discwright.optical.attempts import Attempts
from discwright.optical.drive import MAX_REQUEST
from discwright.optical.marks import Marks
from discwright.optical.patience import SLOW_S
from discwright.rip.ledger import Ledger
from discwright.rip.map import Current, RescueMap, Stage, Status
from discwright.rip.skip import Skip
from discwright.transfer.extents import Extent, Extents
from discwright.transfer.progress import Listener, Mark

_SPAN = 16
"""Requests that are asked for in one go where all goes well."""


@dataclass(frozen=True)
class _Answer:
    """How a request ended: so many sectors were read, then, perhaps, so many were not."""

    read: int
    failed: int = 0
    slow: bool = False

    @property
    def good(self) -> bool:
        """Whether nothing failed."""
        return not self.failed

    def jump(self, skip: Skip) -> int:
        """Give the sectors to jump over."""
        return skip.after(read=self.read > 0, failed=self.failed > 0, slow=self.slow)


_Steps = Generator[Extent, _Answer, None]
"""Gives the next request and is sent how it ended."""


@dataclass
class Step:
    """What a rescue is at, for those who watch."""

    stage: Stage = Stage.COPYING
    number: int = 1
    """The pass of the stage, from 1."""
    total: int = 0
    """Sectors that there were to do when the pass began."""
    done: int = 0
    """Sectors of them that were tried."""
    lba: int = 0
    """The next sector."""


@dataclass
class _Wear:
    """What this rescue asked of the drive."""

    requests: int = 0
    failed: int = 0
    recovered: int = 0
    hopeless: Extents = field(default_factory=Extents)


class Rescue:
    """Reads all that the map calls unfinished and the disc gives; made for the pump.

    ``end``: the first sector that the drive doesn't have; what lies behind stays as it is.
    ``before_retries`` is called once, before bad sectors are tried again. ``request``: sectors in
    one command.
    """

    def __init__(
        self,
        attempts: Attempts,
        rescue_map: RescueMap,
        *,
        end: int,
        retries: int,
        listener: Listener,
        ledger: Ledger | None = None,
        before_retries: Callable[[], None] = lambda: None,
        request: int = MAX_REQUEST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.map = rescue_map
        self._size = attempts.sector_size
        self._most = request
        self.ledger = ledger or Ledger(self._size)
        self.step = Step()
        self.wear = _Wear()
        self.read = Extents()
        """The sectors that were read in this run."""
        self.in_order = rescue_map.count(Status.NON_TRIED) == rescue_map.length
        """Whether every sector so far came after the one before it, from the first one on."""
        self._next = 0
        self._attempts = attempts
        self._end = min(end, rescue_map.length)
        # What an earlier run gave up is tried at least once more: that is why one goes on.
        self._retries = max(retries, 1) if rescue_map.count(Status.BAD) else retries
        self._listener = listener
        self._marks = Marks(listener)
        self._before_retries = before_retries
        self._clock = clock
        self._steps = self._stages()
        self._request: Extent | None = None
        self._begun = False
        self.trouble = False
        """Whether anything could not be read at once."""

    @property
    def current(self) -> Current:
        """Where it is, for the map."""
        return Current(self.step.lba, self.step.stage, self.step.number)

    @property
    def recovered(self) -> int:
        """Sectors that were read, but not at the first try."""
        return self.wear.recovered

    @property
    def whole(self) -> bool:
        """Whether everything was read, in order."""
        return self.in_order and self._next == self.map.length

    def fill(self, buffer: memoryview) -> int:
        """Put sectors that follow each other into the buffer; give their bytes, 0 at the end.

        Which they are is in the ledger. Raises ReadError and SourceError when the reading can't
        go on, Cancelled when asked to stop.
        """
        if not self._begun:
            self._begun = True
            self._request = next(self._steps, None)
        room, used = len(buffer) // self._size, 0
        try:
            while used < room and self._request is not None:
                request = self._request
                if used and request.lba != self._next:
                    break
                if not used:
                    self.ledger.drop_empty()
                    self.ledger.enter(request.lba, buffer)
                answer = self._try(request, buffer[used * self._size :])
                used += answer.read
                # In a slow place, or where each sector was hard to get, nothing waits for more.
                copying = self.step.stage is Stage.COPYING
                if used and (not answer.good or answer.slow or not copying):
                    break
        finally:
            if not used:
                self.ledger.drop_empty()
        if not used:
            self._marks.flush()
            self._attempts.ensure_same_disc()
        return used * self._size

    def _try(self, request: Extent, buffer: memoryview) -> _Answer:
        """Read as much of it as there is room for, in order; end at the first failure."""
        lba, count = request.lba, min(request.count, len(buffer) // self._size)
        read, part, slow = 0, 0, False
        error: ReadError | None = None
        try:
            while read < count and error is None and not slow:
                self.step.lba = at = lba + read
                # Requests end with error correction blocks: 16 sectors of a DVD, 32 of a Blu-ray.
                part = min(count - read, self._most - at % self._most)
                began = self._clock()
                error = self._attempts.read(
                    at, part, buffer[read * self._size : (read + part) * self._size]
                )
                slow = self._clock() - began > SLOW_S
                self.wear.requests += 1
                self.step.done += part
                if error is None:
                    self._mark_read(at, part, slow=slow)
                    read += part
        finally:
            if read:
                self._finish(Extent(lba, read))
        if error is not None:
            self._fail(Extent(lba + read, part), error)
        answer = _Answer(read, part if error is not None else 0, slow)
        try:
            self._request = self._steps.send(answer)
        except StopIteration:
            self._request = None
        return answer

    def _mark_read(self, lba: int, count: int, *, slow: bool) -> None:
        mark = Mark.SLOW if slow else Mark.READ
        if self.step.stage is Stage.RETRYING:
            mark = Mark.RETRIED
            self.wear.recovered += count
            self._listener.log(f"LBA {lba}: read at retry {self.step.number}")
        self._marks.add(lba, count, mark)

    def _finish(self, run: Extent) -> None:
        with self.ledger.lock:
            if self.ledger.closed:
                return
            self.map.set(run.lba, run.count, Status.FINISHED)
            self.ledger.grow(run.count)
        self.in_order = self.in_order and run.lba == self._next
        self._next = run.end
        self.read.add(run)

    def _fail(self, run: Extent, error: ReadError) -> None:
        self.trouble = True
        self.wear.failed += 1
        self._listener.log(f"LBA {run.lba}, {run.count} sectors: {error.cause}")
        hopeless = self._attempts.hopeless(error)
        alone = run.count == 1
        if alone and hopeless:
            self.wear.hopeless.add(run)
        with self.ledger.lock:
            self.map.set(run.lba, run.count, Status.BAD if alone else Status.NON_TRIMMED)
        self._marks.add(run.lba, run.count, Mark.BAD if alone else Mark.SKIPPED)

    def _stages(self) -> _Steps:
        for number, copying in enumerate((self._forward, self._backward, self._sweep), start=1):
            yield from self._pass(Stage.COPYING, number, Status.NON_TRIED, copying)
        yield from self._pass(Stage.TRIMMING, 1, Status.NON_TRIMMED, self._trim)
        yield from self._pass(Stage.SCRAPING, 1, Status.NON_SCRAPED, self._scrape)
        if self._retries and self._worth_retrying():
            self._before_retries()
        for number in range(1, self._retries + 1):
            if self._worth_retrying():
                again = self._retry_forward if number % 2 == 0 else self._retry_backward
                yield from self._pass(Stage.RETRYING, number, Status.BAD, again)
        self._begin(Stage.FINISHED, 1, Status.FINISHED)

    def _worth_retrying(self) -> bool:
        return any(
            lba not in self.wear.hopeless
            for run in self.map.of(Status.BAD)
            for lba in range(run.lba, min(run.end, self._end))
        )

    def _pass(
        self, stage: Stage, number: int, status: Status, steps: Callable[[], _Steps]
    ) -> _Steps:
        if self.map.first(status, 0, self._end) is not None:
            self._begin(stage, number, status)
            yield from steps()

    def _begin(self, stage: Stage, number: int, status: Status) -> None:
        total = sum(run.count for run, own in self.map.runs(0, self._end) if own is status)
        self.step = Step(stage, number, total, lba=self.step.lba)
        if (stage, number) != (Stage.COPYING, 1):
            self._marks.flush()
            self._listener.log(f"Rescue: {stage.name.lower()}, pass {number}: {total} sectors")

    def _forward(self, *, jump: bool = True) -> _Steps:
        skip, at, span = Skip(self.map.length), 0, _SPAN * self._most
        while (run := self.map.first(Status.NON_TRIED, at, self._end)) is not None:
            answer = yield Extent(run.lba, min(run.count, span - run.lba % span))
            at = run.lba + answer.read + answer.failed
            if jump:
                at = self._jumped(at, at + answer.jump(skip))

    def _jumped(self, at: int, to: int) -> int:
        for run, status in self.map.runs(at, min(to, self._end)):
            if status is Status.NON_TRIED:
                self.trouble = True
                self._marks.add(run.lba, run.count, Mark.SKIPPED)
        return to

    def _backward(self) -> _Steps:
        skip, end = Skip(self.map.length), self._end
        while (run := self.map.last(Status.NON_TRIED, end)) is not None:
            lba = max(run.lba, (run.end - 1) // self._most * self._most)
            answer = yield Extent(lba, run.end - lba)
            end = lba - answer.jump(skip)

    def _sweep(self) -> _Steps:
        yield from self._forward(jump=False)

    def _trim(self) -> _Steps:
        """Read from both ends of each failed request to its first bad sector."""
        at = 0
        while (run := self.map.first(Status.NON_TRIMMED, at, self._end)) is not None:
            lba, end = run.lba, run.end
            while lba < end:
                answer = yield Extent(lba, 1)
                lba += 1
                if not answer.good:
                    break
            while lba < end:
                answer = yield Extent(end - 1, 1)
                end -= 1
                if not answer.good:
                    break
            if lba < end:
                with self.ledger.lock:
                    self.map.set(lba, end - lba, Status.NON_SCRAPED)
                self.step.done += end - lba
            at = run.end

    def _scrape(self) -> _Steps:
        at = 0
        while (run := self.map.first(Status.NON_SCRAPED, at, self._end)) is not None:
            for lba in range(run.lba, run.end):
                yield Extent(lba, 1)
            at = run.end

    def _retry_forward(self) -> _Steps:
        at = 0
        while (run := self.map.first(Status.BAD, at, self._end)) is not None:
            for lba in range(run.lba, run.end):
                yield from self._once_more(lba)
            at = run.end

    def _retry_backward(self) -> _Steps:
        end = self._end
        while (run := self.map.last(Status.BAD, end)) is not None:
            for lba in range(run.end - 1, run.lba - 1, -1):
                yield from self._once_more(lba)
            end = run.lba

    def _once_more(self, lba: int) -> _Steps:
        if lba not in self.wear.hopeless:
            yield Extent(lba, 1)
