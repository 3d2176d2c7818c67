# SPDX-License-Identifier: GPL-3.0-or-later
"""Discs as data: profile, sessions, tracks, layers, protection, and where the sectors come from.

All lengths and addresses are in sectors. A disc travels to the drive's process and, burnt, back,
so it holds paths, no open files. :mod:`media` has constructors for the usual discs.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

SECTOR = 2048
RAW = 2352
CD_DA_FRAMES = 75
"""Sectors in a second of music."""
FIRST_GAP = 11400
"""From the lead-out of session 1 to the first track of session 2 (lead-out, lead-in, pregap)."""
LATER_GAP = 6900


class Mode(StrEnum):
    """How the sectors of a track are made up."""

    AUDIO = "audio"
    MODE1 = "mode1"
    FORM1 = "mode2form1"
    FORM2 = "mode2form2"
    FORMLESS = "mode2formless"
    """Mode 2 without subheader; the store must be raw."""
    MIXED = "mode2"
    """Mode 2 with forms that change from sector to sector; the store must be raw."""


class Status(IntEnum):
    """READ DISC INFORMATION byte 2, bits 0-1."""

    BLANK = 0
    APPENDABLE = 1
    COMPLETE = 2
    OTHER = 3


class Profile(IntEnum):
    """The profiles of GET CONFIGURATION that the bench knows."""

    CD_ROM = 0x08
    CD_R = 0x09
    CD_RW = 0x0A
    DVD_ROM = 0x10
    DVD_R = 0x11
    DVD_RAM = 0x12
    DVD_RW_RESTRICTED = 0x13
    DVD_RW = 0x14
    DVD_R_DL = 0x15
    DVD_R_DL_JUMP = 0x16
    DVD_PLUS_RW = 0x1A
    DVD_PLUS_R = 0x1B
    DVD_PLUS_R_DL = 0x2B
    BD_ROM = 0x40
    BD_R = 0x41
    BD_R_RANDOM = 0x42
    BD_RE = 0x43

    @property
    def is_cd(self) -> bool:
        """Whether it is a CD."""
        return self <= Profile.CD_RW

    @property
    def is_dvd(self) -> bool:
        """Whether it is a DVD."""
        return Profile.DVD_ROM <= self <= Profile.DVD_PLUS_R_DL

    @property
    def is_bd(self) -> bool:
        """Whether it is a Blu-ray disc."""
        return self >= Profile.BD_ROM

    @property
    def is_overwritable(self) -> bool:
        """Whether sectors can be written again in place."""
        return self in {Profile.DVD_RAM, Profile.DVD_RW_RESTRICTED, Profile.DVD_PLUS_RW,
                        Profile.BD_RE}  # fmt: skip

    @property
    def is_dash(self) -> bool:
        """Whether it is a DVD-R or a DVD-RW for sequential recording."""
        return self in {Profile.DVD_R, Profile.DVD_RW, Profile.DVD_R_DL}

    @property
    def is_reserving(self) -> bool:
        """Whether each session is a reserved track: DVD+R and BD-R."""
        return self in {Profile.DVD_PLUS_R, Profile.DVD_PLUS_R_DL, Profile.BD_R}

    @property
    def is_writable(self) -> bool:
        """Whether the bench can burn it."""
        return (self.is_overwritable or self.is_dash or self.is_reserving
                or self in {Profile.CD_R, Profile.CD_RW})  # fmt: skip

    @property
    def block(self) -> int:
        """Sectors that are recorded together: a packet or ECC block; 1 on a CD."""
        return 1 if self.is_cd else 16 if self.is_dvd else 32

    @property
    def is_erasable(self) -> bool:
        """Whether what is on it can be erased or overwritten."""
        return self.is_overwritable or self in {Profile.CD_RW, Profile.DVD_RW}


FREE = {
    Profile.CD_R: 359844, Profile.CD_RW: 359844, Profile.DVD_R: 2297888,
    Profile.DVD_RAM: 2236704, Profile.DVD_RW: 2297888, Profile.DVD_RW_RESTRICTED: 2297888,
    Profile.DVD_R_DL: 4171712, Profile.DVD_PLUS_RW: 2295104, Profile.DVD_PLUS_R: 2295104,
    Profile.DVD_PLUS_R_DL: 4173824, Profile.BD_R: 12219392, Profile.BD_RE: 11826176,
}  # fmt: skip
"""What fits on a blank disc."""
LEAD_IN = -11400
"""Where the lead-in of a blank CD begins."""
LINK_RUNOUT = 2
"""Unreadable sectors that end a CD track written at once (facts 4.3)."""
TRACK_GAP = 150
"""Between two CD tracks written at once."""


@dataclass(frozen=True)
class Store:
    """Where the sectors of a track come from."""

    path: str = ""
    """A file, read as zeros beyond its end; "" for a pattern made of ``seed`` and the address."""
    sector: int = SECTOR
    """Bytes in the file for each sector: 2048 or 2352."""
    offset: int = 0
    """Sectors of the file before the track's first."""
    seed: int = 0


