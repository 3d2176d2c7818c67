# SPDX-License-Identifier: GPL-3.0-or-later
"""What a stick's failure means, in a sentence and with what to do about it."""

import errno
from enum import StrEnum

from discwright.errors import TargetError
from discwright.wording import _, shown


class Doing(StrEnum):
    """What was asked of the stick when it failed."""

    OPEN = "open"
    WRITE = "write"
    READ = "read"
    FLUSH = "flush"
    CLOSE = "close"


GONE = frozenset({errno.ENODEV, errno.ENXIO, errno.ENOMEDIUM, errno.ESHUTDOWN, errno.ENOLINK})
"""What the kernel says when the device is no longer there."""


def stick_error(error: OSError, name: str, doing: Doing, offset: int | None = None) -> TargetError:
    """Explain what the system said about the stick ``name``; ``offset`` in bytes."""
    message, remedy = _sentences(error.errno or 0, doing)
    number = errno.errorcode.get(error.errno or 0, str(error.errno))
    place = "" if offset is None else f" at byte {offset}"
    return TargetError(
        message.format(name=shown(name)),
        remedy=remedy,
        cause=f"{doing.value}{place}: {number}: {error.strerror or error}",
    )


def _sentences(number: int, doing: Doing) -> tuple[str, str]:
    if number in GONE:
        return (
            _("{name} is no longer there: it was pulled out, or lost its connection."),
            _("Plug it in again, into another socket if this happens often, and write it anew."),
        )
    if number == errno.ENOSPC:
        return (
            _("{name} takes no more data before the end of the image."),
            _("It is smaller than it says, or the image is larger: use another stick."),
        )
    if number in {errno.EROFS, errno.EPERM, errno.EACCES}:
        return (
            _("{name} does not let itself be written to any more."),
            _(
                "If it has a lock on its side, move it; a stick that becomes read-only by itself "
                "is worn out."
            ),
        )
    if number == errno.EBUSY:
        return (
            _("{name} is in use by another program."),
            _("Close what uses it, then try again."),
        )
    if number == errno.ETIMEDOUT:
        return (
            _("{name} did not answer in time."),
            _("Plug it in anew, without a hub or extension, and try again."),
        )
    return _failed(doing), _("Try another socket or stick; this one may be worn out or damaged.")


def _failed(doing: Doing) -> str:
    match doing:
        case Doing.WRITE:
            return _("{name} failed while it was written to.")
        case Doing.READ:
            return _("{name} failed while it was read back.")
        case Doing.FLUSH:
            return _("{name} failed to store what was written to it.")
        case Doing.CLOSE:
            return _("{name} reported a failure when it was let go of.")
        case Doing.OPEN:
            return _("{name} can't be opened.")
