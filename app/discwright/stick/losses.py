# SPDX-License-Identifier: GPL-3.0-or-later
"""What a disc that is written to a stick didn't give, and what that makes of the verdict. Pure."""

from dataclasses import dataclass

from discwright.transfer.extents import Extent
from discwright.transfer.outcome import State
from discwright.wording import _, counted


@dataclass(frozen=True)
class Losses:
    """Of an image file there are none: what can't be read of it ends the writing."""

    bad: tuple[Extent, ...] = ()
    """Sectors that couldn't be read; a pattern stands for them."""
    files: tuple[str, ...] = ()
    """The files that lie there or at the missing end, safe to show."""
    recovered: int = 0
    """Sectors that were read, but not at the first try."""
    missing: int = 0
    """Sectors that a file lies in but that the drive doesn't give at all."""
    missing_message: str = ""

    @property
    def state(self) -> State:
        """Complete only if nothing was lost."""
        lost = self.bad or self.missing
        return State.COMPLETE_WITH_ERRORS if lost else State.COMPLETE

    @property
    def message(self) -> str:
        """Say what was lost; "" if nothing was."""
        found = []
        if self.bad:
            found.append(
                counted(
                    "{n} sector of the disc could not be read. "
                    "On the stick it is filled with a pattern that says so.",
                    "{n} sectors of the disc could not be read. "
                    "On the stick they are filled with a pattern that says so.",
                    sum(run.count for run in self.bad),
                )
            )
        return " ".join((*found, *((self.missing_message,) if self.missing else ())))

    @property
    def remedy(self) -> str:
        """Say what to do about it; "" if nothing was lost."""
        if self.bad:
            return _("Clean the disc and copy it again, or try another drive.")
        return _("Try another drive.") if self.missing else ""
