# SPDX-License-Identifier: GPL-3.0-or-later
"""How a job ends: in exactly one of five states, and never in a state nicer than the truth."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from discwright.transfer.extents import pairs


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


NOT_BEGUN = "not-begun"
"""The refusal's kind of a job that was started and could not begin: a password was not given ..."""


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


def report_event(report: Report, **more: object) -> dict[str, object]:
    """Give the ``report`` event of the command line contract: what each has, and ``more``.

    Every key that scripts may rely on is there, whether or not the job knows of such a thing.
    """
    return {
        "event": "report",
        "state": report.state.value,
        "message": report.message,
        "remedy": report.remedy,
        "cause": getattr(report, "cause", ""),
        "target": None,
        "bytes": getattr(report, "bytes", 0),
        "digests": dict(getattr(report, "digests", {})),
        "bad_sectors": pairs(getattr(report, "bad_sectors", ())),
        "files_affected": list(getattr(report, "files_affected", ())),
        "started": getattr(report, "started", ""),
        "duration_s": round(getattr(report, "duration_s", 0.0), 3),
        "warnings": list(getattr(report, "warnings", ())),
        "refusal": getattr(report, "refusal", ""),
        **more,
    }
