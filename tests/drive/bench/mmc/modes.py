# SPDX-License-Identifier: GPL-3.0-or-later
"""MODE SENSE and MODE SELECT: error recovery, write parameters, capabilities."""

from drive.bench.codes import INVALID_FIELD, INVALID_PARAMETER, Op, Refused
from drive.bench.medium import Profile

from .drive import DriveModel, Request, command
from .speeds import speeds, write_speeds

_BLOCK_TYPES = {0: {8}, 1: {0, 8}, 2: {0, 3, 8}}
"""Data block types by write type: packets, track at once, session at once (3: with CD-TEXT)."""


def _capabilities(drive: DriveModel) -> bytes:
    """Mode page 2Ah (MMC-3 5.5.10; still what programs look at)."""
    disc = drive.present
    owned = drive.traits.profiles
    dvd, cdr = Profile.DVD_ROM in owned, Profile.CD_R in owned
    reads = 0x07 | (0x38 if dvd else 0)
    writes = (0x07 if cdr else 0) | (0x30 if Profile.DVD_R in owned else 0)
    fastest = speeds(disc.profile if disc else None)
    offered = write_speeds(disc)[:6] if cdr else ()
    now = drive.write_speed or (offered[0] if offered else 0)
    page = bytearray(60)
    page[0:8] = bytes((
        0x2A, 58, reads, writes, 0xF1 if cdr else 0x71, 0x63,
        drive.traits.loading << 5 | 0x08 | drive.locked << 1 | 0x01, 0,
    ))  # fmt: skip
    page[8:10] = min(fastest[0], 0xFFFF).to_bytes(2, "big")
    page[12:14] = (drive.traits.buffer >> 10).to_bytes(2, "big")
    page[14:16] = (drive.read_speed or fastest[0]).to_bytes(2, "big")
    page[18:20] = (offered[0] if offered else 0).to_bytes(2, "big")
    page[20:22] = page[28:30] = now.to_bytes(2, "big")
    page[30:32] = len(offered).to_bytes(2, "big")
    for index, speed in enumerate(offered):
        page[32 + index * 4 + 2 : 36 + index * 4] = speed.to_bytes(2, "big")
    return bytes(page)


@command(Op.MODE_SENSE_10, medium=False)
def mode_sense(drive: DriveModel, request: Request) -> bytes:
    """Give mode pages 01h, 05h and 2Ah (MMC-6 7.2)."""
    pages = {
        0x01: bytes((0x01, 10, 0, 5, 0, 0, 0, 0, 5, 0, 0, 0)),
        0x05: bytes(drive.recorder.page),
        0x2A: _capabilities(drive),
    }
    wanted = request.cdb[2] & 0x3F
    if wanted != 0x3F and wanted not in pages:
        raise Refused(INVALID_FIELD)
    body = b"".join(pages.values()) if wanted == 0x3F else pages[wanted]
    return ((len(body) + 6).to_bytes(2, "big") + bytes(6) + body)[: request.word(7)]


@command(Op.MODE_SELECT_10, medium=False)
def mode_select(drive: DriveModel, request: Request) -> bytes:
    """Take mode page 05h, if the drive can write that way (MMC-6 7.5); others are ignored."""
    data = request.data_out
    start = 8 + int.from_bytes(data[6:8], "big") if len(data) >= 8 else 8
    page = data[start:]
    if len(page) < 5 or page[0] & 0x3F != 0x05:
        return b""
    if Profile.CD_R not in drive.traits.profiles:
        raise Refused(INVALID_FIELD)
    if page[4] & 0x0F not in _BLOCK_TYPES.get(page[2] & 0x0F, ()):
        raise Refused(INVALID_PARAMETER)
    drive.recorder.page[2 : len(page)] = page[2 : len(drive.recorder.page)]
    return b""
