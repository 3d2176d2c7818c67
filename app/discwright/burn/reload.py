# SPDX-License-Identifier: GPL-3.0-or-later
"""The tray goes out and in again, so that the drive looks at the disc anew."""

import fcntl
import os
import time
from contextlib import suppress

from discwright.devices.mounts import mounted_at
from discwright.devices.udisks import rescan, unmount
from discwright.errors import DiscwrightError, SourceError
from discwright.optical import commands
from discwright.optical.drive import CommandError, Drive
from discwright.optical.sense import Fault, fault_sentence
from discwright.transfer.cancel import CancelToken
from discwright.transfer.meter import Meter
from discwright.transfer.progress import Listener, Phase
from discwright.wording import _, shown

BY_ITSELF_S = 60.0
"""How long a drive may take to draw its tray in and to recognise the disc."""

BY_HAND_S = 600.0
"""How long a person may take to close a drive."""

_LOOK_S = 0.5
_CDROM_LOCKDOOR = 0x5329
"""ioctl(2) of linux/cdrom.h: 0 unlocks."""

_FINAL = frozenset({Fault.GONE, Fault.NOT_PERMITTED})


def reload_disc(
    node: str,
    listener: Listener,
    meter: Meter,
    cancel: CancelToken,
    *,
    closes_itself: bool,
    by_itself_s: float = BY_ITSELF_S,
    by_hand_s: float = BY_HAND_S,
) -> tuple[str, ...]:
    """Open the tray, close it or have it closed, and wait until the disc can be read.

    Gives remarks, if anything was unusual. Raises SourceError (gone, never ready) and Cancelled.
    """
    with Drive(node, control=True) as drive:
        try:
            _let_go(node)
            _open(drive)
        except (CommandError, DiscInUseError) as error:
            if isinstance(error, CommandError):
                _raise_if_final(error)
            listener.log(f"The tray does not open: {error}")
            _wait(drive, cancel, by_itself_s)
            return (_("The tray could not be opened between writing and reading back."),)
        if closes_itself and _closes(drive, listener) and _comes_back(drive, cancel, by_itself_s):
            return ()
        wish = _("Please close the tray of {node}.").format(node=shown(node))
        listener.log(wish)
        meter.start(Phase.CLOSING_TRAY, None, note=wish)
        _wait(drive, cancel, by_hand_s)
    return ()


def open_tray(node: str) -> None:
    """Open the tray. Raises SourceError, and DiscInUseError while somebody uses its files."""
    _let_go(node)
    with Drive(node, control=True) as drive:
        try:
            _open(drive)
        except CommandError as error:
            raise SourceError(
                _("The drive {node} does not open its tray.").format(node=node),
                remedy=_("Press the drive's button."),
                cause=str(error),
            ) from error


def unlock(node: str) -> None:
    """Let the drive's button open the tray again; raises nothing.

    A program that was killed leaves the tray locked. Done by the kernel's own call and not by
    libcdio, whose opening of a drive that hangs would keep all threads of the program.
    """
    with suppress(OSError):
        descriptor = os.open(node, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.ioctl(descriptor, _CDROM_LOCKDOOR, 0)
        finally:
            os.close(descriptor)


def tell_system(node: str, listener: Listener) -> None:
    """Have the desktop look at a disc that was written and stays in the drive; raises nothing.

    It would go on showing what was on it before: only a tray that moves is an event.
    """
    try:
        rescan(node)
    except DiscwrightError as error:
        listener.log(f"The system was not told of the new disc: {error} {error.cause}".rstrip())


class DiscInUseError(DiscwrightError):
    """The disc is mounted and can't be unmounted: its tray must stay closed."""


def _let_go(node: str) -> None:
    """Unmount a disc that the desktop has mounted, as it does when it finds a new one.

    Taken out while it is mounted, it would leave a dead file system. Raises DiscInUseError.
    """
    if not mounted_at(node):
        return
    try:
        unmount(node)
    except DiscwrightError as error:
        raise DiscInUseError(
            _("The disc in {node} is in use, so its tray stays closed.").format(node=node),
            remedy=error.remedy,
            cause=error.cause or error.message,
        ) from error


def _open(drive: Drive) -> None:
    try:
        drive.eject()
    except CommandError as error:
        _raise_if_final(error)
        drive.run(commands.allow_removal())
        drive.eject()


def _closes(drive: Drive, listener: Listener) -> bool:
    try:
        drive.run(commands.start_stop_unit(start=True, load_eject=True))
    except CommandError as error:
        _raise_if_final(error)
        listener.log(f"The drive does not close its tray: {error}")
        return False
    return True


def _comes_back(drive: Drive, cancel: CancelToken, within_s: float) -> bool:
    """Wait for the disc; False if the drive says to the end that there is none."""
    fault, cause = _until_ready(drive, cancel, within_s)
    if fault not in {None, Fault.NO_MEDIUM}:
        raise SourceError(fault_sentence(Fault.BECOMING_READY), cause=cause)
    return fault is None


def _wait(drive: Drive, cancel: CancelToken, within_s: float) -> None:
    fault, cause = _until_ready(drive, cancel, within_s)
    if fault is not None:
        raise SourceError(
            _("No disc came back into the drive, or it did not become ready."),
            remedy=_("Close the drive and have the disc checked against the image."),
            cause=cause,
        )


def _until_ready(drive: Drive, cancel: CancelToken, within_s: float) -> tuple[Fault | None, str]:
    """Ask until the disc is ready; give what still kept it from that when time was up."""
    deadline = time.monotonic() + within_s
    while True:
        cancel.raise_if_cancelled()
        try:
            drive.run(commands.test_unit_ready())
        except CommandError as error:
            _raise_if_final(error)
            if error.fault not in _TRANSIENT:
                return None, ""  # it answers: let the reading show what is wrong
            if time.monotonic() > deadline:
                return error.fault, str(error)
        else:
            return None, ""
        cancel.wait(_LOOK_S)


_TRANSIENT = frozenset({
    Fault.NO_MEDIUM, Fault.BECOMING_READY, Fault.MEDIUM_CHANGED, Fault.RESET,
})  # fmt: skip


def _raise_if_final(error: CommandError) -> None:
    if error.fault in _FINAL:
        raise SourceError(fault_sentence(error.fault), cause=str(error)) from error
