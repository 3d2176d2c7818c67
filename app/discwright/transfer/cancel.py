# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a running job to stop."""

import threading


class Cancelled(Exception):  # noqa: N818 - not an error: the user's wish
    """The job was asked to stop and did."""


class CancelToken:
    """Set from any thread; looked at by the job between buffers."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the job to stop. Safe to call often, from any thread."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether the job was asked to stop."""
        return self._event.is_set()

    def raise_if_cancelled(self) -> None:
        """Raise :class:`Cancelled` if the job was asked to stop."""
        if self._event.is_set():
            raise Cancelled

    def wait(self, seconds: float) -> None:
        """Wait so long, or until cancelled; then raise :class:`Cancelled`."""
        if self._event.wait(seconds):
            raise Cancelled
