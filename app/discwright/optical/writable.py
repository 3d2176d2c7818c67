# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be written onto the medium in a drive: its state, room, speeds and maker."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from discwright.errors import ReadError, SourceError
from discwright.image.volumes import read_volumes
from discwright.optical import answers, commands, writing_answers
from discwright.optical.commands import Command
from discwright.optical.disc import DiscStatus, DriveIdentity
from discwright.optical.drive import CommandError, Drive
from discwright.optical.drive_source import DriveSource
from discwright.optical.fingerprint import UNKNOWN, sign
from discwright.optical.profile import Family, Profile
from discwright.optical.sense import Fault
from discwright.optical.writing_answers import Atip, FormatCapacities, Loading, WriteFeatures
from discwright.transfer.cancel import CancelToken
from discwright.transfer.reader import SECTOR, read_sectors
from discwright.wording import _, shown

SPEED_1X_KB = {Family.CD: 176.4, Family.DVD: 1385.0, Family.BD: 4495.6}
"""kB/s (1000 bytes) that people call 1x when a disc is written (MMC-6 6.37, raw for CD)."""

_ANY_TRACK = 0xFF
"""The track that can be written, for READ TRACK INFORMATION (MMC-6 6.26.2)."""

_HEAD = 32
"""Sectors at the beginning that tell whether something is on an overwritable disc."""

_ANCHOR = 256

_MOST_FAILURES = 4
"""Unreadable sectors at the beginning after which no more are tried: each can take seconds."""

_SPARE_FORMATS = (0x30, 0x31, 0x32, 0x00)
"""Format types of Blu-ray discs with spare areas and the default one (MMC-6 6.24.3)."""


class MediumStatus(StrEnum):
    """What can become of the medium."""

    NONE = "none"
    """No disc in the drive."""
    BLANK = "blank"
    APPENDABLE = "appendable"
    CLOSED = "closed"
    OVERWRITABLE = "overwritable"
    """Every sector can be written again in place."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class WritableMedium:
    """The medium in a drive, as someone who wants to write sees it."""

    node: str
    """The drive's node, or ``stdio:`` and a path for a file taken as a blank disc."""
    status: MediumStatus
    profile: Profile = Profile.NONE
    formatted: bool | None = None
    """None: not known, or such discs aren't formatted."""
    free_sectors: int = 0
    """What can be written now."""
    capacity_sectors: int = 0
    """What can be written when the disc is blank or erased; 0 if not known."""
    erasable: bool = False
    features: WriteFeatures = field(default_factory=WriteFeatures)
    speeds_kb: tuple[int, ...] = ()
    """Write speeds of this medium in this drive, kB/s (1000 bytes), ascending."""
    maker: str = ""
    """Who made it, from ATIP, ADIP, pre-recorded or disc information; safe to show."""
    sessions: int = 0
    spare_sectors: int = 0
    """Sectors of a Blu-ray disc or DVD-RAM that are set aside to replace bad ones."""
    label: str = ""
    """The name of what is on it now, safe to show."""
    used: bool = False
    """Whether something is on it that writing destroys, as far as can be told."""
    content: str = ""
    """A word for what its first sectors hold, to tell discs apart by; "" if not known."""
    drive: DriveIdentity | None = None
    writes: tuple[Profile, ...] = ()
    """The kinds of media that the drive can write at all; empty if it didn't say."""
    loading: Loading = Loading.UNKNOWN

    @property
    def virtual(self) -> bool:
        """Whether it is a file taken as a disc."""
        return self.node.startswith("stdio:")

    @property
    def kind(self) -> str:
        """What people call it: "DVD+RW", "file"."""
        return _("file") if self.virtual else self.profile.title

    @property
    def family(self) -> Family:
        """CD, DVD, Blu-ray or another."""
        return self.profile.family

    @property
    def minimally_blanked(self) -> bool:
        """A DVD-RW that takes only one session of a size given ahead (feature 21h is missing)."""
        return (
            self.profile is Profile.DVD_RW_SEQUENTIAL
            and self.status is MediumStatus.BLANK
            and not self.features.incremental
        )

    @property
    def free_bytes(self) -> int:
        """What can be written now, in bytes."""
        return self.free_sectors * SECTOR

    @property
    def capacity_bytes(self) -> int:
        """What fits when it is blank, in bytes; 0 if not known."""
        return self.capacity_sectors * SECTOR

    @property
    def closes_itself(self) -> bool:
        """Whether the drive draws its tray in by itself."""
        return self.loading is Loading.TRAY

    def to_json(self) -> dict[str, object]:
        """Give it as plain data."""
        return {
            **asdict(self),
            "profile": int(self.profile),
            "kind": self.kind,
            "status": self.status.value,
            "loading": self.loading.name.lower(),
            "writes": [profile.title for profile in self.writes],
            "minimally_blanked": self.minimally_blanked,
        }


