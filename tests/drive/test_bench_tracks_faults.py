# SPDX-License-Identifier: GPL-3.0-or-later
"""What may go wrong with CDs of several tracks: limits, offsets and faults of the drive."""

import signal
from pathlib import Path

import pytest

from .asking import DISC_INFORMATION, ask, read_10, read_cd
from .bench import Bench, Fault, Op, Sense, faults, media
from .bench.codes import Refused, msf
from .bench.medium import RAW, SECTOR, Profile
from .bench.mmc import cuesheet
from .bench.sectors import Unreadable
from .cdrdao import cdrdao, mixed, mode_2, noise, record


@pytest.fixture
def music(tmp_path: Path) -> Path:
    return record(tmp_path)


def lines(*each: tuple[int, ...]) -> bytes:
    """Give a cue sheet; a line is control and ADR, track, index, form, and the address."""
    return b"".join(bytes((*head, 0)) + msf(lba) for *head, lba in each)


LEAD_IN, START, LEAD_OUT = (0x01, 0, 0, 0x01, -150), (0x01, 1, 0, 0, -150), (0x01, 0xAA, 1, 1, 900)


@pytest.mark.parametrize(
    "sheet",
    [
        lines(LEAD_IN, (0x01, 1, 1, 0, 0), LEAD_OUT),
        lines(LEAD_IN, START, LEAD_OUT),
        lines(LEAD_IN, START, (0x01, 1, 1, 0, 0)),
        lines(LEAD_IN, START, (0x41, 1, 1, 0, 0), LEAD_OUT),
        lines(LEAD_IN, (0x01, 1, 0, 0x10, -150), (0x01, 1, 1, 0x10, 0), LEAD_OUT),
        lines(LEAD_IN, (0x41, 1, 0, 0x22, -150), (0x41, 1, 1, 0x22, 0), LEAD_OUT),
        lines(LEAD_IN, START, (0x01, 1, 1, 0, 950), LEAD_OUT),
        lines(LEAD_IN, START, (0x01, 1, 1, 0, 0), (0x01, 3, 1, 0, 400), LEAD_OUT),
        lines(LEAD_IN, START, (0x01, 1, 1, 0, 0), (0x05, 1, 2, 0, 400), LEAD_OUT),
    ],
    ids=["no pregap", "no index 1", "no lead-out", "control changes", "data as music",
         "unknown form", "backwards", "track left out", "unknown ADR"],
)  # fmt: skip
def test_a_cue_sheet_that_makes_no_sense_is_refused(sheet: bytes) -> None:
    with pytest.raises(Refused, match="5/26/00"):
        cuesheet.parse(sheet)


def test_a_disc_takes_more_than_it_says_where_the_drive_does(bench: Bench, music: Path) -> None:
    small = media.blank(Profile.CD_R, free=850)
    drive = bench.add_drive(small, overburn=50)
    kept = cdrdao(bench, "write", music)
    assert kept.returncode == 1
    assert "exceeds capacity" in kept.stderr
    assert drive.medium == small
    done = cdrdao(bench, "write", "--overburn", music)
    assert done.returncode == 0, done.stderr
    assert drive.burnt_raw(900) == music.with_suffix(".bin").read_bytes()


def test_a_drive_refuses_to_write_more_than_a_disc_says(bench: Bench, music: Path) -> None:
    small = media.blank(Profile.CD_R, free=850)
    drive = bench.add_drive(small, overburn=49)
    done = cdrdao(bench, "write", "--overburn", music)
    assert done.returncode == 1
    assert drive.commands(Op.SEND_CUE_SHEET)[-1].sense == Sense(5, 0x63, 0)
    assert drive.medium == small


@pytest.mark.parametrize(("write", "read"), [(0, 6), (-12, 0), (30, 667)])
def test_music_is_shifted_by_the_offsets_of_the_drives(
    bench: Bench, music: Path, write: int, read: int
) -> None:
    drive = bench.add_drive(media.blank(Profile.CD_R), write_offset=write, read_offset=read)
    assert cdrdao(bench, "write", music).returncode == 0
    drive.open_tray()
    drive.close_tray()
    read_back = b"".join(
        reply.data for reply in ask(bench, drive, *(read_cd(at, 25) for at in range(0, 900, 25)))
    )
    given, late = music.with_suffix(".bin").read_bytes(), 4 * (write + read)
    shifted = bytes(max(late, 0)) + given[max(-late, 0) :] + bytes(max(-late, 0))
    assert read_back == shifted[: len(given)]


def test_data_beside_music_is_not_shifted(bench: Bench, tmp_path: Path) -> None:
    data, song = noise(tmp_path / "data.bin", 300, SECTOR), noise(tmp_path / "song.bin", 400)
    cue = mixed(tmp_path, data, SECTOR, song)
    drive = bench.add_drive(media.blank(Profile.CD_R), write_offset=10, read_offset=20)
    assert cdrdao(bench, "write", cue).returncode == 0
    drive.open_tray()
    drive.close_tray()
    last, cooked, first = ask(
        bench, drive, read_10(268, 32), read_cd(299, flags=0x10, size=SECTOR), read_cd(450)
    )
    assert cooked.data == data.read_bytes()[-SECTOR:]
    assert last.data == data.read_bytes()[268 * SECTOR :]
    assert first.data == bytes(120) + song.read_bytes()[: RAW - 120]


