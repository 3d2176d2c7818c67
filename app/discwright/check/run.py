# SPDX-License-Identifier: GPL-3.0-or-later
"""The check itself: read each subject once, then judge."""

import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path

from discwright.check.plan import CheckPlan
from discwright.check.report import CheckReport
from discwright.check.subject import Subject
from discwright.check.verdict import Seen, Verdict, judge
from discwright.errors import DiscwrightError, SourceError
from discwright.optical.differences import without
from discwright.optical.disc import Disc
from discwright.optical.fingerprint import same
from discwright.optical.patience import PatientReader
from discwright.optical.source import DiscSource, open_source
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.comparison import Comparison
from discwright.transfer.digests import new_digest
from discwright.transfer.extents import Extent, Extents
from discwright.transfer.meter import Meter
from discwright.transfer.outcome import State
from discwright.transfer.progress import Listener, Phase
from discwright.transfer.pump import Consumer, pump
from discwright.transfer.reader import SECTOR
from discwright.wording import _, shown

RETRIES = 3
"""Further tries for a sector of a disc that can't be read."""

Fill = Callable[[memoryview], int]


def run_check(plan: CheckPlan, listener: Listener, cancel: CancelToken) -> CheckReport:
    """Check as planned. Whatever goes wrong with discs, drives and files is in the report."""
    began = time.monotonic()
    started = datetime.now().astimezone().isoformat(timespec="seconds")
    check = _Check(plan, listener, cancel)
    seen: list[Seen] = []
    cause = ""
    try:
        seen = [check.see(subject) for subject in plan.subjects]
        verdict = judge(plan, seen)
    except Cancelled:
        verdict = Verdict(State.CANCELLED, _("The check was cancelled."))
    except DiscwrightError as error:
        verdict = Verdict(State.FAILED, error.message, error.remedy)
        cause = error.cause
    finally:
        check.close()
    for published, right in verdict.checks:
        listener.log(
            f"{published.checksum.algorithm} in {published.source}: "
            f"{'same' if right else 'different'}"
        )
    report = CheckReport(
        verdict.state,
        verdict.message,
        verdict.remedy,
        cause,
        target=plan.source,
        bytes=sum(one.bytes for one in seen),
        digests=dict(verdict.digests),
        checks=verdict.checks,
        title=verdict.title,
        bad_sectors=(*_below(seen, verdict.length), *verdict.missing),
        differing_sectors=tuple(run for one in seen for run in one.differing),
        warnings=verdict.warnings,
        started=started,
        duration_s=time.monotonic() - began,
    )
    listener.log(f"{report.state}: {report.message} {report.cause}".strip())
    return report


def _below(seen: Sequence[Seen], length: int | None) -> tuple[Extent, ...]:
    """Give the unreadable sectors of what was meant."""
    runs = (run for one in seen for run in one.bad)
    if length is None:
        return tuple(runs)
    return tuple(run for run in runs if run.lba * SECTOR < length)


