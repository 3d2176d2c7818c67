# SPDX-License-Identifier: GPL-3.0-or-later
"""READ DISC STRUCTURE: layers, book type, protection; REPORT KEY: the region."""

from drive.bench.codes import INCOMPATIBLE_MEDIUM, INVALID_FIELD, KEY_NOT_PRESENT, Op, Refused
from drive.bench.medium import Disc, Profile

from .drive import DriveModel, Request, command

FIRST_PSN = 0x30000
BD_FIRST_PSN = 0x100000
_BOOKS = {
    Profile.DVD_ROM: 0x0, Profile.DVD_RAM: 0x1, Profile.DVD_R: 0x2, Profile.DVD_R_DL: 0x2,
    Profile.DVD_R_DL_JUMP: 0x2, Profile.DVD_RW: 0x3, Profile.DVD_RW_RESTRICTED: 0x3,
    Profile.DVD_PLUS_RW: 0x9, Profile.DVD_PLUS_R: 0xA, Profile.DVD_PLUS_R_DL: 0xE,
}  # fmt: skip
_BD_TYPES = {Profile.BD_ROM: b"BDO", Profile.BD_R: b"BDR", Profile.BD_R_RANDOM: b"BDR",
             Profile.BD_RE: b"BDW"}  # fmt: skip


def dvd_physical(disc: Disc, layer: int) -> bytes:
    """Give the physical format information, format 00h (MMC-6 table 400)."""
    total = disc.structure_sectors
    path = layers = 0
    first, last, layer_0 = FIRST_PSN, FIRST_PSN + total - 1, 0
    if disc.layers is not None:
        layers, path = 1, int(disc.layers.opposite)
        extra = total - disc.recorded
        if disc.layers.opposite:
            layer_0 = FIRST_PSN + disc.layers.first - 1
            last = (~layer_0 & 0xFFFFFF) + disc.layers.second + extra - 1
        else:
            size = disc.layers.second + extra if layer else disc.layers.first
            last = FIRST_PSN + size - 1
    elif layer:
        raise Refused(INVALID_FIELD)
    kind = 1 if disc.profile is Profile.DVD_ROM else 4 if disc.profile.is_overwritable else 2
    head = bytes((_BOOKS[disc.profile] << 4 | 1, 0x02, layers << 5 | path << 4 | kind, 0))
    head += b"".join(value.to_bytes(4, "big") for value in (first, last, layer_0))
    return head.ljust(2048, b"\0")


def _bd_information(disc: Disc) -> bytes:
    """Disc information units, one a layer, format 00h (MMC-6 table 431)."""
    pressed = disc.profile is Profile.BD_ROM
    unit_size = 64 if pressed else 112
    layers = disc.layers
    extra = disc.structure_sectors - disc.recorded
    sizes = (layers.first, layers.second + extra) if layers else (disc.structure_sectors,)
    units = b""
    start = BD_FIRST_PSN
    for number, size in enumerate(sizes):
        end = start + size - 1
        unit = bytearray(unit_size)
        unit[0:8] = b"DI" + bytes((1, len(sizes) << 3 | number, 0, number, unit_size, 0))
        unit[8:12] = _BD_TYPES[disc.profile] + bytes((0x11,))
        unit[12] = len(sizes) << 4
        unit[20:24] = end.to_bytes(4, "big")
        unit[24:28] = start.to_bytes(4, "big")
        unit[28:32] = (end - 1).to_bytes(4, "big")
        if not pressed:
            unit[100:106] = disc.manufacturer.encode("ascii").ljust(6, b"\0")[:6]
            unit[106:109] = b"B01"
        units += bytes(unit)
        start = 0x1000000 - (end + 1) if start == BD_FIRST_PSN else start
    return units.ljust(4096, b"\0")


def _dvd(disc: Disc, form: int, layer: int) -> bytes:
    match form:
        case 0x00:
            return dvd_physical(disc, layer)
        case 0x01:
            return bytes((disc.cpst, disc.region_mask, 0, 0))
        case 0x04:
            return disc.manufacturer.encode("ascii").ljust(2048, b"\0")
        case 0x10 | 0x11 if disc.profile is not Profile.DVD_ROM:
            page = bytearray(dvd_physical(disc, layer)[:256])
            page[19:27] = disc.manufacturer.encode("ascii").ljust(8, b"\0")[:8]
            page[27:30] = b"B01"
            return bytes(page)
        case 0x0E if disc.profile.is_dash or disc.profile is Profile.DVD_RW_RESTRICTED:
            return _lands(disc)
        case 0xC0 if disc.profile is not Profile.DVD_ROM:
            return bytes(4)
        case 0xFF:
            plus = disc.profile in (Profile.DVD_PLUS_RW, Profile.DVD_PLUS_R, Profile.DVD_PLUS_R_DL)
            return _structure_list(0x00, 0x01, 0x04, *((0x11,) if plus else ()))
    raise Refused(INVALID_FIELD)


def _lands(disc: Disc) -> bytes:
    """Pre-recorded information of a DVD-R's lead-in, with the manufacturer (ECMA-279 22.3)."""
    name = disc.manufacturer.encode("ascii").ljust(12, b"\0")[:12]
    fields = (b"\x01" + bytes(7), b"\x02" + bytes(7), b"\x03" + name[:6] + b"\0",
              b"\x04" + name[6:] + b"\0", b"\x05" + bytes(7))  # fmt: skip
    return b"".join(fields).ljust(64, b"\0")


def _bd(disc: Disc, form: int) -> bytes:
    match form:
        case 0x00:
            return _bd_information(disc)
        case 0x0A if disc.profile is not Profile.BD_ROM:
            return bytes(4) + disc.spare.to_bytes(4, "big") * 2
        case 0x80 | 0x81 | 0x82 if disc.aacs:
            raise Refused(KEY_NOT_PRESENT)
        case 0xFF:
            return _structure_list(0x00)
    raise Refused(INVALID_FIELD)


def _structure_list(*formats: int) -> bytes:
    return b"".join(bytes((form, 0x40, 8, 4)) for form in formats)


@command(Op.READ_DISC_STRUCTURE)
def read_disc_structure(drive: DriveModel, request: Request) -> bytes:
    """Give a structure of the disc's control data (MMC-6 6.22)."""
    disc = drive.disc
    kind, layer, form = request.cdb[1] & 0x0F, request.cdb[6], request.cdb[7]
    if disc.profile.is_cd or (kind == 1) != disc.profile.is_bd:
        raise Refused(INCOMPATIBLE_MEDIUM)
    body = _bd(disc, form) if kind == 1 else _dvd(disc, form, layer)
    return ((len(body) + 2).to_bytes(2, "big") + bytes(2) + body)[: request.word(8)]


@command(Op.REPORT_KEY)
def report_key(drive: DriveModel, request: Request) -> bytes:
    """Give the region state (key format 08h); no keys are made or given here (MMC-6 6.28)."""
    if request.cdb[10] & 0x3F != 0x08 or not drive.disc.profile.is_dvd:
        raise Refused(INVALID_FIELD)
    return (bytes((0, 6, 0, 0, 0x25, 0xFF, 0x01, 0)))[: request.word(8)]
