# SPDX-License-Identifier: GPL-3.0-or-later
"""Discs as data: profile, sessions, tracks, layers, protection, and where the sectors come from.

All lengths and addresses are in sectors. A disc travels to the drive's process, so it holds paths,
no open files. The constructors below make the usual discs, :func:`dataclasses.replace` odd ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from pathlib import Path

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
    isrc: str = ""

    @property
    def end(self) -> int:
        """The sector after the last."""
        return self.start + self.sectors

    @property
    def control(self) -> int:
        """The TOC's control nibble (MMC-6 table 483)."""
        base = 0 if self.mode is Mode.AUDIO else 4
        return base | self.copy << 1 | (self.preemphasis and not base)


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
    disc_type: int = 0x00
    """TOC point A0 PSEC: 00h CD-DA or CD-ROM, 10h CD-i, 20h CD-ROM XA."""
    mcn: str = ""
    track_info_counts_runout: bool = True
    label: str | None = None
    """ID_FS_LABEL; None: what the image's volume descriptor says."""
    file_system: str | None = None
    """ID_FS_TYPE; None: what the image's volume descriptors say."""
    manufacturer: str = "BENCH"

    @property
    def tracks(self) -> tuple[Track, ...]:
        """All recorded tracks."""
        return tuple(track for session in self.sessions for track in session.tracks)

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
    def next_writable(self) -> int:
        """The next writable address."""
        if not self.sessions:
            return 0
        if not self.profile.is_cd:
            return -(-self.recorded // 16) * 16
        return self.recorded + (FIRST_GAP if len(self.sessions) == 1 else LATER_GAP)

    def track_at(self, lba: int) -> Track | None:
        """Give the track that holds a sector; None in a gap or beyond."""
        for track in self.tracks:
            if track.start <= lba < track.end:
                return track
        return None


def sectors_of(path: str | Path, size: int = SECTOR) -> int:
    """Give how many sectors a file holds, a last part one counted whole."""
    return -(-Path(path).stat().st_size // size)


def data_disc(
    profile: Profile,
    image: str | Path,
    *,
    sectors: int | None = None,
    mode: Mode = Mode.MODE1,
    runout: int = 0,
    **changes: object,
) -> Disc:
    """One data track in one closed session; ``sectors`` if not the image's own length."""
    length = sectors_of(image) if sectors is None else sectors
    track = Track(1, 0, length + runout, mode, Store(str(image)), runout=runout)
    disc = Disc(profile, (Session((track,), track.end),))
    return replace(disc, **changes)  # type: ignore[arg-type]


def cd_rom(image: str | Path, **changes: object) -> Disc:
    """A pressed data CD."""
    return data_disc(Profile.CD_ROM, image, **changes)  # type: ignore[arg-type]


def cd_r(
    image: str | Path, *, tao: bool = False, rewritable: bool = False, **changes: object
) -> Disc:
    """A closed CD-R; written track at once it ends in two run-out sectors (facts 4.3)."""
    profile = Profile.CD_RW if rewritable else Profile.CD_R
    return data_disc(profile, image, runout=2 if tao else 0, **changes)  # type: ignore[arg-type]


def cd_rw(image: str | Path, *, tao: bool = False, **changes: object) -> Disc:
    """A closed CD-RW."""
    return cd_r(image, tao=tao, rewritable=True, **changes)


def _audio_tracks(first: int, start: int, lengths: Sequence[int | str | Path]) -> tuple[Track, ...]:
    tracks = []
    for index, length in enumerate(lengths):
        if isinstance(length, int):
            sectors, store = length, Store(seed=first + index, sector=RAW)
        else:
            sectors, store = sectors_of(length, RAW), Store(str(length), RAW)
        tracks.append(Track(first + index, start, sectors, Mode.AUDIO, store))
        start += sectors
    return tuple(tracks)


def audio_cd(tracks: Sequence[int | str | Path] = (1500, 1200, 900), **changes: object) -> Disc:
    """A music CD; each track a length in sectors (a pattern) or a file of 2352-byte sectors."""
    made = _audio_tracks(1, 0, tracks)
    disc = Disc(Profile.CD_ROM, (Session(made, made[-1].end),))
    return replace(disc, **changes)  # type: ignore[arg-type]


def mixed_cd(
    image: str | Path, audio: Sequence[int | str | Path] = (900, 900), *, gap: int = 150,
    **changes: object,
) -> Disc:  # fmt: skip
    """Data in track 1, music after it (an old game); ``gap`` unreadable sectors end the data."""
    length = sectors_of(image)
    data = Track(1, 0, length + gap, Mode.MODE1, Store(str(image)), runout=gap)
    music = _audio_tracks(2, data.end, audio)
    disc = Disc(Profile.CD_ROM, (Session((data, *music), music[-1].end),))
    return replace(disc, **changes)  # type: ignore[arg-type]


def cd_extra(
    image: str | Path, audio: Sequence[int | str | Path] = (900, 900), **changes: object
) -> Disc:
    """Music in session 1, data in session 2 (Blue Book)."""
    music = _audio_tracks(1, 0, audio)
    leadout = music[-1].end
    start = leadout + FIRST_GAP
    data = Track(len(music) + 1, start, sectors_of(image), Mode.FORM1, Store(str(image)))
    sessions = (Session(music, leadout), Session((data,), data.end))
    disc = Disc(Profile.CD_ROM, sessions, disc_type=0x20)
    return replace(disc, **changes)  # type: ignore[arg-type]


def multisession_cd(
    images: Sequence[str | Path], *, profile: Profile = Profile.CD_R, tao: bool = True,
    status: Status = Status.COMPLETE, **changes: object,
) -> Disc:  # fmt: skip
    """One data track in each of several sessions; every image holds its session's own sectors."""
    sessions: list[Session] = []
    start = 0
    runout = 2 if tao else 0
    for number, image in enumerate(images, 1):
        length = sectors_of(image) + runout
        track = Track(number, start, length, Mode.MODE1, Store(str(image)), runout=runout)
        sessions.append(Session((track,), track.end))
        start = track.end + (FIRST_GAP if number == 1 else LATER_GAP)
    free = FREE[profile] - start if status is Status.APPENDABLE else 0
    disc = Disc(profile, tuple(sessions), status, free=free)
    return replace(disc, **changes)  # type: ignore[arg-type]


def mode2_cd(image: str | Path, **changes: object) -> Disc:
    """A CD-ROM XA of Mode 2 Form 1 (READ(10) works)."""
    return data_disc(Profile.CD_ROM, image, mode=Mode.FORM1, disc_type=0x20, **changes)  # type: ignore[arg-type]


def video_cd(raw: str | Path, form2_from: int, **changes: object) -> Disc:
    """A CD of raw Mode 2 sectors: Form 1 in track 1, Form 2 from ``form2_from`` on in track 2."""
    total = sectors_of(raw, RAW)
    first = Track(1, 0, form2_from, Mode.MIXED, Store(str(raw), RAW))
    second = Track(2, form2_from, total - form2_from, Mode.MIXED, Store(str(raw), RAW, form2_from))
    disc = Disc(Profile.CD_ROM, (Session((first, second), total),), disc_type=0x20)
    return replace(disc, **changes)  # type: ignore[arg-type]


def raw_cd(raw: str | Path, *, mode: Mode = Mode.MODE1, **changes: object) -> Disc:
    """One data track from a file of 2352-byte sectors."""
    track = Track(1, 0, sectors_of(raw, RAW), mode, Store(str(raw), RAW))
    disc = Disc(Profile.CD_ROM, (Session((track,), track.end),))
    return replace(disc, **changes)  # type: ignore[arg-type]


def dvd_rom(image: str | Path, **changes: object) -> Disc:
    """A pressed DVD with one layer."""
    return data_disc(Profile.DVD_ROM, image, **changes)  # type: ignore[arg-type]


def dual_layer(
    image: str | Path, layer_break: int, *, opposite: bool = True,
    profile: Profile = Profile.DVD_ROM, **changes: object,
) -> Disc:  # fmt: skip
    """Two layers; ``layer_break`` is the first sector of the second, counted from 0."""
    disc = data_disc(profile, image, **changes)  # type: ignore[arg-type]
    layers = Layers(layer_break, disc.recorded - layer_break, opposite)
    return replace(disc, layers=layers)


def css_dvd(image: str | Path, scrambled: range | None = None, **changes: object) -> Disc:
    """A DVD that declares CSS; the ``scrambled`` sectors can't be read without keys."""
    ranges = () if scrambled is None else (scrambled,)
    return dvd_rom(image, cpst=1, scrambled=ranges, **changes)


def cprm_dvd(image: str | Path, **changes: object) -> Disc:
    """A DVD-R that declares CPRM."""
    return data_disc(Profile.DVD_R, image, cpst=2, **changes)  # type: ignore[arg-type]


def bd_rom(image: str | Path, **changes: object) -> Disc:
    """A pressed Blu-ray with one layer; ``dual_layer(profile=BD_ROM)`` makes two."""
    return data_disc(Profile.BD_ROM, image, **changes)  # type: ignore[arg-type]


def aacs_bd(image: str | Path, **changes: object) -> Disc:
    """A Blu-ray with AACS: it reads well, and stays encrypted."""
    return bd_rom(image, aacs=True, **changes)


def blank(profile: Profile, **changes: object) -> Disc:
    """A blank disc."""
    disc = Disc(profile, (), Status.BLANK, free=FREE[profile])
    return replace(disc, **changes)  # type: ignore[arg-type]


def overwritable(
    profile: Profile, image: str | Path, *, formatted: int | None = None, **changes: object
) -> Disc:
    """DVD+RW, BD-RE, DVD-RAM: formatted bigger than what the image fills; zeros after it."""
    size = FREE[profile] if formatted is None else formatted
    disc = data_disc(profile, image, sectors=size, formatted=size, **changes)  # type: ignore[arg-type]
    other = profile in {Profile.DVD_RAM, Profile.DVD_RW_RESTRICTED}
    return replace(disc, status=Status.OTHER if other else Status.COMPLETE)


def appendable(profile: Profile, image: str | Path, *, runout: int = 0, **changes: object) -> Disc:
    """A write-once disc with one closed session and room for another."""
    disc = data_disc(profile, image, runout=runout)
    free = FREE[profile] - disc.next_writable
    return replace(disc, status=Status.APPENDABLE, free=free, **changes)  # type: ignore[arg-type]
