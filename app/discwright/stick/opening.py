# SPDX-License-Identifier: GPL-3.0-or-later
"""Getting hold of a stick: its file systems unmounted, and opened so that nobody else can.

The descriptor is opened once, for writing and reading back, so that there is one question for a
password at most. O_EXCL keeps file managers from mounting the stick while it is written.
"""

import errno
import os
import subprocess
from collections.abc import Callable

from discwright.devices import udisks
from discwright.devices.access import explain_open_failure
from discwright.devices.holders import holders
from discwright.devices.mount_users import users_of
from discwright.devices.mounts import mounted_at
from discwright.devices.target_survey import survey_target, unseen_on
from discwright.devices.targets import StickTarget, unseen_refusal
from discwright.errors import DiscwrightError, TargetError
from discwright.stick.device import BlockTarget, OpenDevice
from discwright.wording import _, shown

ATTEMPTS = 3
"""How often a stick is unmounted that something mounts again before it can be opened."""

Opener = Callable[[StickTarget, Callable[[str], None]], BlockTarget]
"""Gets hold of a stick and says on the way what it waits for. Raises DiscwrightError."""


def open_stick(stick: StickTarget, say: Callable[[str], None]) -> BlockTarget:
    """Unmount a stick and open it exclusively. Raises DiscwrightError; then nothing was written."""
    if stick.regular_file:
        return OpenDevice(_open(stick, os.O_RDWR | os.O_CLOEXEC))
    for attempt in range(1, ATTEMPTS + 1):
        unmount_all(stick)
        try:
            return OpenDevice(_open_exclusively(stick, say))
        except DiscwrightError:
            # Something may have mounted it again in this moment: then, and only then, once more.
            if attempt == ATTEMPTS or not _points(stick):
                raise
    raise AssertionError("unreachable")


def release(stick: StickTarget) -> None:
    """Make sure that a stick may be formatted by its name: it is the chosen one, and nobody's.

    Its file systems are unmounted. UDisks2 wipes what others have opened exclusively, so that is
    looked for here, as far as it can be seen without opening the stick. Raises DiscwrightError.
    """
    check_chosen(stick)
    unmount_all(stick)
    check_chosen(stick)
    unseen = unseen_on(stick.node)
    if unseen:
        refusal = unseen_refusal(stick.name, unseen)
        raise TargetError(refusal.message, remedy=refusal.remedy)
    try:
        os.close(os.open(stick.node, os.O_RDONLY | os.O_EXCL | os.O_CLOEXEC))
    except OSError as error:
        if error.errno not in {errno.EACCES, errno.EPERM}:
            raise explain_open_failure(stick.node, error) from error
    for node in (stick.node, *_partitions(stick.node)):
        if any(holder.writing and not holder.own for holder in holders(node)):
            raise explain_open_failure(node, OSError(errno.EBUSY, os.strerror(errno.EBUSY)))


def check_chosen(stick: StickTarget) -> None:
    """See that a stick which isn't open is the one that was chosen. Raises TargetError."""
    found = survey_target(stick.node, ask_udisks=False).identity
    if found != stick.identity:
        raise TargetError(
            _("{name} is no longer there, or another stick is in its place.").format(
                name=stick.name
            ),
            remedy=_("Look at the list of devices and choose again."),
            cause=f"{stick.identity} then, {found} now",
        )


def unmount_all(stick: StickTarget) -> None:
    """Unmount all file systems of a stick, never by force. Raises TargetError with who uses it."""
    points = _points(stick)
    if not points:
        return
    try:
        udisks.unmount(stick.node)
    except DiscwrightError as error:
        if os.geteuid() == 0:
            _unmount_as_root(points)
        if _points(stick):
            if udisks.was_not_allowed(error):
                raise
            raise in_use(stick, points, error) from error
    left = _points(stick)
    if left:
        raise in_use(stick, left, None)


def in_use(
    stick: StickTarget, points: tuple[str, ...], error: DiscwrightError | None
) -> TargetError:
    """Say which programs keep a stick from being unmounted."""
    users = users_of(points)
    words = {"name": stick.name, "point": shown(points[0])}
    cause = "" if error is None else f"{error.message} {error.cause}"
    if not users:
        return TargetError(
            _("{name} is in use: its files at {point} are open in a program.").format(**words),
            remedy=_("Close the programs that use it, then try again."),
            cause=cause,
        )
    names = ", ".join(
        _("{program} (process {pid})").format(program=user.program, pid=user.pid) for user in users
    )
    return TargetError(
        _("{name} is in use at {point} by {names}.").format(**words, names=names),
        remedy=_("Close it, or leave that folder, then try again."),
        cause=cause,
    )


def _points(stick: StickTarget) -> tuple[str, ...]:
    """Give where the stick and its partitions are mounted now."""
    nodes = [stick.node, *_partitions(stick.node)]
    return tuple(dict.fromkeys(point for node in nodes for point in mounted_at(node)))


def _partitions(node: str) -> list[str]:
    name = os.path.basename(node)  # noqa: PTH119 - a node
    try:
        with os.scandir(f"/sys/class/block/{name}") as entries:
            return [
                f"/dev/{entry.name}"
                for entry in entries
                if entry.name.startswith(name) and os.path.exists(f"{entry.path}/partition")  # noqa: PTH110
            ]
    except OSError:
        return []


def _unmount_as_root(points: tuple[str, ...]) -> None:
    for point in reversed(points):
        subprocess.run(
            ["umount", "--", point],  # noqa: S607 - the system's own, wherever it lies
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _open_exclusively(stick: StickTarget, say: Callable[[str], None]) -> int:
    flags = os.O_EXCL | os.O_DIRECT | os.O_CLOEXEC
    try:
        return os.open(stick.node, os.O_RDWR | flags)
    except OSError as error:
        if error.errno not in {errno.EACCES, errno.EPERM}:
            raise explain_open_failure(stick.node, error) from error
    say(
        _(
            "Asking the system for {name}. It may want an administrator's password: once, for "
            "writing the stick and for reading it back."
        ).format(name=stick.name)
    )
    return udisks.open_device(stick.node, "rw", flags=flags)


def _open(stick: StickTarget, flags: int) -> int:
    try:
        return os.open(stick.node, flags)
    except OSError as error:
        raise explain_open_failure(stick.node, error) from error
