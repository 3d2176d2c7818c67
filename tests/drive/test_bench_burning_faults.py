# SPDX-License-Identifier: GPL-3.0-or-later
"""Burning goes wrong on the virtual drive as scripted; xorriso says what it says of real ones."""

import random
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from .asking import ask, read_10
from .bench import Bench, Drive, Fault, Op, Sense, faults, media
from .bench.medium import SECTOR, Disc, Profile, Status
from .burners import KINDS, cdrskin, read_back, whole, xorriso

BURN = ["xorriso", "-as", "cdrecord", "-v", "dev=/dev/sr0"]
NO_WRITE = {Op.WRITE_10.name, Op.WRITE_12.name}


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("noise") / "noise.bin"
    path.write_bytes(random.Random(5).randbytes(4000 * SECTOR))
    return path


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_an_image_that_is_too_big_is_refused_before_a_byte(
    bench: Bench, image: Path, kind: Profile
) -> None:
    overwritable = kind.is_overwritable
    disc = media.formatted(kind, 640) if overwritable else media.blank(kind, free=640)
    drive = bench.add_drive(disc)
    done = xorriso(bench, image)
    assert done.returncode == 5
    assert re.search(r"FAILURE : Image size 9\d\ds exceeds free space on media 640s", done.stderr)
    assert drive.writes() == []
    assert drive.medium == disc


def test_without_a_disc_nothing_happens(bench: Bench, image: Path) -> None:
    bench.add_drive()
    done = xorriso(bench, image)
    assert done.returncode == 5
    assert "No media detected in drive" in done.stderr


def test_a_closed_disc_is_refused(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.cd_r(image))
    done = xorriso(bench, image)
    assert done.returncode == 5
    assert "Closed media with data detected" in done.stderr
    assert drive.writes() == []


@pytest.mark.parametrize(
    ("kind", "fault", "line"),
    [
        (Profile.CD_R, faults.write_error(700),
         "write(688,16): [3 0C 00] Medium error. Write error."),
        (Profile.DVD_PLUS_RW, faults.write_error(700),
         "write(688,16): [3 0C 00] Medium error. Write error."),
        (Profile.BD_R, faults.write_error(700),
         "write(672,32): [3 0C 00] Medium error. Write error."),
        (Profile.DVD_R, faults.loss_of_streaming(800),
         "write(800,16): [3 0C 09] Medium error. Write error, loss of streaming."),
        (Profile.CD_R, faults.calibration_fails(),
         "write(-150,16): [3 73 03] Medium error. Power calibration area error."),
        (Profile.DVD_PLUS_R, faults.calibration_fails(Sense(3, 0x73, 2)),
         "write(0,16): [3 73 02] Medium error. Power calibration area is full."),
        (Profile.DVD_PLUS_R, faults.close_fails(),
         "Failed to close track (1). SCSI error : [5 72 03]"),
        (Profile.BD_R, faults.close_fails(Sense(5, 0x72, 1), skip=1),
         "Failed to close disc (6). SCSI error : [5 72 01]"),
        (Profile.CD_R, faults.synchronize_fails(),
         "Failed to synchronize drive cache. SCSI error : [5 72 03]"),
        (Profile.DVD_R, faults.tray_opens_at_write(20),
         "write(304,16): [2 3A 02] Drive not ready. Medium not present, tray open."),
        (Profile.DVD_R, faults.unplugged_at_write(20), "Lost connection to drive"),
        (Profile.CD_RW, Fault(faults.on(Op.SEND_CUE_SHEET), sense=Sense(5, 0x24)),
         "SCSI error condition on command 5Dh SEND CUE SHEET: [5 24 00]"),
        (Profile.DVD_PLUS_R, Fault(faults.on(Op.CLOSE_TRACK_SESSION), later=Sense(5, 0x72, 3)),
         "Asynchronous SCSI error on CLOSE TRACK/SESSION : [5 72 03]"),
    ],
)  # fmt: skip
def test_xorriso_tells_what_went_wrong(
    bench: Bench, image: Path, kind: Profile, fault: Fault, line: str
) -> None:
    drive = bench.add_drive(media.blank(kind))
    drive.faults(fault)
    done = xorriso(bench, image)
    assert done.returncode == 5
    assert line in done.stderr, done.stderr
    assert "Job could not be performed properly" in done.stderr


