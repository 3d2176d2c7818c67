# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGINT, SIGTERM and SIGHUP: the wish to stop, met in an orderly way."""

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Self, TypeVar

from discwright.jobs.job import Job
from discwright.transfer.cancel import Cancelled, CancelToken

_Result = TypeVar("_Result")

_GRACE = 0.8
"""Seconds that a look at a disc gets to end by itself after the wish to stop."""


class Interruption:
    """Inside a ``with`` on this the first signal asks to stop; later ones change nothing."""

    def __init__(self) -> None:
        self._token = CancelToken()
        self._asked = False
        self._raises = True
        self._before: dict[signal.Signals, signal._HANDLER] = {}

    def __enter__(self) -> Self:
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

    def look(self, act: Callable[[CancelToken], _Result]) -> _Result:
        """Give what ``act`` gives, or raise what it raises. Raises Cancelled when asked to stop.

        It runs in a thread of its own: a drive may take a minute to answer, and the user is
        not to wait for it.
        """
        results: list[_Result] = []
        errors: list[BaseException] = []
        done = threading.Event()

        def run() -> None:
            try:
                results.append(act(self._token))
            except BaseException as error:
                errors.append(error)
            finally:
                done.set()

        threading.Thread(target=run, name="look", daemon=True).start()
        try:
            done.wait()
        except Cancelled:
            done.wait(_GRACE)
            raise
        if errors:
            raise errors[0]
        return results[0]

    def follow(self, job: Job) -> None:
        """Wait for a job's end; a signal cancels it."""
        self._token = job.token
        self._raises = False
        if self._asked:
            job.token.cancel()
        job.wait()

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        if self._asked:
            return
        self._asked = True
        self._token.cancel()
        if self._raises:
            raise Cancelled
