# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing one image or disc to one or many sticks: one reading, one verdict for each stick.

Each stick has a thread of its own that goes through its steps, so none waits for another's
flushing or reading back. The image is read once for all of them; a stick that comes late or
falls behind is fed on its own from where it is. Whether the image is the one that was published
is decided when all of it has been read, and every stick waits for that before it becomes bootable.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from discwright.devices import udisks_sticks
from discwright.errors import DiscwrightError
from discwright.image.compression import open_stream
from discwright.stick.board import Board, Each
from discwright.stick.disc_reading import DiscReading
from discwright.stick.fanout import Fanout, Lane
from discwright.stick.feed import Bytes, Feed, Piece, StreamBytes, piece_size, ring_for
from discwright.stick.follower import Follower
from discwright.stick.losses import Losses
from discwright.stick.one_stick import OneStick
from discwright.stick.opening import Opener, open_stick
from discwright.stick.plan import WritePlan
from discwright.stick.ranges import ByteRange
from discwright.stick.record import Record
from discwright.stick.report import WriteReport
from discwright.stick.verdict import OWN, Checks
from discwright.stick.words import report_of
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.progress import Listener, Phase

TICK_S = 0.06
"""Seconds between two looks at how far the sticks are."""

LATE_S = 15.0
"""Seconds that the first stick which is ready waits for the others."""

DIGEST_S = 2.0
"""Seconds that a digest which nobody asked for is waited for at most, if it is nearly there."""

NEAR = 16 << 20
"""Bytes: nearly there is a digest that lacks no more than these, or a hundredth of the image."""

GRACE_S = 5.0
"""Seconds that sticks get after a cancel to be left in order."""


def run_write(
    plans: Sequence[WritePlan],
    listener: Listener,
    cancel: CancelToken,
    *,
    each: Each | None = None,
    opener: Opener = open_stick,
) -> tuple[WriteReport, ...]:
    """Write an image to the sticks as planned; all plans are of the same image and options.

    Whatever goes wrong with image and sticks is in the reports, in the order of the plans. The
    listener hears of the slowest stick; ``each`` hears of every one.
    """
    if not plans:
        return ()
    began = time.monotonic()
    started = datetime.now().astimezone().isoformat(timespec="seconds")
    write = _Write(tuple(plans), listener, cancel, opener, each)
    write.run()
    took = time.monotonic() - began
    reports = tuple(
        replace(one, source=str(plans[0].source.path), started=started, duration_s=took)
        for one in write.reports()
    )
    for report in reports:
        listener.log(f"{report.target}: {report.state}: {report.message} {report.cause}".strip())
    return reports


