# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a program that burns: its words become events, its end an outcome."""

from collections.abc import Callable
from dataclasses import dataclass, field

from discwright.burn.child import Pieces, run_child
from discwright.burn.course import Course, Outcome
from discwright.burn.transcript import Event
from discwright.errors import DiscwrightError
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.progress import Listener


@dataclass(frozen=True)
class Call:
    """A program to be run, and how it is understood."""

    arguments: list[str]
    read_line: Callable[[str], Event | None]
    is_chatter: Callable[[str], bool]
    surroundings: dict[str, str] = field(default_factory=dict)
    """Variables of its environment."""


def run_program(
    call: Call,
    course: Course,
    listener: Listener,
    cancel: CancelToken,
    pieces: Pieces | None = None,
) -> Outcome:
    """Run it to its end, telling its progress; a cancel stops it.

    Raises TargetError if it can't be started.
    """
    listener.log("Command: " + " ".join(call.arguments))

    def hear(line: str) -> None:
        if not call.is_chatter(line):
            listener.log(line)
        event = call.read_line(line)
        if event is not None:
            course.take(event)

    ended = run_child(
        call.arguments,
        hear,
        cancel,
        pieces=pieces,
        surroundings=call.surroundings,
        stopping=course.stop,
    )
    listener.log(f"{call.arguments[0]} ended: exit code {ended.code}")
    failure, starved = ended.failure, ""
    if failure is not None and not isinstance(failure, Cancelled):
        starved = failure.sentence() if isinstance(failure, DiscwrightError) else str(failure)
    return course.end(ended.code, stopped=ended.stopped, killed=ended.killed, starved=starved)
