# SPDX-License-Identifier: GPL-3.0-or-later
"""The disc as plain data: all that is known of it before a sector is copied."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum

from discwright.image.boot import BootReport
from discwright.image.layout import Layout
from discwright.image.volumes import Volumes
from discwright.image.wholeness import Wholeness
from discwright.optical.profile import Profile
from discwright.wording import _, device_name


class DiscStatus(StrEnum):
    """READ DISC INFORMATION byte 2, bits 0-1 (MMC-6 6.22)."""

    BLANK = "blank"
    APPENDABLE = "appendable"
    COMPLETE = "complete"
    OTHER = "random-writable"
    UNKNOWN = "unknown"


class TrackMode(StrEnum):
    """How the sectors of a track are made up."""

    AUDIO = "audio"
    MODE1 = "mode 1"
    MODE2_FORM1 = "mode 2 form 1"
    MODE2_FORM2 = "mode 2 form 2"
    MODE2_MIXED = "mode 2 mixed"
    DATA = "data"
    """Data of a mode that is not known; on DVD and Blu-ray there is only one."""


@dataclass(frozen=True)
class Track:
    """A track of the TOC; ``sectors`` runs to the next track or the session's lead-out."""

    number: int
    session: int
    start: int
    sectors: int
    mode: TrackMode

    @property
    def is_data(self) -> bool:
        """Whether a computer reads the track, not a CD player."""
        return self.mode is not TrackMode.AUDIO


@dataclass(frozen=True)
class Layers:
    """The physical structure of a DVD or Blu-ray (READ DISC STRUCTURE format 0)."""

    count: int
    sectors: int
    """All layers together; 0 if the structure doesn't say."""
    layer_break: int | None = None
    """The first sector of the second layer, counted from LBA 0."""
    opposite_track_path: bool = False


class Protection(StrEnum):
    """A copy protection that the disc declares. Discwright names it and breaks none."""

    NONE = "none"
    CSS = "CSS"
    CPRM = "CPRM"
    AACS = "AACS"


@dataclass(frozen=True)
class Candidate:
    """One answer to "how long is this disc", in sectors, and who gives it."""

    source: str
    """Such as "READ CAPACITY", "TOC lead-out", "ISO 9660", "UDF", "file size"."""
    sectors: int


@dataclass(frozen=True)
class Length:
    """The length to copy, the rule that chose it, and all candidates (facts 4.1-4.3)."""

    sectors: int
    rule: str
    """A stable word for programs and tests, such as "capacity", "file-systems", "run-out"."""
    reason: str
    """The rule as a sentence."""
    candidates: tuple[Candidate, ...] = ()
    warnings: tuple[str, ...] = ()
    runout: int = 0
    """Unreadable run-out sectors (0-2) at the end of a track-at-once CD that are left off."""


@dataclass(frozen=True)
class DriveIdentity:
    """What the drive says of itself; safe to show."""

    vendor: str
    model: str
    firmware: str
    serial: str = ""

    def __str__(self) -> str:
        return device_name(self.vendor, self.model)


@dataclass(frozen=True)
class Disc:
    """A disc in a drive, or an image file taken as one."""

    source: str
    """The device node or the path of the image file."""
    virtual: bool
    """An image file taken as a disc."""
    profile: Profile
    status: DiscStatus
    length: Length
    tracks: tuple[Track, ...] = ()
    sessions: int = 1
    wholeness: Wholeness = field(default_factory=lambda: Wholeness(known=False))
    """Whether it reaches as far as its file systems need."""
    volumes: Volumes = field(default_factory=Volumes)
    boot: BootReport = field(default_factory=BootReport)
    layers: Layers | None = None
    protection: Protection = Protection.NONE
    drive: DriveIdentity | None = None
    driver: str = ""
    """Which reader serves it: "drive", "iso", or libcdio's driver name ("BIN/CUE" ...)."""
    speeds_kb: tuple[int, ...] = ()
    """Read speeds that drive and medium offer, kB/s (1000 bytes); empty if not known."""
    odd_bytes: int = 0
    """Bytes of an image file after its last whole sector."""
    remarks: tuple[str, ...] = ()
    layout: Layout | None = None
    """Of an image that is described by a text or by chunks: all that it takes to write it."""
    fingerprint: str = ""
    """The same as long as the same disc is in the drive (or the same file is there)."""

    @property
    def kind(self) -> str:
        """What people call it: "DVD+RW", "image file"."""
        return _("image file") if self.virtual else self.profile.title

    @property
    def label(self) -> str:
        """The volume's name, "" if it has none."""
        return self.volumes.label

    @property
    def size(self) -> int:
        """Bytes of a 2048-byte-sector image of it."""
        return self.length.sectors * 2048

    @property
    def held(self) -> int:
        """Bytes that it holds: of a CD with music all of its whole sectors, 2352 bytes each."""
        return self.length.sectors * (2352 if self.audio_tracks else 2048)

    @property
    def data_tracks(self) -> tuple[Track, ...]:
        """The tracks that hold data."""
        return tuple(track for track in self.tracks if track.is_data)

    @property
    def audio_tracks(self) -> tuple[Track, ...]:
        """The tracks that hold music."""
        return tuple(track for track in self.tracks if not track.is_data)

    def to_json(self) -> dict[str, object]:
        """Give what is known as plain data, for sidecars and ``inspect --json``."""
        return {
            "source": self.source,
            "virtual": self.virtual,
            "driver": self.driver,
            "drive": None if self.drive is None else asdict(self.drive),
            "medium": {
                "kind": self.kind,
                "profile": int(self.profile),
                "status": self.status.value,
                "sessions": self.sessions,
                "layers": None if self.layers is None else asdict(self.layers),
                "protection": self.protection.value,
                "read_speeds_kb": list(self.speeds_kb),
            },
            "tracks": [{**asdict(track), "mode": track.mode.value} for track in self.tracks],
            "length": asdict(self.length),
            "size": self.size,
            "volumes": {
                **asdict(self.volumes),
                "file_systems": [system.value for system in self.volumes.file_systems],
            },
            "wholeness": asdict(self.wholeness),
            "boot": self.boot.to_json(),
            "remarks": list(self.remarks),
        }
