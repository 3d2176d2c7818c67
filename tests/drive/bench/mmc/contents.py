# SPDX-License-Identifier: GPL-3.0-or-later
"""What is recorded on the disc: READ TOC, READ DISC INFORMATION, READ TRACK INFORMATION."""

from drive.bench.codes import INVALID_FIELD, Op, Refused, msf
from drive.bench.medium import LEAD_IN, TRACK_GAP, Disc, Mode, Profile, Status, Track

from .drive import DriveModel, Request, command
from .recorder import SESSION_AT_ONCE

LEADOUT = 0xAA
_DATA_MODE = {Mode.AUDIO: 0, Mode.MODE1: 1}
"""All others are Mode 2."""


def _address(lba: int, as_msf: bool) -> bytes:
    return b"\0" + msf(lba) if as_msf else lba.to_bytes(4, "big", signed=True)


def _response(first: int, last: int, body: bytes) -> bytes:
    return (len(body) + 2).to_bytes(2, "big") + bytes((first, last)) + body


def _toc(disc: Disc, wanted: int, as_msf: bool) -> bytes:
    tracks = disc.tracks
    if not tracks or (wanted > tracks[-1].number and wanted != LEADOUT):
        raise Refused(INVALID_FIELD)
    body = b""
    for track in tracks:
        if wanted != LEADOUT and track.number >= wanted:
            body += bytes((0, 0x10 | track.control, track.number, 0))
            body += _address(track.start, as_msf)
    end = disc.capacity if disc.formatted else disc.recorded
    body += bytes((0, 0x10 | tracks[-1].control, LEADOUT, 0)) + _address(end, as_msf)
    return _response(tracks[0].number, tracks[-1].number, body)


def _sessions(disc: Disc, as_msf: bool) -> bytes:
    if not disc.sessions:
        raise Refused(INVALID_FIELD)
    first = disc.sessions[-1].tracks[0]
    body = bytes((0, 0x10 | first.control, first.number, 0)) + _address(first.start, as_msf)
    return _response(1, len(disc.sessions), body)


def _point(session: int, control: int, point: int, at: bytes, *, adr: int = 1) -> bytes:
    return bytes((session, adr << 4 | control, 0, point, 0, 0, 0, 0)) + at


def _full_toc(disc: Disc) -> bytes:
    """Raw Q of the lead-ins (MMC-6 6.25.3.4)."""
    if not disc.sessions or not disc.profile.is_cd:
        raise Refused(INVALID_FIELD)
    body = b""
    for number, session in enumerate(disc.sessions, 1):
        first, last = session.tracks[0], session.tracks[-1]
        body += _point(number, first.control, 0xA0, bytes((first.number, disc.disc_type, 0)))
        body += _point(number, last.control, 0xA1, bytes((last.number, 0, 0)))
        body += _point(number, last.control, 0xA2, msf(session.leadout))
        for track in session.tracks:
            body += _point(number, track.control, track.number, msf(track.start))
        if len(disc.sessions) > 1 or disc.status is Status.APPENDABLE:
            following = disc.sessions[number : number + 1]
            start = following[0].tracks[0].start if following else disc.next_writable
            if following or disc.status is Status.APPENDABLE:
                more = _point(number, 0, 0xB0, msf(disc.total), adr=5)
                body += more[:4] + msf(start) + bytes((2,)) + more[8:]
    return _response(1, len(disc.sessions), body)


def _cd_text(disc: Disc) -> bytes:
    """The packs of the lead-in's sub-channels (MMC-6 6.25.3.7)."""
    if not disc.cd_text:
        raise Refused(INVALID_FIELD)
    return (len(disc.cd_text) + 2).to_bytes(2, "big") + bytes(2) + disc.cd_text


def _atip(disc: Disc) -> bytes:
    """Give what is pressed into a recordable CD's groove (MMC-6 6.25.3.6)."""
    if disc.profile not in (Profile.CD_R, Profile.CD_RW):
        raise Refused(INVALID_FIELD)
    rewritable = disc.profile is Profile.CD_RW
    body = bytearray(24)
    body[0:3] = bytes((0xD0, 0x00, 0x80 | rewritable << 6 | 0x04 * rewritable))
    body[4:7] = bytes(disc.atip_start)
    body[8:11] = msf(disc.total)
    return (len(body) + 2).to_bytes(2, "big") + bytes(2) + bytes(body)


@command(Op.READ_TOC_PMA_ATIP)
def read_toc(drive: DriveModel, request: Request) -> bytes:
    """Give the table of contents (MMC-6 6.25)."""
    disc, as_msf = drive.disc, bool(request.cdb[1] & 2)
    form = request.cdb[2] & 0x0F or request.cdb[9] >> 6
    match form:
        case 0:
            answer = _toc(disc, request.cdb[6], as_msf)
        case 1:
            answer = _sessions(disc, as_msf)
        case 2:
            answer = _full_toc(disc)
        case 4:
            answer = _atip(disc)
        case 5:
            answer = _cd_text(disc)
        case _:
            raise Refused(INVALID_FIELD)
    return answer[: request.word(7)]


