# SPDX-License-Identifier: GPL-3.0-or-later
"""Telling before how many passwords the system may ask for, and what for. Pure."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from discwright.devices.targets import StickTarget
from discwright.wording import _

_PLACES = ("/run/media", "/media")
"""Where UDisks2 mounts sticks, in a folder named after the user."""


def passwords_to_write(sticks: Sequence[StickTarget], user: str) -> str:
    """Say what may be asked before these sticks are written; "" if nothing.

    Unmounting for another user and opening are two actions of polkit, and a password counts for
    one (org.freedesktop.udisks2.policy): they can't be made one.
    """
    asking = [stick for stick in sticks if not stick.may_open]
    if not asking:
        return ""
    foreign = any(mounted_by_another(stick, user) for stick in asking)
    return {
        (False, False): _(
            "The system may ask for an administrator's password, once: to write the stick "
            "and to read it back."
        ),
        (False, True): _(
            "The system may ask for an administrator's password twice: to unmount what another "
            "user has mounted, and to write the stick and read it back."
        ),
        (True, False): _(
            "The system may ask for an administrator's password, once for each stick at most: to "
            "write it and to read it back."
        ),
        (True, True): _(
            "The system may ask for an administrator's password, once for each stick at most: to "
            "write it and to read it back; and before, to unmount what another user has mounted."
        ),
    }[len(asking) > 1, foreign]


def passwords_to_erase(stick: StickTarget, user: str, *, remote: bool) -> str:
    """Say what may be asked before a stick is formatted; "" if nothing.

    Formatting is free for who sits at the machine. From elsewhere a password counts for one step:
    the table, the partition, the file system.
    """
    if remote and not stick.may_open:
        return _(
            "The system may ask for an administrator's password three times, as you are logged in "
            "from another computer: once for each step of the formatting."
        )
    if stick.may_open or not mounted_by_another(stick, user):
        return ""
    return _(
        "The system may ask for an administrator's password, to unmount what another user has "
        "mounted."
    )


def mounted_by_another(stick: StickTarget, user: str) -> bool:
    """Tell whether a stick seems to be mounted by somebody else than ``user``."""
    own = [PurePosixPath(place, user) for place in _PLACES]
    return any(
        not any(PurePosixPath(point).is_relative_to(place) for place in own)
        for point in stick.mounts
    )
