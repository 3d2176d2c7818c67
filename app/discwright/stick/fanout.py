# SPDX-License-Identifier: GPL-3.0-or-later
"""One reading of the image for many sticks, none of which holds or spoils the others.

Each stick has a lane: the pieces that it has still to write, and two threads that write them, so
that the stick has its next request while it answers one. A lane that fails is dropped. A lane
that falls behind so far that others starve is set down: it lets go of the shared buffers and is
fed on its own from where it is. So the buffers stay few and the fast stay fast.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from discwright.stick.feed import Feed, Piece
from discwright.transfer.buffers import Ring
from discwright.transfer.cancel import CancelToken

LOOK_S = 0.1
"""Seconds between two looks at the cancel token and at who holds up whom."""

WINDOW_S = 1.0
"""Seconds over which it is counted for how long others starved."""

DEAR = 4
"""How many times longer where it is costly to read the image a second time."""

STARVED = 0.3
"""The part of the window after which the slowest lane is set down."""


class Slot:
    """A buffer on its way: what is in it, and how many lanes still hold it."""

    def __init__(self, buffer: memoryview) -> None:
        self.buffer = buffer
        self.piece: Piece | None = None
        self.holders = 0


class Lane:
    """What takes each piece, in ``depth`` threads; with one, in order."""

    def __init__(
        self, name: str, take: Callable[[Piece], None], *, depth: int = 2, detachable: bool = True
    ) -> None:
        self.name = name
        self.take = take
        self.depth = depth
        self.detachable = detachable
        self.waiting: deque[Slot] = deque()
        self.in_hand = 0
        self.attached = True
        """It gets every new piece."""
        self.error: BaseException | None = None
        self.resume: tuple[int, int] | None = None
        """Number and offset of the piece at which it goes on after being set down."""

    @property
    def idle(self) -> bool:
        """It has nothing to do."""
        return not self.waiting and not self.in_hand

    @property
    def backlog(self) -> int:
        """Pieces that it holds."""
        return len(self.waiting) + self.in_hand


class Fanout:
    """One run of a feed through some lanes."""

    def __init__(
        self,
        feed: Feed,
        lanes: Sequence[Lane],
        ring: Ring,
        cancel: CancelToken,
        *,
        note: Callable[[Piece], None] = lambda _piece: None,
        wanted: Callable[[], bool] = lambda: False,
        dear: bool = False,
    ) -> None:
        """Prepare.

        ``note`` hears each piece before all lanes, in order. ``wanted``: whether to read on
        although no stick hangs on this run any more. ``dear``: a second reading costs a lot, for
        what is unpacked or comes from a disc.
        """
        self._note = note
        self._wanted = wanted
        self._window_s = WINDOW_S * (DEAR if dear else 1)
        self._feed = feed
        self._lanes = list(lanes)
        self._cancel = cancel
        self._changed = threading.Condition()
        self._free = deque(Slot(buffer) for buffer in ring.buffers)
        self._over = False
        self._next = (0, 0)
        self._window = time.monotonic()
        self._starved = 0.0

    def run(self) -> None:
        """Feed all lanes to the end; errors of the feed and Cancelled are raised.

        On the way out no lane takes another piece; one in its hands may still be on its way:
        see :meth:`wait_for`.
        """
        for lane in self._lanes:
            lane.attached, lane.resume = True, None
            for number in range(lane.depth):
                threading.Thread(
                    target=self._work, args=(lane,), name=f"{lane.name}-{number}", daemon=True
                ).start()
        try:
            while (slot := self._take_free()) is not None:
                piece = self._feed.next(slot.buffer)
                if piece is None:
                    break
                self._note(piece)
                self._hand_out(slot, piece)
            self._drain()
        finally:
            with self._changed:
                self._over = True
                for lane in self._lanes:
                    self._drop_waiting(lane)
                self._changed.notify_all()

    def wait_for(self, lane: Lane, cancel: CancelToken | None = None) -> None:
        """Wait until nothing is in the lane's hands. Raises Cancelled if given a token."""
        with self._changed:
            while lane.in_hand:
                self._changed.wait(LOOK_S)
                if cancel is not None:
                    cancel.raise_if_cancelled()

    def _take_free(self) -> Slot | None:
        """Wait for a buffer; None when there is no stick left to write to."""
        with self._changed:
            began = time.monotonic()
            while True:
                self._cancel.raise_if_cancelled()
                self._raise_own()
                if not self._wanted() and not self._sticks():
                    return None
                if self._free:
                    return self._free.popleft()
                starving = any(lane.attached and lane.idle for lane in self._lanes)
                self._changed.wait(LOOK_S)
                now = time.monotonic()
                if starving:
                    self._starved += now - began
                began = now
                self._judge_laggards(now)

    def _judge_laggards(self, now: float) -> None:
        if now - self._window < self._window_s:
            return
        if self._starved > STARVED * (now - self._window):
            sticks = self._sticks()
            slowest = max(sticks, key=lambda lane: lane.backlog, default=None)
            if slowest is not None and len(sticks) > 1 and not slowest.idle:
                self._set_down(slowest)
        self._window, self._starved = now, 0.0

    def _sticks(self) -> list[Lane]:
        return [lane for lane in self._lanes if lane.attached and lane.detachable]

    def _set_down(self, lane: Lane) -> None:
        first = lane.waiting[0].piece if lane.waiting else None
        lane.resume = (first.number, first.offset) if first is not None else self._next
        lane.attached = False
        self._drop_waiting(lane)

    def _hand_out(self, slot: Slot, piece: Piece) -> None:
        with self._changed:
            slot.piece = piece
            self._next = (piece.number + 1, piece.end)
            for lane in self._lanes:
                if lane.attached:
                    lane.waiting.append(slot)
                    slot.holders += 1
            self._changed.notify_all()

    def _drain(self) -> None:
        with self._changed:
            while any(lane.attached and not lane.idle for lane in self._lanes):
                self._cancel.raise_if_cancelled()
                self._raise_own()
                self._changed.wait(LOOK_S)
            self._raise_own()

    def _raise_own(self) -> None:
        """Raise the error of a lane that is not a stick's: then all is lost."""
        for lane in self._lanes:
            if lane.error is not None and not lane.detachable:
                raise lane.error

    def _work(self, lane: Lane) -> None:
        while (slot := self._take_from(lane)) is not None:
            error: BaseException | None = None
            try:
                assert slot.piece is not None  # noqa: S101 - for the type checker
                lane.take(slot.piece)
            except BaseException as caught:  # the lane's verdict
                error = caught
            with self._changed:
                lane.in_hand -= 1
                self._release(slot)
                if error is not None:
                    lane.error = lane.error or error
                    lane.attached = False
                    self._drop_waiting(lane)
                self._changed.notify_all()

    def _take_from(self, lane: Lane) -> Slot | None:
        with self._changed:
            while not lane.waiting:
                if self._over or not lane.attached:
                    return None
                self._changed.wait()
            lane.in_hand += 1
            return lane.waiting.popleft()

    def _drop_waiting(self, lane: Lane) -> None:
        while lane.waiting:
            self._release(lane.waiting.popleft())

    def _release(self, slot: Slot) -> None:
        slot.holders -= 1
        if slot.holders == 0:
            slot.piece = None
            self._free.append(slot)
