# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rip did: the one truth for window, exit code, sidecar and log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from discwright.errors import DiscwrightError
from discwright.rip.bin_findings import Loss
from discwright.rip.record import Reading
from discwright.transfer.extents import Extent, pairs
from discwright.transfer.outcome import Refusal, State, report_event


@dataclass(frozen=True)
class RipReport:
    """The end of a rip."""

    state: State
    message: str
    """What happened, in a sentence."""
    remedy: str = ""
    cause: str = ""
    target: Path | None = None
    """The image; None if there is none under the final name."""
    bytes: int = 0
    digests: Mapping[str, str] = field(default_factory=dict)
    """Name of the algorithm to hexadecimal digest of the image."""
    bad_sectors: tuple[Extent, ...] = ()
    files_affected: tuple[str, ...] = ()
    differing_sectors: tuple[Extent, ...] = ()
    """Sectors that a second reading gave otherwise, or not at all."""
    missing_sectors: int = 0
    """Sectors that the disc's file system needs but the drive doesn't give at all."""
    recovered_sectors: int = 0
    """Sectors that were read, but not at the first try."""
    verified: bool | None = None
    """None: not asked for. Whether the second reading was the same as the first."""
    started: str = ""
    """ISO 8601 with offset."""
    duration_s: float = 0.0
    warnings: tuple[str, ...] = ()
    sidecars: tuple[Path, ...] = ()
    """The files written beside the image."""
    refusal: str = ""
    """The refusal's kind, for state refused."""
    kept: Path | None = None
    """The unfinished image that a copy can be gone on with; None if none was kept."""
    map: Path | None = None
    """The map of what was read, if one was written."""
    unread_sectors: int = 0
    """Sectors of the unfinished image that were not read yet."""
    readings: tuple[Reading, ...] = ()
    """What each drive gave, in this run and those before."""
    sheet: Path | None = None
    """The cue sheet of a .bin."""
    losses: tuple[Loss, ...] = ()
    """The bad sectors of a .bin, by track and time, and what is wrong with them."""
    contents: Mapping[str, object] = field(default_factory=dict)
    """Of a .bin, for the record: tracks, and what the drive gave beside their sectors."""

    @property
    def can_go_on(self) -> bool:
        """Whether the same file can be gone on with: the rest read, or the bad sectors again."""
        again = self.target is not None and self.sheet is None and bool(self.bad_sectors)
        return self.kept is not None or again

    def to_json(self) -> dict[str, object]:
        """Give the ``report`` event of the command line contract."""
        return report_event(
            self,
            target=None if self.target is None else str(self.target),
            bad_sector_count=sum(run.count for run in self.bad_sectors),
            differing_sectors=pairs(self.differing_sectors),
            missing_sectors=self.missing_sectors,
            recovered_sectors=self.recovered_sectors,
            verified=self.verified,
            sidecars=[str(path) for path in self.sidecars],
            kept=None if self.kept is None else str(self.kept),
            map=None if self.map is None else str(self.map),
            unread_sectors=self.unread_sectors,
            sheet=None if self.sheet is None else str(self.sheet),
            losses=[loss.to_json() for loss in self.losses],
        )


def refused(refusal: Refusal) -> RipReport:
    """Give the report of a rip that was not started."""
    return RipReport(
        State.REFUSED,
        refusal.message,
        refusal.remedy,
        refusal.cause,
        refusal=refusal.kind,
    )


def refused_source(error: DiscwrightError) -> RipReport:
    """Give the report of a rip whose source can't be opened or examined."""
    return refused(Refusal("source", error.message, error.remedy, error.cause))
