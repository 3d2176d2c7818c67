# SPDX-License-Identifier: GPL-3.0-or-later
"""What each step of a burn makes of a disc: functions from a disc to the disc after it.

They know neither commands nor files. Facts 4.3 (run-out), 4.5 (sessions), 4.11 (kinds of media).
"""

import os
from dataclasses import replace

from drive.bench.medium import (
    LINK_RUNOUT,
    SECTOR,
    TRACK_GAP,
    Disc,
    Layers,
    Mode,
    Profile,
    Session,
    Status,
    Store,
    Track,
)

QUICK_FORMAT = 16
"""Sectors of a DVD-RW after a quick format; it grows from there."""
BD_SPARE = 393216
"""Sectors of the usual spare area of a BD-R or BD-RE with one layer."""


def _up(sectors: int, block: int) -> int:
    return -(-sectors // block) * block


def _settled(disc: Disc, total: int) -> Disc:
    """Count anew what is free, after tracks were added to a disc of ``total`` sectors."""
    room = disc.status in (Status.BLANK, Status.APPENDABLE)
    free = max(total - disc.next_writable, 0) if room else 0
    return replace(disc, size=total, free=free)


def track_begun(
    disc: Disc, *, length: int = 0, mode: Mode = Mode.MODE1, control: int = 0, late: int = 0
) -> Disc:  # fmt: skip
    """A track begins at the next writable address, of a length told beforehand or not.

    The drive itself records the gap before it; of music it is silence and can be read.
    """
    music = mode is Mode.AUDIO
    total = disc.total
    size = RAW_SECTORS[mode]
    start = disc.next_writable
    path = disc.recording + (".raw" if size != SECTOR else "")
    track = Track(
        len(disc.all_tracks) + 1, start, _up(length, disc.profile.block), mode,
        Store(path, size, start), written=0, reserved=bool(length),
        pregap=TRACK_GAP if music and disc.open_tracks else 0, copy=bool(control & 2),
        preemphasis=music and bool(control & 1), four_channel=music and bool(control & 8),
        late=late,
    )  # fmt: skip
    begun = replace(disc, open_tracks=(*disc.open_tracks, track), status=Status.APPENDABLE)
    return _settled(begun, total)


RAW_SECTORS = {Mode.AUDIO: 2352, Mode.MODE1: SECTOR, Mode.FORM1: SECTOR}
"""Bytes of a sector in the recording, by what the track holds."""


def written(disc: Disc, count: int) -> Disc:
    """So many more sectors of the track in progress are on the disc."""
    track = disc.in_progress
    assert track is not None
    assert track.written is not None
    done = track.written + count
    sectors = track.sectors if track.reserved else done
    return _last_track(disc, replace(track, written=done, sectors=sectors))


def _last_track(disc: Disc, track: Track) -> Disc:
    total = disc.total
    return _settled(replace(disc, open_tracks=(*disc.open_tracks[:-1], track)), total)


def track_damaged(disc: Disc) -> Disc:
    """Writing of a reserved track broke off for good."""
    track = disc.in_progress
    return _last_track(disc, replace(track, damaged=True)) if track else disc


def track_ended(disc: Disc) -> Disc:
    """The track in progress is closed: a CD's gets its run-out, others are filled up."""
    track = disc.in_progress
    if track is None or track.written is None:
        return disc
    if disc.profile.is_cd:
        runout = LINK_RUNOUT
        sectors = track.written + runout
    else:
        runout = 0
        sectors = max(_up(track.written, disc.profile.block), track.sectors)
    return _last_track(disc, replace(track, sectors=sectors, runout=runout, written=None))


def session_closed(disc: Disc, *, more: bool) -> Disc:
    """The open session is closed; ``more``: another one may follow."""
    disc = track_ended(disc)
    total = disc.total
    status = Status.APPENDABLE if more else Status.COMPLETE
    if not disc.open_tracks:
        return _settled(replace(disc, status=status), total) if disc.sessions else disc
    session = Session(disc.open_tracks, disc.open_tracks[-1].end)
    closed = replace(disc, sessions=(*disc.sessions, session), open_tracks=(), status=status)
    return _settled(_layered(closed), total)


def _layered(disc: Disc) -> Disc:
    """Both layers of a dual-layer DVD are used, the first one not less."""
    if disc.profile not in (Profile.DVD_R_DL, Profile.DVD_PLUS_R_DL):
        return disc
    first = _up(disc.recorded, 32) // 2
    return replace(disc, layers=Layers(first, disc.recorded - first))


def session_at_once(disc: Disc, tracks: tuple[Track, ...], leadout: int, *, more: bool) -> Disc:
    """A CD's session at once: its TOC is in the lead-in first, its sectors are still missing."""
    total = disc.total
    status = Status.APPENDABLE if more else Status.COMPLETE
    session = Session(tracks, leadout)
    missing = range(tracks[0].start, leadout)
    laid = replace(disc, sessions=(*disc.sessions, session), status=status,
                   unreadable=(*disc.unreadable, missing))  # fmt: skip
    return _settled(laid, total)


def without(ranges: tuple[range, ...], done: range) -> tuple[range, ...]:
    """Give the sectors of ``ranges`` that are not in ``done``."""
    left: list[range] = []
    for each in ranges:
        left.append(range(each.start, min(each.stop, done.start)))
        left.append(range(max(each.start, done.stop), each.stop))
    return tuple(each for each in left if len(each))


def readable(disc: Disc, sectors: range) -> Disc:
    """These sectors are recorded well now."""
    if not disc.unreadable:
        return disc
    return replace(disc, unreadable=without(disc.unreadable, sectors))


def spoilt(disc: Disc, sectors: range) -> Disc:
    """These sectors are recorded so that no drive can read them."""
    if any(sectors.start in each and sectors[-1] in each for each in disc.unreadable):
        return disc
    return replace(disc, unreadable=(*disc.unreadable, sectors))


def blanked(disc: Disc, *, wholly: bool) -> Disc:
    """BLANK; a minimally blanked DVD-RW loses incremental recording (facts 4.11)."""
    total = disc.total
    profile = Profile.DVD_RW if disc.profile is Profile.DVD_RW_RESTRICTED else disc.profile
    return replace(
        disc, profile=profile, sessions=(), open_tracks=(), status=Status.BLANK, unreadable=(),
        formatted=0, growing=False, size=total, free=total, label=None, file_system=None,
        incremental=wholly or profile is not Profile.DVD_RW, mcn="", cd_text=b"", disc_type=0,
        left_open=False,
    )  # fmt: skip


def _whole(disc: Disc, sectors: int, **changes: object) -> Disc:
    """One track over everything that is formatted, kept in the recording."""
    track = Track(1, 0, sectors, Mode.MODE1, Store(disc.recording or os.devnull))
    other = disc.profile in (Profile.DVD_RAM, Profile.DVD_RW_RESTRICTED)
    laid = replace(
        disc, sessions=(Session((track,), sectors),), open_tracks=(), formatted=sectors, free=0,
        status=Status.OTHER if other else Status.COMPLETE, label=None, file_system=None,
    )  # fmt: skip
    return replace(laid, **changes)  # type: ignore[arg-type]


def formatted(disc: Disc, kind: int, sectors: int) -> Disc | None:
    """FORMAT UNIT with a format type of MMC-6 table 252; None if the medium can't have it."""
    total = disc.total
    match disc.profile, kind:
        case Profile.DVD_PLUS_RW, 0x26:
            return _whole(disc, total, size=total, background=2)
        case Profile.DVD_RAM, 0x00 | 0x01:
            return _whole(disc, sectors or total, size=total)
        case Profile.DVD_RW | Profile.DVD_RW_RESTRICTED, 0x00 | 0x10:
            disc = replace(disc, profile=Profile.DVD_RW_RESTRICTED, growing=False)
            return _whole(disc, min(sectors, total) or total, size=total)
        case Profile.DVD_RW | Profile.DVD_RW_RESTRICTED, 0x15:
            disc = replace(disc, profile=Profile.DVD_RW_RESTRICTED, growing=True)
            return _whole(disc, QUICK_FORMAT, size=total)
        case Profile.DVD_RW_RESTRICTED, 0x13 if disc.growing:
            return disc
        case Profile.BD_RE, 0x00 | 0x30 | 0x31:
            spare = 0 if kind == 0x31 else BD_SPARE if total > 2 * BD_SPARE else 32
            return _whole(disc, sectors or total - spare, size=total, spare=spare)
        case Profile.BD_R, 0x00 | 0x32 if disc.status is Status.BLANK:
            spare = BD_SPARE if total > 2 * BD_SPARE else 32
            return replace(disc, spare=spare, size=total - spare, free=total - spare)
    return None


def overwritten(disc: Disc, recording: str, end: int) -> Disc:
    """An overwritable disc was written up to ``end``; its sectors lie in ``recording`` now."""
    sectors = max(disc.formatted, _up(end, 16)) if disc.growing else disc.formatted
    track = disc.sessions[0].tracks[0] if disc.sessions else None
    if track and track.store.path == recording and sectors == disc.formatted:
        return disc
    return _whole(replace(disc, recording=recording), sectors, label=None, file_system=None)


def possible_formats(disc: Disc) -> tuple[tuple[int, int, int], ...]:
    """Give (sectors, format type, parameter) of READ FORMAT CAPACITIES (MMC-6 6.23.3.3)."""
    total = max(disc.total, disc.formatted)
    spare = BD_SPARE if total > 2 * BD_SPARE else 32
    match disc.profile:
        case Profile.DVD_PLUS_RW:
            return ((total, 0x26, 0),)
        case Profile.DVD_RAM:
            return ((total, 0x00, SECTOR), (total, 0x01, SECTOR))
        case Profile.DVD_RW:
            return ((total, 0x00, SECTOR), (total, 0x10, 16), (total, 0x15, 16))
        case Profile.DVD_RW_RESTRICTED:
            grow = ((total - disc.formatted, 0x13, 16),) if disc.growing else ()
            return ((total, 0x00, SECTOR), (total, 0x10, 16), *grow, (total, 0x15, 16))
        case Profile.BD_RE:
            least = max(total - 2 * spare, 32)
            return ((total - spare, 0x00, SECTOR), (total - spare, 0x30, 0x3000),
                    (least, 0x30, 0x5000), (total, 0x31, SECTOR))  # fmt: skip
        case Profile.BD_R if disc.status is Status.BLANK and not disc.spare:
            least = max(total - 2 * spare, 32)
            return ((total - spare, 0x00, SECTOR), (total - spare, 0x32, 0x3000),
                    (least, 0x32, 0x5000))  # fmt: skip
    return ()
