# SPDX-License-Identifier: GPL-3.0-or-later
"""The usual discs; :func:`dataclasses.replace`, or a field as a keyword, makes odd ones.

What a disc is made of lies in :mod:`medium` and can be had from here too.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .medium import (
    FIRST_GAP,
    FREE,
    LATER_GAP,
    RAW,
    SECTOR,
    Disc,
    Layers,
    Mode,
    Profile,
    Session,
    Status,
    Store,
    Track,
)


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
    """A blank disc; what can be formatted is not, except a DVD-RAM, which is sold so.

    ``free=`` makes it small. A DVD-RW is for sequential recording, wholly blanked;
    ``incremental=False`` makes it a minimally blanked one.
    """
    if profile is Profile.DVD_RAM:
        return formatted(profile, **changes)  # type: ignore[arg-type]
    room = FREE[Profile.BD_R if profile is Profile.BD_RE else profile]
    return replace(Disc(profile, (), Status.BLANK, free=room), **changes)  # type: ignore[arg-type]


def formatted(profile: Profile, sectors: int = 0, **changes: object) -> Disc:
    """An overwritable disc formatted and never written: DVD+RW, DVD-RW in restricted overwrite
    mode, DVD-RAM, BD-RE."""
    sectors = sectors or int(changes.pop("free", 0)) or FREE[profile]  # type: ignore[call-overload]
    whole = FREE[Profile.BD_R] if sectors == FREE[Profile.BD_RE] else sectors
    track = Track(1, 0, sectors, Mode.MODE1, Store(os.devnull))
    status = Status.OTHER if profile in _STATUS_OTHER else Status.COMPLETE
    disc = Disc(
        profile, (Session((track,), sectors),), status, formatted=sectors, size=whole,
        spare=whole - sectors, background=3 if profile is Profile.DVD_PLUS_RW else 0,
    )  # fmt: skip
    return replace(disc, **changes)  # type: ignore[arg-type]


_STATUS_OTHER = {Profile.DVD_RAM, Profile.DVD_RW_RESTRICTED}


def overwritable(
    profile: Profile, image: str | Path, *, formatted: int | None = None, **changes: object
) -> Disc:
    """DVD+RW, BD-RE, DVD-RAM: formatted bigger than what the image fills; zeros after it."""
    size = FREE[profile] if formatted is None else formatted
    disc = data_disc(profile, image, sectors=size, formatted=size, **changes)  # type: ignore[arg-type]
    return replace(disc, status=Status.OTHER if profile in _STATUS_OTHER else Status.COMPLETE,
                   background=3 if profile is Profile.DVD_PLUS_RW else 0)  # fmt: skip


def appendable(profile: Profile, image: str | Path, *, runout: int = 0, **changes: object) -> Disc:
    """A write-once disc with one closed session and room for another."""
    disc = data_disc(profile, image, runout=runout)
    free = FREE[profile] - disc.next_writable
    room: dict[str, object] = {"status": Status.APPENDABLE, "free": free}
    return replace(disc, **(room | changes))  # type: ignore[arg-type]
