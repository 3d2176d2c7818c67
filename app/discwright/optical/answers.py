# SPDX-License-Identifier: GPL-3.0-or-later
"""What drives answer to questions about drive and medium, parsed. Pure; short answers are met."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from discwright.optical.disc import DiscStatus, Layers, Protection
from discwright.optical.profile import Profile

FEATURE_PROFILE_LIST = 0x0000
FEATURE_CD_READ = 0x001E
FEATURE_DVD_CSS = 0x0106
FEATURE_SERIAL_NUMBER = 0x0108
FEATURE_AACS = 0x010D


@dataclass(frozen=True)
class Configuration:
    """GET CONFIGURATION (MMC-6 6.4): the current profile, and each feature's current bit."""

    profile: Profile
    features: Mapping[int, bool] = field(default_factory=dict)
    profiles: tuple[Profile, ...] = ()
    """All profiles that the drive knows."""
    serial: str = ""
    """The drive's serial number (MMC-6 5.3.40), not safe to show; "" if it doesn't say."""
    c2_pointers: bool = False
    """Whether it tells which bytes of a CD it could not correct (MMC-6 5.3.14)."""

    def current(self, feature: int) -> bool:
        """Whether a feature applies to the medium that is in."""
        return self.features.get(feature, False)


@dataclass(frozen=True)
class DiscInformation:
    """READ DISC INFORMATION (MMC-6 6.21)."""

    status: DiscStatus
    sessions: int
    """Complete sessions; the empty one at the end of an appendable disc isn't counted."""
    last_track: int
    erasable: bool = False


@dataclass(frozen=True)
class TrackInformation:
    """READ TRACK INFORMATION (MMC-6 6.26)."""

    start: int
    sectors: int
    blank: bool = False


_STATUS = (DiscStatus.BLANK, DiscStatus.APPENDABLE, DiscStatus.COMPLETE, DiscStatus.OTHER)


def parse_capacity(data: bytes) -> int | None:
    """READ CAPACITY (MMC-6 6.19): sectors of 2048 bytes; None for nothing or other sizes."""
    if len(data) < 8:
        return None
    last, block = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
    if block not in {0, 2048} or last in {0, 0xFFFFFFFF}:
        return None
    return last + 1


def parse_configuration(data: bytes) -> Configuration:
    """Read the feature header and the descriptors that follow it."""
    if len(data) < 8:
        return Configuration(Profile.UNKNOWN)
    features: dict[int, bool] = {}
    profiles: tuple[Profile, ...] = ()
    serial, c2_pointers = "", False
    end = min(len(data), 4 + int.from_bytes(data[:4], "big"))
    at = 8
    while at + 4 <= end:
        code, length = int.from_bytes(data[at : at + 2], "big"), data[at + 3]
        features[code] = bool(data[at + 2] & 1)
        body = data[at + 4 : min(end, at + 4 + length)]
        if code == FEATURE_SERIAL_NUMBER:
            serial = body.rstrip(b"\0").decode("ascii", "replace").strip()
        if code == FEATURE_CD_READ and body:
            c2_pointers = bool(body[0] & 2)
        if code == FEATURE_PROFILE_LIST:
            profiles = tuple(
                Profile.from_number(int.from_bytes(body[i : i + 2], "big"))
                for i in range(0, len(body) - 3, 4)
            )
        at += 4 + length
    profile = Profile.from_number(int.from_bytes(data[6:8], "big"))
    return Configuration(profile, features, profiles, serial, c2_pointers)


def parse_disc_information(data: bytes) -> DiscInformation | None:
    """Read the standard disc information block."""
    if len(data) < 12:
        return None
    status = _STATUS[data[2] & 0x03]
    sessions = data[9] << 8 | data[4]
    last_track = data[11] << 8 | data[6]
    if status is DiscStatus.APPENDABLE:
        sessions = max(0, sessions - 1)
    if status is DiscStatus.BLANK:
        sessions = 0
    return DiscInformation(status, sessions, last_track, bool(data[2] & 0x10))


def parse_track_information(data: bytes) -> TrackInformation | None:
    """Read start and size of a track."""
    if len(data) < 28:
        return None
    return TrackInformation(
        start=int.from_bytes(data[8:12], "big"),
        sectors=int.from_bytes(data[24:28], "big"),
        blank=bool(data[6] & 0x40),
    )


def parse_dvd_layers(data: bytes, *further: bytes) -> Layers | None:
    """READ DISC STRUCTURE format 0 of a DVD (MMC-6 6.22.3.2.1): physical sector numbers.

    On an opposite track path the second layer's addresses are the inverted ones of the first,
    so that the last sector's number is read as a signed 24-bit number. On a parallel track path
    each layer has an answer of its own: ``further`` are those after the first.
    """
    if len(data) < 4 + 16:
        return None
    body = data[4:]
    count = (body[2] >> 5 & 0x03) + 1
    opposite = bool(body[2] & 0x10)
    first = int.from_bytes(body[5:8], "big")
    last = int.from_bytes(body[9:12], "big")
    end_of_layer_0 = int.from_bytes(body[13:16], "big")
    if count > 1 and opposite and end_of_layer_0:
        signed = last - 0x1000000 if last & 0x800000 else last
        sectors = signed + 1 - first + 2 * (end_of_layer_0 + 1)
        layer_break: int | None = end_of_layer_0 + 1 - first
    else:
        sectors, layer_break, opposite = last + 1 - first, None, False
        if further and sectors > 0:
            layer_break = sectors
            sectors += sum(one.sectors for one in map(parse_dvd_layers, further) if one)
    return Layers(count, sectors if 0 < sectors < 1 << 24 else 0, layer_break, opposite)


def parallel_layers(data: bytes) -> int:
    """Give how many further answers :func:`parse_dvd_layers` needs: 0 but on a parallel path."""
    if len(data) < 4 + 16 or data[6] & 0x10:
        return 0
    return data[6] >> 5 & 0x03


def parse_copyright(data: bytes) -> Protection:
    """READ DISC STRUCTURE format 1 of a DVD (MMC-6 6.22.3.2.2): the protection system type."""
    if len(data) < 5:
        return Protection.NONE
    return {1: Protection.CSS, 2: Protection.CPRM}.get(data[4], Protection.NONE)


def parse_blu_ray_layers(data: bytes) -> Layers | None:
    """READ DISC STRUCTURE format 0 of a Blu-ray: how many layers the first DI unit names."""
    body = data[4:]
    if len(body) < 13 or body[:2] != b"DI":
        return None
    return Layers(max(1, body[12] >> 4), 0)


def parse_read_speeds(data: bytes) -> tuple[int, ...]:
    """GET PERFORMANCE type 0 (MMC-6 6.8.3.2): the end speeds in kB/s, ascending."""
    if len(data) < 8:
        return ()
    end = min(len(data), 4 + int.from_bytes(data[:4], "big"))
    speeds = {int.from_bytes(data[at + 12 : at + 16], "big") for at in range(8, end - 15, 16)}
    return tuple(sorted(speed for speed in speeds if 0 < speed < 1_000_000))


@dataclass(frozen=True)
class MediaStatus:
    """The media event of GET EVENT STATUS NOTIFICATION (MMC-6 6.5.4.4)."""

    door_open: bool
    present: bool


def parse_media_status(data: bytes) -> MediaStatus | None:
    """Read a media event; None if the drive has none to tell."""
    if len(data) < 8 or data[2] & 0x80 or data[2] & 0x07 != 4:
        return None
    return MediaStatus(bool(data[5] & 1), bool(data[5] & 2))