class _Check:
    """One run, over one subject after the other."""

    def __init__(self, plan: CheckPlan, listener: Listener, cancel: CancelToken) -> None:
        self._plan = plan
        self._listener = listener
        self._cancel = cancel
        self._meter = Meter(listener)
        self._hanging: list[threading.Thread] = []
        self._open = ExitStack()

    def close(self) -> None:
        """Let go of everything; later, if a thread is still inside a call into the kernel."""

        def wait_and_close() -> None:
            for thread in self._hanging:
                thread.join()
            self._open.close()

        if self._hanging:
            threading.Thread(target=wait_and_close, name="check-close", daemon=True).start()
        else:
            wait_and_close()

    def see(self, subject: Subject) -> Seen:
        """Read a subject. Raises DiscwrightError, Cancelled."""
        self._meter.start(Phase.PREPARING, None)
        if subject.disc is None:
            return self._see_file(subject)
        return self._see_disc(subject, subject.disc)

    def _see_file(self, subject: Subject) -> Seen:
        path, other = Path(subject.source), self._plan.other
        if other is None:
            digests = self._digests(subject.lengths)
            moved = self._pass(self._filler(path), subject.size, digests)
            return Seen(moved, _by_length(digests))
        common = min(subject.size, self._plan.other_size)
        comparison = self._comparison(path)
        moved = self._pass(self._filler(other, common), common, [comparison.take])
        rest: bool | None = None
        if subject.size != self._plan.other_size and not comparison.differing.count:
            longer = path if subject.size > common else other
            rest = self._only_zeros(longer, common, max(subject.size, self._plan.other_size))
        return Seen(moved, {}, (), comparison.differing.runs, rest)

    def _see_disc(self, subject: Subject, disc: Disc) -> Seen:
        source = self._open_disc(disc)
        sectors, comparison = subject.sectors, None
        lengths = subject.lengths
        consumers: list[Consumer] = []
        if self._plan.other is not None:
            sectors = min(sectors, self._plan.other_size // SECTOR)
            lengths = (sectors * SECTOR,)
            comparison = self._comparison(self._plan.other)
            consumers.append(comparison.take)
        digests = self._digests(lengths)
        reader = PatientReader(
            source, sectors, retries=RETRIES, fingerprint=disc.fingerprint,
            listener=self._listener, cancel=self._cancel,
        )  # fmt: skip
        moved = self._pass(reader.fill, sectors * SECTOR, [*consumers, *digests], reader)
        bad = reader.bad.runs
        good = bad[0].lba * SECTOR if bad else moved
        found = {at: names for at, names in _by_length(digests).items() if at <= good}
        differing = () if comparison is None else without(comparison.differing.runs, bad)
        return Seen(moved, found, bad, differing)

    def _open_disc(self, disc: Disc) -> DiscSource:
        source = open_source(disc.source)
        self._open.callback(source.close)
        source.wait_ready(self._cancel)
        if not same(source.fingerprint(), disc.fingerprint):
            raise SourceError(
                _("Another disc is in the drive than the one that was looked at."),
                remedy=_("Look at the disc again, then check it."),
            )
        return source

    def _digests(self, lengths: tuple[int, ...]) -> "list[_Milestones]":
        return [_Milestones(name, lengths) for name in self._plan.algorithms]

    def _comparison(self, path: Path) -> Comparison:
        return self._open.enter_context(closing(Comparison(path, Extents())))

    def _filler(self, path: Path, end: int | None = None, start: int = 0) -> Fill:
        """Give what reads a file from ``start`` to ``end``. Raises SourceError."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise _unreadable(path, error) from error
        self._open.callback(os.close, descriptor)
        at = start

        def fill(buffer: memoryview) -> int:
            nonlocal at
            room = buffer if end is None else buffer[: max(0, end - at)]
            try:
                got = os.preadv(descriptor, [room], at) if len(room) else 0
            except OSError as error:
                raise _unreadable(path, error) from error
            at += got
            return got

        return fill

    def _pass(
        self,
        fill: Fill,
        total: int,
        consumers: Sequence[Consumer],
        reader: PatientReader | None = None,
    ) -> int:
        """Send it through the consumers; give the bytes. Raises SourceError if it is shorter."""
        self._meter.start(Phase.VERIFYING, total)
        done = 0

        def count(buffer: memoryview) -> int:
            nonlocal done
            got = fill(buffer)
            done += got
            tell()
            return got

        def tell() -> None:
            if reader is None:
                self._meter.update(done)
            else:
                at = reader.position
                self._meter.update(at * SECTOR, position=at, bad_sectors=reader.bad.count)

        moved = pump(count, consumers, cancel=self._cancel, tick=tell, stuck=self._hanging.append)
        self._meter.finish()
        if moved < total:
            raise SourceError(
                _("{name} became shorter while it was read.").format(name=self._plan.name)
            )
        return moved

    def _only_zeros(self, path: Path, start: int, end: int) -> bool:
        """Tell whether a file has nothing but zeros there."""
        clean = True

        def look(data: memoryview) -> None:
            nonlocal clean
            clean = clean and not any(bytes(data).strip(b"\0"))

        self._pass(self._filler(path, end, start), end - start, [look])
        return clean


class _Milestones:
    """A checksum that is noted each time one of these lengths is reached; made for the pump."""

    def __init__(self, algorithm: str, lengths: Sequence[int]) -> None:
        self.algorithm = algorithm
        self.at: dict[int, str] = {}
        self._digest = new_digest(algorithm)
        self._ahead = list(lengths)
        self._position = 0
        self._note()

    def __call__(self, data: memoryview) -> None:
        """Take the next bytes."""
        while len(data):
            step = min(len(data), self._ahead[0] - self._position if self._ahead else len(data))
            self._digest.update(data[:step])
            self._position += step
            data = data[step:]
            self._note()

    def _note(self) -> None:
        while self._ahead and self._ahead[0] == self._position:
            self.at[self._ahead.pop(0)] = self._digest.hexdigest()


def _by_length(digests: Sequence[_Milestones]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for one in digests:
        for length, digest in one.at.items():
            found.setdefault(length, {})[one.algorithm] = digest
    return found


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(
        _("{name} can't be read: {why}.").format(name=shown(path.name), why=error.strerror),
        cause=str(error),
    )
