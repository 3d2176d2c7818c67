# SPDX-License-Identifier: GPL-3.0-or-later
"""What writing a stick did: the one truth for window, exit code and log; one for each stick."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from discwright.stick.ranges import ByteRange
from discwright.transfer.extents import Extent
from discwright.transfer.outcome import Refusal, State, report_event


@dataclass(frozen=True)
class WriteReport:
    """The end of the writing of one stick."""

    state: State
    message: str
    """What happened, in a sentence."""
    remedy: str = ""
    cause: str = ""
    source: str = ""
    """The image file, or the node of the drive with the disc."""
    target: str = ""
    """The device node."""
    name: str = ""
    """The stick as people know it."""
    bytes: int = 0
    """Of the image, that were written (and, if verified, proved)."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Name of the algorithm to hexadecimal digest of the image."""
    verified: bool | None = None
    """None: nothing was read back but the first MiB. Whether all was found as written."""
    checked: str = ""
    """The published checksum that the image was found to have, as ``algorithm:digest``."""
    bad_sectors: tuple[Extent, ...] = ()
    """Of the disc, if that is the source: they hold a fill pattern on the stick."""
    files_affected: tuple[str, ...] = ()
    """What lies in them."""
    recovered_sectors: int = 0
    """Sectors of the disc that were read, but not at the first try."""
    missing_sectors: int = 0
    """Sectors that the disc's file system needs but the drive doesn't give at all."""
    differing: tuple[ByteRange, ...] = ()
    """What was not on the stick as written, and stayed so."""
    rewritten: tuple[ByteRange, ...] = ()
    """What was right only after it was written a second time."""
    suspect_capacity: bool = False
    """A sample found that the stick seems to hold less than it says."""
    touched: bool = False
    """Something was written: what was on the stick before is lost."""
    left_bootable: bool = False
    """The stick may start a computer although the image on it isn't whole or wasn't proved."""
    boot: str = ""
    """What starts from the stick, in a sentence."""
    started: str = ""
    """ISO 8601 with offset."""
    duration_s: float = 0.0
    warnings: tuple[str, ...] = ()
    refusal: str = ""
    """The refusal's kind, for state refused."""

    def to_json(self) -> dict[str, object]:
        """Give the ``report`` event of the command line contract; ranges are in bytes."""
        return report_event(
            self,
            source=self.source or None,
            target=self.target or None,
            name=self.name,
            recovered_sectors=self.recovered_sectors,
            missing_sectors=self.missing_sectors,
            verified=self.verified,
            checked=self.checked,
            differing=[[run.offset, run.length] for run in self.differing],
            rewritten=[[run.offset, run.length] for run in self.rewritten],
            suspect_capacity=self.suspect_capacity,
            touched=self.touched,
            left_bootable=self.left_bootable,
            boot=self.boot,
        )


def refused(refusal: Refusal, target: str = "", name: str = "") -> WriteReport:
    """Give the report of a stick that was not touched."""
    return WriteReport(
        State.REFUSED,
        refusal.message,
        refusal.remedy,
        refusal.cause,
        target=target,
        name=name,
        refusal=refusal.kind,
    )