_STATUSES = {
    DiscStatus.BLANK: MediumStatus.BLANK,
    DiscStatus.APPENDABLE: MediumStatus.APPENDABLE,
    DiscStatus.COMPLETE: MediumStatus.CLOSED,
    DiscStatus.OTHER: MediumStatus.OVERWRITABLE,
}


def read_writable(node: str, cancel: CancelToken | None = None) -> WritableMedium:
    """Ask a drive about the medium in it; without one the status is NONE.

    Raises SourceError (can't be opened, gone, never ready) and Cancelled.
    """
    source = DriveSource(node)
    try:
        try:
            source.wait_ready(cancel or CancelToken())
        except SourceError as error:
            cause = error.__cause__
            if isinstance(cause, CommandError) and cause.fault is Fault.NO_MEDIUM:
                return _Questions(source.reader).without_medium()
            raise
        return _Questions(source.reader).ask_all()
    finally:
        source.close()


class _Questions:
    """The questions to one open drive."""

    def __init__(self, drive: Drive) -> None:
        self._drive = drive
        self._configuration = self._answer(commands.get_configuration())

    def without_medium(self) -> WritableMedium:
        """Give what is known of a drive without a disc."""
        return WritableMedium(
            self._drive.node,
            MediumStatus.NONE,
            drive=self._identity(),
            writes=self._writes(),
            loading=self._mechanism().loading,
        )

    def ask_all(self) -> WritableMedium:
        """Give all there is to know."""
        configuration = answers.parse_configuration(self._configuration)
        profile = configuration.profile
        features = writing_answers.parse_write_features(self._configuration)
        information = answers.parse_disc_information(self._answer(commands.read_disc_information()))
        formats = writing_answers.parse_format_capacities(
            self._answer(commands.read_format_capacities())
        )
        status = _STATUSES.get(
            information.status if information else DiscStatus.UNKNOWN, MediumStatus.UNKNOWN
        )
        if profile.overwritable:
            status = MediumStatus.OVERWRITABLE
        atip = None
        if profile in {Profile.CD_R, Profile.CD_RW}:
            atip = writing_answers.parse_atip(self._answer(commands.read_toc(4)))
        capacity = readable = answers.parse_capacity(self._answer(commands.read_capacity())) or 0
        free = self._free(profile, status)
        if profile.overwritable:
            capacity = free = _overwritable_room(profile, formats, readable)
        else:
            capacity = _room(status, free, formats, atip)
        mechanism = self._mechanism()
        label, used, content = self._content(status, readable)
        return WritableMedium(
            self._drive.node,
            status,
            profile,
            formatted=formats.formatted if profile.overwritable or _formattable(profile) else None,
            free_sectors=free,
            capacity_sectors=capacity,
            erasable=bool(information and information.erasable) or profile.rewritable,
            features=features,
            speeds_kb=self._speeds() or mechanism.write_speeds_kb,
            maker=self._maker(profile, atip),
            sessions=information.sessions if information else 0,
            spare_sectors=_spare(profile, formats),
            label=label,
            used=used,
            content=content,
            drive=self._identity(),
            writes=self._writes(),
            loading=mechanism.loading,
        )

    def _free(self, profile: Profile, status: MediumStatus) -> int:
        if status not in {MediumStatus.BLANK, MediumStatus.APPENDABLE} or not profile.writable:
            return 0
        for number in (_ANY_TRACK, 1):
            answer = self._answer(commands.read_track_information(number))
            track = writing_answers.parse_writable_track(answer)
            if track and track.free:
                return track.free
        return 0

    def _speeds(self) -> tuple[int, ...]:
        return writing_answers.parse_write_speeds(self._answer(commands.get_write_speeds()))

    def _mechanism(self) -> writing_answers.Mechanism:
        page = writing_answers.parse_mechanism(self._answer(commands.mode_sense(0x2A)))
        loading = writing_answers.parse_loading(self._configuration)
        if page is None:
            return writing_answers.Mechanism(loading or Loading.UNKNOWN)
        return writing_answers.Mechanism(page.loading if loading is None else loading,
                                         page.write_speeds_kb)  # fmt: skip

    def _maker(self, profile: Profile, atip: Atip | None) -> str:
        if atip is not None:
            return atip.maker
        form = writing_answers.maker_format(profile)
        if form is None:
            return ""
        command = commands.read_disc_structure(form, blu_ray=profile.family is Family.BD)
        return writing_answers.parse_maker(profile, self._answer(command))

    def _content(self, status: MediumStatus, readable: int) -> tuple[str, bool, str]:
        """Give the label of what is on the disc, whether there is anything, and a word for it.

        A disc that is overwritten in place holds something unless all that file systems, disks
        and archives begin with is zeros: only some kinds of file systems are known here.
        """
        if status in {MediumStatus.BLANK, MediumStatus.NONE}:
            return "", False, ""
        self._drive.sectors = readable
        volumes = read_volumes(self._drive)
        head, whole = self._head(readable)
        used = status is not MediumStatus.OVERWRITABLE or bool(volumes.file_systems) or any(head)
        return volumes.label, used, sign(head).strip(UNKNOWN) if whole else ""

    def _head(self, readable: int) -> tuple[bytes, bool]:
        """Give the first sectors and the one where UDF has its anchor, and whether all were read.

        Source: ECMA-167 3/8.4.2.1 (the anchor at 256), ECMA-119 6.2.1 (descriptors from 16 on).
        """
        wanted = (*range(min(_HEAD, readable)), *([_ANCHOR] if readable > _ANCHOR else []))
        try:
            head = read_sectors(self._drive, 0, min(_HEAD, readable)) if readable else b""
            anchor = read_sectors(self._drive, _ANCHOR, 1) if readable > _ANCHOR else b""
        except ReadError:
            return self._first_data(wanted), False
        return head + anchor, True

    def _first_data(self, sectors: Iterable[int]) -> bytes:
        """Give the first of these sectors that can be read and isn't all zeros; b"" if none is."""
        failures = 0
        for lba in sectors:
            try:
                data = read_sectors(self._drive, lba, 1)
            except ReadError:
                failures += 1
                if failures >= _MOST_FAILURES:
                    break
            else:
                if any(data):
                    return data
        return b""

    def _identity(self) -> DriveIdentity:
        data = self._answer(commands.inquiry()).ljust(36, b"\0")
        vendor, model, firmware = (
            shown(part.split(b"\0")[0].decode("ascii", "replace"))
            for part in (data[8:16], data[16:32], data[32:36])
        )
        return DriveIdentity(vendor, model, firmware)

    def _writes(self) -> tuple[Profile, ...]:
        profiles = answers.parse_configuration(self._configuration).profiles
        return tuple(profile for profile in profiles if profile.writable)

    def _answer(self, command: Command) -> bytes:
        """Give the answer, b"" where drive or medium have none. Raises SourceError if it's gone."""
        for _attempt in range(3):
            try:
                return self._drive.run(command)
            except CommandError as error:
                if error.fault in {Fault.GONE, Fault.NOT_PERMITTED}:
                    raise SourceError(str(error), cause=str(error)) from error
                if error.fault not in {Fault.MEDIUM_CHANGED, Fault.RESET}:
                    return b""
        return b""


