# SPDX-License-Identifier: GPL-3.0-or-later
"""What xorriso says, line by line, as events. Pure; lines that mean nothing here give none."""

import re
from dataclasses import dataclass
from enum import StrEnum

from discwright.optical.sense import Sense


class Step(StrEnum):
    """Something begins or goes on."""

    BLANKING = "blanking"
    FORMATTING = "formatting"
    WRITING = "writing"
    """The burn run began: what comes first are calibration and lead-in."""
    PATIENCE = "patience"
    """The drive is busy with something that has no progress of its own."""
    CLOSING = "closing"


@dataclass(frozen=True)
class Began:
    """A step began, or is still going on."""

    step: Step
    started: bool = False
    """It is the first that is heard of it."""


@dataclass(frozen=True)
class Written:
    """So many whole MiB are written; ``total`` is None if xorriso doesn't know."""

    mib: int
    total: int | None = None
    buffer: int | None = None
    """How full the drive's buffer is, in percent."""


@dataclass(frozen=True)
class Ended:
    """xorriso says that a step went well."""

    step: Step


@dataclass(frozen=True)
class Problem:
    """A message of severity SORRY or worse."""

    severity: str
    text: str
    sense: Sense | None = None


Event = Began | Written | Ended | Problem

_MESSAGE = re.compile(r"(?:xorriso|lib[a-z]+)\s*: +([A-Z]+) : (.*)")
_WRITTEN = re.compile(r"\s*(\d+)(?: of +(\d+))? MB written(?:.*\[buf +(\d+)%\])?")
_SENSE = re.compile(r"\[([0-9A-F]) ([0-9A-F]{2}) ([0-9A-F]{2})\]")
_SUCCESS = re.compile(r"Writing to '.*' completed successfully\.")
_BAD = frozenset({"SORRY", "MISHAP", "FAILURE", "FATAL", "ABORT"})

_STARTS = (
    ("Beginning to write data track", Began(Step.WRITING, started=True)),
    ("Beginning to blank medium", Began(Step.BLANKING, started=True)),
    ("Beginning to format medium", Began(Step.FORMATTING, started=True)),
    ("Blanking done", Ended(Step.BLANKING)),
    ("Formatting done", Ended(Step.FORMATTING)),
)

_UPDATES = (
    ("Closing track/session", Began(Step.CLOSING)),
    ("Blanking ", Began(Step.BLANKING)),
    ("Formatting", Began(Step.FORMATTING)),
    ("Thank you for being patient", Began(Step.PATIENCE)),
)

SERIOUS = frozenset({"FAILURE", "FATAL", "ABORT"})
"""Severities at which xorriso gives up."""


def read_line(line: str) -> Event | None:
    """Give what a line says; None for titles, notes and other talk."""
    text = line.strip()
    message = _MESSAGE.fullmatch(text)
    if message is None:
        if _SUCCESS.fullmatch(text):
            return Ended(Step.WRITING)
        return next((event for start, event in _STARTS if text.startswith(start)), None)
    severity, said = message[1], message[2]
    if severity == "UPDATE":
        return _update(said)
    return problem_of(severity, said)


def problem_of(severity: str, said: str) -> Problem | None:
    """Give a message of libburn as a problem, if it is one."""
    return Problem(severity, said, _sense(said)) if severity in _BAD else None


def is_chatter(line: str) -> bool:
    """Tell a line that only says how far it is: it comes every second and fills logs."""
    return " : UPDATE : " in line or not line.strip()


def _update(said: str) -> Event | None:
    written = _WRITTEN.match(said)
    if written:
        total, buffer = written[2], written[3]
        return Written(
            int(written[1]),
            int(total) if total else None,
            int(buffer) if buffer else None,
        )
    return next((event for start, event in _UPDATES if said.startswith(start)), None)


def _sense(text: str) -> Sense | None:
    found = _SENSE.search(text)
    sense = Sense(*(int(part, 16) for part in found.groups())) if found else None
    return sense if sense is not None and sense.key else None
