# SPDX-License-Identifier: GPL-3.0-or-later
"""The drive while it writes: mode page 05h, cue sheet, test writing, and what gets recorded.

The steps themselves are in :mod:`recording`; here they are taken, on the medium or, with the Test
Write bit, on a disc that is thrown away.
"""

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from drive.bench.codes import (
    CANNOT_WRITE_MEDIUM,
    COMMAND_SEQUENCE,
    END_OF_USER_AREA,
    ILLEGAL_MODE,
    INVALID_FIELD,
    INVALID_PARAMETER,
    INVALID_WRITE_ADDRESS,
    LBA_OUT_OF_RANGE,
    LONG_WRITE,
    NOT_FORMATTED,
    Refused,
    Sense,
)
from drive.bench.faults import Fault
from drive.bench.medium import LEAD_IN, SECTOR, TRACK_GAP, Disc, Mode, Profile, Status

from . import recording
from .buffer import Buffer, Busy
from .cuesheet import FORMS, SUBCHANNEL, Form, Session
from .recording import RAW_SECTORS

if TYPE_CHECKING:
    from .drive import DriveModel

PACKET, TRACK_AT_ONCE, SESSION_AT_ONCE = 0, 1, 2
_PAGE_05 = bytes((0x05, 0x32, 0x40, 0x04, 0x08)) + bytes(10) + bytes((0x96,)) + bytes(36)


