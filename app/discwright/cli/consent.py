# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking before something is destroyed."""

from discwright.cli.interruption import Interruption
from discwright.cli.streams import Streams
from discwright.jobs import JobReport
from discwright.transfer.outcome import Refusal, State
from discwright.wording import _


def withheld(
    question: str, streams: Streams, interruption: Interruption, *, yes: bool
) -> JobReport | None:
    """Ask on a terminal, refuse elsewhere unless ``yes``; give the report if it's a no."""
    if yes:
        return None
    if not streams.can_ask:
        return JobReport.refused(
            Refusal(
                "not-confirmed",
                _("Something would be lost for good, and nobody is here to be asked."),
                _("Add --yes to the command."),
            )
        )
    with interruption.breaking():
        if streams.ask(question):
            return None
    return JobReport(State.CANCELLED, _("Nothing was changed."))
