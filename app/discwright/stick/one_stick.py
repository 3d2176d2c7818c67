# SPDX-License-Identifier: GPL-3.0-or-later
"""One stick from being opened to its verdict.

The order makes that there is no moment at which a half-written stick starts or mounts: wipe the
head, take the sample, write all but the head, prove it, and only then write the head, the first
block last. Whatever fails or is cancelled leaves zeros at the start.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from discwright.errors import DiscwrightError, TargetError
from discwright.image.boot import BootReport
from discwright.stick.device import Watched, watched
from discwright.stick.feed import Piece
from discwright.stick.head import Stamp, wipe_head, wipe_tail, write_head
from discwright.stick.opening import Opener
from discwright.stick.plan import WritePlan
from discwright.stick.probe import Suspicion, probe
from discwright.stick.proof import Opened, Proof, padded, read_back, repair
from discwright.stick.ranges import ByteRange, joined
from discwright.stick.record import HEAD, Record
from discwright.stick.stick_sectors import boot_of_stick
from discwright.transfer.cancel import CancelToken
from discwright.transfer.progress import Phase
from discwright.wording import _, counted, shown, size


class Head(Enum):
    """What lies at the start of the stick."""

    OLD = auto()
    """What was there before."""
    UNSURE = auto()
    """It was being wiped."""
    WIPED = auto()
    """The stamp, or zeros."""
    WRITTEN = auto()
    """The image's, or a part of it."""


@dataclass
class Standing:
    """Where the work on a stick is; written by its threads, read by the one that tells."""

    phase: Phase = Phase.PREPARING
    done: int = 0
    total: int | None = None
    over: bool = False


@dataclass
class Outcome:
    """What is known about a stick at its end."""

    error: BaseException | None = None
    touched: bool = False
    head: Head = Head.OLD
    proof: Proof | None = None
    suspicion: Suspicion | None = None
    written: int = 0
    boot: BootReport | None = None
    """What starts from the stick, if that wasn't known before."""
    eject_failed: str = ""
    hanging: list[threading.Thread] = field(default_factory=list)


