# SPDX-License-Identifier: GPL-3.0-or-later
"""What drives answer about writing, parsed. Pure; short and senseless answers are met."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from discwright.optical.profile import Profile
from discwright.wording import shown

FEATURE_INCREMENTAL = 0x0021
FEATURE_CD_TRACK_AT_ONCE = 0x002D
FEATURE_CD_MASTERING = 0x002E
FEATURE_DVD_MINUS_WRITE = 0x002F

_MOST_SPEED_KB = 1_000_000
_LEAD_IN_MSF = range(90, 100)
"""Minutes of an ATIP's special information 1: the lead-in begins before 00:00:00."""


class Loading(IntEnum):
    """How discs get into the drive (MMC-6 5.3.4, table 98; CD/DVD capabilities page)."""

    CADDY = 0
    """A caddy or a slot."""
    TRAY = 1
    """The drive can close its tray itself."""
    POP_UP = 2
    """A tray that jumps out and must be pushed in by hand, as in notebooks."""
    CHANGER = 4
    CARTRIDGE_CHANGER = 5
    UNKNOWN = 7


@dataclass(frozen=True)
class WriteFeatures:
    """GET CONFIGURATION: the ways of writing that apply to the medium (MMC-6 5.3)."""

    incremental: bool = False
    """21h: sessions of any length; missing on a DVD-RW that was blanked minimally."""
    cd_tao: bool = False
    cd_sao: bool = False
    dvd_dao: bool = False
    test_write: bool = False
    """A simulation with the laser at low power is possible."""
    underrun_free: bool = False
    """The drive pauses when data comes late."""


@dataclass(frozen=True)
class FormatCapacity:
    """A way to format the medium: type (MMC-6 6.24.3) and the sectors that it gives."""

    kind: int
    sectors: int


@dataclass(frozen=True)
class FormatCapacities:
    """READ FORMAT CAPACITIES (MMC-6 6.23)."""

    formatted: bool | None
    """None: no medium, or the drive doesn't know."""
    sectors: int
    """Of the medium as it is, or of the largest format."""
    formats: tuple[FormatCapacity, ...] = ()

    def of_kind(self, *kinds: int) -> int:
        """Give the sectors of the first of these format types that is offered; 0 if none is."""
        sizes = {one.kind: one.sectors for one in reversed(self.formats)}
        return next((sizes[kind] for kind in kinds if sizes.get(kind)), 0)


@dataclass(frozen=True)
class Atip:
    """The absolute time in pregroove of a CD-R or CD-RW (MMC-6 6.25.3.6)."""

    maker: str
    """Start of the lead-in, which tells the maker of the dye ("97m24s01f")."""
    sectors: int
    """The last possible start of the lead-out: what fits when it is written in one session."""


@dataclass(frozen=True)
class WritableTrack:
    """READ TRACK INFORMATION of the track that can be written (MMC-6 6.26)."""

    free: int
    next_writable: int | None
    blank: bool


@dataclass(frozen=True)
class Mechanism:
    """MODE SENSE page 2Ah, obsolete but answered by all drives (MMC-3 6.3.11)."""

    loading: Loading
    write_speeds_kb: tuple[int, ...] = ()


def parse_features(data: bytes) -> Mapping[int, tuple[bool, bytes]]:
    """Give each feature of GET CONFIGURATION (MMC-6 6.4): current or not, and its data."""
    features: dict[int, tuple[bool, bytes]] = {}
    end = min(len(data), 4 + int.from_bytes(data[:4], "big"))
    at = 8
    while at + 4 <= end:
        length = data[at + 3]
        code = int.from_bytes(data[at : at + 2], "big")
        features[code] = bool(data[at + 2] & 1), data[at + 4 : min(end, at + 4 + length)]
        at += 4 + length
    return features


def parse_write_features(data: bytes) -> WriteFeatures:
    """Read the features of writing that are current."""
    features = parse_features(data)

    def bits(code: int) -> int:
        current, body = features.get(code, (False, b""))
        return body[0] if current and body else 0

    tao, sao, dvd = map(
        bits, (FEATURE_CD_TRACK_AT_ONCE, FEATURE_CD_MASTERING, FEATURE_DVD_MINUS_WRITE)
    )
    current = {code for code, (now, _body) in features.items() if now}
    return WriteFeatures(
        incremental=FEATURE_INCREMENTAL in current,
        cd_tao=FEATURE_CD_TRACK_AT_ONCE in current,
        cd_sao=bool(sao & 0x20),
        dvd_dao=FEATURE_DVD_MINUS_WRITE in current,
        test_write=bool((tao | sao | dvd) & 0x04),
        underrun_free=bool((tao | sao | dvd) & 0x40),
    )


def parse_loading(data: bytes) -> Loading | None:
    """Give the loading mechanism of the removable medium feature, 03h (MMC-6 5.3.4)."""
    _current, body = parse_features(data).get(0x0003, (False, b""))
    return _loading(body[0] >> 5) if body else None