@pytest.mark.parametrize(
    ("fault", "missing"),
    [
        (faults.write_error(500), range(450, 900)),
        (faults.loss_of_streaming(20), range(900)),
        (faults.tray_opens_at_write(8), range(150, 900)),
        (faults.unplugged_at_write(8), range(150, 900)),
    ],
    ids=["write error", "loss of streaming", "tray", "unplugged"],
)
def test_cdrdao_says_that_a_burn_broke_off(
    bench: Bench, music: Path, fault: Fault, missing: range
) -> None:
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.faults(fault)
    done = cdrdao(bench, "write", music)
    assert done.returncode == 1
    assert "ERROR: Writing failed." in done.stderr
    assert drive.medium
    assert drive.medium.unreadable == (missing,)
    assert [track.start for track in drive.medium.tracks] == [0, 450]


@pytest.mark.parametrize(
    "fault", [faults.write_error(-100), faults.calibration_fails()], ids=["lead-in", "calibration"]
)
def test_a_burn_that_never_began_leaves_the_disc_blank(
    bench: Bench, music: Path, fault: Fault
) -> None:
    drive = bench.add_drive(media.blank(Profile.CD_R))
    before = drive.medium
    drive.faults(fault)
    assert cdrdao(bench, "write", music).returncode == 1
    assert drive.medium == before


def test_cdrdao_says_nothing_of_a_session_that_did_not_close(bench: Bench, music: Path) -> None:
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.faults(faults.synchronize_fails())
    done = cdrdao(bench, "write", music)
    assert "Writing finished successfully." in done.stderr
    assert done.returncode == 0
    assert drive.commands(Op.SYNCHRONIZE_CACHE)[-1].sense == Sense(5, 0x72, 3)


def test_a_session_without_a_lead_out_is_told_as_incomplete(bench: Bench, music: Path) -> None:
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.faults(faults.session_stays_open())
    assert cdrdao(bench, "write", music).returncode == 0
    drive.open_tray()
    drive.close_tray()
    (information,) = ask(bench, drive, DISC_INFORMATION)
    status, state = information.data[2] & 3, information.data[2] >> 2 & 3
    assert (status, state, information.data[4]) == (1, 1, 1)
    assert drive.burnt_raw(900) == music.with_suffix(".bin").read_bytes()
    drive.faults()
    assert cdrdao(bench, "write", music).returncode == 1


def test_music_is_burnt_wrongly_where_a_fault_says_so(bench: Bench, music: Path) -> None:
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.faults(faults.burnt_wrong(100), faults.burnt_unreadable(200), faults.not_burnt(890, 9999))
    assert cdrdao(bench, "write", music).returncode == 0
    given = music.with_suffix(".bin").read_bytes()
    assert (
        drive.burnt_raw(1, 100)
        == bytes((given[100 * RAW] ^ 1,)) + given[100 * RAW + 1 :][: RAW - 1]
    )
    assert drive.burnt_raw(10, 890) == bytes(10 * RAW)
    assert drive.burnt_raw(689, 201) == given[201 * RAW : 890 * RAW]
    with pytest.raises(Unreadable, match="sector 200"):
        drive.burnt_raw(1, 200)


def test_data_burnt_wrongly_in_mode_2_keeps_its_form(bench: Bench, tmp_path: Path) -> None:
    binary = mode_2(tmp_path / "xa.bin", 300)
    cue = tmp_path / "xa.cue"
    cue.write_text(f'FILE "{binary}" BINARY\n  TRACK 01 MODE2/2352\n    INDEX 01 00:00:00\n')
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.faults(faults.burnt_wrong(100))
    assert cdrdao(bench, "write", cue).returncode == 0
    given = binary.read_bytes()[100 * RAW + 24 :][:SECTOR]
    assert drive.burnt(1, 100) == bytes((given[0] ^ 1,)) + given[1:]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT])
def test_cdrdao_stops_between_two_writes(bench: Bench, music: Path, number: int) -> None:
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.faults(faults.hang_at_write(9))
    child = bench.popen(["cdrdao", "write", "-n", "--swap", "--device", "/dev/sr0", music])
    drive.wait_until_held("write")
    child.send_signal(number)
    drive.release("write")
    _, said = child.communicate(timeout=20)
    assert child.returncode == 1
    assert "aborted on user request" in said
    assert drive.medium
    assert drive.medium.unreadable == (range(225, 900),)
    assert not drive.is_locked


def test_cdrdao_waits_while_the_buffer_of_the_drive_is_full(bench: Bench, music: Path) -> None:
    drive = bench.add_drive(
        media.blank(Profile.CD_R), write_rate=3_000_000, buffer=200_000, refuses_when_full=True
    )
    assert cdrdao(bench, "write", music).returncode == 0
    assert any(write.sense for write in drive.writes())
    assert drive.burnt_raw(900) == music.with_suffix(".bin").read_bytes()
