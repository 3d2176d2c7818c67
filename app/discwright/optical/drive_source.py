# SPDX-License-Identifier: GPL-3.0-or-later
"""A disc in a drive: all questions that are asked before a sector is copied."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from discwright.errors import ReadError, SourceError
from discwright.image.boot import BootReport, read_boot
from discwright.image.volumes import Volumes, read_volumes
from discwright.image.wholeness import Wholeness, read_wholeness
from discwright.optical import answers, commands, toc
from discwright.optical.commands import Command
from discwright.optical.disc import (
    Disc,
    DiscStatus,
    DriveIdentity,
    Layers,
    Length,
    Protection,
    Track,
    TrackMode,
)
from discwright.optical.drive import CommandError, DiscReadError, Drive
from discwright.optical.fingerprint import UNKNOWN, fingerprint, sign
from discwright.optical.length import LengthFacts, choose_length, sectors_to_probe
from discwright.optical.partitions import partitions_end
from discwright.optical.profile import Family, Profile
from discwright.optical.sense import ENDING, PASSING, Fault, fault_sentence, tray_is_open
from discwright.transfer.cancel import CancelToken
from discwright.transfer.reader import SECTOR, read_sectors
from discwright.wording import _, shown

_SIGNS = (commands.read_capacity(), commands.read_toc(0))
"""What is asked to tell discs apart, beside the first descriptor."""

READY_WITHIN_S = 45.0
"""How long a drive may take to spin up and recognise a disc; slow ones need half a minute."""

_ATTEMPTS = 3
"""How often a question is asked that something passing came in between of."""


class DriveSource:
    """A disc in a drive. Raises SourceError when the drive can't be opened."""

    driver = "drive"
    files: tuple[Path, ...] = ()

    def __init__(self, node: str, *, control: bool = False) -> None:
        self.reader = Drive(node, control=control)
        self.name = node

    def close(self) -> None:
        """Let go of the drive."""
        self.reader.close()

    def eject(self) -> None:
        """Open the tray. Raises SourceError."""
        try:
            self.reader.eject()
        except CommandError as error:
            raise SourceError(
                _("The drive {node} does not open its tray.").format(node=self.name),
                remedy=_("Close programs that use the disc, or press the drive's button."),
                cause=str(error),
            ) from error

    def set_speed(self, kilobytes: int, sectors: int) -> str:
        """Ask for a reading speed in kB/s for so many sectors; give "" or why not."""
        try:
            self.reader.set_speed(kilobytes, sectors)
        except CommandError as error:
            return str(error)
        return ""

    def tells_c2_errors(self) -> bool:
        """Whether the drive says that it tells which bytes of a CD it could not correct."""
        answer = self.ask(commands.get_configuration())
        return answers.parse_configuration(answer).c2_pointers

    def wait_ready(self, cancel: CancelToken, within_s: float = READY_WITHIN_S) -> None:
        """Wait until the drive has recognised its disc.

        Raises SourceError (no disc, tray open, drive gone, never ready) and Cancelled.
        """
        deadline = time.monotonic() + within_s
        while True:
            cancel.raise_if_cancelled()
            try:
                self.reader.run(commands.test_unit_ready())
            except CommandError as error:
                self.raise_if_ending(error)
                if time.monotonic() > deadline:
                    raise SourceError(
                        fault_sentence(Fault.BECOMING_READY),
                        remedy=_("Take the disc out, look at it, and put it in again."),
                        cause=str(error),
                    ) from error
                if error.fault not in PASSING:
                    return  # the drive is there and answers: let the reading show what is wrong
                cancel.wait(0.25 if error.fault is Fault.BECOMING_READY else 0.02)
            else:
                return

    def fingerprint(self) -> str:
        """Give the signs of this disc: length, TOC, first descriptor. Raises SourceError."""
        signs = [sign(self.ask(command)) for command in _SIGNS]
        try:
            signs.append(sign(read_sectors(self.reader, 16, 1)))
        except ReadError:
            signs.append(UNKNOWN)
        return fingerprint(signs)

    def examine(self, cancel: CancelToken | None = None) -> Disc:
        """Ask drive and disc for everything that a plan needs. Raises SourceError, Cancelled."""
        cancel = cancel or CancelToken()
        self.wait_ready(cancel)
        seen = self._look()
        steady = _SteadyReader(self, cancel)
        volumes, boot = self._file_systems(seen, steady)
        partitions = self._partitions(seen, steady)
        length = self._length(_length_facts(seen, volumes, partitions), steady)
        self.reader.sectors = length.sectors
        has_data = any(track.is_data for track in seen.tracks)
        return Disc(
            source=self.name,
            virtual=False,
            profile=seen.configuration.profile,
            status=seen.information.status,
            length=length,
            tracks=seen.tracks,
            sessions=seen.sessions,
            volumes=volumes,
            wholeness=read_wholeness(steady, volumes) if has_data else Wholeness(known=False),
            boot=boot,
            layers=seen.layers,
            protection=seen.protection,
            drive=self._identity(seen.configuration.serial),
            driver=self.driver,
            fingerprint=self.fingerprint(),
            speeds_kb=answers.parse_read_speeds(self.ask(commands.get_performance())),
        )

    def _look(self) -> "_Seen":
        configuration = answers.parse_configuration(self.ask(commands.get_configuration()))
        information = answers.parse_disc_information(self.ask(commands.read_disc_information()))
        seen = _Seen(
            configuration,
            information or answers.DiscInformation(DiscStatus.UNKNOWN, 1, 1),
            capacity=answers.parse_capacity(self.ask(commands.read_capacity())),
        )
        track = self.ask(commands.read_track_information(max(1, seen.information.last_track)))
        seen.last_track = answers.parse_track_information(track)
        last_session = toc.parse_last_session(self.ask(commands.read_toc(1)))
        seen.sessions = seen.information.sessions or (last_session[0] if last_session else 1)
        if last_session and seen.sessions > 1 and configuration.profile.family is not Family.CD:
            seen.session_start = last_session[1]
        match configuration.profile.family:
            case Family.CD | Family.OTHER:  # a drive too old for profiles has CDs only
                self._look_at_cd(seen)
            case Family.DVD:
                structure = self.ask(commands.read_disc_structure(0))
                further = [
                    self.ask(commands.read_disc_structure(0, layer=n + 1))
                    for n in range(answers.parallel_layers(structure))
                ]
                seen.layers = answers.parse_dvd_layers(structure, *further)
                seen.protection = answers.parse_copyright(self.ask(commands.read_disc_structure(1)))
            case Family.BD:
                structure = self.ask(commands.read_disc_structure(0, blu_ray=True))
                seen.layers = answers.parse_blu_ray_layers(structure)
        seen.protection = _declared(seen)
        if not seen.tracks and seen.information.status is not DiscStatus.BLANK:
            seen.tracks = (Track(1, 1, 0, seen.capacity or 0, TrackMode.DATA),)
        self.reader.sectors = seen.capacity or seen.lead_out or 0
        return seen

    def _look_at_cd(self, seen: "_Seen") -> None:
        entries = toc.parse_formatted(self.ask(commands.read_toc(0)))
        sessions = toc.parse_full(self.ask(commands.read_toc(2, session=1)))
        seen.lead_out = toc.lead_out_of(entries)
        tracks = toc.tracks_of(entries, sessions)
        seen.tracks = tuple(self._with_mode(track) for track in tracks)
        if sessions:
            seen.sessions = len(sessions)

    def _with_mode(self, track: Track) -> Track:
        """Tell a data track's mode from raw sectors spread over it; Form 2 may come late."""
        if not track.is_data or track.sectors < 1:
            return track
        step = max(1, (track.sectors - 4) // toc.MODE_SAMPLES)
        found: set[TrackMode] = set()
        for lba in range(track.start, track.start + max(1, track.sectors - 4), step):
            try:
                raw = self.reader.run(commands.read_cd_raw(lba, 1))
            except CommandError as error:
                self.raise_if_ending(error)
                if error.fault is Fault.UNSUPPORTED:
                    break
                continue
            found.add(toc.raw_sector_mode(raw))
            if found == {TrackMode.MODE1}:
                break  # a track never mixes mode 1 with mode 2 (ECMA-130 20)
        return Track(
            track.number, track.session, track.start, track.sectors, toc.mode_of_samples(found)
        )

    def _file_systems(self, seen: "_Seen", reader: "_SteadyReader") -> tuple[Volumes, BootReport]:
        data = [track for track in seen.tracks if track.is_data]
        if not data or not self.reader.sectors:
            return Volumes(), BootReport()
        first_of_session = min(t.start for t in data if t.session == data[-1].session)
        volumes = read_volumes(reader, max(first_of_session, seen.session_start))
        return volumes, read_boot(reader)

    @staticmethod
    def _partitions(seen: "_Seen", reader: "_SteadyReader") -> int | None:
        """Look for a partition table where its end decides how much is copied."""
        if not seen.configuration.profile.overwritable:
            return None
        try:
            return partitions_end(read_sectors(reader, 0, 2))
        except ReadError:
            return None

    @staticmethod
    def _length(facts: LengthFacts, reader: "_SteadyReader") -> Length:
        probes: dict[int, Fault | None] = {}
        for lba in sectors_to_probe(facts):
            try:
                read_sectors(reader, lba, 1)
                probes[lba] = None
            except DiscReadError as error:
                probes[lba] = error.fault
        return choose_length(facts, probes)

    def _identity(self, serial: str) -> DriveIdentity:
        data = self.ask(commands.inquiry()).ljust(36, b"\0")
        vendor, model, firmware = (
            shown(part.split(b"\0")[0].decode("ascii", "replace"))
            for part in (data[8:16], data[16:32], data[32:36])
        )
        return DriveIdentity(vendor, model, firmware, shown(serial))

    def ask(self, command: Command) -> bytes:
        """Give the answer, b"" where drive or medium have none. Raises SourceError if it's gone."""
        for _attempt in range(_ATTEMPTS):
            try:
                answer = self.reader.run(command)
            except CommandError as error:
                self.raise_if_ending(error)
                if error.fault not in {Fault.MEDIUM_CHANGED, Fault.RESET}:
                    return b""
            else:
                # No answer begins and ends in zeros: a command that got lost looks like that.
                return answer if any(answer) else b""
        return b""

    def _door_is_open(self) -> bool:
        try:
            answer = self.reader.run(commands.get_event_status())
        except CommandError:
            return False
        status = answers.parse_media_status(answer)
        return status is not None and status.door_open

    def raise_if_ending(self, error: CommandError) -> None:
        """Raise SourceError if the disc or the drive is gone, or nothing is permitted."""
        if error.fault not in ENDING:
            return
        message = fault_sentence(error.fault)
        remedy = ""
        if error.fault is Fault.NO_MEDIUM:
            if (error.sense is not None and tray_is_open(error.sense)) or self._door_is_open():
                message = _("The tray of {node} is open.").format(node=self.name)
                remedy = _("Put a disc in and close it.")
            else:
                message = _("There is no disc in {node}.").format(node=self.name)
                remedy = _("Put one in.")
        raise SourceError(message, remedy=remedy, cause=str(error)) from error


class _SteadyReader:
    """Reads for examining: waits out what passes, and doesn't take a lost disc for a bad one."""

    sector_size = SECTOR

    def __init__(self, source: DriveSource, cancel: CancelToken) -> None:
        self._source = source
        self._cancel = cancel

    @property
    def sectors(self) -> int:
        return self._source.reader.sectors

    def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
        """Read sectors. Raises DiscReadError, SourceError and Cancelled."""
        for last in (*[False] * (_ATTEMPTS - 1), True):
            self._cancel.raise_if_cancelled()
            try:
                self._source.reader.read_into(lba, count, buffer)
            except DiscReadError as error:
                if isinstance(error.__cause__, CommandError):
                    self._source.raise_if_ending(error.__cause__)
                if last or error.fault not in PASSING:
                    raise
                self._source.wait_ready(self._cancel)
            else:
                return


@dataclass
class _Seen:
    """What the questions about the medium gave so far."""

    configuration: answers.Configuration
    information: answers.DiscInformation
    capacity: int | None = None
    lead_out: int | None = None
    last_track: answers.TrackInformation | None = None
    sessions: int = 1
    session_start: int = 0
    """Where the last session of a DVD or Blu-ray begins, as READ TOC format 1 says."""
    tracks: tuple[Track, ...] = ()
    layers: Layers | None = None
    protection: Protection = field(default=Protection.NONE)


def _declared(seen: _Seen) -> Protection:
    """Take the disc's own declaration; else what the drive marks as current for the medium.

    Source: MMC-6 5.3.25 (DVD CSS), 5.3.36 (AACS). The CPRM feature is current for each disc that
    could be protected, a new DVD-RAM too: it says nothing of this one.
    """
    if seen.protection is not Protection.NONE:
        return seen.protection
    current = seen.configuration.current
    if current(answers.FEATURE_AACS) and seen.configuration.profile is Profile.BD_ROM:
        return Protection.AACS
    if current(answers.FEATURE_DVD_CSS):
        return Protection.CSS
    return Protection.NONE


def _length_facts(seen: _Seen, volumes: Volumes, partitions: int | None) -> LengthFacts:
    ends = {end.source: end.sectors for end in volumes.ends}
    last = seen.last_track
    data_at_end = not seen.tracks or seen.tracks[-1].is_data
    return LengthFacts(
        profile=seen.configuration.profile,
        capacity=seen.capacity,
        lead_out=seen.lead_out,
        track_end=last.start + last.sectors if last and not last.blank else None,
        structure=(seen.layers.sectors or None) if seen.layers else None,
        iso9660=ends.get("iso9660"),
        udf=ends.get("udf"),
        hfs=ends.get("hfs"),
        partitions=partitions,
        ends_in_data=data_at_end,
    )
