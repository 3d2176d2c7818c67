# SPDX-License-Identifier: GPL-3.0-or-later
"""What the drive says of itself: INQUIRY, GET CONFIGURATION, MODE SENSE, GET PERFORMANCE."""

from drive.bench.codes import INVALID_FIELD, Op, Refused
from drive.bench.media import Profile, Status

from .drive import DriveModel, Request, command

CD_SPEEDS = (8467, 5645, 4234, 2822, 1411, 706)
DVD_SPEEDS = (22160, 16620, 11080, 5540)
BD_SPEEDS = (53946, 35964, 26973, 17982, 8991)
_DATA_BLOCKS_CD = 0x3F01
_LENGTH_INDEX = 8


def speeds(profile: Profile | None) -> tuple[int, ...]:
    """Give the speeds of drive and medium, kB/s, fastest first."""
    if profile is None or profile.is_cd:
        return CD_SPEEDS
    return DVD_SPEEDS if profile.is_dvd else BD_SPEEDS


@command(Op.INQUIRY, medium=False)
def inquiry(drive: DriveModel, request: Request) -> bytes:
    """Give vendor, model, revision and serial number (SPC-4 6.6)."""
    traits = drive.traits
    if request.cdb[1] & 1:
        pages = {0x00: bytes((0x00, 0x80)), 0x80: traits.serial.encode("ascii").rjust(12)}
        page = pages.get(request.cdb[2])
        if page is None:
            raise Refused(INVALID_FIELD)
        return bytes((5, request.cdb[2], 0, len(page))) + page
    head = bytes((0x05, 0x80, 0x05, 0x32, 91, 0, 0, 0))
    names = (
        traits.vendor.encode("ascii", "replace").ljust(8)[:8]
        + traits.model.encode("ascii", "replace").ljust(16)[:16]
        + traits.revision.encode("ascii", "replace").ljust(4)[:4]
    )
    return (head + names).ljust(96, b"\0")


def _features(drive: DriveModel) -> list[tuple[int, int, bool, bool, bytes]]:
    """The features: code, version, persistent, current, data (MMC-6 5.3)."""
    traits, disc = drive.traits, drive.present
    profile = disc.profile if disc else None
    owned = set(traits.profiles)
    written = disc is not None and disc.status is not Status.BLANK
    room = disc is not None and disc.status in (Status.BLANK, Status.APPENDABLE)
    is_cd = profile is not None and profile.is_cd
    is_dvd = profile is not None and profile.is_dvd
    is_bd = profile is not None and profile.is_bd
    listing = b"".join(
        each.to_bytes(2, "big") + bytes((each is profile, 0)) for each in traits.profiles
    )
    link = {"usb": 8, "ata": 7}.get(traits.bus, 1)
    blocks = (32 if is_bd else 16 if is_dvd else 1).to_bytes(2, "big")
    last = (max(disc.capacity - 1, 0) if disc else 0).to_bytes(4, "big")
    features: list[tuple[int, int, bool, bool, bytes]] = [
        (0x0000, 0, True, True, listing),
        (0x0001, 2, True, True, link.to_bytes(4, "big") + bytes((1, 0, 0, 0))),
        (0x0002, 1, True, True, bytes((2, 0, 0, 0))),
        (0x0003, 0, True, True, bytes((traits.loading << 5 | 0x18 | 0x01, 0, 0, 0))),
        (0x0010, 0, False, written, (2048).to_bytes(4, "big") + blocks + bytes((1, 0))),
        (0x001D, 0, False, is_cd, b""),
        (0x001E, 2, False, is_cd, bytes((0x02, 0, 0, 0))),
    ]
    if Profile.DVD_ROM in owned:
        features.append((0x001F, 1, False, is_dvd, bytes((1, 0, 1, 0))))
    if Profile.CD_R in owned:
        features += _writing(profile, room, last, blocks)
    if Profile.BD_ROM in owned:
        features.append((0x0040, 0, False, is_bd, bytes((0, 0, 0, 0)) + b"\xff" * 24))
    if Profile.BD_R in owned:
        can = profile in (Profile.BD_R, Profile.BD_RE)
        features.append((0x0041, 0, False, can, bytes((1, 0, 0, 0)) + b"\xff" * 16))
    features += [
        (0x0100, 0, True, True, b""),
        (0x0105, 0, True, True, bytes(4)),
        (0x0106, 0, False, disc is not None and disc.cpst == 1, bytes((0, 0, 0, 1))),
        (0x0107, 0, True, True, bytes((0x1F, 0, 0, 0))),
        (0x0108, 0, True, True, _padded(traits.serial.encode("ascii"))),
        (0x010B, 0, False, disc is not None and disc.cpst == 2, bytes((0, 0, 0, 1))),
        (0x010D, 2, False, disc is not None and disc.aacs, bytes((1, 1, 1, 1))),
    ]
    return sorted(features)