@command(Op.READ_DISC_INFORMATION)
def read_disc_information(drive: DriveModel, request: Request) -> bytes:
    """Give the standard disc information (MMC-6 6.21)."""
    if request.cdb[1] & 7:
        raise Refused(INVALID_FIELD)
    disc = drive.disc
    open_session = disc.status in (Status.BLANK, Status.APPENDABLE) and not disc.left_open
    sessions = len(disc.sessions) + open_session
    state = 1 if disc.open_tracks or disc.left_open else 0 if open_session else 3
    if open_session:
        first = len(disc.tracks) + 1
        last = max(len(disc.all_tracks) + disc.has_invisible_track, first)
    else:
        first, last = disc.sessions[-1].tracks[0].number, disc.tracks[-1].number
    info = bytearray(34)
    info[0:2] = (32).to_bytes(2, "big")
    info[2] = disc.profile.is_erasable << 4 | state << 2 | disc.told_status
    info[3] = 1
    info[4], info[5], info[6] = sessions, first, last
    info[7] = 0x20 | (disc.background if disc.profile is Profile.DVD_PLUS_RW else 0)
    info[8] = disc.disc_type if disc.profile.is_cd else 0
    if open_session and disc.profile.is_cd:
        info[16:20] = b"\0" + msf(disc.next_writable - 4500 if disc.sessions else LEAD_IN)
        info[20:24] = b"\0" + msf(disc.total)
    else:
        info[16:24] = b"\xff" * 8
    return bytes(info)[: request.word(7)]


def _track_wanted(disc: Disc, request: Request) -> Track | None:
    """The track asked for; None for the invisible track at the end."""
    kind, number = request.cdb[1] & 3, request.long(2)
    tracks = disc.all_tracks
    invisible = disc.has_invisible_track
    found: Track | None = None
    match kind:
        case 0:
            found = next((t for t in reversed(tracks) if t.start <= number < t.end), None)
            known = found is not None or (invisible and number >= disc.next_writable)
        case 1:
            found = next((t for t in tracks if t.number == number), None)
            if number == 0xFF and not invisible:
                found = disc.in_progress
            hidden = number == 0xFF or number == len(tracks) + 1
            known = found is not None or (invisible and hidden)
        case _:
            sessions = disc.sessions
            found = sessions[number - 1].tracks[0] if 1 <= number <= len(sessions) else None
            if number == len(sessions) + 1 and disc.open_tracks:
                found = disc.open_tracks[0]
            known = found is not None or (invisible and number == len(sessions) + 1)
    if not known:
        raise Refused(INVALID_FIELD)
    return found


@command(Op.READ_TRACK_INFORMATION)
def read_track_information(drive: DriveModel, request: Request) -> bytes:
    """Give what is known of one track (MMC-6 6.26)."""
    disc = drive.disc
    track = _track_wanted(disc, request)
    info = bytearray(48)
    info[0:2] = (46).to_bytes(2, "big")
    if track is None:
        info[2], info[3] = len(disc.all_tracks) + 1, len(disc.sessions) + 1
        info[5], info[6], info[7] = 4, 0x40 | 0x0F, 1
        info[8:12] = disc.next_writable.to_bytes(4, "big")
        # A session at once that follows another begins with its pregap.
        again = disc.profile.is_cd and disc.sessions
        at_once = again and drive.recorder.write_type == SESSION_AT_ONCE
        nwa = disc.next_writable - TRACK_GAP if at_once else disc.next_writable
        info[12:16] = nwa.to_bytes(4, "big")
        info[16:20] = info[24:28] = max(disc.free, 0).to_bytes(4, "big")
        return bytes(info)[: request.word(7)]
    sessions = enumerate(disc.sessions, 1)
    session = next((i for i, s in sessions if track in s.tracks), len(disc.sessions) + 1)
    size = track.sectors - (0 if disc.track_info_counts_runout else track.runout)
    info[2], info[3] = track.number, session
    info[5] = track.control
    info[6] = _DATA_MODE.get(track.mode, 2) if disc.profile.is_cd else 1
    info[8:12] = track.start.to_bytes(4, "big")
    if track.written is not None:
        info[5] |= 0x20 if track.damaged else 0
        info[6] |= 0x80 if track.reserved else 0x40
        rest = (track.sectors if track.reserved else disc.total - track.start) - track.written
        if not track.damaged and rest > 0:
            info[7] |= 1
            info[12:16] = (track.start + track.written).to_bytes(4, "big")
            info[16:20] = rest.to_bytes(4, "big")
    info[24:28] = size.to_bytes(4, "big")
    if not disc.profile.is_cd:
        info[7] |= 2
        info[28:32] = (track.start + size - 1).to_bytes(4, "big")
    if disc.profile.is_overwritable:
        info[6] |= 0x10
        info[16:20] = b"\0" * 4
    return bytes(info)[: request.word(7)]


@command(Op.READ_SUB_CHANNEL)
def read_sub_channel(drive: DriveModel, request: Request) -> bytes:
    """Give the position, the catalogue number or an ISRC (MMC-6 6.24)."""
    disc, kind = drive.disc, request.cdb[3]
    if kind == 1:
        body = bytes((1, 0x14, 1, 1)) + bytes(8)
    elif kind == 2:
        body = bytes((2, 0, 0, 0, bool(disc.mcn) << 7)) + disc.mcn.encode("ascii").ljust(13, b"\0")
        body = body.ljust(20, b"\0")
    elif kind == 3:
        track = next((t for t in disc.tracks if t.number == request.cdb[6]), None)
        if track is None:
            raise Refused(INVALID_FIELD)
        body = bytes((3, 0x10 | track.control, track.number, 0, bool(track.isrc) << 7))
        body = (body + track.isrc.encode("ascii").ljust(12, b"\0")).ljust(20, b"\0")
    else:
        raise Refused(INVALID_FIELD)
    return (bytes((0, 0x15)) + len(body).to_bytes(2, "big") + body)[: request.word(7)]
