# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a disc is: all candidates, one rule that chooses, and why. Pure.

No single source can be trusted. READ CAPACITY counts the two unreadable run-out sectors of a
CD that was written track at once, and the whole formatted size of a rewritable disc. The TOC
of a DVD is made up by the drive. A file system's own size leaves out what lies behind it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from discwright.optical.disc import Candidate, Length
from discwright.optical.profile import Family, Profile
from discwright.optical.sense import Fault
from discwright.wording import _

CAPACITY = "READ CAPACITY"
LEAD_OUT = "TOC lead-out"
TRACK = "READ TRACK INFORMATION"
STRUCTURE = "READ DISC STRUCTURE"
ISO9660 = "ISO 9660"
UDF = "UDF"
HFS = "HFS"
PARTITIONS = "partition table"
FILE = "file size"

FILE_SYSTEM_SLACK = 300
"""Sectors that may follow a file system unremarked: two seconds of padding and its anchors."""

SURE_RUNOUT_FAULTS = frozenset({Fault.ILLEGAL_MODE, Fault.OUT_OF_RANGE})
"""What no damage looks like."""

RUNOUT_FAULTS = SURE_RUNOUT_FAULTS | {Fault.BAD_SECTOR}


@dataclass(frozen=True)
class LengthFacts:
    """All that was asked, in sectors from LBA 0; None where there is no answer."""

    profile: Profile
    capacity: int | None = None
    lead_out: int | None = None
    track_end: int | None = None
    structure: int | None = None
    iso9660: int | None = None
    udf: int | None = None
    hfs: int | None = None
    partitions: int | None = None
    """Where the last partition, or the partition table's own copy, ends."""
    file: int | None = None
    ends_in_data: bool = True
    """Whether the last track is a data track."""

    @property
    def file_system(self) -> int | None:
        """Where the longest file system ends."""
        return max((n for n in (self.iso9660, self.udf, self.hfs) if n), default=None)

    @property
    def used(self) -> int | None:
        """Where the last of the file systems ends, or a partition after them on the medium."""
        end = self.file_system
        if end is None or not self.partitions or not self.capacity:
            return end
        # A table may promise more than there is: it was made for another medium.
        return end if self.partitions > self.capacity else max(end, self.partitions)

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Every answer there is."""
        named = (
            (FILE, self.file), (CAPACITY, self.capacity), (LEAD_OUT, self.lead_out),
            (TRACK, self.track_end), (STRUCTURE, self.structure), (ISO9660, self.iso9660),
            (UDF, self.udf), (HFS, self.hfs), (PARTITIONS, self.partitions),
        )  # fmt: skip
        return tuple(Candidate(name, n) for name, n in named if n is not None)


Probes = Mapping[int, Fault | None]
"""What single-sector test readings gave: the sector to None (it reads) or the fault."""


def sectors_to_probe(facts: LengthFacts) -> tuple[int, ...]:
    """Give the sectors whose readability decides between candidates; never below 0."""
    wanted: tuple[int, ...] = ()
    if facts.profile.overwritable and facts.used:
        wanted = (_rounded_up(facts) - 1,)
    elif facts.profile in {Profile.CD_R, Profile.CD_RW} and facts.ends_in_data:
        end = facts.lead_out or facts.capacity or 0
        wanted = (end - 1, end - 2, end - 3)
    elif facts.profile.family is Family.DVD and facts.capacity and facts.structure:
        wanted = _between(facts.capacity, facts.structure)
    return tuple(lba for lba in wanted if lba >= 0)


def _between(one: int, other: int) -> tuple[int, ...]:
    """Give the last sector of the longer of two lengths, and two that only the longer one has."""
    shorter, longer = sorted((one, other))
    return () if shorter == longer else (longer - 1, shorter, (shorter + longer) // 2)


def choose_length(facts: LengthFacts, probes: Probes) -> Length:
    """Choose the length to copy. The rules are tried in this order; the first that applies wins.

    Sources: facts gathered from dvdisaster's, redumper's and K3b's rules; MMC-6 6.19, 6.22, 6.25.
    """
    if facts.file is not None:
        chosen = Length(facts.file, "file-size", _("The image file is this long."))
    elif facts.profile.overwritable:
        chosen = _overwritable(facts, probes)
    elif facts.profile.family is Family.CD:
        chosen = _compact_disc(facts, probes)
    else:
        chosen = _write_once(facts, probes)
    return replace(
        chosen,
        candidates=facts.candidates,
        warnings=(*chosen.warnings, *_longer_than_its_file_system(facts, chosen)),
    )


def _overwritable(facts: LengthFacts, probes: Probes) -> Length:
    capacity = facts.capacity or facts.track_end or 0
    end = facts.used
    if end is None:
        return Length(
            capacity,
            "whole-medium",
            _("A rewritable disc without a known file system is copied whole."),
        )
    rounded = _rounded_up(facts)
    if rounded <= capacity and probes.get(rounded - 1, Fault.OTHER) is None:
        end = rounded
    return Length(
        min(end, capacity) if capacity else end,
        "file-systems",
        _(
            "On a rewritable disc the file systems tell how much of it is used; "
            "the rest of the formatted medium is left off."
        ),
    )


def _compact_disc(facts: LengthFacts, probes: Probes) -> Length:
    end = facts.lead_out or facts.capacity or facts.track_end or 0
    runout = _runout(facts, probes, end)
    if runout:
        return Length(
            end - runout,
            "run-out",
            _(
                "This CD was written track at once: its last {n} sectors are run-out blocks, "
                "which hold no data and can't be read."
            ).format(n=runout),
            runout=runout,
        )
    if facts.lead_out:
        return Length(end, "lead-out", _("The table of contents says where the data ends."))
    return Length(end, "capacity", _("The drive says how long the disc is."))


def _runout(facts: LengthFacts, probes: Probes, end: int) -> int:
    """Count the run-out sectors at the end: only those last one or two, only if all fits.

    Without a file system that ends before them, an unreadable sector may as well be damaged data:
    then only those count that the drive says are of another kind.
    """
    if facts.profile not in {Profile.CD_R, Profile.CD_RW} or not facts.ends_in_data:
        return 0
    # The second look is for discs whose data is damaged right before the run-outs.
    for faults in (RUNOUT_FAULTS if facts.file_system else SURE_RUNOUT_FAULTS, SURE_RUNOUT_FAULTS):
        unreadable = 0
        while unreadable < 3 and probes.get(end - 1 - unreadable) in faults:
            unreadable += 1
        if unreadable <= 2 and (facts.file_system or 0) <= end - unreadable:
            return unreadable
    return 0


def _write_once(facts: LengthFacts, probes: Probes) -> Length:
    capacity, structure = facts.capacity, facts.structure
    if not capacity and not structure:
        return Length(
            facts.track_end or facts.file_system or 0,
            "track",
            _("Only the track information tells how long the disc is."),
        )
    if not structure or capacity == structure:
        agreed = _(" The disc's physical structure agrees.") if structure else ""
        return Length(capacity or 0, "capacity", _("The drive says how long the disc is.") + agreed)
    if not capacity:
        return Length(
            structure, "structure", _("The disc's physical structure says how long it is.")
        )
    longer, shorter = max(capacity, structure), min(capacity, structure)
    if _reads_beyond(shorter, longer, probes):
        return Length(
            longer,
            "probed",
            _(
                "The drive's capacity and the disc's physical structure differ; the sectors of "
                "the longer one can be read."
            ),
        )
    return Length(
        shorter,
        "probed",
        _(
            "The drive's capacity and the disc's physical structure differ; the end of the longer "
            "one can't be read."
        ),
    )


def _reads_beyond(shorter: int, longer: int, probes: Probes) -> bool:
    """Whether sectors of the longer length can be read; its last one may be damaged."""
    last, *between = (probes.get(lba, Fault.OTHER) for lba in _between(shorter, longer))
    if last is Fault.BAD_SECTOR:
        return all(fault is None for fault in between)
    return last is None


def _longer_than_its_file_system(facts: LengthFacts, chosen: Length) -> tuple[str, ...]:
    beyond = chosen.sectors - (facts.file_system or chosen.sectors)
    if chosen.rule == "file-size" or beyond <= FILE_SYSTEM_SLACK:
        return ()
    return (
        _("The disc is {n} sectors longer than its file system; all of it is copied.").format(
            n=beyond
        ),
    )


def _rounded_up(facts: LengthFacts) -> int:
    """Round the end of what is used up to a whole error correction block (16 or 32 sectors)."""
    block = 32 if facts.profile.family is Family.BD else 16
    return -(-(facts.used or 0) // block) * block
