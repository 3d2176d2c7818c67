# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGINT, SIGTERM and SIGHUP: the wish to stop, met in an orderly way."""

import contextlib
import select
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Self, TypeVar

from discwright.jobs.job import Job
from discwright.transfer.cancel import Cancelled, CancelToken

_Result = TypeVar("_Result")

_GRACE = 0.8
"""Seconds that a look at a disc gets to end by itself after the wish to stop."""


class Interruption:
    """Inside a ``with`` on this the first signal asks to stop; later ones change nothing.

    Python runs signal handlers in the main thread only, but the kernel may hand the signal to
    any thread, and a main thread that waits for a lock would sleep on. So it waits for a bell
    that both the signal and the awaited thread ring.
    """

    def __init__(self) -> None:
        self._token = CancelToken()
        self._asked = False
        self._raises = False
        self._before: dict[signal.Signals, signal._HANDLER] = {}
        self._hearing, self._bell = socket.socketpair()
        self._hearing.setblocking(False)
        self._bell.setblocking(False)
        self._bell_before = -1

    def __enter__(self) -> Self:
        self._bell_before = signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            before = signal.getsignal(number)
            # nohup(1) ignores SIGHUP so that the program outlives the terminal.
            if number is not signal.SIGHUP or before is not signal.SIG_IGN:
                self._before[number] = before
                signal.signal(number, self._hear)
        return self

    def __exit__(self, *_exc: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)
        signal.set_wakeup_fd(self._bell_before)
        self._bell.close()
        self._hearing.close()

    def look(self, act: Callable[[CancelToken], _Result]) -> _Result:
        """Give what ``act`` gives, or raise what it raises. Raises Cancelled when asked to stop.

        It runs in a thread of its own: a drive may take a minute to answer, and the user is
        not to wait for it.
        """
        results: list[_Result] = []
        errors: list[BaseException] = []

        def run() -> None:
            try:
                results.append(act(self._token))
            except BaseException as error:  # raised again in the main thread
                errors.append(error)

        done = self._start(run)
        try:
            with self.breaking():
                self._await(done)
        except Cancelled:
            done.wait(_GRACE)
            raise
        if errors:
            raise errors[0]
        return results[0]

    @contextlib.contextmanager
    def breaking(self) -> Iterator[None]:
        """Inside a ``with`` on this the wish to stop raises Cancelled, also one from before."""
        self._raises = True
        try:
            if self._asked:
                raise Cancelled
            yield
        finally:
            self._raises = False

    def follow(self, job: Job) -> None:
        """Wait for a job's end; a signal cancels it."""
        looking, self._token = self._token, job.token
        try:
            if self._asked:
                job.cancel()
            self._await(self._start(job.wait))
        finally:
            self._token = looking  # that of a job that has ended may be cancelled

    def _start(self, act: Callable[[], object]) -> threading.Event:
        done = threading.Event()

        def run() -> None:
            act()
            done.set()
            with contextlib.suppress(OSError):  # nobody listens any more
                self._bell.send(b"\0")

        threading.Thread(target=run, name="look", daemon=True).start()
        return done

    def _await(self, done: threading.Event) -> None:
        while not done.is_set():
            select.select([self._hearing], [], [])
            with contextlib.suppress(BlockingIOError):
                self._hearing.recv(4096)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        if self._asked:
            return
        self._asked = True
        self._token.cancel()
        if self._raises:
            raise Cancelled
