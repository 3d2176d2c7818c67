# SPDX-License-Identifier: GPL-3.0-or-later
"""The medium that is to be written: a disc in a drive, or a file taken as one."""

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from discwright.burn.virtual import PREFIX, read_virtual
from discwright.errors import DiscwrightError
from discwright.optical.profile import Profile
from discwright.optical.writable import WritableMedium, read_writable
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.progress import Listener

ANSWER_S = 60.0
"""How long a drive may take to tell what became of its disc."""

LEAVING_S = 1.0
"""How long a call to a drive may still take after a cancel before it is left behind."""

T = TypeVar("T")


def aside(
    call: Callable[[], T], cancel: CancelToken, hanging: list[threading.Thread] | None = None
) -> T:
    """Call from another thread, so that a cancel needn't wait for a drive that hangs.

    Gives what ``call`` gives or raises what it raises; raises Cancelled soon after a cancel, with
    the thread left behind as a daemon and put on ``hanging`` if it is still in its call.
    """
    done: list[T] = []
    errors: list[BaseException] = []
    news: queue.SimpleQueue[None] = queue.SimpleQueue()

    def run() -> None:
        try:
            done.append(call())
        except BaseException as error:  # raised again in the waiting thread
            errors.append(error)
        news.put(None)

    thread = threading.Thread(target=run, name="burn-ask", daemon=True)
    with cancel.calling(lambda: news.put(None)):
        thread.start()
        while not (done or errors or cancel.cancelled):
            news.get()
        thread.join(LEAVING_S if cancel.cancelled else None)
    if errors:
        raise errors[0]
    if done:
        return done[0]
    if hanging is not None:
        hanging.append(thread)
    raise Cancelled


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
    content = one.content == other.content or not (one.content and other.content)
    return content and _facts(one) == _facts(other)


def came_back(before: WritableMedium, after: WritableMedium) -> bool:
    """Whether ``after`` may be the disc that was written, as far as its kind and maker tell.

    Some drives call a disc that is closed a DVD-ROM, and don't tell its maker any more; one that
    doesn't tell the kind says nothing against it.
    """
    if before.virtual or after.profile in {Profile.NONE, Profile.UNKNOWN}:
        return True
    kind = after.profile is before.profile or (
        after.family is before.family and not after.profile.writable
    )
    return kind and (before.maker == after.maker or not (before.maker and after.maker))


def _facts(medium: WritableMedium) -> tuple[object, ...]:
    return (
        medium.profile, medium.status, medium.maker, medium.sessions, medium.free_sectors,
        medium.label, medium.used,
    )  # fmt: skip