class _Write:
    """One run: the sticks, what is known of the image, and the verdict on it."""

    def __init__(
        self,
        plans: tuple[WritePlan, ...],
        listener: Listener,
        cancel: CancelToken,
        opener: Opener,
        each: Each | None,
    ) -> None:
        self._plan = plans[0]
        self._listener = listener
        self._cancel = cancel
        self._sticks = [
            OneStick(plan, opener=opener, say=listener.log, cancel=cancel) for plan in plans
        ]
        self._lanes = [Lane(f"stick-{n}", one.take) for n, one in enumerate(self._sticks)]
        self._ready: list[int] = []
        self._members: set[int] | None = None
        self._state = threading.Condition()
        self._asking = threading.Lock()
        self._record = Record()
        source = self._plan.source
        self._map = source.block_map if self._plan.options.block_map else None
        plain = source.disc is None and not source.packed
        self._dear = not plain
        # Unpacking keeps all cores busy: who is in such a hurry that nothing is read back gets
        # no digest that wasn't asked for.
        in_step = source.disc is not None or (source.packed and self._plan.options.verify)
        self._checks = Checks(self._plan.expected, self._map, packed=source.packed, in_step=in_step)
        self._follower: Follower | None = None
        if plain and self._map is None and OWN not in self._checks.content.names:
            self._follower = Follower(source.path, OWN, lambda: self._record.size)
        self._piece = piece_size(tuple(plan.stick.max_request for plan in plans))
        self._main: Fanout | None = None
        self._decided = False
        self._verdict: BaseException | None = None
        self._checked = ""
        self._reading: DiscReading | None = None
        if source.disc is not None:
            retries = self._plan.options.retries
            self._reading = DiscReading(source.disc, retries, listener, cancel)
        self._losses = Losses()
        self._board = Board(self._sticks, listener, each, self._reading)

    def run(self) -> None:
        """Return when all sticks are done, or were given up after a cancel."""
        try:
            feed = self._open_feed(self._checks.hear_file)
        except (DiscwrightError, Cancelled) as error:  # before any stick is touched
            for one in self._sticks:
                one.fail(error)
                one.standing.over = True
            return
        threads = [
            threading.Thread(target=self._read, args=(feed,), name="stick-image", daemon=True)
        ]
        threads += [
            threading.Thread(target=self._work, args=(n,), name=f"stick-{n}", daemon=True)
            for n in range(len(self._sticks))
        ]
        for thread in threads:
            thread.start()
        if self._follower is not None:
            self._follower.start()
        given_up = float("inf")
        while not self._all_over() and time.monotonic() < given_up:
            with self._state:
                self._state.wait(TICK_S)
            self._board.tell()
            if self._cancel.cancelled and given_up == float("inf"):
                given_up = time.monotonic() + GRACE_S
        self._board.finish()

    def reports(self) -> tuple[WriteReport, ...]:
        """Give the report of each stick."""
        digests = self._digests()
        return tuple(
            report_of(
                one.plan, one.outcome, digests, self._checked, self._losses,
                hangs=not one.standing.over,
            )
            for one in self._sticks
        )  # fmt: skip

    def _digests(self) -> dict[str, str]:
        found = self._checks.content_digests(self._record) if self._decided else {}
        if self._follower is not None:
            wanted = any(one.outcome.error is None and one.standing.over for one in self._sticks)
            whole = self._record.size
            near = whole - self._follower.done <= max(NEAR, whole // 100)
            own = self._follower.result(whole, patience=DIGEST_S if wanted and near else 0.0)
            self._follower.stop()
            if own:
                found[OWN] = own
        return found

    def _all_over(self) -> bool:
        return all(one.standing.over for one in self._sticks)

    # The image

    def _read(self, feed: Feed) -> None:
        """Read the image for all sticks that are ready in time, and decide on it."""
        error: BaseException | None = None
        try:
            with contextlib.closing(feed):
                members = self._gather()
                if members:
                    self._run_main(feed, members)
                    if self._reading is not None:
                        self._losses = self._reading.losses()
            if members:
                self._checked = self._checks.decide(
                    self._record, self._plan.size, self._plan.source.name
                )
        except BaseException as caught:  # the verdict on the image
            error = caught
        with self._state:
            self._decided, self._verdict = True, error
            self._state.notify_all()

    def _gather(self) -> set[int]:
        """Wait for the sticks to be ready, but not for long once one is."""
        first: float | None = None
        with self._state:
            while True:
                waiting = [
                    n for n, one in enumerate(self._sticks)
                    if n not in self._ready and not one.standing.over
                ]  # fmt: skip
                if self._ready and first is None:
                    first = time.monotonic()
                late = first is not None and time.monotonic() - first > LATE_S
                if not waiting or late or self._cancel.cancelled:
                    self._members = set(self._ready)
                    return self._members
                self._state.wait(0.2)

    def _run_main(self, feed: Feed, members: set[int]) -> None:
        digests = enumerate(self._checks.content.consumers())
        lanes = [_digest_lane(f"digest-{number}", digest) for number, digest in digests]
        if self._checks.has_ranges:
            lanes.append(Lane("ranges", self._checks.check_ranges, depth=1, detachable=False))
        for number in sorted(members):
            self._begin_writing(number)
            lanes.append(self._lanes[number])
        ring = ring_for(self._piece, len(members))
        fanout = Fanout(
            feed, lanes, ring, self._cancel,
            note=self._record.add, wanted=lambda: not self._all_over(), dear=self._dear,
        )  # fmt: skip
        with self._state:
            self._main = fanout
            self._state.notify_all()
        fanout.run()

    def _open_feed(self, raw: Callable[[memoryview], None] | None = None) -> Feed:
        source = self._plan.source
        if self._reading is not None:
            content: Bytes = self._reading.open()
        else:
            content = StreamBytes(open_stream(source.path, raw=raw, cancel=self._cancel))
        ranges = (
            None
            if self._map is None
            else tuple(ByteRange(one.offset, one.length) for one in self._map.ranges)
        )
        return Feed(content, self._piece, ranges, everything=self._checks.whole)

    # A stick

    def _work(self, number: int) -> None:
        stick = self._sticks[number]
        ways: list[tuple[Fanout, Lane]] = []
        try:
            self._open(stick)
            stick.prepare()
            self._write(number, ways)
            self._wait_for_verdict()
            stick.finish(self._record, self._open_feed)
            self._let_go(stick)
        except BaseException as error:  # the stick's verdict
            for fanout, lane in ways:
                fanout.wait_for(lane)  # what is on its way to the stick uses its descriptor
            stick.fail(error)
        with self._state:
            stick.standing.over = True
            self._state.notify_all()

    def _open(self, stick: OneStick) -> None:
        """Open one stick after the other: each may ask for a password."""
        while not self._asking.acquire(timeout=0.2):
            self._cancel.raise_if_cancelled()
        try:
            self._cancel.raise_if_cancelled()
            stick.open()
        finally:
            self._asking.release()

    def _write(self, number: int, ways: list[tuple[Fanout, Lane]]) -> None:
        """Write the image with the others, and what is left of it alone.

        ``ways``: takes by which run of the image, and in which lane, the stick was fed.
        """
        stick, lane = self._sticks[number], self._lanes[number]
        with self._state:
            self._ready.append(number)
            self._state.notify_all()
            while self._members is None or (number in self._members and self._main is None):
                self._raise_verdict()
                self._state.wait(0.2)
            member = number in self._members
        if member:
            assert self._main is not None  # noqa: S101 - for the type checker
            ways.append((self._main, lane))
            self._wait_for_lane(lane)
            self._main.wait_for(lane, self._cancel)
        else:
            lane.resume = (0, 0)
            self._begin_writing(number)
        if lane.error is not None:
            raise lane.error
        if lane.resume is not None:
            self._write_alone(stick, lane.resume, ways)

    def _wait_for_lane(self, lane: Lane) -> None:
        with self._state:
            while lane.attached and lane.error is None and not self._decided:
                self._cancel.raise_if_cancelled()
                self._state.wait(0.1)
            if lane.attached and lane.error is None:
                self._raise_verdict()

    def _write_alone(
        self, stick: OneStick, place: tuple[int, int], ways: list[tuple[Fanout, Lane]]
    ) -> None:
        """Write the image from a place on: the number and the offset of a piece."""
        number, offset = place
        if offset:
            self._listener.log(f"{stick.name} is slower than the others and goes on alone")
        stick.alone = True
        # A lane of its own: what is still at work in the run of the others keeps its hands off it.
        lane = Lane(f"{stick.name}-alone", stick.take)
        feed = self._open_feed()
        try:
            feed.skip_to(number, offset)
            fanout = Fanout(feed, [lane], ring_for(self._piece, 0), self._cancel)
            ways.append((fanout, lane))
            fanout.run()
            fanout.wait_for(lane, self._cancel)
        finally:
            feed.close()
        if lane.error is not None:
            raise lane.error

    def _begin_writing(self, number: int) -> None:
        source, stick = self._plan.source, self._sticks[number]
        stick.begin(Phase.WRITING, source.file_size if source.size is None else source.size)

    def _wait_for_verdict(self) -> None:
        with self._state:
            while not self._decided:
                self._cancel.raise_if_cancelled()
                self._state.wait(0.2)
            self._raise_verdict()

    def _raise_verdict(self) -> None:
        self._cancel.raise_if_cancelled()
        if self._verdict is not None:
            raise self._verdict

    def _let_go(self, stick: OneStick) -> None:
        """Have the system look at the stick anew, or switch it off."""
        target = stick.plan.stick
        if target.regular_file:
            return
        try:
            udisks_sticks.rescan(target.node)
        except DiscwrightError as error:
            self._listener.log(f"{error.message} {error.cause}")
        if not stick.plan.options.eject:
            return
        try:
            udisks_sticks.let_go(target.node)
        except DiscwrightError as error:
            self._listener.log(f"{error.message} {error.cause}")
            stick.outcome.eject_failed = error.sentence()


def _digest_lane(name: str, update: Callable[[memoryview], None]) -> Lane:
    def take(piece: Piece) -> None:
        update(piece.data)

    return Lane(name, take, depth=1, detachable=False)