def _writing(
    profile: Profile | None, room: bool, last: bytes, blocks: bytes
) -> list[tuple[int, int, bool, bool, bytes]]:
    cd = room and profile in (Profile.CD_R, Profile.CD_RW)
    dvd = room and profile in (Profile.DVD_R, Profile.DVD_RW, Profile.DVD_R_DL)
    over = profile is not None and profile.is_overwritable
    rw = 0x02 if profile in (Profile.CD_RW, Profile.DVD_RW) else 0
    types = _DATA_BLOCKS_CD.to_bytes(2, "big")
    return [
        (0x0020, 1, False, over, last + (2048).to_bytes(4, "big") + blocks + bytes((1, 0))),
        (0x0021, 1, False, cd or dvd, types + bytes((1, 1, 16, 0, 0, 0))),
        (0x0023, 1, False, over, bytes(8)),
        (0x002A, 0, False, profile is Profile.DVD_PLUS_RW, bytes((1, 0, 0, 0))),
        (0x002B, 0, False, profile is Profile.DVD_PLUS_R, bytes((1, 0, 0, 0))),
        (0x002D, 2, False, cd, bytes((0x46, 0)) + types),
        (0x002E, 0, False, cd, bytes((0x64 | rw, 0, 0x0C, 0))),
        (0x002F, 2, False, dvd, bytes((0x4E, 0, 0, 0))),
        (0x0037, 0, False, profile is Profile.CD_RW, bytes((0, 0xFF, 0, 0))),
        (0x003B, 0, False, profile is Profile.DVD_PLUS_R_DL, bytes((1, 0, 0, 0))),
    ]  # fmt: skip


