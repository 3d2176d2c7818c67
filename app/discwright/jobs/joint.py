# SPDX-License-Identifier: GPL-3.0-or-later
"""One report for a job that does the same to several devices, with a verdict for each."""

from collections.abc import Sequence
from dataclasses import dataclass

from discwright.transfer.outcome import Report, State
from discwright.wording import _

_WORST_FIRST = (
    State.FAILED, State.CANCELLED, State.REFUSED, State.COMPLETE_WITH_ERRORS, State.COMPLETE,
)  # fmt: skip


@dataclass(frozen=True)
class JointReport:
    """Several reports as one; its state is the worst of theirs.

    It is refused only if all are: that state says that nothing was touched. If one is refused
    and another written, the whole has failed, however well the other ended.
    """

    parts: tuple[Report, ...]

    @property
    def state(self) -> State:
        """The worst state."""
        worst = self._worst.state
        touched = any(part.state is not State.REFUSED for part in self.parts)
        return State.FAILED if worst is State.REFUSED and touched else worst

    @property
    def message(self) -> str:
        """What happened to how many."""
        good = sum(part.state is State.COMPLETE for part in self.parts)
        head = _("{good} of {all} are complete.").format(good=good, all=len(self.parts))
        return " ".join((head, *(part.message for part in self.parts)))

    @property
    def remedy(self) -> str:
        """What to do about those that didn't go well, each sentence once."""
        return " ".join(dict.fromkeys(part.remedy for part in self.parts if part.remedy))

    @property
    def _worst(self) -> Report:
        return min(self.parts, key=lambda part: _WORST_FIRST.index(part.state))

    def to_json(self) -> dict[str, object]:
        """Give the worst part's report, and all of them under ``parts``."""
        worst = self._worst.to_json()
        return {
            **worst,
            "state": self.state.value,
            "message": self.message,
            "remedy": self.remedy,
            "refusal": worst["refusal"] if self.state is State.REFUSED else "",
            "parts": [part.to_json() for part in self.parts],
        }


def joined(reports: Sequence[Report]) -> Report:
    """Give the one report itself, or all of them as one."""
    return reports[0] if len(reports) == 1 else JointReport(tuple(reports))
