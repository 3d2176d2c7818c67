# SPDX-License-Identifier: GPL-3.0-or-later
"""How a job ends: in exactly one of five states, and never in a state nicer than the truth."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class State(StrEnum):
    """The end of a job. The values are part of the command line contract."""

    COMPLETE = "complete"
    COMPLETE_WITH_ERRORS = "complete-with-errors"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REFUSED = "refused"

    @property
    def exit_code(self) -> int:
        """The exit code of a command that ended so."""
        return _EXIT_CODES[self]


_EXIT_CODES = {
    State.COMPLETE: 0,
    State.FAILED: 1,
    State.COMPLETE_WITH_ERRORS: 3,
    State.REFUSED: 4,
    State.CANCELLED: 130,
}


@dataclass(frozen=True)
class Refusal:
    """Why a job will not be started. Nothing was touched.

    ``kind`` is a short stable word for programs and tests ("exists", "no-space", "audio" ...);
    the rest is as in :class:`discwright.errors.DiscwrightError`.
    """

    kind: str
    message: str
    remedy: str = ""
    cause: str = ""

    def sentence(self) -> str:
        """Give message and remedy as one text."""
        return f"{self.message} {self.remedy}".strip()


class Report(Protocol):
    """What every job's report has; each job adds its own."""

    @property
    def state(self) -> State:
        """How it ended."""

    @property
    def message(self) -> str:
        """What happened, in a sentence."""

    @property
    def remedy(self) -> str:
        """What to do about it; "" if nothing."""

    def to_json(self) -> dict[str, object]:
        """Give the ``report`` event of the command line contract."""
