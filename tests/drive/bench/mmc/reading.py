# SPDX-License-Identifier: GPL-3.0-or-later
"""READ CAPACITY, READ(10), READ(12) and READ CD."""

from drive.bench.codes import (
    ILLEGAL_MODE,
    INVALID_FIELD,
    L_EC_UNCORRECTABLE,
    LBA_OUT_OF_RANGE,
    NO_MEDIUM,
    SCRAMBLED,
    UNRECOVERED_READ,
    Op,
    Refused,
    Sense,
)
from drive.bench.medium import RAW, SECTOR, Mode
from drive.bench.sectors import SectorSource, Unreadable

from .drive import DriveModel, Request, command, extent
from .subchannel import SUBCHANNELS, in_plain_numbers

_WHY: dict[str, Sense] = {
    "gap": UNRECOVERED_READ,
    "damage": L_EC_UNCORRECTABLE,
    "mode": ILLEGAL_MODE,
    "run-out": ILLEGAL_MODE,
    "scrambled": SCRAMBLED,
}

# READ CD, which bytes of a raw sector each field is (MMC-6 6.18, table 353).
_FIELDS: dict[Mode, dict[str, slice]] = {
    Mode.MODE1: {"sync": slice(0, 12), "header": slice(12, 16), "subheader": slice(16, 16),
                 "data": slice(16, 2064), "edc": slice(2064, RAW)},
    Mode.FORM1: {"sync": slice(0, 12), "header": slice(12, 16), "subheader": slice(16, 24),
                 "data": slice(24, 2072), "edc": slice(2072, RAW)},
    Mode.FORM2: {"sync": slice(0, 12), "header": slice(12, 16), "subheader": slice(16, 24),
                 "data": slice(24, RAW), "edc": slice(RAW, RAW)},
    Mode.FORMLESS: {"sync": slice(0, 12), "header": slice(12, 16), "subheader": slice(16, 16),
                    "data": slice(16, RAW), "edc": slice(RAW, RAW)},
}  # fmt: skip
_EXPECTED: dict[int, tuple[Mode, ...]] = {
    0: tuple(Mode),
    1: (Mode.AUDIO,),
    2: (Mode.MODE1,),
    3: (Mode.FORMLESS, Mode.FORM1, Mode.FORM2),
    4: (Mode.FORM1,),
    5: (Mode.FORM2,),
}
_ERROR_FIELDS = {0: 0, 1: 294, 2: 296}


@command(Op.READ_CAPACITY)
def read_capacity(drive: DriveModel, _request: Request) -> bytes:
    """Give the last sector and the sector size (MMC-6 6.19)."""
    last = max(drive.disc.capacity - 1, 0)
    return last.to_bytes(4, "big") + SECTOR.to_bytes(4, "big")


@command(Op.READ_10, Op.READ_12)
def read(drive: DriveModel, request: Request) -> memoryview:
    """Give user data (MMC-6 6.16, 6.17)."""
    lba, count = extent(request.cdb)
    assert lba is not None
    source = _reachable(drive, lba, count)
    size = count * SECTOR
    throttle(drive, size)
    room = request.room[:size] if len(request.room) >= size else memoryview(bytearray(size))
    try:
        source.read_data(lba, room)
    except Unreadable as error:
        raise Refused(_WHY[error.why], error.lba) from error
    return room


@command(Op.READ_CD, Op.READ_CD_MSF)
def read_cd(drive: DriveModel, request: Request) -> bytes:
    """Give the chosen fields of CD sectors (MMC-6 6.18)."""
    lba, count = extent(request.cdb)
    assert lba is not None
    if not drive.disc.profile.is_cd or count < 0:
        raise Refused(INVALID_FIELD)
    source = _reachable(drive, lba, count)
    expected = _EXPECTED.get(request.cdb[1] >> 2 & 7)
    flags = request.cdb[9]
    subchannel = request.cdb[10] & 7
    if expected is None or flags >> 1 & 3 == 3:
        raise Refused(INVALID_FIELD)
    traits = drive.traits
    if (subchannel and subchannel not in traits.sub_channels) or (
        flags & 6 and (traits.refuses_c2 or not traits.c2_pointers)
    ):
        raise Refused(INVALID_FIELD)
    throttle(drive, count * RAW)
    parts: list[bytes] = []
    kinds: set[bool] = set()
    for at in range(lba, lba + count):
        try:
            mode, sector = source.raw_sector(at, late=drive.traits.read_offset)
        except Unreadable as error:
            raise Refused(_WHY[error.why], error.lba) from error
        kinds.add(mode is Mode.AUDIO)
        if mode not in expected or (traits.one_kind and len(kinds) > 1):
            raise Refused(ILLEGAL_MODE, at)
        parts.append(_fields(mode, sector, flags))
        concealed = any(at in span for span in source.disc.concealed)
        pointers = (b"\0\x0f" if concealed else b"").ljust(_ERROR_FIELDS[flags >> 1 & 3], b"\0")
        parts.append(pointers[: _ERROR_FIELDS[flags >> 1 & 3]])
        beside = SUBCHANNELS[subchannel](source.disc, at)
        parts.append(beside if subchannel != 2 or traits.q_in_bcd else in_plain_numbers(beside))
    return b"".join(parts)


def throttle(drive: DriveModel, size: int) -> None:
    """Let as much time pass as the drive's rate needs for ``size`` bytes."""
    if drive.traits.rate and size:
        drive.pause(size / drive.traits.rate)


def _reachable(drive: DriveModel, lba: int, count: int) -> SectorSource:
    drive.ready()
    source = drive.source
    if source is None:
        raise Refused(NO_MEDIUM)
    disc = source.disc
    end = disc.readable_end
    if lba < 0 or lba + count > end:
        raise Refused(LBA_OUT_OF_RANGE, max(lba, end) if lba >= 0 else None)
    return source


def _fields(mode: Mode, sector: bytes, flags: int) -> bytes:
    if mode is Mode.AUDIO:
        return sector if flags & 0xF8 else b""
    fields = _FIELDS[mode]
    chosen = []
    if flags & 0x80:
        chosen.append("sync")
    if flags & 0x20:
        chosen.append("header")
    if flags & 0x40:
        chosen.append("subheader")
    if flags & 0x10:
        chosen.append("data")
    if flags & 0x08:
        chosen.append("edc")
    return b"".join(sector[fields[name]] for name in chosen)