def _formattable(profile: Profile) -> bool:
    return profile in {Profile.BD_R_SEQUENTIAL, Profile.DVD_RW_SEQUENTIAL}


def _overwritable_room(profile: Profile, formats: FormatCapacities, readable: int) -> int:
    """Give the sectors of a medium that is overwritten in place, formatted or to be formatted.

    A DVD-RW in restricted overwrite may be formatted only in part; it grows as it is written
    (format types 13h and 15h), to the full format 00h or 10h (MMC-6 6.24.3).
    """
    if profile is Profile.DVD_RW_RESTRICTED_OVERWRITE:
        return max(formats.of_kind(0x00, 0x10, 0x15), formats.sectors, readable)
    if profile is Profile.DVD_PLUS_RW:
        return formats.of_kind(0x26) or formats.sectors or readable
    if formats.formatted:
        return formats.sectors or readable
    return formats.of_kind(*_SPARE_FORMATS) or formats.sectors or readable


def _room(status: MediumStatus, free: int, formats: FormatCapacities, atip: Atip | None) -> int:
    """Give the sectors of a medium that is written in sessions when it is blank; 0: not known."""
    if status is MediumStatus.BLANK and free:
        return free
    if atip is not None:
        return atip.sectors
    return formats.of_kind(0x00, 0x10) or (0 if formats.formatted is None else formats.sectors)


def _spare(profile: Profile, formats: FormatCapacities) -> int:
    """Give the sectors set aside on a formatted Blu-ray: what its largest format has more."""
    if profile.family is not Family.BD or not formats.formatted:
        return 0
    return max(0, max((one.sectors for one in formats.formats), default=0) - formats.sectors)
