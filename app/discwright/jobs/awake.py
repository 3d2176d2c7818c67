# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping the machine awake while a job runs, by login1's inhibitor locks.

Source: org.freedesktop.login1(5), Manager.Inhibit: the lock is held until its descriptor is
closed, also by the end of the process.
"""

import os
import threading
from collections.abc import Callable
from typing import Self

from discwright.jobs.bus import TIMEOUT, in_background, open_system_bus

_RELEASE_TIMEOUT = 0.3
"""Seconds to wait for the lock to be given back; a stuck bus gives it back later."""


class Awake:
    """The machine neither sleeps nor shuts down by itself inside a ``with`` on this.

    Where there is no login1, nothing happens. Entering doesn't wait for it.
    """

    def __init__(self, why: str, log: Callable[[str], None] = lambda _line: None) -> None:
        """``why``: shown to whoever asks what keeps the machine awake."""
        self._why = why
        self._log = log
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = in_background("awake", self._hold)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join(_RELEASE_TIMEOUT)

    def _hold(self) -> None:
        from jeepney import DBusAddress, new_method_call  # noqa: PLC0415 - not needed to start
        from jeepney.wrappers import unwrap_msg  # noqa: PLC0415

        login1 = DBusAddress(
            "/org/freedesktop/login1", "org.freedesktop.login1", "org.freedesktop.login1.Manager"
        )
        wish = ("sleep:shutdown:idle", "Discwright", self._why, "block")
        with open_system_bus() as bus:
            (lock,) = unwrap_msg(
                bus.send_and_get_reply(
                    new_method_call(login1, "Inhibit", "ssss", wish), timeout=TIMEOUT
                )
            )
        with lock:
            os.set_inheritable(lock.fileno(), False)
            if not self._over.is_set():
                self._log("login1 keeps the machine awake")
            self._over.wait()
