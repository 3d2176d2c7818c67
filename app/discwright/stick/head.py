# SPDX-License-Identifier: GPL-3.0-or-later
"""The first bytes of a stick, on which it depends whether anything starts or mounts from it.

From the beginning of the writing to its end a stamp lies there that no computer starts from and
no system mounts, and the image's own bytes only when all else was written and proved. The very
first block, with the boot code and the mark of a partition table, comes last of all.

The stamp is text, one line in 64 bytes, with a number drawn for this writing. If it isn't there
any more when the image was written, then the stick has put something else in its place: it wraps
around, and its head would overwrite what was proved.
"""

import secrets

from discwright.errors import TargetError
from discwright.stick.device import Watched, aligned, rounded_up
from discwright.stick.ranges import ByteRange, differences
from discwright.stick.record import HEAD
from discwright.wording import _, shown

BOOT = 4096
"""Bytes written last of all: at least one logical block of every stick."""


class Stamp:
    """What lies at the start of an unfinished stick."""

    def __init__(self, number: str = "") -> None:
        self._number = number or secrets.token_hex(6)
        self._text = b""

    def text(self, length: int) -> bytes:
        """Give its first ``length`` bytes."""
        if len(self._text) < length:
            line = f"DISCWRIGHT: THIS STICK IS NOT FINISHED. {self._number} %09d".ljust(58) + "\n"
            count = -(-length // 64)
            self._text = (line * count % tuple(range(count))).encode("ascii")
        return self._text[:length]

    def put(self, target: Watched) -> None:
        """Write it over the head and see that it arrived. Raises TargetError.

        A worn-out stick takes whatever is written to it and keeps what it had.
        """
        length = _fitting(HEAD, target)
        _replace(target, self.text(length))

    def check(self, target: Watched) -> None:
        """Raise TargetError unless it is still there."""
        length = _fitting(HEAD, target)
        found = aligned(length)
        target.read(found, 0)
        differing = differences(0, memoryview(self.text(length)), found)
        if differing:
            raise TargetError(
                _("The stick is suspect: what was written far out has landed at its start."),
                remedy=_("It holds less than it says: use another one."),
                cause=f"the stamp was overwritten from byte {differing[0].offset} on",
            )


def wipe_head(target: Watched) -> None:
    """Write zeros over the head and see that they arrived. Raises TargetError."""
    _replace(target, bytes(_fitting(HEAD, target)))


def _replace(target: Watched, content: bytes) -> None:
    wanted, found = aligned(len(content)), aligned(len(content))
    wanted[:] = content
    target.write(wanted, 0)
    target.flush()
    target.read(found, 0)
    if bytes(found) != content:  # a comparison of views goes byte by byte, ten times slower
        raise TargetError(
            _("The stick accepts what is written to it, but doesn't store it."),
            remedy=_("It is worn out or write-protected: use another one."),
            cause="what was written over the first MiB was not read back",
        )


def wipe_tail(target: Watched) -> None:
    """Write zeros over the last MiB: there lie backups of partition tables, and marks of RAID."""
    start = max(0, target.size - HEAD)
    start -= start % max(target.block, BOOT)
    length = target.size - start
    target.write(aligned(length), start)
    target.flush()


def write_head(target: Watched, head: bytearray, length: int, name: str) -> tuple[ByteRange, ...]:
    """Write the image's head, its first block last, and read it back; give what was rewritten.

    ``length``: bytes of the image, if it is shorter than the head. Raises TargetError if it
    isn't there in the end.
    """
    length = _fitting(min(rounded_up(length, target.block), HEAD), target)
    wanted, found = aligned(length), aligned(length)
    wanted[:] = memoryview(head)[:length]
    rewritten: tuple[ByteRange, ...] = ()
    for _time in range(2):
        if length > BOOT:
            target.write(wanted[BOOT:], BOOT)
            target.flush()
        target.write(wanted[: min(BOOT, length)], 0)
        target.flush()
        target.read(found, 0)
        differing = differences(0, wanted, found)
        if not differing:
            return rewritten
        rewritten = differing
    raise TargetError(
        _("{name} doesn't keep the image's first block.").format(name=shown(name)),
        remedy=_("Use another stick; this one may be worn out or damaged."),
        cause=f"differs from byte {rewritten[0].offset} on, twice",
    )


def _fitting(length: int, target: Watched) -> int:
    return min(length, target.size)