def test_cdrskin_tells_of_a_write_error(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.blank(Profile.CD_R))
    drive.faults(faults.write_error(700))
    done = cdrskin(bench, image)
    assert done.returncode != 0
    assert "SCSI error on write(688,16): [3 0C 00]" in done.stderr
    assert "burning failed" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("kind", "status", "readable"),
    [
        (Profile.CD_R, Status.COMPLETE, True),
        (Profile.DVD_R, Status.APPENDABLE, True),
        (Profile.DVD_PLUS_R, Status.APPENDABLE, True),
        (Profile.BD_R, Status.APPENDABLE, True),
        (Profile.DVD_PLUS_RW, Status.COMPLETE, True),
    ],
    ids=lambda value: value.name if isinstance(value, Profile) else "",
)
def test_what_became_of_the_disc_after_a_write_error(
    bench: Bench, image: Path, kind: Profile, status: Status, readable: bool
) -> None:
    drive = bench.add_drive(media.blank(kind))
    drive.faults(faults.write_error(700))
    assert xorriso(bench, image).returncode == 5
    assert drive.medium
    assert drive.medium.status is status
    assert (drive.burnt(600) == image.read_bytes()[: 600 * SECTOR]) is readable
    drive.faults()
    again = xorriso(bench, image)
    assert (again.returncode == 0) is (kind in {Profile.DVD_PLUS_RW, Profile.BD_R})
    if kind is Profile.CD_R:
        assert ask(bench, drive, read_10(700))[0].sense == Sense(3, 0x11, 5)


def test_a_disc_whose_calibration_failed_is_still_blank(bench: Bench, image: Path) -> None:
    for index, kind in enumerate((Profile.CD_R, Profile.DVD_R, Profile.DVD_PLUS_R, Profile.BD_R)):
        drive = bench.drives[0] if index else bench.add_drive()
        drive.insert(media.blank(kind))
        drive.faults(faults.calibration_fails())
        assert xorriso(bench, image).returncode == 5
        assert drive.medium == media.blank(kind)
        drive.faults()
        assert xorriso(bench, image).returncode == 0
        assert drive.burnt(whole(image)) == image.read_bytes()


def test_a_close_that_only_claims_to_fail_leaves_a_good_disc(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.blank(Profile.DVD_PLUS_R))
    drive.faults(faults.close_fails(skip=1, done=True))
    assert xorriso(bench, image).returncode == 5
    drive.open_tray()
    assert read_back(bench, drive, whole(image)) == image.read_bytes()
    assert drive.medium
    assert drive.medium.status is Status.COMPLETE


def test_a_disc_that_was_not_closed_can_be_read_as_far_as_it_was_written(
    bench: Bench, image: Path
) -> None:
    drive = bench.add_drive(media.blank(Profile.DVD_PLUS_R))
    drive.faults(faults.close_fails())
    assert xorriso(bench, image).returncode == 5
    assert drive.medium
    assert drive.medium.capacity == 0
    assert read_back(bench, drive, whole(image)) == image.read_bytes()


@pytest.mark.parametrize("kind", [Profile.CD_R, Profile.DVD_R, Profile.DVD_PLUS_RW, Profile.BD_R])
def test_a_disc_comes_back_wrong_though_the_burn_succeeded(
    bench: Bench, image: Path, kind: Profile
) -> None:
    drive = bench.add_drive(media.blank(kind))
    drive.faults(
        faults.burnt_wrong(100),
        faults.burnt_unreadable(300, 2),
        faults.not_burnt(500, 3),
        faults.burnt_wrong(503, bits=b"\x80"),
    )
    done = xorriso(bench, "-eject", image)
    assert done.returncode == 0, done.stderr
    right = bytearray(image.read_bytes())
    right[100 * SECTOR] ^= 1
    right[500 * SECTOR : 503 * SECTOR] = bytes(3 * SECTOR)
    right[503 * SECTOR] ^= 0x80
    read = read_back(bench, drive, 300)
    assert read == right[: 300 * SECTOR]
    assert [reply.sense for reply in ask(bench, drive, read_10(300), read_10(301))] == [
        Sense(3, 0x11, 5)
    ] * 2
    sectors = whole(image) - 302
    assert read_back(bench, drive, sectors, 302) == right[302 * SECTOR :]


def test_a_missing_tail(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.blank(Profile.DVD_PLUS_R))
    drive.faults(faults.not_burnt(640, 1 << 20))
    assert xorriso(bench, image).returncode == 0
    right = image.read_bytes()
    assert drive.burnt(whole(image)) == right[: 640 * SECTOR].ljust(len(right), b"\0")


