# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a running job to stop."""

import contextlib
import threading
from collections.abc import Callable, Iterator


class Cancelled(Exception):  # noqa: N818 - not an error: the user's wish
    """The job was asked to stop and did."""


class CancelToken:
    """Set from any thread; looked at by the job between buffers.

    Built on a bare lock, not on :class:`threading.Event`: a signal handler may interrupt a thread
    that is just waiting here, and setting the event would then wait for itself.
    """

    def __init__(self) -> None:
        self._cancelled = False
        self._calls: list[Callable[[], None]] = []
        self._gate = threading.Lock()
        self._gate.acquire()

    def cancel(self) -> None:
        """Ask the job to stop. Safe to call often, from any thread and from a signal handler."""
        self._cancelled = True
        self._open()
        for call in tuple(self._calls):
            call()

    @property
    def cancelled(self) -> bool:
        """Whether the job was asked to stop."""
        return self._cancelled

    def raise_if_cancelled(self) -> None:
        """Raise :class:`Cancelled` if the job was asked to stop."""
        if self._cancelled:
            raise Cancelled

    def wait(self, seconds: float) -> None:
        """Wait so long, or until cancelled; then raise :class:`Cancelled`."""
        if self._gate.acquire(timeout=max(0.0, seconds)):
            self._open()
        self.raise_if_cancelled()

    @contextlib.contextmanager
    def calling(self, call: Callable[[], None]) -> Iterator[None]:
        """Have ``call`` called when cancelled while inside; at once if that was before.

        It is called from the cancelling thread, perhaps more than once, perhaps in a signal
        handler: it must return at once and take no lock.
        """
        self._calls.append(call)
        try:
            if self._cancelled:
                call()
            yield
        finally:
            self._calls.remove(call)

    def _open(self) -> None:
        with contextlib.suppress(RuntimeError):  # open already
            self._gate.release()