def _padded(text: bytes) -> bytes:
    return text.ljust(-(-len(text) // 4) * 4)


@command(Op.GET_CONFIGURATION, medium=False)
def get_configuration(drive: DriveModel, request: Request) -> bytes:
    """Give the current profile and the features (MMC-6 6.4)."""
    kind, start = request.cdb[1] & 3, request.word(2)
    chosen = []
    for code, version, persistent, current, data in _features(drive):
        if code < start or (kind == 1 and not current) or (kind == 2 and code != start):
            continue
        flags = version << 2 | persistent << 1 | current
        chosen.append(code.to_bytes(2, "big") + bytes((flags, len(data))) + data)
    body = b"".join(chosen)
    profile = drive.present.profile if drive.present else 0
    answer = (len(body) + 4).to_bytes(4, "big") + bytes(2) + int(profile).to_bytes(2, "big") + body
    return answer[: request.word(7)]


def _capabilities(drive: DriveModel) -> bytes:
    """Mode page 2Ah (MMC-3 5.5.10; still what programs look at)."""
    profile = drive.present.profile if drive.present else None
    owned = drive.traits.profiles
    dvd, cdr = Profile.DVD_ROM in owned, Profile.CD_R in owned
    reads = 0x07 | (0x38 if dvd else 0)
    writes = (0x07 if cdr else 0) | (0x30 if Profile.DVD_R in owned else 0)
    fastest = speeds(profile)
    current = drive.read_speed or fastest[0]
    page = bytearray(60)
    page[0:8] = bytes((
        0x2A, 58, reads, writes, 0x71, 0x63,
        drive.traits.loading << 5 | 0x08 | drive.locked << 1 | 0x01, 0,
    ))  # fmt: skip
    page[8:10] = fastest[0].to_bytes(2, "big")
    page[12:14] = (2048).to_bytes(2, "big")
    page[14:16] = current.to_bytes(2, "big")
    page[18:20] = (fastest[0] if cdr else 0).to_bytes(2, "big")
    page[20:22] = page[18:20]
    page[28:30] = page[18:20]
    writable = fastest[:6] if cdr else ()
    page[30:32] = len(writable).to_bytes(2, "big")
    for index, speed in enumerate(writable):
        page[32 + index * 4 + 2 : 36 + index * 4] = speed.to_bytes(2, "big")
    return bytes(page)


@command(Op.MODE_SENSE_10, medium=False)
def mode_sense(drive: DriveModel, request: Request) -> bytes:
    """Give mode pages 01h, 05h and 2Ah (MMC-6 7.2)."""
    pages = {
        0x01: bytes((0x01, 10, 0, 5, 0, 0, 0, 0, 5, 0, 0, 0)),
        0x05: bytes((0x05, 0x32, 0x40, 0x04, 0x08)) + bytes(9) + bytes((0, 0x96)) + bytes(36),
        0x2A: _capabilities(drive),
    }
    wanted = request.cdb[2] & 0x3F
    if wanted != 0x3F and wanted not in pages:
        raise Refused(INVALID_FIELD)
    body = b"".join(pages.values()) if wanted == 0x3F else pages[wanted]
    return ((len(body) + 6).to_bytes(2, "big") + bytes(6) + body)[: request.word(7)]


@command(Op.GET_PERFORMANCE, medium=False)
def get_performance(drive: DriveModel, request: Request) -> bytes:
    """Give nominal performance (type 0) and write speeds (type 3) (MMC-6 6.5)."""
    kind, most = request.cdb[10], request.word(8)
    disc = drive.present
    profile = disc.profile if disc else None
    end = max(disc.capacity, disc.free, 1) - 1 if disc else 0
    fast = speeds(profile)
    if kind == 0:
        write = request.cdb[1] & 4
        rows = [(0, fast[0] // 2 if profile and profile.is_cd else fast[0], end, fast[0])]
        body = b"".join(value.to_bytes(4, "big") for row in rows[:most] for value in row)
        flags = 2 if write else 0
    elif kind == 3:
        listed = fast if profile and profile is not Profile.CD_ROM else fast[:1]
        body = b"".join(
            bytes(4)
            + end.to_bytes(4, "big")
            + fast[0].to_bytes(4, "big")
            + speed.to_bytes(4, "big")
            for speed in listed[:most]
        )
        flags = 0
    else:
        raise Refused(INVALID_FIELD)
    return (len(body) + 4).to_bytes(4, "big") + bytes((flags, 0, 0, 0)) + body


@command(Op.SET_CD_SPEED, medium=False)
def set_cd_speed(drive: DriveModel, request: Request) -> bytes:
    """Take a read speed in kB/s, FFFFh for the fastest (MMC-6 6.41)."""
    asked = request.word(2)
    drive.read_speed = 0 if asked == 0xFFFF else _nearest(drive, asked)
    return b""


@command(Op.SET_STREAMING, medium=False)
def set_streaming(drive: DriveModel, request: Request) -> bytes:
    """Take a performance descriptor (MMC-6 6.39)."""
    if len(request.data_out) >= 28:
        size = int.from_bytes(request.data_out[12:16], "big")
        per = int.from_bytes(request.data_out[16:20], "big") or 1000
        restore = request.data_out[0] & 4
        drive.read_speed = 0 if restore else _nearest(drive, size * 1000 // per)
    return b""


def _nearest(drive: DriveModel, asked: int) -> int:
    fast = speeds(drive.present.profile if drive.present else None)
    return next((speed for speed in fast if speed <= asked), fast[-1])
