# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading everything back from the stick, and writing once more what isn't right.

Read with O_DIRECT, so that it comes from the stick and not from the computer's memory; after the
whole image was written, so that the stick's own small cache holds little of it.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from discwright.errors import TargetError
from discwright.stick.device import Watched, aligned, rounded_up
from discwright.stick.faults import GONE
from discwright.stick.feed import Feed, changed
from discwright.stick.ranges import ByteRange, differences, joined
from discwright.stick.record import HEAD, Record
from discwright.transfer.cancel import CancelToken

READERS = 2
"""Threads: while one compares what it has read, the stick answers the other."""

LOOK_S = 0.1
"""Seconds between two looks at the cancel token."""

GRACE_S = 0.7
"""Seconds that a thread gets to leave its call to the stick after a cancel."""

MOST_REWRITES = 64
"""Pieces; a stick with more bad ones is not worth a second try."""


class Opened(Protocol):
    """Gives the image anew, from its start."""

    def __call__(self) -> Feed:
        """Open it. Raises SourceError."""


@dataclass
class Proof:
    """What the reading back found."""

    differing: tuple[ByteRange, ...] = ()
    """What was not right at first."""
    rewritten: tuple[ByteRange, ...] = ()
    """What was written a second time and then was right."""
    remaining: tuple[ByteRange, ...] = ()
    """What isn't right in the end."""


def padded(length: int, offset: int, target: Watched) -> int:
    """Give the bytes that go to the stick for so many of the image: whole blocks, up to its end.

    What fills the last block beyond an image of odd length is zeros.
    """
    return min(rounded_up(length, target.block), target.size - offset)


def read_back(
    target: Watched,
    record: Record,
    *,
    tell: Callable[[int], None],
    cancel: CancelToken,
    hanging: list[threading.Thread],
) -> tuple[int, ...]:
    """Prove all pieces on the stick; give the numbers of those that aren't right.

    The head isn't written yet: what of a piece lies in it is taken from the record. ``tell``
    hears the bytes that were read. Raises TargetError when the stick is gone, Cancelled.
    ``hanging``: takes the threads that were left inside a call to the stick after a cancel.
    """
    reading = _Reading(target, record)
    threads = [
        threading.Thread(target=reading.work, name=f"stick-proof-{number}", daemon=True)
        for number in range(READERS)
    ]
    for thread in threads:
        thread.start()
    try:
        while any(thread.is_alive() for thread in threads):
            for thread in threads:
                thread.join(LOOK_S / READERS)
            tell(reading.done)
            cancel.raise_if_cancelled()
    finally:
        reading.stopped = True
        for thread in threads:
            thread.join(GRACE_S)
        hanging += [thread for thread in threads if thread.is_alive()]
    if reading.error is not None:
        raise reading.error
    return tuple(sorted(reading.bad))


class _Reading:
    """What the threads that read back share: each reads and proves the next piece by itself."""

    def __init__(self, target: Watched, record: Record) -> None:
        self._target = target
        self._record = record
        self._waiting = iter(record.mapped)
        self._lock = threading.Lock()
        self.done = 0
        self.bad: list[int] = []
        self.error: BaseException | None = None
        self.stopped = False

    def work(self) -> None:
        try:
            buffer = aligned(rounded_up(self._record.longest, 4096))
            while (number := self._next()) is not None:
                readable = _read_piece(self._target, self._record, number, buffer)
                length = self._record.place(number)[1]
                right = readable and self._record.proves(number, buffer[:length])
                with self._lock:
                    self.done += length
                    if not right:
                        self.bad.append(number)
        except BaseException as error:  # raised in the thread that waits
            self.error = error
            self.stopped = True

    def _next(self) -> int | None:
        with self._lock:
            return None if self.stopped else next(self._waiting, None)


def repair(
    target: Watched, record: Record, bad: tuple[int, ...], opened: Opened, cancel: CancelToken
) -> Proof:
    """Name exactly what differs in these pieces, and write it once more.

    Raises SourceError if the image can't be read again or was changed, TargetError when the
    stick is gone, Cancelled.
    """
    if not bad:
        return Proof()
    if len(bad) > MOST_REWRITES:
        ranges = joined(ByteRange(*record.place(number)) for number in bad)
        return Proof(differing=ranges, remaining=ranges)
    differing: list[ByteRange] = []
    remaining: list[ByteRange] = []
    buffer = aligned(rounded_up(record.longest, 4096))
    found = aligned(rounded_up(record.longest, 4096))
    feed = opened()
    try:
        for number in bad:
            offset, length = record.place(number)
            cancel.raise_if_cancelled()
            feed.skip_to(number, offset)
            piece = feed.next(buffer)
            if piece is None or not record.proves(number, piece.data):
                raise changed("", f"the piece at byte {offset} is another than before")
            skip = min(max(0, HEAD - offset), length)
            wanted = buffer[skip:length]
            # A piece that is right when it is read again was not before: all of it is doubtful.
            doubtful = (ByteRange(offset + skip, length - skip),)
            differing += _differing(target, record, number, found, wanted) or doubtful
            _write_again(target, buffer[skip : padded(length, offset, target)], offset + skip)
            target.flush()
            remaining += _differing(target, record, number, found, wanted)
    finally:
        feed.close()
    left = joined(remaining)
    return Proof(joined(differing), joined(differing) if not left else (), left)


def _differing(
    target: Watched, record: Record, number: int, found: memoryview, wanted: memoryview
) -> tuple[ByteRange, ...]:
    """List what differs in a piece; all of it if it can't be read."""
    offset, length = record.place(number)
    skip = length - len(wanted)
    if not _read_piece(target, record, number, found):
        return (ByteRange(offset + skip, len(wanted)),)
    return differences(offset + skip, wanted, found[skip:length])


def _write_again(target: Watched, data: memoryview, offset: int) -> None:
    try:
        target.write(data, offset)
    except TargetError as error:
        if is_gone(error):
            raise


def _read_piece(target: Watched, record: Record, number: int, buffer: memoryview) -> bool:
    """Read a piece back; give whether it could be read."""
    offset, length = record.place(number)
    skip = min(max(0, HEAD - offset), length)
    if skip:
        buffer[:skip] = memoryview(record.head)[offset : offset + skip]
    if skip == length:
        return True
    try:
        target.read(buffer[skip : padded(length, offset, target)], offset + skip)
    except TargetError as error:
        if is_gone(error):
            raise
        return False
    return True


def is_gone(error: TargetError) -> bool:
    """Tell whether the stick is no longer there, so that nothing more can be asked of it."""
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in GONE
