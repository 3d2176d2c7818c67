# SPDX-License-Identifier: GPL-3.0-or-later
"""What a burn or an erasing did: the one truth for window, exit code, record and log."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from discwright.errors import DiscwrightError
from discwright.optical.differences import Pattern
from discwright.optical.disc import DriveIdentity
from discwright.optical.writable import MediumStatus, WritableMedium
from discwright.transfer.extents import Extent, pairs
from discwright.transfer.outcome import Refusal, State, report_event


@dataclass(frozen=True)
class BurnReport:
    """The end of a burn."""

    state: State
    message: str
    """What happened, in sentences."""
    remedy: str = ""
    cause: str = ""
    source: str = ""
    """Path of the image, or node of the drive that was copied."""
    target: str = ""
    """Node of the drive, or ``stdio:`` and a path."""
    bytes: int = 0
    """Of the image, if it was written."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Of the image as it was fed to the drive."""
    read_back: Mapping[str, str] = field(default_factory=dict)
    """Of what the disc gave back; {} if it wasn't read, or not all of it."""
    verified: bool | None = None
    """None: not read back. Whether every byte came back as it was written."""
    differing_sectors: tuple[Extent, ...] = ()
    unreadable_sectors: tuple[Extent, ...] = ()
    pattern: Pattern = Pattern.NONE
    recovered_sectors: int = 0
    bad_sectors: tuple[Extent, ...] = ()
    """Of the source, if it is a disc: they hold a fill pattern on the copy."""
    simulated: bool = False
    kind: str = ""
    """Of the medium: "DVD-R"."""
    maker: str = ""
    mode: str = ""
    speed_kb: int | None = None
    drive: DriveIdentity | None = None
    medium_after: MediumStatus | None = None
    writer: str = ""
    """The program that wrote: "xorriso" or "cdrdao"."""
    program: str = ""
    """Its version."""
    tracks: tuple[Mapping[str, object], ...] = ()
    """Of a CD that was written track by track: what each is, and its checksums as it was fed."""
    shift_samples: int | None = None
    """By how many samples its music lies behind the image's, as it was read back."""
    started: str = ""
    """ISO 8601 with offset."""
    duration_s: float = 0.0
    times_s: Mapping[str, float] = field(default_factory=dict)
    """Seconds by phase."""
    warnings: tuple[str, ...] = ()
    sidecars: tuple[Path, ...] = ()
    refusal: str = ""
    """The refusal's kind, for state refused."""

    def to_json(self) -> dict[str, object]:
        """Give the ``report`` event of the command line contract."""
        return report_event(
            self,
            source=self.source,
            target=self.target or None,
            read_back=dict(self.read_back),
            verified=self.verified,
            differing_sectors=pairs(self.differing_sectors),
            unreadable_sectors=pairs(self.unreadable_sectors),
            pattern=self.pattern.value,
            recovered_sectors=self.recovered_sectors,
            simulated=self.simulated,
            medium={
                "kind": self.kind,
                "maker": self.maker,
                "status": None if self.medium_after is None else self.medium_after.value,
            },
            mode=self.mode,
            speed_kb=self.speed_kb,
            drive=None if self.drive is None else asdict(self.drive),
            writer=self.writer,
            program=self.program,
            tracks=[dict(track) for track in self.tracks],
            shift_samples=self.shift_samples,
            times_s={phase: round(seconds, 1) for phase, seconds in self.times_s.items()},
            sidecars=[str(path) for path in self.sidecars],
        )


def refused(refusal: Refusal, medium: WritableMedium | None = None) -> BurnReport:
    """Give the report of a burn that was not started."""
    return BurnReport(
        State.REFUSED,
        refusal.message,
        refusal.remedy,
        refusal.cause,
        target="" if medium is None else medium.node,
        kind="" if medium is None else medium.kind,
        refusal=refusal.kind,
    )


def refused_by(error: DiscwrightError, kind: str = "source") -> BurnReport:
    """Give the report of a burn whose drive or image can't be had."""
    return refused(Refusal(kind, error.message, error.remedy, error.cause))