@dataclass(frozen=True)
class Track:
    """A track as READ TRACK INFORMATION gives it."""

    number: int
    start: int
    sectors: int
    """With its run-out sectors."""
    mode: Mode
    store: Store
    runout: int = 0
    """Sectors at the end that are counted but fail with 5/64/00."""
    copy: bool = False
    preemphasis: bool = False
    four_channel: bool = False
    isrc: str = ""
    pregap: int = 0
    """Sectors before ``start`` that are recorded as this track's (index 0). They count as the end
    of the track before in its length, as in the TOC."""
    indexes: tuple[int, ...] = ()
    """Where index 2, 3 ... begin, from the start of the disc."""
    late: int = 0
    """Samples by which its music lies late on the disc: the store's first is that much later."""
    written: int | None = None
    """Sectors written so far of a track that isn't closed yet; None: it is closed."""
    reserved: bool = False
    """Its length was told beforehand (RESERVE TRACK)."""
    damaged: bool = False
    """Its writing broke off and can't be continued."""

    @property
    def end(self) -> int:
        """The sector after the last."""
        return self.start + self.sectors

    @property
    def recorded_end(self) -> int:
        """The sector after the last that was written; the end, once the track is closed."""
        return self.end if self.written is None else self.start + self.written

    @property
    def control(self) -> int:
        """The TOC's control nibble (MMC-6 table 483)."""
        if self.mode is not Mode.AUDIO:
            return 4 | self.copy << 1
        return self.four_channel << 3 | self.copy << 1 | self.preemphasis

    def index_at(self, lba: int) -> int:
        """Give the index that a sector has: 0 in the pregap, 1 from the start on."""
        return 0 if lba < self.start else 1 + sum(lba >= index for index in self.indexes)


@dataclass(frozen=True)
class Session:
    """Closed session: its tracks and where its lead-out begins."""

    tracks: tuple[Track, ...]
    leadout: int


@dataclass(frozen=True)
class Layers:
    """Two recorded layers of a DVD or Blu-ray."""

    first: int
    """Sectors of the layer that is read first."""
    second: int
    opposite: bool = True
    """Opposite track path (OTP), else parallel (PTP)."""


