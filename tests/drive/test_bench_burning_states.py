# SPDX-License-Identifier: GPL-3.0-or-later
"""The burner as a state machine: commands in, data or sense out, without any transport."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from .bench import media
from .bench.codes import (
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
    Op,
    Sense,
)
from .bench.medium import SECTOR, Disc, Profile, Status
from .bench.mmc import recording
from .bench.mmc.drive import DriveModel, Request, Traits

DATA = 0x08
DAO, TAO, PACKET = 2, 1, 0


class Machine:
    """A drive without transport: each method is a command, and gives data or raises its sense."""

    def __init__(self, disc: Disc, spool: Path, **traits: object):
        self.model = DriveModel(Traits(busy_polls=0, **traits), spool=spool)  # type: ignore[arg-type]
        self.model.insert(disc)

    @property
    def disc(self) -> Disc:
        assert self.model.medium
        return self.model.medium

    def send(self, cdb: bytes, out: bytes = b"", room: int = 4096) -> tuple[bytes, Sense | None]:
        request = Request(cdb.ljust(12, b"\0"), memoryview(bytearray(room)), out)
        answer = self.model.execute(request)
        return bytes(answer.data), answer.sense

    def write(self, lba: int, count: int = 16, size: int = SECTOR) -> Sense | None:
        cdb = bytes((0x2A, 0)) + lba.to_bytes(4, "big", signed=True) + b"\0"
        return self.send(cdb + count.to_bytes(2, "big"), b"\x55" * (count * size))[1]

    def page_05(self, kind: int, *, test: bool = False, multi: bool = False) -> Sense | None:
        page = bytearray(52)
        page[0:5] = bytes((5, 0x32, kind | test << 4, multi * 0xC0 | 4, DATA))
        return self.send(bytes((0x55, 0x10)), bytes(8) + bytes(page))[1]

    def reserve(self, sectors: int) -> Sense | None:
        return self.send(bytes((0x53, 0, 0, 0, 0)) + sectors.to_bytes(4, "big"))[1]

    def close(self, function: int) -> Sense | None:
        return self.send(bytes((0x5B, 0, function)))[1]

    def synchronize(self) -> Sense | None:
        return self.send(bytes((0x35, 0)))[1]

    def blank(self, kind: int) -> Sense | None:
        return self.send(bytes((0xA1, kind)))[1]

    def format(self, kind: int, sectors: int = 0) -> Sense | None:
        descriptor = sectors.to_bytes(4, "big") + bytes((kind << 2, 0, 0, 0))
        return self.send(bytes((4, 0x11)), bytes((0, 0, 0, 8)) + descriptor)[1]

    def disc_information(self) -> tuple[int, int, int, int]:
        """Status, state of the last session, sessions, last track."""
        data, _sense = self.send(bytes((0x51, 0, 0, 0, 0, 0, 0, 0, 34)))
        return data[2] & 3, data[2] >> 2 & 3, data[4], data[6]

    def track(self, number: int) -> tuple[int, int | None, int, int, bool]:
        """Start, next writable address, free, size, damaged."""
        cdb = bytes((0x52, 1)) + number.to_bytes(4, "big") + bytes((0, 0, 48))
        data, sense = self.send(cdb)
        assert sense is None
        numbers = [int.from_bytes(data[at : at + 4], "big") for at in (8, 12, 16, 24)]
        nwa = numbers[1] if data[7] & 1 else None
        return numbers[0], nwa, numbers[2], numbers[3], bool(data[5] & 0x20)

    def capacity(self) -> int:
        data, _sense = self.send(bytes((0x25,)))
        return int.from_bytes(data[:4], "big")

    def features(self) -> dict[int, bool]:
        """Feature numbers and whether they are current."""
        data, _sense = self.send(bytes((0x46, 0, 0, 0, 0, 0, 0, 0x10, 0)))
        found, at = {}, 8
        while at < len(data):
            found[int.from_bytes(data[at : at + 2], "big")] = bool(data[at + 2] & 1)
            at += 4 + data[at + 3]
        return found

    def formats(self) -> tuple[tuple[int, int], list[int]]:
        """(sectors, type) now, and the formats that are possible."""
        data, _sense = self.send(bytes((0x23, 0, 0, 0, 0, 0, 0, 0, 252)))
        now = int.from_bytes(data[4:8], "big"), data[8] & 3
        return now, [data[at + 4] >> 2 for at in range(12, len(data), 8)]


Maker = Callable[..., Machine]


@pytest.fixture
def machine(tmp_path: Path) -> Maker:
    return lambda disc, **traits: Machine(disc, tmp_path / "burnt", **traits)


def test_a_dvd_plus_r_from_blank_to_closed(machine: Maker) -> None:
    drive = machine(media.blank(Profile.DVD_PLUS_R, free=4096))
    assert drive.disc_information() == (0, 0, 1, 1)
    assert drive.track(1) == (0, 0, 4096, 4096, False)
    assert drive.reserve(100) is None
    assert drive.write(0) is None
    assert drive.disc_information() == (1, 1, 1, 2)
    assert drive.track(1) == (0, 16, 96, 112, False)
    assert drive.track(2)[:3] == (112, 112, 3984)
    assert drive.close(1) is None
    assert drive.track(1) == (0, None, 0, 112, False)
    assert drive.close(2) is None
    assert drive.disc_information() == (1, 0, 2, 2)
    assert drive.capacity() == 111
    assert drive.write(112) is None
    assert drive.close(6) is None
    assert drive.disc_information() == (2, 3, 2, 2)
    assert drive.write(128) == CANNOT_WRITE_MEDIUM


def test_dvd_r_disc_at_once_closes_itself(machine: Maker) -> None:
    drive = machine(media.blank(Profile.DVD_R))
    assert drive.page_05(DAO) is None
    assert drive.write(0) == COMMAND_SEQUENCE
    assert drive.reserve(40) is None
    assert [drive.write(lba) for lba in (0, 16)] == [None, None]
    assert drive.disc.status is Status.APPENDABLE
    assert drive.write(32, 8) is None
    assert drive.synchronize() is None
    assert drive.disc_information() == (2, 3, 1, 1)
    assert drive.capacity() == 47


def test_dvd_r_disc_at_once_broken_off_is_spoilt(machine: Maker) -> None:
    drive = machine(media.blank(Profile.DVD_R))
    drive.page_05(DAO)
    drive.reserve(64)
    drive.write(0)
    drive.synchronize()
    assert drive.disc_information()[:2] == (1, 1)
    start, nwa, _free, size, damaged = drive.track(1)
    assert (start, nwa, size, damaged) == (0, None, 64, True)
    assert drive.write(16) == INVALID_WRITE_ADDRESS


def test_an_opened_tray_spoils_a_disc_at_once(machine: Maker) -> None:
    drive = machine(media.blank(Profile.DVD_R))
    drive.page_05(DAO)
    drive.reserve(64)
    drive.write(0)
    drive.model.open_tray()
    drive.model.close_tray()
    assert drive.track(1)[1] is None
    assert drive.track(1)[4]
    assert drive.write(16) == INVALID_WRITE_ADDRESS


def test_the_number_of_write_speeds_is_told_before_they_are(machine: Maker) -> None:
    drive = machine(media.blank(Profile.DVD_PLUS_R, speeds=(11080, 5540, 3324)))

    def ask(most: int, kind: int = 3) -> bytes:
        return drive.send(bytes((0xAC, 0, 0, 0, 0, 0, 0, 0, 0, most, kind)))[0]

    assert ask(0) == (3 * 16 + 4).to_bytes(4, "big") + bytes(4)
    answer = ask(100)
    rows = [answer[at : at + 16] for at in range(8, len(answer), 16)]
    assert [int.from_bytes(row[12:16], "big") for row in rows] == [11080, 5540, 3324]
    assert {int.from_bytes(row[4:8], "big") for row in rows} == {2295103}
    assert len(ask(100, 0)) == 24


def test_incremental_dvd_r_goes_on_after_a_pause(machine: Maker) -> None:
    drive = machine(media.blank(Profile.DVD_R))
    drive.page_05(PACKET, multi=True)
    drive.write(0)
    drive.model.open_tray()
    drive.model.close_tray()
    assert drive.write(32) == INVALID_WRITE_ADDRESS
    assert drive.write(16) is None
    assert drive.track(1)[1] == 32
    drive.close(1)
    drive.close(2)
    assert drive.disc_information() == (1, 0, 2, 2)
    drive.page_05(PACKET)
    drive.write(32)
    drive.close(2)
    assert drive.disc_information() == (2, 3, 2, 2)


def test_a_minimally_blanked_dvd_rw_has_lost_feature_21h(machine: Maker, image: Path) -> None:
    drive = machine(media.data_disc(Profile.DVD_RW, image))
    assert drive.blank(1) is None
    assert drive.features()[0x21] is False
    assert drive.features()[0x2F] is True
    drive.page_05(PACKET)
    assert drive.write(0) == ILLEGAL_MODE
    assert drive.blank(0) is None
    assert drive.features()[0x21] is True
    assert drive.write(0) is None


def cue_sheet(start: int, first: int, leadout: int) -> bytes:
    def entry(number: int, index: int, form: int, lba: int) -> bytes:
        at = lba + 150
        return bytes((0x41, number, index, form, 0, at // 4500, at // 75 % 60, at % 75))

    return (entry(0, 0, 0x14, start) + entry(1, 0, 0x10, start) + entry(1, 1, 0x10, first)
            + entry(0xAA, 1, 0x14, leadout))  # fmt: skip


def test_a_cd_session_at_once_from_the_pregap_to_the_leadout(machine: Maker) -> None:
    drive = machine(media.blank(Profile.CD_R))
    sheet = cue_sheet(-150, 0, 300)
    drive.page_05(DAO)
    assert drive.send(bytes((0x5D,)), sheet)[1] is None
    assert drive.write(0) == INVALID_WRITE_ADDRESS
    assert drive.write(-150, 150) is None
    assert drive.write(0, 200) is None
    assert drive.disc.unreadable == (range(200, 300),)
    assert drive.write(200, 101) == END_OF_USER_AREA
    assert drive.write(200, 100) is None
    assert drive.disc.unreadable == ()
    assert drive.disc_information() == (2, 3, 1, 1)
    assert drive.capacity() == 299


def test_a_cue_sheet_that_does_not_fit_is_refused(machine: Maker) -> None:
    drive = machine(media.blank(Profile.CD_R, free=1000))
    assert drive.send(bytes((0x5D,)), cue_sheet(-150, 0, 300))[1] == COMMAND_SEQUENCE
    drive.page_05(DAO)
    assert drive.send(bytes((0x5D,)), cue_sheet(-150, 0, 1001))[1] == END_OF_USER_AREA
    assert drive.send(bytes((0x5D,)), cue_sheet(100, 250, 900))[1] == INVALID_FIELD
    assert drive.send(bytes((0x5D,)), b"")[1] == INVALID_PARAMETER


def test_cd_tracks_at_once_have_gaps_between_them(machine: Maker) -> None:
    drive = machine(media.blank(Profile.CD_R, free=20000))
    drive.page_05(TAO, multi=True)
    drive.write(0, 300)
    drive.synchronize()
    assert drive.track(0xFF)[:2] == (452, 452)
    assert drive.write(452, 300, 2352) is None
    drive.synchronize()
    drive.close(2)
    assert [(track.start, track.sectors) for track in drive.disc.tracks] == [(0, 302), (452, 302)]
    assert drive.disc_information() == (1, 0, 2, 3)
    assert drive.track(0xFF)[1] == 754 + 11400


def test_writing_goes_as_far_as_the_medium(machine: Maker) -> None:
    drive = machine(media.blank(Profile.BD_R, free=64))
    assert drive.write(0, 32) is None
    assert drive.write(32, 64) == END_OF_USER_AREA
    assert drive.write(32, 32) is None
    over = machine(media.formatted(Profile.DVD_PLUS_RW, 64))
    assert over.write(48, 17) == LBA_OUT_OF_RANGE
    assert over.write(48) is None


def test_test_writing_goes_through_all_steps_and_changes_nothing(machine: Maker) -> None:
    for kind, page in ((Profile.DVD_R, DAO), (Profile.DVD_R, PACKET), (Profile.CD_R, TAO)):
        drive = machine(media.blank(kind))
        before = drive.disc
        drive.page_05(page, test=True)
        if page == DAO:
            assert drive.reserve(32) is None
        assert [drive.write(lba) for lba in (0, 16)] == [None, None]
        assert drive.write(0) is not None
        drive.synchronize()
        drive.close(1)
        drive.close(2)
        assert drive.disc == before
        drive.page_05(page)
        if page == DAO:
            drive.reserve(32)
        assert drive.write(0) is None
        assert drive.disc != before


def test_unformatted_discs_are_formatted_before_they_are_written(machine: Maker) -> None:
    drive = machine(media.blank(Profile.BD_RE))
    assert drive.write(0) == NOT_FORMATTED
    assert drive.formats() == ((12219392, 1), [0x00, 0x30, 0x30, 0x31])
    assert drive.format(0x30) is None
    assert drive.formats()[0] == (11826176, 2)
    assert drive.write(1000) is None
    plus = machine(media.blank(Profile.DVD_PLUS_RW))
    assert plus.write(0) == NOT_FORMATTED
    assert plus.format(0x26) is None
    assert plus.disc.background == 2
    assert plus.close(0) is None
    assert plus.disc.background == 1


def test_a_dvd_rw_changes_its_kind(machine: Maker) -> None:
    drive = machine(media.blank(Profile.DVD_RW))
    assert drive.formats() == ((2297888, 1), [0x00, 0x10, 0x15])
    assert drive.format(0x15) is None
    assert drive.disc.profile is Profile.DVD_RW_RESTRICTED
    assert drive.formats() == ((16, 3), [0x00, 0x10, 0x13, 0x15])
    assert drive.write(0, 17) == INVALID_WRITE_ADDRESS
    assert drive.write(16, 32) is None
    assert drive.formats()[0] == (48, 2)
    assert drive.blank(0) is None
    assert drive.disc.profile is Profile.DVD_RW


@pytest.mark.parametrize(
    ("kind", "current"),
    [
        (Profile.CD_R, {0x21, 0x2D, 0x2E}), (Profile.CD_RW, {0x21, 0x2D, 0x2E, 0x37}),
        (Profile.DVD_R, {0x21, 0x2F}), (Profile.DVD_RW, {0x21, 0x23, 0x2F}),
        (Profile.DVD_PLUS_R, {0x2B}), (Profile.DVD_PLUS_R_DL, {0x3B}),
        (Profile.DVD_PLUS_RW, {0x20, 0x23, 0x2A}), (Profile.DVD_RAM, {0x20, 0x23, 0x24}),
        (Profile.BD_R, {0x23, 0x41}), (Profile.BD_RE, {0x20, 0x23, 0x24, 0x41}),
    ],
    ids=lambda value: value.name if isinstance(value, Profile) else "",
)  # fmt: skip
def test_the_features_of_writing(machine: Maker, kind: Profile, current: set[int]) -> None:
    found = machine(media.blank(kind)).features()
    writing = {0x20, 0x21, 0x23, 0x24, 0x2A, 0x2B, 0x2D, 0x2E, 0x2F, 0x37, 0x3B, 0x41}
    assert {code for code in writing if found.get(code)} == current


def test_the_write_parameters_that_the_drive_knows(machine: Maker) -> None:
    drive = machine(media.blank(Profile.CD_R))
    assert [drive.page_05(kind) for kind in (0, 1, 2)] == [None] * 3
    assert drive.page_05(3) == INVALID_PARAMETER
    data, _sense = drive.send(bytes((0x5A, 0, 5, 0, 0, 0, 0, 0, 60)))
    assert (data[8], data[10] & 15) == (5, 2)


def test_busy_after_an_immediate_command(tmp_path: Path) -> None:
    model = DriveModel(Traits(busy_polls=2), spool=tmp_path)
    model.insert(media.blank(Profile.CD_RW))
    blank = Request(bytes((Op.BLANK, 0x11)).ljust(12, b"\0"))
    ready = Request(bytes(12))
    assert model.execute(blank).sense is None
    answers = [model.execute(ready) for _ in range(3)]
    assert [answer.sense for answer in answers] == [Sense(2, 4, 7), Sense(2, 4, 7), None]
    progress = [int.from_bytes(answer.sense_bytes()[16:18], "big") for answer in answers[:2]]
    assert 0 < progress[0] < progress[1]
    sync = Request(bytes((0x35, 2)).ljust(12, b"\0"))
    assert model.execute(sync).sense is None
    assert model.execute(Request(bytes((0x25,)).ljust(12, b"\0"))).sense == LONG_WRITE


def test_a_loaded_disc_takes_time_to_get_ready(machine: Maker) -> None:
    drive = machine(media.blank(Profile.CD_R), spin_up=2)
    drive.send(bytes(6))
    drive.send(bytes(6))
    drive.model.open_tray()
    drive.model.close_tray()
    senses = [drive.send(bytes(6))[1] for _ in range(3)]
    assert senses == [Sense(2, 4, 1), Sense(2, 4, 1), None]


def test_blank_and_close_only_where_they_belong(machine: Maker, image: Path) -> None:
    assert machine(media.cd_r(image)).blank(1) == CANNOT_WRITE_MEDIUM
    assert machine(media.dvd_rom(image)).write(0) == CANNOT_WRITE_MEDIUM
    assert machine(media.dvd_rom(image)).format(0) == CANNOT_WRITE_MEDIUM
    assert machine(media.blank(Profile.DVD_PLUS_R)).close(7) == INVALID_FIELD
    reader = machine(media.blank(Profile.CD_R), profiles=(Profile.CD_ROM,))
    assert reader.page_05(TAO) == INVALID_FIELD
    assert reader.write(0) == CANNOT_WRITE_MEDIUM


def test_both_layers_of_a_dual_layer_disc_are_used() -> None:
    disc = recording.track_begun(media.blank(Profile.DVD_PLUS_R_DL))
    disc = recording.session_closed(recording.written(disc, 1008), more=False)
    assert disc.layers
    assert (disc.layers.first, disc.layers.second) == (512, 496)


def test_sectors_recorded_again_are_readable_again() -> None:
    disc = replace(media.formatted(Profile.BD_RE), unreadable=(range(10, 20),))
    assert recording.readable(disc, range(12, 15)).unreadable == (range(10, 12), range(15, 20))
    assert recording.spoilt(disc, range(12, 13)) is disc
