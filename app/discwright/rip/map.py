# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of each sector of a disc that is being copied. Pure; the file is in mapfile.py."""

from dataclasses import dataclass
from enum import StrEnum

from discwright.transfer.extents import Extent, Extents
from discwright.transfer.ranges import Ranges


class Status(StrEnum):
    """What became of a sector so far: the words and signs of GNU ddrescue's map."""

    NON_TRIED = "?"
    NON_TRIMMED = "*"
    """In a request that failed; which of its sectors are bad is not known."""
    NON_SCRAPED = "/"
    """Between two bad sectors, not yet tried by itself."""
    BAD = "-"
    FINISHED = "+"


OPEN = (Status.NON_TRIED, Status.NON_TRIMMED, Status.NON_SCRAPED)
"""What a rescue still has to try."""


class Stage(StrEnum):
    """What a rescue is at; the signs of the map's "current status"."""

    COPYING = "?"
    TRIMMING = "*"
    SCRAPING = "/"
    RETRYING = "-"
    FINISHED = "+"


@dataclass(frozen=True)
class Current:
    """Where a rescue is: the next sector, the stage, the pass of it (from 1)."""

    lba: int = 0
    stage: Stage = Stage.COPYING
    number: int = 1


class RescueMap(Ranges[Status]):
    """The truth about a copy: sectors called finished are in its file, the others are not."""

    def __init__(self, sectors: int, status: Status = Status.NON_TRIED) -> None:
        super().__init__(sectors, status)

    @property
    def finished(self) -> int:
        """How many sectors are in the file."""
        return self.count(Status.FINISHED)

    @property
    def open(self) -> int:
        """How many sectors still have to be tried."""
        return sum(self.count(status) for status in OPEN)

    def unfinished(self) -> Extents:
        """Give all that is not in the file."""
        return Extents(run for run, status in self.runs() if status is not Status.FINISHED)

    def forget(self, run: Extent) -> None:
        """Take back that these sectors were read, or tried."""
        self.set(run.lba, run.count, Status.NON_TRIED)