class Recorder:
    """What one drive knows of the burn that it is doing."""

    def __init__(self, drive: "DriveModel", spool: Path):
        self._drive = drive
        self._spool = spool
        self._files: dict[str, int] = {}
        self._session: Session | None = None
        self._reserved = 0
        self._pretended: Disc | None = None
        self.page = bytearray(_PAGE_05)
        self.buffer = Buffer(drive.traits.buffer)
        self.busy = Busy()

    @property
    def write_type(self) -> int:
        """Packet (or incremental) 0, track at once 1, session (or disc) at once 2."""
        return self.page[2] & 0x0F

    @property
    def more_sessions(self) -> bool:
        """Whether another session may follow (multi-session field)."""
        return self.page[3] >> 6 == 3

    @property
    def disc(self) -> Disc:
        """The medium, or what test writing makes of it."""
        disc = self._drive.disc
        if not self._tests(disc):
            self._pretended = None
        return self._pretended or disc

    def forget(self) -> None:
        """The medium leaves the drive, or is erased: what was planned with it is void."""
        self._session = self._pretended = None
        self._reserved = 0
        disc = self._drive.medium
        if disc and disc.in_progress and disc.profile.is_dash and disc.in_progress.reserved:
            self._drive.becomes(recording.track_damaged(disc))
        self.busy.end()

    def begin(self, sense: Sense = LONG_WRITE, *, wait: bool = False) -> None:
        """Be busy with what was just asked for; ``wait``: before the command is answered."""
        drive = self._drive
        self.busy.begin(sense, drive.traits.busy_polls, self.buffer.seconds(drive.write_rate))
        if wait:
            drive.pause(self.busy.end())

    def plan_session(self, session: Session) -> None:
        """A cue sheet came."""
        disc = self.disc
        if not disc.profile.is_cd or self.write_type != SESSION_AT_ONCE:
            raise Refused(COMMAND_SEQUENCE)
        if disc.open_tracks or session.at != disc.next_writable - TRACK_GAP:
            raise Refused(INVALID_FIELD)
        if session.tracks[0].number != len(disc.tracks) + 1:
            raise Refused(INVALID_PARAMETER)
        if session.leadout > disc.total + self._drive.traits.overburn:
            raise Refused(END_OF_USER_AREA)
        self._session = session

    def reserve(self, sectors: int) -> None:
        """RESERVE TRACK."""
        disc = self._writable()
        at_once = disc.profile.is_dash and self.write_type == SESSION_AT_ONCE
        if disc.in_progress or not (at_once or disc.profile.is_reserving):
            raise Refused(COMMAND_SEQUENCE)
        if at_once and disc.status is not Status.BLANK:
            raise Refused(COMMAND_SEQUENCE)
        if not 0 < sectors <= disc.free:
            raise Refused(INVALID_FIELD)
        self._reserved = sectors

    def write(self, lba: int, count: int, data: bytes, spoils: list[Fault]) -> None:
        """WRITE: the sectors go where the state of the medium lets them, or are refused."""
        if not count:
            return
        in_blocks = len(data) in (count * SECTOR, count * RAW_SECTORS[Mode.AUDIO])
        if not (in_blocks or self._session):
            raise Refused(INVALID_FIELD)
        disc = self._writable(in_session=self._session is not None)
        self._wait_for_room(len(data))
        if disc.profile.is_overwritable:
            self._overwrite(disc, lba, count, data, spoils)
        elif self._session is not None:
            self._write_session(self._session, disc, lba, count, data, spoils)
        else:
            self._write_track(disc, lba, count, data, spoils)

    def synchronize(self) -> None:
        """SYNCHRONIZE CACHE: ends a CD's track, a session or disc at once."""
        if self._session is not None:
            if self._session.begun:
                self._session = self._pretended = None
            return
        disc = self.disc
        track = disc.in_progress
        if track is None or disc.profile.is_reserving:
            return
        if disc.profile.is_cd:
            self._set(recording.track_ended(disc))
        elif track.reserved:
            assert track.written is not None
            if track.sectors - track.written < disc.profile.block:
                self._set(recording.session_closed(disc, more=self.more_sessions))
                self._pretended = None
            else:
                self._set(recording.track_damaged(disc))

    def close(self, function: int) -> None:
        """CLOSE TRACK SESSION, by its close function (MMC-6 6.3.3)."""
        disc = self.disc
        if disc.profile.is_overwritable:
            if disc.profile is Profile.DVD_PLUS_RW and disc.background == 2:
                self._set(replace(disc, background=1))
            return
        if function == 1:
            self._set(recording.track_ended(disc))
        elif function == 2:
            more = disc.profile.is_reserving or self.more_sessions
            self._set(recording.session_closed(disc, more=more))
        elif function in (3, 5, 6):
            self._set(recording.session_closed(disc, more=False))
        else:
            raise Refused(INVALID_FIELD)
        if function != 1:
            self._pretended = None

    def blank(self, *, wholly: bool) -> None:
        """BLANK."""
        disc = self._drive.disc
        if disc.profile not in (Profile.CD_RW, Profile.DVD_RW, Profile.DVD_RW_RESTRICTED):
            raise Refused(CANNOT_WRITE_MEDIUM)
        self.forget()
        kept = replace(disc, recording="") if wholly else disc
        self._drive.becomes(recording.blanked(kept, wholly=wholly))

    def format(self, kind: int, sectors: int) -> None:
        """FORMAT UNIT."""
        disc = self._drive.disc
        erases = kind != 0x13 and disc.profile is not Profile.DVD_PLUS_RW
        made = recording.formatted(replace(disc, recording="") if erases else disc, kind, sectors)
        if made is None:
            raise Refused(CANNOT_WRITE_MEDIUM if not disc.profile.is_writable else INVALID_FIELD)
        self.forget()
        self._drive.becomes(made)

    def _tests(self, disc: Disc) -> bool:
        return bool(self.page[2] & 0x10) and (disc.profile.is_cd or disc.profile.is_dash)

    def _set(self, disc: Disc) -> None:
        if self._tests(disc):
            self._pretended = disc
        else:
            self._drive.becomes(disc)

    def _writable(self, *, in_session: bool = False) -> Disc:
        disc = self.disc
        room = disc.status in (Status.BLANK, Status.APPENDABLE)
        if not disc.profile.is_writable or disc.profile not in self._drive.traits.profiles:
            raise Refused(CANNOT_WRITE_MEDIUM)
        if not (room or in_session or disc.profile.is_overwritable):
            raise Refused(CANNOT_WRITE_MEDIUM)
        return disc

    def _wait_for_room(self, size: int) -> None:
        drive = self._drive
        seconds = self.buffer.wait(size, drive.write_rate)
        if seconds and drive.traits.refuses_when_full:
            raise Refused(LONG_WRITE)
        if seconds:
            drive.pause(seconds)
        self.buffer.take(size)

    def _write_session(
        self, session: Session, disc: Disc, lba: int, count: int, data: bytes, spoils: list[Fault]
    ) -> None:  # fmt: skip
        if session.text and not session.begun and lba < session.at:
            self._write_lead_in(session, lba, count, data)
            return
        if lba != session.at:
            raise Refused(INVALID_WRITE_ADDRESS, max(lba, 0))
        if lba + count > session.leadout:
            raise Refused(END_OF_USER_AREA, lba)
        parts = list(session.parts(lba, count))
        if len(data) != sum(form.size * len(span) for form, span in parts):
            raise Refused(INVALID_FIELD)
        if not session.begun:
            disc = self._begin_session(self._with_recording(disc), session)
        rest = memoryview(data)
        for form, span in parts:
            size = form.size * len(span)
            disc = self._record(disc, span, self._made(form, span, rest[:size]), spoils, form)
            rest = rest[size:]
        self._set(disc)
        session.at += count
        if session.at == session.leadout:
            self._session = self._pretended = None

    def _made(self, form: Form, sectors: range, data: memoryview) -> bytes | memoryview:
        """Give what is recorded of the blocks of a WRITE."""
        if form in (FORMS[0x00], FORMS[0x10]):
            return data
        blocks = (data[at : at + form.size] for at in range(0, len(data), form.size))
        edc = self._drive.traits.form2_edc
        return b"".join(form.recorded(lba, block, form2_edc=edc)
                        for lba, block in zip(sectors, blocks, strict=True))  # fmt: skip

    def _late(self, mode: Mode) -> int:
        return self._drive.traits.write_offset if mode is Mode.AUDIO else 0

    @staticmethod
    def _write_lead_in(session: Session, lba: int, count: int, data: bytes) -> None:
        if not LEAD_IN <= lba <= session.at - count:
            raise Refused(INVALID_WRITE_ADDRESS)
        if len(data) != count * SUBCHANNEL:
            raise Refused(INVALID_FIELD)
        session.take_text(data)

    def _begin_session(self, disc: Disc, session: Session) -> Disc:
        tracks = tuple(
            replace(track, late=self._late(track.mode),
                    store=replace(track.store, path=_file_of(disc, track.store.sector)))
            for track in session.tracks
        )  # fmt: skip
        session.begun = True
        disc_type = self.page[8] if not disc.sessions else disc.disc_type
        text = b"".join(session.packs.values()) or disc.cd_text
        disc = replace(disc, mcn=session.mcn or disc.mcn, cd_text=text, disc_type=disc_type)
        return recording.session_at_once(disc, tracks, session.leadout, more=self.more_sessions)

    def _write_track(
        self, disc: Disc, lba: int, count: int, data: bytes, spoils: list[Fault]
    ) -> None:
        track = disc.in_progress
        if track is None:
            disc = self._begin_track(disc, lba, len(data) // count)
            track = disc.in_progress
        assert track is not None
        assert track.written is not None
        if track.damaged or lba != track.start + track.written:
            raise Refused(INVALID_WRITE_ADDRESS, max(lba, 0))
        beyond = self._drive.traits.overburn if disc.profile.is_cd else 0
        end = track.end if track.reserved else disc.total + beyond
        if lba + count > end:
            raise Refused(END_OF_USER_AREA, lba)
        disc = self._record(disc, range(lba, lba + count), data, spoils)
        disc = recording.written(disc, count)
        at_once = track.reserved and disc.profile.is_dash
        if at_once and track.written + count == track.sectors:
            self._set(recording.session_closed(disc, more=self.more_sessions))
            self._pretended = None
        else:
            self._set(disc)

    def _begin_track(self, disc: Disc, lba: int, size: int) -> Disc:
        if disc.profile.is_cd and self.write_type != TRACK_AT_ONCE:
            raise Refused(COMMAND_SEQUENCE)
        if disc.profile.is_dash and self.write_type != PACKET and not self._reserved:
            raise Refused(COMMAND_SEQUENCE)
        if disc.profile.is_dash and not disc.incremental and not self._reserved:
            raise Refused(ILLEGAL_MODE)
        if lba != disc.next_writable:
            raise Refused(INVALID_WRITE_ADDRESS, max(lba, 0))
        mode = Mode.AUDIO if size != SECTOR else Mode.MODE1
        length, self._reserved = self._reserved, 0
        return recording.track_begun(
            self._with_recording(disc), length=length, mode=mode,
            control=self.page[3] if disc.profile.is_cd else 0, late=self._late(mode),
        )  # fmt: skip

    def _overwrite(
        self, disc: Disc, lba: int, count: int, data: bytes, spoils: list[Fault]
    ) -> None:
        if not disc.formatted:
            raise Refused(NOT_FORMATTED)
        end = disc.total if disc.growing else disc.formatted
        if lba < 0 or lba + count > end:
            raise Refused(LBA_OUT_OF_RANGE, max(lba, 0))
        if disc.profile is Profile.DVD_RW_RESTRICTED and (lba % 16 or count % 16):
            raise Refused(INVALID_WRITE_ADDRESS, lba)
        disc = self._with_recording(disc)
        disc = recording.overwritten(disc, disc.recording, lba + count)
        self._set(self._record(disc, range(lba, lba + count), data, spoils))

    def _with_recording(self, disc: Disc) -> Disc:
        """Give the disc with a file for what is burnt, and what an overwritable held, in it."""
        if disc.recording:
            return disc
        self._spool.mkdir(parents=True, exist_ok=True)
        path = self._spool / f"{self._drive.traits.serial}-{time.monotonic_ns()}"
        path.touch()
        if disc.profile.is_overwritable and disc.sessions:
            before = disc.sessions[0].tracks[0].store.path
            if before and before != os.devnull:
                shutil.copyfile(before, path)
        return replace(disc, recording=str(path))

    def _record(
        self, disc: Disc, sectors: range, data: bytes | memoryview, spoils: list[Fault],
        form: Form | None = None,
    ) -> Disc:  # fmt: skip
        """Put sectors into the file, as well as faults let them; the pregap before LBA 0 is not
        kept."""
        lba = sectors.start
        whole = range(max(lba, 0), sectors.stop)
        if not whole:
            return disc
        size = len(data) // len(sectors)
        kept = bytearray(data) if spoils else data
        spans: tuple[range, ...] = (whole,)
        disc = recording.readable(disc, whole)
        for fault in spoils:
            limits = fault.lba or whole
            hit = range(max(whole.start, limits.start), min(whole.stop, limits.stop))
            for sector in hit:
                start = (sector - lba) * size + (form.user_data if form else 0)
                for place, bits in enumerate(fault.corrupt):
                    kept[start + place] ^= bits  # type: ignore[index]
            if fault.recorded and hit:
                spans = recording.without(spans, hit)
            if fault.recorded == "unreadable" and hit:
                disc = recording.spoilt(disc, hit)
        if not self._tests(disc):
            for span in spans:
                part = memoryview(kept)[(span.start - lba) * size : (span.stop - lba) * size]
                os.pwrite(self._file(_file_of(disc, size)), part, span.start * size)
        return disc

    def _file(self, path: str) -> int:
        if path not in self._files:
            if len(self._files) > 1:
                for fd in self._files.values():
                    os.close(fd)
                self._files = {}
            self._files[path] = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._files[path]


def _file_of(disc: Disc, size: int) -> str:
    """The file of the recording for sectors of so many bytes."""
    return disc.recording + (".raw" if size != SECTOR else "")