def test_old_data_shines_through_on_a_rewritten_disc(
    bench: Bench, image: Path, noise: Path
) -> None:
    drive = bench.add_drive(media.blank(Profile.CD_RW))
    assert xorriso(bench, noise).returncode == 0
    assert xorriso(bench, "blank=fast").returncode == 0
    drive.faults(faults.not_burnt(500, 2))
    assert xorriso(bench, image).returncode == 0
    old, new = noise.read_bytes(), image.read_bytes()
    assert drive.burnt(1, 499) == new[499 * SECTOR : 500 * SECTOR]
    assert drive.burnt(2, 500) == old[500 * SECTOR : 502 * SECTOR]
    assert drive.burnt(1, 502) == new[502 * SECTOR : 503 * SECTOR]


def cancelled(bench: Bench, drive: Drive, image: Path, number: int) -> tuple[subprocess.Popen, str]:
    """Burn, signal while the tenth WRITE hangs, let it go on."""
    bench.hurry()
    drive.faults(faults.hang_at_write(10))
    child = bench.popen([*BURN, image])
    drive.wait_until_held("write")
    child.send_signal(number)
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.3)
    drive.release("write")
    _out, err = child.communicate(timeout=20)
    return child, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_burn_when_the_hanging_write_returns(
    bench: Bench, noise: Path, number: int
) -> None:
    drive = bench.add_drive(media.blank(Profile.DVD_R))
    child, err = cancelled(bench, drive, noise, number)
    assert child.returncode == 1
    assert "ABORT : Program done" in err
    assert drive.medium
    track = drive.medium.in_progress
    assert track
    assert track.damaged
    assert not drive.is_locked


@pytest.mark.parametrize(
    ("kind", "again"),
    [(Profile.CD_R, False), (Profile.DVD_PLUS_R, False), (Profile.DVD_PLUS_RW, True)],
)
def test_only_some_discs_can_be_used_again_after_a_cancel(
    bench: Bench, noise: Path, kind: Profile, again: bool
) -> None:
    drive = bench.add_drive(media.blank(kind))
    cancelled(bench, drive, noise, signal.SIGINT)
    drive.faults()
    assert (xorriso(bench, noise).returncode == 0) is again


def test_unplugged_the_drive_keeps_what_was_written(bench: Bench, noise: Path) -> None:
    drive = bench.add_drive(media.blank(Profile.DVD_PLUS_RW))
    drive.faults(faults.unplugged_at_write(50))
    assert xorriso(bench, noise).returncode == 5
    drive.plug()
    drive.faults()
    assert drive.burnt(700) == noise.read_bytes()[: 700 * SECTOR]
    assert xorriso(bench, noise).returncode == 0


@pytest.mark.parametrize("refuses", [False, True])
def test_the_write_rate_is_the_drives(bench: Bench, noise: Path, refuses: bool) -> None:
    rate, buffer = 8_000_000, 1 << 20
    drive = bench.add_drive(
        media.blank(Profile.DVD_PLUS_R), write_rate=rate, buffer=buffer, refuses_when_full=refuses
    )
    start = time.monotonic()
    done = xorriso(bench, noise)
    assert done.returncode == 0, done.stderr
    took = time.monotonic() - start
    assert took >= 4000 * SECTOR / rate
    assert "[buf  99%]" in done.stderr
    late = [write for write in drive.writes() if write.sense]
    assert bool(late) is refuses
    assert {write.sense for write in late} <= {Sense(2, 4, 8)}
    assert ("WRITE command repetition happened" in done.stderr) is refuses


def test_three_drives_burn_at_once(bench: Bench, noise: Path) -> None:
    bench.hurry()
    discs: list[Disc] = [media.blank(kind) for kind in (Profile.CD_R, Profile.BD_R, Profile.DVD_R)]
    drives = [bench.add_drive(disc, write_rate=16_000_000, buffer=1 << 20) for disc in discs]
    start = time.monotonic()
    children = [bench.popen([*BURN[:-1], f"dev={drive.node}", noise]) for drive in drives]
    codes = [child.communicate(timeout=30) and child.returncode for child in children]
    assert codes == [0, 0, 0]
    assert time.monotonic() - start < 5
    for drive in drives:
        assert drive.burnt(4000) == noise.read_bytes()


def test_a_drive_that_only_reads_burns_nothing(bench: Bench, image: Path) -> None:
    profiles = [kind for kind in Profile if kind in {Profile.CD_ROM, Profile.DVD_ROM}]
    drive = bench.add_drive(media.blank(Profile.CD_R), profiles=profiles)
    assert xorriso(bench, image).returncode != 0
    assert not NO_WRITE & {write.name for write in drive.writes() if write.ok}
