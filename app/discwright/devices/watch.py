# SPDX-License-Identifier: GPL-3.0-or-later
"""Following what is plugged in, by the events that udev sends; nothing is polled."""

import os
import select
import threading
import time
from collections.abc import Callable
from typing import Any

import pyudev

from discwright.devices.model import Device
from discwright.devices.udev import Devices

QUIET = 0.08
"""Seconds without an event after which the list is made: a stick with partitions sends many."""

PATIENCE = 0.5
"""Seconds after which the list is made even if events keep coming."""


class Watch:
    """A thread that calls ``callback`` with all drives and sticks, at once and after each change.

    The callback is called in the thread, one call at a time, and should return soon. A disc that
    was changed counts as a change even if the new one looks like the old one. Without udev
    (no libudev, a container that gets no events) there is one call and no other.
    """

    def __init__(self, callback: Callable[[tuple[Device, ...]], None]) -> None:
        self._callback = callback
        self._thread = threading.Thread(target=self._run, name="device watch", daemon=True)
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin to watch; the first call comes from the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop at once and wait for the thread; no call comes after. Safe to call often."""
        self._stopping.set()
        if self._wake < 0:
            return
        os.eventfd_write(self._wake, 1)
        if self._thread is threading.current_thread():
            return
        if self._thread.ident is not None:
            self._thread.join()
        os.close(self._wake)
        self._wake = -1

    def _run(self) -> None:
        devices = Devices()
        # Listening begins before the first look, so that nothing falls between the two.
        monitor = _monitor(devices.context)
        last = devices.all()
        self._tell(last)
        if monitor is None:
            return
        poll = select.poll()
        poll.register(monitor.fileno(), select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        while not self._stopping.is_set():
            poll.poll()
            swapped = self._gather(monitor, poll)
            if self._stopping.is_set():
                return
            found = devices.all()
            if swapped or found != last:
                last = found
                self._tell(found)

    def _gather(self, monitor: Any, poll: select.poll) -> bool:
        """Take in events until they pause; tell whether one was about a changed medium."""
        swapped = False
        end = time.monotonic() + PATIENCE
        while not self._stopping.is_set():
            try:
                while (event := monitor.poll(timeout=0)) is not None:
                    swapped |= event.properties.get("DISK_MEDIA_CHANGE") == "1"
            except (OSError, UnicodeDecodeError):
                # ENOBUFS: more events than the socket holds. What they said is in the list.
                swapped = True
            rest = min(QUIET, end - time.monotonic())
            if rest <= 0 or not poll.poll(rest * 1000):
                break
        return swapped

    def _tell(self, found: tuple[Device, ...]) -> None:
        if not self._stopping.is_set():
            self._callback(found)


def _monitor(context: Any) -> Any:
    """Give a listening pyudev Monitor, None if there is nobody to listen to."""
    if context is None:
        return None
    try:
        monitor = pyudev.Monitor.from_netlink(context, "udev")
        monitor.filter_by("block")
        monitor.start()
    except (OSError, ValueError):
        return None
    return monitor
