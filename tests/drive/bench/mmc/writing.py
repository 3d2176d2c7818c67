# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of burning: WRITE, SYNCHRONIZE CACHE, RESERVE TRACK, SEND CUE SHEET, CLOSE ..."""

from drive.bench.codes import (
    BLANKING,
    CANNOT_WRITE_MEDIUM,
    FORMATTING,
    INVALID_FIELD,
    INVALID_PARAMETER,
    Op,
    Refused,
)
from drive.bench.medium import Profile

from . import cuesheet, recording
from .drive import DriveModel, Request, command, extent

_IMMED_SYNC, _IMMED_CLOSE, _IMMED_BLANK = 0x02, 0x01, 0x10


@command(Op.WRITE_10, Op.WRITE_12, Op.WRITE_AND_VERIFY_10)
def write(drive: DriveModel, request: Request) -> bytes:
    """Record sectors (MMC-6 6.44 ff.)."""
    lba, count = extent(request.cdb)
    assert lba is not None
    drive.recorder.write(lba, count, request.data_out, request.spoils)
    return b""


@command(Op.SYNCHRONIZE_CACHE)
def synchronize_cache(drive: DriveModel, request: Request) -> bytes:
    """Write what is in the buffer (MMC-6 6.43)."""
    drive.recorder.synchronize()
    drive.recorder.begin(wait=not request.cdb[1] & _IMMED_SYNC)
    return b""


@command(Op.RESERVE_TRACK)
def reserve_track(drive: DriveModel, request: Request) -> bytes:
    """Take the length of the next track (MMC-6 6.31)."""
    drive.recorder.reserve(request.long(5))
    return b""


@command(Op.SEND_CUE_SHEET)
def send_cue_sheet(drive: DriveModel, request: Request) -> bytes:
    """Take the layout of a CD's session (MMC-6 6.33)."""
    drive.recorder.plan_session(cuesheet.parse(request.data_out))
    return b""


@command(Op.CLOSE_TRACK_SESSION)
def close_track_session(drive: DriveModel, request: Request) -> bytes:
    """Close a track, a session or the disc (MMC-6 6.3)."""
    drive.recorder.close(request.cdb[2] & 7)
    drive.recorder.begin(wait=not request.cdb[1] & _IMMED_CLOSE)
    return b""


@command(Op.SEND_OPC_INFORMATION)
def send_opc_information(drive: DriveModel, _request: Request) -> bytes:
    """Calibrate the laser's power (MMC-6 6.35)."""
    if not drive.disc.profile.is_writable:
        raise Refused(CANNOT_WRITE_MEDIUM)
    return b""


@command(Op.BLANK)
def blank(drive: DriveModel, request: Request) -> bytes:
    """Erase a CD-RW or DVD-RW, wholly (0) or minimally (1) (MMC-6 6.2)."""
    kind = request.cdb[1] & 7
    if kind > 1:
        raise Refused(INVALID_FIELD)
    drive.recorder.blank(wholly=not kind)
    drive.recorder.begin(BLANKING, wait=not request.cdb[1] & _IMMED_BLANK)
    return b""


@command(Op.FORMAT_UNIT)
def format_unit(drive: DriveModel, request: Request) -> bytes:
    """Format by one format descriptor (MMC-6 6.4)."""
    data = request.data_out
    if len(data) < 12:
        raise Refused(INVALID_PARAMETER)
    sectors = int.from_bytes(data[4:8], "big")
    background = drive.disc.profile is Profile.DVD_PLUS_RW
    drive.recorder.format(data[8] >> 2, 0 if sectors == 0xFFFFFFFF else sectors)
    if not background:
        drive.recorder.begin(FORMATTING, wait=not data[1] & 2)
    return b""


@command(Op.READ_BUFFER_CAPACITY, medium=False)
def read_buffer_capacity(drive: DriveModel, _request: Request) -> bytes:
    """Give the size of the buffer and what of it is free (MMC-6 6.17)."""
    buffer = drive.recorder.buffer
    free = max(buffer.size - buffer.level(drive.write_rate), 0)
    return bytes((0, 10, 0, 0)) + buffer.size.to_bytes(4, "big") + free.to_bytes(4, "big")


@command(Op.READ_FORMAT_CAPACITIES, medium=False)
def read_format_capacities(drive: DriveModel, request: Request) -> bytes:
    """Give the current and the possible format sizes (MMC-6 6.23)."""
    disc = drive.present
    formats: tuple[tuple[int, int, int], ...] = ()
    if disc is None:
        blocks, kind = 12219392, 3
    elif disc.formatted:
        blocks, kind = disc.formatted, 3 if disc.growing and not disc.recording else 2
    elif disc.profile.is_writable and not disc.sessions:
        blocks, kind = disc.total, 2 if disc.spare else 1
    else:
        blocks, kind = disc.capacity, 2
    if disc is not None:
        formats = recording.possible_formats(disc)
    body = blocks.to_bytes(4, "big") + bytes((kind,)) + (2048).to_bytes(3, "big")
    for sectors, code, parameter in formats:
        body += sectors.to_bytes(4, "big") + bytes((code << 2,)) + parameter.to_bytes(3, "big")
    return (bytes((0, 0, 0, len(body))) + body)[: request.word(7)]