@dataclass(frozen=True)
class Disc:
    """A medium."""

    profile: Profile
    sessions: tuple[Session, ...] = ()
    status: Status = Status.COMPLETE
    layers: Layers | None = None
    cpst: int = 0
    """READ DVD STRUCTURE format 1: 0 none, 1 CSS/CPPM, 2 CPRM."""
    region_mask: int = 0
    scrambled: tuple[range, ...] = ()
    """Sectors that fail with 5/6F/03 without authentication."""
    aacs: bool = False
    capacity_override: int | None = None
    """Sectors that READ CAPACITY claims, if it is wrong."""
    structure_override: int | None = None
    """Sectors that READ DISC STRUCTURE claims, if they differ."""
    formatted: int = 0
    """Overwritable media: sectors of the whole format."""
    free: int = 0
    """Sectors that can still be written."""
    size: int = 0
    """Sectors of the whole medium; 0: what its kind and ``free`` say."""
    open_tracks: tuple[Track, ...] = ()
    """Tracks of a session that isn't closed yet."""
    incremental: bool = True
    """Feature 21h: a minimally blanked DVD-RW has lost it and takes only disc-at-once."""
    growing: bool = False
    """A DVD-RW quickly formatted: it grows as it is written."""
    background: int = 0
    """DVD+RW, background format: 0 not begun, 1 broken off, 2 running, 3 completed."""
    spare: int = 0
    """Sectors of a Blu-ray's spare area; 0: no defect management."""
    unreadable: tuple[range, ...] = ()
    """Sectors that were recorded badly, or not at all though the TOC counts them."""
    concealed: tuple[range, ...] = ()
    """Sectors of music with errors that a drive can't correct: its C2 pointers tell."""
    recording: str = ""
    """The file that holds what was burnt, sector by sector; "" if nothing was."""
    speeds: tuple[int, ...] = ()
    """Write speeds that drive and medium offer, kB/s, fastest first; (): those of its kind."""
    atip_start: tuple[int, int, int] = (97, 26, 66)
    """Start of a CD-R's lead-in, which tells its manufacturer."""
    disc_type: int = 0x00
    """TOC point A0 PSEC: 00h CD-DA or CD-ROM, 10h CD-i, 20h CD-ROM XA."""
    left_open: bool = False
    """A CD's session at once that has its TOC and its sectors, but no lead-out."""
    mcn: str = ""
    cd_text: bytes = b""
    """The packs of 18 bytes in the lead-in."""
    track_info_counts_runout: bool = True
    label: str | None = None
    """ID_FS_LABEL; None: what the image's volume descriptor says."""
    file_system: str | None = None
    """ID_FS_TYPE; None: what the image's volume descriptors say."""
    manufacturer: str = "BENCH"

    @property
    def told_status(self) -> Status:
        """What READ DISC INFORMATION says."""
        return Status.APPENDABLE if self.left_open else self.status

    @property
    def tracks(self) -> tuple[Track, ...]:
        """All tracks of closed sessions."""
        return tuple(track for session in self.sessions for track in session.tracks)

    @property
    def all_tracks(self) -> tuple[Track, ...]:
        """Those of the open session too."""
        return self.tracks + self.open_tracks

    @property
    def in_progress(self) -> Track | None:
        """The track that is being written."""
        last = self.open_tracks[-1] if self.open_tracks else None
        return last if last and last.written is not None else None

    @property
    def has_invisible_track(self) -> bool:
        """Whether another track could be begun behind those that are there."""
        if self.status not in (Status.BLANK, Status.APPENDABLE):
            return False
        now = self.in_progress
        return now is None or (now.reserved and self.profile.is_reserving)

    @property
    def recorded(self) -> int:
        """Where the last session's lead-out begins; 0 on a blank disc."""
        return self.sessions[-1].leadout if self.sessions else 0

    @property
    def capacity(self) -> int:
        """Sectors that READ CAPACITY claims."""
        if self.capacity_override is not None:
            return self.capacity_override
        return self.formatted or self.recorded

    @property
    def structure_sectors(self) -> int:
        """Sectors that READ DISC STRUCTURE claims."""
        if self.structure_override is not None:
            return self.structure_override
        return self.formatted or self.recorded

    @property
    def total(self) -> int:
        """Sectors of the whole medium."""
        if self.size:
            return self.size
        if self.free:
            return self.next_writable + self.free
        return FREE.get(self.profile, self.recorded)

    @property
    def next_writable(self) -> int:
        """Where a new track would begin."""
        block = self.profile.block
        if self.open_tracks:
            end = self.open_tracks[-1].end
            return end + TRACK_GAP if self.profile.is_cd else -(-end // block) * block
        if not self.sessions:
            return 0
        if not self.profile.is_cd:
            return -(-self.recorded // block) * block
        return self.recorded + (FIRST_GAP if len(self.sessions) == 1 else LATER_GAP)

    @property
    def readable_end(self) -> int:
        """Where reading ends: behind the capacity if a session is still open."""
        last = self.open_tracks[-1].recorded_end if self.open_tracks else 0
        return max(self.capacity, last)

    def span_at(self, lba: int) -> tuple[Track, range] | None:
        """Give the track that a sector is recorded as, and its sectors around it, its pregap too.

        None in a gap or beyond what was written.
        """
        limit = None
        for track in reversed(self.all_tracks):
            first = track.start - track.pregap
            end = track.recorded_end if limit is None else min(track.recorded_end, limit)
            if first <= lba < end:
                return track, range(first, end)
            limit = first
        return None
