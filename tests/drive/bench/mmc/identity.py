# SPDX-License-Identifier: GPL-3.0-or-later
"""What the drive says of itself and what it can do now: INQUIRY, GET CONFIGURATION."""

from drive.bench.codes import INVALID_FIELD, Op, Refused
from drive.bench.medium import Disc, Profile, Status

from .drive import DriveModel, Request, command

_DATA_BLOCKS_CD = 0x3F01


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
        (0x001E, 2, False, is_cd, bytes((traits.c2_pointers << 1, 0, 0, 0))),
    ]
    if Profile.DVD_ROM in owned:
        features.append((0x001F, 1, False, is_dvd, bytes((1, 0, 1, 0))))
    if Profile.CD_R in owned:
        features += _writing(disc, room, last, blocks)
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
    disc: Disc | None, room: bool, last: bytes, blocks: bytes
) -> list[tuple[int, int, bool, bool, bytes]]:
    profile = disc.profile if disc else None
    cd = room and profile in (Profile.CD_R, Profile.CD_RW)
    dash = room and profile is not None and profile.is_dash
    step = disc is not None and disc.incremental
    over = disc is not None and disc.profile.is_overwritable
    formattable = over or profile in (Profile.DVD_RW, Profile.BD_R)
    rw = 0x02 if profile in (Profile.CD_RW, Profile.DVD_RW) else 0
    types = _DATA_BLOCKS_CD.to_bytes(2, "big")
    certifies = 0x0F if profile in (Profile.BD_RE, Profile.BD_R) else 0
    return [
        (0x0020, 1, False, over, last + (2048).to_bytes(4, "big") + blocks + bytes((1, 0))),
        (0x0021, 1, False, cd or (dash and step), types + bytes((1, 1, 16, 0, 0, 0))),
        (0x0023, 1, False, formattable, bytes((certifies, 0, 0, 0, 0, 0, 0, 0))),
        (0x0024, 1, False, profile in (Profile.DVD_RAM, Profile.BD_RE), bytes((0x80, 0, 0, 0))),
        (0x002A, 0, False, profile is Profile.DVD_PLUS_RW, bytes((1, 0, 0, 0))),
        (0x002B, 0, False, profile is Profile.DVD_PLUS_R, bytes((1, 0, 0, 0))),
        (0x002C, 0, False, profile is Profile.DVD_RW_RESTRICTED, bytes((0x03, 0, 0, 0))),
        (0x002D, 2, False, cd, bytes((0x46, 0)) + types),
        (0x002E, 0, False, cd, bytes((0x64 | rw, 0, 0x0C, 0))),
        (0x002F, 2, False, dash, bytes((0x4E, 0, 0, 0))),
        (0x0033, 0, False, profile is Profile.DVD_R_DL, bytes((0, 0, 0, 1, 16, 0, 0, 0))),
        (0x0037, 0, False, profile is Profile.CD_RW, bytes((0, 0xFF, 0, 0))),
        (0x0038, 0, False, False, bytes(4)),
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
