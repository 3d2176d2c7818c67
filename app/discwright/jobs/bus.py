# SPDX-License-Identifier: GPL-3.0-or-later
"""The message buses, as a job uses them: for courtesies that must neither fail nor delay it."""

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

TIMEOUT = 5.0
"""Seconds that a service may take to answer."""


def in_background(name: str, act: Callable[[], None]) -> threading.Thread:
    """Start ``act`` in a thread of its own, and be quiet about whatever goes wrong there.

    No bus, no service, no permission, an answer of another shape: none of that matters to the
    job. The thread doesn't keep the program alive, for a bus may be stuck for ever.
    """

    def quietly() -> None:
        with contextlib.suppress(Exception):
            act()

    thread = threading.Thread(target=quietly, name=name, daemon=True)
    thread.start()
    return thread


def open_system_bus() -> "DBusConnection":
    """Open the system bus for messages that carry file descriptors."""
    from jeepney.io.blocking import open_dbus_connection  # noqa: PLC0415 - not needed to start

    return open_dbus_connection("SYSTEM", enable_fds=True, auth_timeout=TIMEOUT)


def open_session_bus() -> "DBusConnection":
    """Open the session bus; without its variable at the place where systemd puts it."""
    from jeepney.io.blocking import open_dbus_connection  # noqa: PLC0415 - not needed to start

    bus = "SESSION"
    if not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}"
        bus = f"unix:path={Path(runtime, 'bus')}"
    return open_dbus_connection(bus, auth_timeout=TIMEOUT)