class OneStick:
    """The work on one stick. Its steps are called in turn from one thread, but for :meth:`take`."""

    def __init__(
        self,
        plan: WritePlan,
        *,
        opener: Opener,
        say: Callable[[str], None],
        cancel: CancelToken,
    ) -> None:
        self.plan = plan
        self.name = plan.stick.name
        self.standing = Standing()
        self.outcome = Outcome()
        self.alone = False
        """It was fed on its own: what it got is not what was compared with published checksums."""
        self._opener = opener
        self._say = say
        self._cancel = cancel
        self._target: Watched | None = None
        self._counting = threading.Lock()
        self._stamp = Stamp()

    @property
    def waited(self) -> float:
        """For how many seconds the stick has not answered."""
        return 0.0 if self._target is None else self._target.waited()

    def open(self) -> None:
        """Get hold of the right stick. Raises DiscwrightError, Cancelled."""
        stick = self.plan.stick
        try:
            self._target = watched(lambda: self._opener(stick, self._say), stick.name)
        except DiscwrightError:
            self._cancel.raise_if_cancelled()  # a question for a password may end by Ctrl-C
            raise
        self._target.check(stick.identity)

    def prepare(self) -> None:
        """Wipe what is on the stick, and take the sample. Raises TargetError, Cancelled."""
        target = self._opened()
        self._cancel.raise_if_cancelled()
        self.outcome.touched, self.outcome.head = True, Head.UNSURE
        self._stamp.put(target)
        self.outcome.head = Head.WIPED
        wipe_tail(target)
        if self.plan.options.probe and not self.plan.stick.regular_file:
            self._take_sample(target)

    def take(self, piece: Piece) -> None:
        """Write a piece of the image, but for the head. Raises TargetError."""
        if self._cancel.cancelled:
            return
        target = self._opened()
        if piece.end > target.size:
            raise TargetError(
                _("The image is larger than {name}, which holds {size}.").format(
                    name=shown(self.name), size=size(target.size)
                ),
                remedy=_("Use a larger stick."),
                cause=f"the image goes on at byte {piece.end}",
            )
        if piece.mapped and piece.end > HEAD:
            skip = max(0, HEAD - piece.offset)
            length = padded(piece.length, piece.offset, target)
            target.write(piece.buffer[skip:length], piece.offset + skip)
        with self._counting:
            self.outcome.written += piece.length if piece.mapped else 0
            standing = self.standing
            done = piece.position if self.plan.size is None else piece.end
            standing.done = max(standing.done, done)

    def begin(self, phase: Phase, total: int | None = None) -> None:
        """Enter a phase of ``total`` bytes."""
        self.standing.done, self.standing.total = 0, total
        self.standing.phase = phase

    def finish(self, record: Record, opened: Opened) -> None:
        """Store, prove, and make bootable. Raises DiscwrightError, Cancelled."""
        target = self._opened()
        self.begin(Phase.FLUSHING)
        target.flush()
        self._cancel.raise_if_cancelled()
        if self.plan.options.verify or self.alone:
            self._prove(target, record, opened)
        self.begin(Phase.FINISHING)
        self._stamp.check(target)
        self._cancel.raise_if_cancelled()
        self.outcome.head = Head.WRITTEN
        rewritten = write_head(target, record.head, record.size, self.name)
        if rewritten:
            proof = self.outcome.proof or Proof()
            proof.differing = joined((*proof.differing, *rewritten))
            proof.rewritten = joined((*proof.rewritten, *rewritten))
            self.outcome.proof = proof
            self._prove_again(target, record, proof)
        if self.plan.source.boot is None:
            self.outcome.boot = boot_of_stick(target, record.size)
        target.close()
        self._target = None

    def fail(self, error: BaseException) -> None:
        """Leave the stick so that nothing starts or mounts from it."""
        self.outcome.error = error
        target, self._target = self._target, None
        if target is None:
            return
        if self.outcome.touched:
            try:
                wipe_head(target)
                self.outcome.head = Head.WIPED
            except TargetError as wiping:
                self._say(f"{self.name}: {wiping.message} {wiping.cause}")
        if not any(thread.is_alive() for thread in self.outcome.hanging):
            target.abandon()

    def _opened(self) -> Watched:
        if self._target is None:
            raise RuntimeError("The stick is not open")
        return self._target

    def _take_sample(self, target: Watched) -> None:
        found = probe(target, self._cancel)
        self.outcome.suspicion = found
        if found is None:
            return
        self._say(f"{found.sentence(self.name)} ({found})")
        self._stamp.put(target)  # a marked block may have landed on it
        needed = self.plan.size
        if needed is None or found.first_bad < needed or not self.plan.options.verify:
            raise TargetError(
                found.sentence(self.name),
                remedy=_("Use another stick. Nothing of the image was written to this one."),
                cause=f"first bad block at byte {found.first_bad} of {found.claimed}",
            )

    def _prove(self, target: Watched, record: Record, opened: Opened) -> None:
        self.begin(Phase.VERIFYING, record.mapped_bytes)

        def tell(done: int) -> None:
            self.standing.done = done

        hanging = self.outcome.hanging
        bad = read_back(target, record, tell=tell, cancel=self._cancel, hanging=hanging)
        if bad:
            count = counted(
                "{n} piece was not read back as it was written. Writing it once more.",
                "{n} pieces were not read back as they were written. Writing them once more.",
                len(bad),
            )
            self._say(f"{self.name}: {count}")
        proof = repair(target, record, bad, opened, self._cancel)
        self.outcome.proof = proof
        if proof.rewritten:
            bad = read_back(target, record, tell=tell, cancel=self._cancel, hanging=hanging)
            if bad:  # what was right before is so no longer
                last = repair(target, record, bad, opened, self._cancel)
                proof.remaining = last.differing or last.remaining
                proof.rewritten = ()
        if proof.remaining:
            raise _not_kept(self.name, proof)

    def _prove_again(self, target: Watched, record: Record, proof: Proof) -> None:
        """Read all once more: what should have become the head may have landed elsewhere."""
        bad = read_back(
            target, record, tell=_unheard, cancel=self._cancel, hanging=self.outcome.hanging
        )
        if bad:
            proof.remaining = joined(ByteRange(*record.place(number)) for number in bad)
            raise _not_kept(self.name, proof)


def _unheard(_done: int) -> None:
    """Take no notice."""


def _not_kept(name: str, proof: Proof) -> TargetError:
    first = proof.remaining[0]
    total = sum(run.length for run in proof.remaining)
    return TargetError(
        _(
            "{name} doesn't hold what was written to it: {total} differ, the first at byte "
            "{offset}. Writing them a second time didn't help."
        ).format(name=shown(name), total=size(total), offset=first.offset),
        remedy=_("Use another stick; this one is worn out, damaged or smaller than it says."),
        cause=", ".join(f"{run.offset}+{run.length}" for run in proof.remaining[:8]),
    )
