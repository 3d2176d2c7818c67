# SPDX-License-Identifier: GPL-3.0-or-later
"""The medium that is to be written: a disc in a drive, or a file taken as one."""

import queue
import threading

from discwright.burn.virtual import PREFIX, read_virtual
from discwright.errors import DiscwrightError
from discwright.optical.writable import WritableMedium, read_writable
from discwright.transfer.cancel import CancelToken
from discwright.transfer.progress import Listener

ANSWER_S = 60.0
"""How long a drive may take to tell what became of its disc."""


def read_target(node: str, cancel: CancelToken | None = None) -> WritableMedium:
    """Look at the medium in a drive, or at ``stdio:FILE``.

    Raises SourceError or TargetError if it can't be had, and Cancelled.
    """
    return read_virtual(node) if node.startswith(PREFIX) else read_writable(node, cancel)


def look_at_end(node: str, listener: Listener, within_s: float = ANSWER_S) -> WritableMedium | None:
    """Look what became of the medium; None if the drive doesn't tell in time.

    A drive that failed may hang: the question is asked from a thread that can be left behind.
    """
    found: queue.SimpleQueue[WritableMedium | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found.put(read_target(node, CancelToken()))
        except Exception as error:  # told by the asking thread
            found.put(error)

    threading.Thread(target=ask, name="burn-look", daemon=True).start()
    try:
        answer = found.get(timeout=within_s)
    except queue.Empty:
        listener.log(f"The drive did not answer within {within_s:g} s")
        return None
    if isinstance(answer, WritableMedium):
        return answer
    cause = answer.cause if isinstance(answer, DiscwrightError) else ""
    listener.log(f"The disc can't be looked at: {answer} {cause}")
    return None


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
