# SPDX-License-Identifier: GPL-3.0-or-later
"""From one producer through a ring of buffers to several consumers, each in its own thread."""

import functools
import queue
import threading
import time
from collections.abc import Callable, Sequence

from discwright.transfer.buffers import Ring
from discwright.transfer.cancel import CancelToken

GRACE = 0.7
"""Seconds that threads get to leave their call after a cancel or an error."""

FILLING = "pump-fill"
"""The name of the thread that calls ``fill``."""

Fill = Callable[[memoryview], int]
Consumer = Callable[[memoryview], None]


Stuck = Callable[[threading.Thread], None]
"""Hears of a thread that is still inside a call into the kernel when the pump ends."""


def pump(
    fill: Fill,
    consumers: Sequence[Consumer],
    *,
    cancel: CancelToken,
    ring: Ring | None = None,
    tick: Callable[[], None] | None = None,
    tick_seconds: float = 0.5,
    stuck: Stuck | None = None,
) -> int:
    """Move everything that ``fill`` gives through all ``consumers``; gives the bytes moved.

    ``fill(buffer)`` puts bytes at the start of the buffer and gives their number, 0 at the end.
    Each consumer is called with every piece in order; its memory is only valid during the call.
    ``tick`` is called in the calling thread every ``tick_seconds`` while the pump runs.

    The first error of any thread stops the others and is raised here; a cancel raises
    :class:`discwright.transfer.cancel.Cancelled`. Either takes at most :data:`GRACE` seconds,
    even if a thread hangs in the kernel: such a thread is left behind as a daemon that keeps its
    buffer alive and calls neither ``fill`` nor a consumer again, and ``stuck`` is told of it.
    Whatever it reads from must stay open until it has ended (``thread.is_alive()``).
    """
    cancel.raise_if_cancelled()
    run = _Run(fill, consumers, ring or Ring())
    with cancel.calling(run.wake):
        try:
            run.start()
            run.watch(cancel, tick, tick_seconds)
        finally:
            left = run.stop()
            if stuck is not None:
                for thread in left:
                    stuck(thread)
    return run.moved


class _Slot:
    """A buffer on its way: what is in it and how many consumers still want it."""

    def __init__(self, buffer: memoryview) -> None:
        self.buffer = buffer
        self.piece = buffer
        self.wanted = 0


class _Run:
    """The threads of one call of :func:`pump` and what they share."""

    def __init__(self, fill: Fill, consumers: Sequence[Consumer], ring: Ring) -> None:
        self.moved = 0
        self._fill = fill
        self._lock = threading.Lock()
        self._stopped = False
        self._free: queue.SimpleQueue[_Slot | None] = queue.SimpleQueue()
        self._ended: queue.SimpleQueue[tuple[threading.Thread, BaseException | None] | None]
        self._ended = queue.SimpleQueue()
        self._inboxes: list[queue.SimpleQueue[_Slot | None]] = [
            queue.SimpleQueue() for _ in consumers
        ]
        for buffer in ring.buffers:
            self._free.put(_Slot(buffer))
        self._threads = [self._thread(FILLING, self._produce)]
        for number, (consume, inbox) in enumerate(zip(consumers, self._inboxes, strict=True)):
            work = functools.partial(self._consume, consume, inbox)
            self._threads.append(self._thread(f"pump-{number}", work))
        self._running: set[threading.Thread] = set()

    def wake(self) -> None:
        """Make the watching thread look at the cancel token; safe in a signal handler."""
        self._ended.put(None)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()
            self._running.add(thread)

    def watch(
        self, cancel: CancelToken, tick: Callable[[], None] | None, tick_seconds: float
    ) -> None:
        """Wait for the end of all threads; raise the first error, or the cancel."""
        while self._running:
            try:
                end = self._ended.get(timeout=tick_seconds if tick else None)
            except queue.Empty:
                if tick:
                    tick()
                continue
            if end is None:
                cancel.raise_if_cancelled()
                continue
            self._join(end[0])
            if end[1] is not None:
                raise end[1]

    def stop(self) -> list[threading.Thread]:
        """Stop all threads; give those that could not be stopped within the grace."""
        self._stopped = True
        self._free.put(None)
        for inbox in self._inboxes:
            inbox.put(None)
        deadline = time.monotonic() + GRACE
        while self._running:
            try:
                end = self._ended.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if end is not None:
                self._join(end[0])
        return [thread for thread in self._threads if thread in self._running]

    def _join(self, thread: threading.Thread) -> None:
        thread.join()  # it has said its last word: this is the way out of its function
        self._running.discard(thread)

    def _thread(self, name: str, work: Callable[[], None]) -> threading.Thread:
        def body() -> None:
            thread = threading.current_thread()
            try:
                work()
            except BaseException as error:  # raised in the calling thread
                self._ended.put((thread, error))
            else:
                self._ended.put((thread, None))

        return threading.Thread(target=body, name=name, daemon=True)

    def _produce(self) -> None:
        while (slot := self._free.get()) is not None and not self._stopped:
            length = self._fill(slot.buffer)
            if not 0 <= length <= len(slot.buffer):
                raise ValueError(f"{length} bytes can't be in a buffer of {len(slot.buffer)}")
            if length == 0:
                break
            self.moved += length
            slot.piece = slot.buffer[:length]
            slot.wanted = len(self._inboxes)
            if not self._inboxes:
                self._free.put(slot)
            for inbox in self._inboxes:
                inbox.put(slot)
        for inbox in self._inboxes:
            inbox.put(None)

    def _consume(self, consume: Consumer, inbox: "queue.SimpleQueue[_Slot | None]") -> None:
        while (slot := inbox.get()) is not None and not self._stopped:
            consume(slot.piece)
            with self._lock:
                slot.wanted -= 1
                done = slot.wanted == 0
            if done:
                self._free.put(slot)
