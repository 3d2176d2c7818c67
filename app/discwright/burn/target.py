# SPDX-License-Identifier: GPL-3.0-or-later
"""The medium that is to be written: a disc in a drive, or a file taken as one."""

from discwright.burn.virtual import PREFIX, read_virtual
from discwright.optical.writable import WritableMedium, read_writable
from discwright.transfer.cancel import CancelToken


def read_target(node: str, cancel: CancelToken | None = None) -> WritableMedium:
    """Look at the medium in a drive, or at ``stdio:FILE``.

    Raises SourceError or TargetError if it can't be had, and Cancelled.
    """
    return read_virtual(node) if node.startswith(PREFIX) else read_writable(node, cancel)


def same_medium(one: WritableMedium, other: WritableMedium) -> bool:
    """Whether nobody exchanged the disc meanwhile, as far as a drive can tell."""
    if one.virtual:
        return one.used == other.used
    return _facts(one) == _facts(other)


def _facts(medium: WritableMedium) -> tuple[object, ...]:
    return (
        medium.profile, medium.status, medium.maker, medium.sessions, medium.free_sectors,
        medium.label, medium.used,
    )  # fmt: skip
