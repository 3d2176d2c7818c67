# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a job that never came to its own: refused, cancelled while waiting, broken."""

from dataclasses import dataclass

from discwright.transfer.outcome import Refusal, State, report_event


@dataclass(frozen=True)
class JobReport:
    """The end of a job that has no report of its own kind."""

    state: State
    message: str
    """What happened, in a sentence."""
    remedy: str = ""
    cause: str = ""
    refusal: str = ""
    """The refusal's kind, for state refused."""

    @classmethod
    def refused(cls, refusal: Refusal) -> "JobReport":
        """Give the report of a job that will not be started."""
        return cls(
            State.REFUSED, refusal.message, refusal.remedy, refusal.cause, refusal=refusal.kind
        )

    def to_json(self) -> dict[str, object]:
        """Give the ``report`` event of the command line contract."""
        return report_event(self)