def parse_format_capacities(data: bytes) -> FormatCapacities:
    """Read the current or maximum capacity and the formats that are offered."""
    if len(data) < 12:
        return FormatCapacities(None, 0)
    end = min(len(data), 4 + data[3])
    now = int.from_bytes(data[4:8], "big")
    formatted = {1: False, 2: True}.get(data[8] & 0x03)
    formats = tuple(
        FormatCapacity(data[at + 4] >> 2, int.from_bytes(data[at : at + 4], "big"))
        for at in range(12, end - 7, 8)
    )
    return FormatCapacities(formatted, now if formatted is not None else 0, formats)


def parse_atip(data: bytes) -> Atip | None:
    """Read format 4 of READ TOC/PMA/ATIP; None if it is none."""
    if len(data) < 15:
        return None
    minute, second, frame = data[8:11]
    out = data[12:15]
    if minute not in _LEAD_IN_MSF or second > 59 or frame > 74 or out[1] > 59 or out[2] > 74:
        return None
    sectors = (out[0] * 60 + out[1]) * 75 + out[2] - 150
    return Atip(f"{minute:02}m{second:02}s{frame:02}f", max(0, sectors))


def parse_writable_track(data: bytes) -> WritableTrack | None:
    """Read free blocks and next writable address, which counts only if its bit is set."""
    if len(data) < 20:
        return None
    return WritableTrack(
        free=int.from_bytes(data[16:20], "big"),
        next_writable=int.from_bytes(data[12:16], "big", signed=True) if data[7] & 1 else None,
        blank=bool(data[6] & 0x40),
    )


def parse_write_speeds(data: bytes) -> tuple[int, ...]:
    """GET PERFORMANCE type 3 (MMC-6 6.8.3.5): write speeds in kB/s, ascending."""
    if len(data) < 8:
        return ()
    end = min(len(data), 4 + int.from_bytes(data[:4], "big"))
    speeds = (int.from_bytes(data[at + 12 : at + 16], "big") for at in range(8, end - 15, 16))
    return _sensible(speeds)


def parse_mechanism(data: bytes) -> Mechanism | None:
    """Read page 2Ah after the mode parameter header; its speeds are for the medium that is in."""
    if len(data) < 8:
        return None
    page = data[8 + int.from_bytes(data[6:8], "big") :]
    if len(page) < 8 or page[0] & 0x3F != 0x2A:
        return None
    page = page[: 2 + page[1]]
    if len(page) < 8:
        return None
    count = int.from_bytes(page[30:32], "big") if len(page) >= 32 else 0
    speeds = (
        int.from_bytes(page[at + 2 : at + 4], "big")
        for at in range(32, min(len(page) - 3, 32 + 4 * count), 4)
    )
    return Mechanism(_loading(page[6] >> 5), _sensible(speeds))


def parse_maker(profile: Profile, data: bytes) -> str:
    """Give who made the medium and its type, as written in its groove; "" if it isn't told.

    DVD+: ADIP (format 11h); DVD-: pre-recorded information (format 0Eh); Blu-ray: disc
    information (format 00h). Source: ECMA-349, ECMA-359 and Blu-ray part 1 by way of MMC-6 6.22.
    """
    body = data[4:]
    match profile:
        case (
            Profile.DVD_PLUS_RW
            | Profile.DVD_PLUS_R
            | Profile.DVD_PLUS_R_DL
            | Profile.DVD_PLUS_RW_DL
        ):
            return _joined(body[19:27], body[27:30])
        case Profile.BD_R_SEQUENTIAL | Profile.BD_R_RANDOM | Profile.BD_RE if body[:2] == b"DI":
            return _joined(body[100:106], body[106:109])
        case (
            Profile.DVD_R
            | Profile.DVD_RW_SEQUENTIAL
            | Profile.DVD_RW_RESTRICTED_OVERWRITE
            | Profile.DVD_R_DL_SEQUENTIAL
            | Profile.DVD_R_DL_JUMP
            | Profile.DVD_RW_DL
        ) if body[16:17] == b"\3":
            second = body[25:31] if body[24:25] == b"\4" else b""
            return _joined(body[17:23] + second)
    return ""


def maker_format(profile: Profile) -> int | None:
    """Give the format of READ DISC STRUCTURE that :func:`parse_maker` reads; None for CD, RAM."""
    if profile in {
        Profile.DVD_PLUS_RW, Profile.DVD_PLUS_R, Profile.DVD_PLUS_R_DL, Profile.DVD_PLUS_RW_DL,
    }:  # fmt: skip
        return 0x11
    if profile in {Profile.BD_R_SEQUENTIAL, Profile.BD_R_RANDOM, Profile.BD_RE}:
        return 0x00
    if profile in {
        Profile.DVD_R, Profile.DVD_RW_SEQUENTIAL, Profile.DVD_RW_RESTRICTED_OVERWRITE,
        Profile.DVD_R_DL_SEQUENTIAL, Profile.DVD_R_DL_JUMP, Profile.DVD_RW_DL,
    }:  # fmt: skip
        return 0x0E
    return None


def _joined(*parts: bytes) -> str:
    words = (
        re.sub(r"[^\x21-\x7e]+", " ", part.split(b"\0")[0].decode("latin-1")) for part in parts
    )
    return shown("/".join(word.strip() for word in words if word.strip()))


def _loading(number: int) -> Loading:
    try:
        return Loading(number)
    except ValueError:
        return Loading.UNKNOWN


def _sensible(speeds: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted({speed for speed in speeds if 0 < speed < _MOST_SPEED_KB}))
