# SPDX-License-Identifier: GPL-3.0-or-later
"""The disc's drive during a rip: opened, slowed down, let go of, though it may hang."""

import os
import threading
from collections.abc import Callable
from contextlib import suppress

from discwright.devices.mounts import mounted_at
from discwright.devices.udisks import unmount
from discwright.errors import DiscwrightError, SourceError
from discwright.optical.fingerprint import same
from discwright.optical.profile import Family
from discwright.optical.source import DiscSource, open_source
from discwright.rip.plan import RipPlan
from discwright.transfer.buffers import Ring
from discwright.transfer.cancel import CancelToken
from discwright.transfer.partfile import PartFile
from discwright.transfer.progress import Listener
from discwright.transfer.pump import pump
from discwright.wording import _

SPEED_1X_KB = {Family.CD: 176.4, Family.DVD: 1385.0, Family.BD: 4495.5}
"""kB/s (1000 bytes) that people call 1x (MMC-6 6.37; DVD and BD physical format parts)."""

GENTLE = {Family.CD: 4, Family.DVD: 2, Family.BD: 2}
"""Factors of 1x for sectors that are hard to read; a drive takes the nearest that it has."""

_FASTEST = 0xFFFF
"""As fast as the drive can (SET CD SPEED, MMC-6 6.37); also more than any has, in kB/s."""


class DriveUse:
    """The open source of one rip."""

    def __init__(self, plan: RipPlan, listener: Listener, cancel: CancelToken) -> None:
        self._plan = plan
        self._listener = listener
        self._cancel = cancel
        self._source: DiscSource | None = None
        self._slowed = False
        self.hanging: list[threading.Thread] = []
        """Threads that are still inside a call to drive or disk."""
        self.warnings: list[str] = []

    def open(self) -> DiscSource:
        """Open it and make sure that it is the disc that was looked at.

        Raises SourceError, Cancelled.
        """
        opened: list[DiscSource] = []
        self.aside(lambda: opened.append(self._open()))
        return opened[0]

    def aside(self, act: Callable[[], object]) -> None:
        """Do it in another thread: what hangs there is not to keep a cancel waiting."""

        def fill(_buffer: memoryview) -> int:
            act()
            return 0

        pump(fill, (), cancel=self._cancel, ring=Ring(1, 1), stuck=self.hanging.append)

    def flush(self, part: PartFile) -> None:
        """Bring the image to the disk, which can take minutes. Raises TargetError, Cancelled."""

        def sync() -> None:
            # By a descriptor of its own: the other may be closed while this one still waits.
            with suppress(OSError):  # told by the part file, which hears of it too
                descriptor = os.open(part.path, os.O_RDONLY | os.O_CLOEXEC)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)

        self.aside(sync)
        part.flush()

    def close(self) -> None:
        """Let go of the disc; later, if a thread is still inside a call to its drive."""

        def wait_and_close() -> None:
            for thread in self.hanging:
                thread.join()
            if self._slowed:  # broken off: nobody else would make it fast again
                self._set_speed(_FASTEST)
            if self._source is not None:
                self._source.close()

        if self.hanging:
            threading.Thread(target=wait_and_close, name="close-drive", daemon=True).start()
        else:
            wait_and_close()

    def _open(self) -> DiscSource:
        options, disc = self._plan.options, self._plan.disc
        source = self._source = self._with_control() or open_source(disc.source)
        source.wait_ready(self._cancel)
        if not same(source.fingerprint(), disc.fingerprint):
            raise SourceError(
                _("Another disc is in the drive than the one that was looked at."),
                remedy=_("Look at the disc again, then start the copy."),
            )
        if options.speed is not None:
            unit = SPEED_1X_KB.get(disc.profile.family, SPEED_1X_KB[Family.CD])
            why = source.set_speed(round(options.speed * unit), self._plan.sectors)
            if why:
                self._listener.log(f"The drive did not take the speed {options.speed:g}x: {why}")
                self.warnings.append(_("The drive did not take the reading speed asked for."))
        return source

    def _with_control(self) -> DiscSource | None:
        """Open it so that its speed can be set; None if that isn't wanted or permitted."""
        if self._plan.options.speed is None:
            return None
        try:
            return open_source(self._plan.disc.source, control=True)
        except SourceError as error:
            self._listener.log(f"Opening for control: {error} {error.cause}")
            return None

    def slow_down(self) -> None:
        """Have the drive read slowly, if it lets itself: what fails fast may be read slowly.

        A speed that the user asked for is left alone.
        """
        disc = self._plan.disc
        if disc.virtual or self._plan.options.speed is not None:
            return
        factor, unit = GENTLE.get(disc.profile.family, 4), SPEED_1X_KB.get(disc.profile.family)
        self._slowed = self._set_speed(round(factor * (unit or SPEED_1X_KB[Family.CD])))

    def restore_speed(self) -> None:
        """Have it read as fast as before. Raises Cancelled."""
        if self._slowed:
            self._slowed = False
            self.aside(lambda: self._set_speed(_FASTEST))

    def _set_speed(self, kilobytes: int) -> bool:
        """Ask through a way of its own: setting speeds needs more rights than reading."""
        try:
            control = open_source(self._plan.disc.source, control=True)
        except SourceError as error:
            self._listener.log(f"Opening for control: {error} {error.cause}")
            return False
        try:
            why = control.set_speed(kilobytes, self._plan.disc.length.sectors)
        finally:
            control.close()
        self._listener.log(f"Reading speed {kilobytes} kB/s: {why or 'set'}")
        return not why

    def eject(self, source: DiscSource) -> tuple[str, ...]:
        """Open the tray if that was asked for; give a warning if it stays shut."""
        if not self._plan.options.eject:
            return ()
        node = self._plan.disc.source
        try:
            if mounted_at(node):
                unmount(node)
            source.eject()
        except DiscwrightError as error:
            self._listener.log(error.cause)
            return (error.sentence(),)
        return ()
