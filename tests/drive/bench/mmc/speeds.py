# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and writing speeds: GET PERFORMANCE, SET CD SPEED, SET STREAMING."""

from drive.bench.codes import INVALID_FIELD, Op, Refused
from drive.bench.medium import Disc, Profile

from .drive import DriveModel, Request, command

CD_SPEEDS = (8467, 5645, 4234, 2822, 1411, 706)
DVD_SPEEDS = (22160, 16620, 11080, 5540)
BD_SPEEDS = (53946, 35964, 26973, 17982, 8991)
_REWRITABLE = {
    Profile.CD_RW: (4234, 2822, 1764, 706), Profile.DVD_RW: (8310, 5540, 2770),
    Profile.DVD_RW_RESTRICTED: (8310, 5540, 2770), Profile.DVD_PLUS_RW: (11080, 8310, 5540, 3324),
    Profile.DVD_RAM: (6925, 4155, 2770), Profile.DVD_R_DL: (11080, 8310, 5540),
    Profile.DVD_PLUS_R_DL: (11080, 8310, 5540, 3324), Profile.BD_RE: (8991, 4496),
}  # fmt: skip


def speeds(profile: Profile | None) -> tuple[int, ...]:
    """Give the reading speeds of drive and medium, kB/s, fastest first."""
    if profile is None or profile.is_cd:
        return CD_SPEEDS
    return DVD_SPEEDS if profile.is_dvd else BD_SPEEDS


def write_speeds(disc: Disc | None) -> tuple[int, ...]:
    """Give the writing speeds of drive and medium, kB/s, fastest first."""
    if disc is None:
        return CD_SPEEDS
    return disc.speeds or _REWRITABLE.get(disc.profile) or speeds(disc.profile)


@command(Op.GET_PERFORMANCE, medium=False)
def get_performance(drive: DriveModel, request: Request) -> bytes:
    """Give nominal performance (type 0) and write speeds (type 3) (MMC-6 6.5).

    The length says how many descriptors there are, not how many were asked for.
    """
    kind, most = request.cdb[10], request.word(8)
    disc = drive.present
    profile = disc.profile if disc else None
    end = max(disc.capacity, disc.total, 1) - 1 if disc else 0
    fast, writes = speeds(profile), write_speeds(disc)
    flags = 0
    if kind == 0:
        write = request.cdb[1] & 4
        top = (drive.write_speed or writes[0]) if write else fast[0]
        slow = top // 2 if profile and profile.is_cd else top
        rows = [(0, slow, end, top)]
        flags = 2 if write else 0
    elif kind == 3:
        listed = writes if profile is None or profile.is_writable else fast[:1]
        rows = [(0, end, fast[0], speed) for speed in listed]
    else:
        raise Refused(INVALID_FIELD)
    body = b"".join(value.to_bytes(4, "big") for row in rows[:most] for value in row)
    return (len(rows) * 16 + 4).to_bytes(4, "big") + bytes((flags, 0, 0, 0)) + body


@command(Op.SET_CD_SPEED, medium=False)
def set_cd_speed(drive: DriveModel, request: Request) -> bytes:
    """Take a read and a write speed in kB/s, FFFFh for the fastest (MMC-6 6.41)."""
    disc = drive.present
    profile = disc.profile if disc else None
    read, write = request.word(2), request.word(4)
    drive.read_speed = 0 if read == 0xFFFF else _nearest(speeds(profile), read)
    drive.write_speed = 0 if write == 0xFFFF else _nearest(write_speeds(disc), write)
    return b""


@command(Op.SET_STREAMING, medium=False)
def set_streaming(drive: DriveModel, request: Request) -> bytes:
    """Take a performance descriptor (MMC-6 6.39)."""
    data = request.data_out
    if len(data) >= 28:
        disc = drive.present
        profile = disc.profile if disc else None
        read, read_time, write, write_time = (
            int.from_bytes(data[at : at + 4], "big") for at in (12, 16, 20, 24)
        )
        restore = data[0] & 4
        reads, writes = speeds(profile), write_speeds(disc)
        drive.read_speed = 0 if restore else _nearest(reads, read * 1000 // (read_time or 1000))
        drive.write_speed = 0 if restore else _nearest(writes, write * 1000 // (write_time or 1000))
    return b""


def _nearest(offered: tuple[int, ...], asked: int) -> int:
    return next((speed for speed in offered if speed <= asked), offered[-1])
