# SPDX-License-Identifier: GPL-3.0-or-later
"""The unmodified xorriso and cdrskin burn on the virtual drive, and it reads back."""

import random
from pathlib import Path

import pytest

from .bench import Bench, Drive, Op, media
from .bench.medium import FIRST_GAP, RAW, SECTOR, Mode, Profile, Status
from .bench.sectors import SectorSource
from .burners import KINDS, cdrskin, read_back, whole, xorriso

SEQUENTIAL = (Profile.CD_R, Profile.CD_RW, Profile.DVD_R, Profile.DVD_RW, Profile.DVD_PLUS_R,
              Profile.DVD_PLUS_R_DL, Profile.BD_R)  # fmt: skip

KERNEL_SIZE = """
import fcntl, os, struct
fd = os.open("/dev/sr0", os.O_RDONLY | os.O_NONBLOCK)
size = bytearray(8)
fcntl.ioctl(fd, 0x80081272, size)
print(struct.unpack("<Q", size)[0] // 2048)
"""


def named(kind: Profile) -> str:
    return kind.name


def names(drive: Drive) -> set[str]:
    return {command.name for command in drive.commands()}


def properties(bench: Bench) -> dict[str, str]:
    text = (bench.root / "sys/class/block/sr0/uevent").read_text()
    return dict(line.split("=", 1) for line in text.splitlines())


@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_xorriso_burns_every_kind_of_disc(bench: Bench, image: Path, kind: Profile) -> None:
    drive = bench.add_drive(media.blank(kind))
    done = xorriso(bench, "-eject", image)
    assert done.returncode == 0, done.stderr
    assert drive.tray_is_open
    assert read_back(bench, drive, whole(image)) == image.read_bytes()
    assert drive.medium
    other = kind is Profile.DVD_RAM
    assert drive.medium.status is (Status.OTHER if other else Status.COMPLETE)


@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_cdrskin_burns_every_kind_of_disc(bench: Bench, image: Path, kind: Profile) -> None:
    drive = bench.add_drive(media.blank(kind))
    done = cdrskin(bench, "blank=as_needed", "-eject", "padsize=300k", image)
    assert done.returncode == 0, done.stderr
    assert read_back(bench, drive, whole(image)) == image.read_bytes()


@pytest.mark.parametrize(
    ("kind", "mode", "sent", "not_sent"),
    [
        (Profile.CD_R, "-sao", {"SEND_CUE_SHEET"}, {"CLOSE_TRACK_SESSION"}),
        (Profile.CD_R, "-tao", {"CLOSE_TRACK_SESSION"}, {"SEND_CUE_SHEET"}),
        (Profile.DVD_R, "-sao", {"RESERVE_TRACK"}, {"CLOSE_TRACK_SESSION"}),
        (Profile.DVD_R, "-tao", {"CLOSE_TRACK_SESSION"}, {"RESERVE_TRACK"}),
        (Profile.DVD_PLUS_R, "-sao", {"RESERVE_TRACK", "CLOSE_TRACK_SESSION"}, {"MODE_X"}),
        (Profile.BD_R, "-tao", {"CLOSE_TRACK_SESSION"}, {"RESERVE_TRACK"}),
    ],
)  # fmt: skip
def test_each_write_mode_has_its_commands(
    bench: Bench, image: Path, kind: Profile, mode: str, sent: set[str], not_sent: set[str]
) -> None:
    drive = bench.add_drive(media.blank(kind))
    done = xorriso(bench, mode, "-eject", image)
    assert done.returncode == 0, done.stderr
    assert sent <= names(drive)
    assert not not_sent & names(drive)
    assert read_back(bench, drive, whole(image)) == image.read_bytes()


def test_track_at_once_leaves_two_sectors_that_cannot_be_read(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.blank(Profile.CD_R))
    assert xorriso(bench, "-tao", image).returncode == 0
    assert drive.medium
    (track,) = drive.medium.tracks
    assert (track.sectors, track.runout) == (whole(image) + 150 + 2, 2)


@pytest.mark.parametrize("kind", [Profile.CD_R, Profile.CD_RW, Profile.DVD_R, Profile.DVD_RW])
@pytest.mark.parametrize("mode", ["-sao", "-tao"])
def test_a_simulated_burn_leaves_the_disc_blank(
    bench: Bench, image: Path, kind: Profile, mode: str
) -> None:
    drive = bench.add_drive(media.blank(kind))
    before = drive.medium
    done = xorriso(bench, "-dummy", mode, image)
    assert done.returncode == 0, done.stderr
    assert "Media status : is blank" in done.stderr.rpartition("Re-assessing")[2]
    assert drive.writes()
    assert drive.medium == before
    assert xorriso(bench, image).returncode == 0
    assert read_back(bench, drive, whole(image)) == image.read_bytes()


@pytest.mark.parametrize("kind", SEQUENTIAL, ids=named)
def test_a_second_session_is_appended(bench: Bench, image: Path, kind: Profile) -> None:
    drive = bench.add_drive(media.blank(kind))
    assert xorriso(bench, "-multi", image).returncode == 0
    medium = drive.medium
    assert medium
    assert medium.status is Status.APPENDABLE
    where = medium.next_writable
    assert where == (medium.recorded + FIRST_GAP if kind.is_cd else medium.recorded)
    told = xorriso(bench, "-msinfo")
    assert told.stdout.strip() == f"0,{where}"
    assert xorriso(bench, "-eject", image).returncode == 0
    assert drive.medium
    assert drive.medium.status is Status.COMPLETE
    assert len(drive.medium.sessions) == 2
    for start in (0, where):
        assert read_back(bench, drive, whole(image), start) == image.read_bytes()


@pytest.mark.parametrize("kind", [Profile.DVD_PLUS_RW, Profile.BD_RE], ids=named)
def test_xorriso_grows_an_image_on_an_overwritable_disc(
    bench: Bench, image: Path, kind: Profile
) -> None:
    bench.add_drive(media.formatted(kind))
    bench.hurry()
    for name in ("one", "two"):
        done = bench.run(["xorriso", "-dev", "/dev/sr0", "-map", image, f"/{name}", "-commit"])
        assert done.returncode == 0, done.stderr
    listed = bench.run(["xorriso", "-indev", "/dev/sr0", "-ls", "/"])
    assert listed.stdout.split() == ["'one'", "'two'"]


@pytest.mark.parametrize("how", ["fast", "all"])
@pytest.mark.parametrize("kind", [Profile.CD_RW, Profile.DVD_RW], ids=named)
def test_a_rewritable_disc_is_blanked_and_burnt_again(
    bench: Bench, image: Path, tmp_path: Path, kind: Profile, how: str
) -> None:
    drive = bench.add_drive(media.blank(kind))
    assert xorriso(bench, image).returncode == 0
    refused = xorriso(bench, image)
    assert "Closed media with data detected" in refused.stderr
    assert xorriso(bench, f"blank={how}").returncode == 0
    assert drive.medium
    assert drive.medium.status is Status.BLANK
    other = tmp_path / "other.bin"
    other.write_bytes(random.Random(1).randbytes(400 * SECTOR))
    assert xorriso(bench, "-eject", other).returncode == 0
    assert read_back(bench, drive, 400) == other.read_bytes()


def test_a_minimally_blanked_dvd_rw_takes_only_disc_at_once(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.data_disc(Profile.DVD_RW, image))
    assert xorriso(bench, "blank=deformat_sequential_quickest").returncode == 0
    assert drive.medium
    assert not drive.medium.incremental
    refused = xorriso(bench, "-tao", image)
    assert refused.returncode == 5
    assert "no TAO offered by drive and media" in refused.stderr
    assert xorriso(bench, "-multi", image).returncode == 5
    assert xorriso(bench, "-eject", image).returncode == 0
    assert read_back(bench, drive, whole(image)) == image.read_bytes()
    assert xorriso(bench, "blank=all").returncode == 0
    assert xorriso(bench, "-multi", image).returncode == 0


def test_a_dvd_rw_becomes_one_for_restricted_overwrite(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.blank(Profile.DVD_RW, free=70000))
    bench.hurry()
    done = bench.run(["xorriso", "-outdev", "/dev/sr0", "-format", "full"])
    assert done.returncode == 0, done.stderr
    assert drive.medium
    assert drive.medium.profile is Profile.DVD_RW_RESTRICTED
    for _ in range(2):
        assert xorriso(bench, "-eject", image).returncode == 0
        assert read_back(bench, drive, whole(image)) == image.read_bytes()


def test_a_quickly_formatted_dvd_rw_grows(bench: Bench, image: Path) -> None:
    disc = media.formatted(Profile.DVD_RW_RESTRICTED, 16, growing=True, size=100000)
    drive = bench.add_drive(disc)
    assert xorriso(bench, "-eject", image).returncode == 0
    assert read_back(bench, drive, whole(image)) == image.read_bytes()
    assert drive.medium
    assert whole(image) + 150 <= drive.medium.capacity < whole(image) + 200


@pytest.mark.parametrize(
    ("how", "spare"), [("full", 393216), ("as_needed", 393216), ("by_index_3", 0)]
)
def test_a_bd_re_is_formatted(bench: Bench, image: Path, how: str, spare: int) -> None:
    drive = bench.add_drive(media.blank(Profile.BD_RE))
    bench.hurry()
    done = bench.run(["xorriso", "-outdev", "/dev/sr0", "-format", how])
    assert done.returncode == 0, done.stderr
    assert drive.medium
    assert drive.medium.capacity == 12219392 - spare
    assert xorriso(bench, "stream_recording=on", "-eject", image).returncode == 0
    assert read_back(bench, drive, whole(image)) == image.read_bytes()
    assert "WRITE_12" in names(drive)


def test_a_bd_r_can_be_formatted_with_a_spare_area(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.blank(Profile.BD_R))
    bench.hurry()
    assert bench.run(["xorriso", "-outdev", "/dev/sr0", "-format", "full"]).returncode == 0
    assert drive.medium
    assert (drive.medium.status, drive.medium.free) == (Status.BLANK, 11826176)
    assert xorriso(bench, "-eject", image).returncode == 0
    assert read_back(bench, drive, whole(image)) == image.read_bytes()


def test_an_image_on_an_overwritable_disc_is_not_touched(
    bench: Bench, image: Path, tmp_path: Path
) -> None:
    old = tmp_path / "old.iso"
    old.write_bytes(random.Random(2).randbytes(2000 * SECTOR))
    before = old.read_bytes()
    drive = bench.add_drive(media.overwritable(Profile.DVD_PLUS_RW, old))
    assert xorriso(bench, image).returncode == 0
    assert old.read_bytes() == before
    assert drive.burnt(whole(image)) == image.read_bytes()
    last = drive.writes()[-1]
    assert last.lba is not None
    sectors = last.lba + last.count
    assert drive.burnt(2000 - sectors, sectors) == before[sectors * SECTOR :]


@pytest.mark.parametrize("mode", ["-sao", "-tao"])
def test_cdrskin_burns_music(bench: Bench, tmp_path: Path, mode: str) -> None:
    music = tmp_path / "music.bin"
    music.write_bytes(random.Random(3).randbytes(1000 * RAW))
    cue = tmp_path / "music.cue"
    cue.write_text(
        f'CATALOG 1234567890123\nFILE "{music}" BINARY\n'
        "  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n"
        "  TRACK 02 AUDIO\n    INDEX 00 00:06:00\n    INDEX 01 00:08:00\n"
    )
    drive = bench.add_drive(media.blank(Profile.CD_R))
    done = cdrskin(bench, *((f"cuefile={cue}",) if mode == "-sao" else ("-tao", "-audio", music)))
    assert done.returncode == 0, done.stderr
    assert drive.medium
    tracks = drive.medium.tracks
    assert {track.mode for track in tracks} == {Mode.AUDIO}
    if mode == "-sao":
        assert [(track.start, track.sectors) for track in tracks] == [(0, 600), (600, 400)]
        assert drive.medium.mcn == "1234567890123"
        with SectorSource(drive.medium) as source:
            burnt = b"".join(source.raw_sector(lba)[1] for lba in range(1000))
        assert burnt == music.read_bytes()
    else:
        assert [(track.start, track.sectors, track.runout) for track in tracks] == [(0, 1002, 2)]


def test_the_kernel_learns_of_the_burn_when_the_tray_was_cycled(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.blank(Profile.CD_R))
    assert xorriso(bench, image).returncode == 0
    assert bench.run(["python", "-c", KERNEL_SIZE]).stdout.strip() == "0"
    assert properties(bench)["ID_CDROM_MEDIA_STATE"] == "blank"
    drive.open_tray()
    drive.close_tray()
    size = str(whole(image) + 150)
    assert bench.run(["python", "-c", KERNEL_SIZE]).stdout.strip() == size
    told = properties(bench)
    assert told["ID_CDROM_MEDIA_STATE"] == "complete"
    assert told["ID_FS_LABEL"] == "BENCH_DISC"
    assert told["ID_CDROM_MEDIA_TRACK_COUNT_DATA"] == "1"


@pytest.mark.parametrize(
    ("kind", "product"),
    [
        (Profile.CD_R, "97m26s66f/79m59s69f , CMC Magnetics Corporation"),
        (Profile.DVD_R, "MCC03RG20 , "),
        (Profile.DVD_PLUS_R, "MCC03RG20/B01/48 , "),
        (Profile.BD_RE, "MCC03R/B01/0 , "),
    ],
    ids=lambda value: value.name if isinstance(value, Profile) else "",
)
def test_the_maker_of_a_blank_disc_is_told(bench: Bench, kind: Profile, product: str) -> None:
    maker = "MCC03RG20" if kind is Profile.DVD_R else "MCC03RG2" if kind.is_dvd else "MCC03R"
    bench.add_drive(media.blank(kind, manufacturer=maker))
    bench.hurry()
    told = bench.run(["xorriso", "-outdev", "/dev/sr0", "-toc"])
    (line,) = [line for line in told.stdout.splitlines() if line.startswith("Media product")]
    assert product.replace("MCC03RG20/B", "MCC03RG2/B") in line


def test_the_speeds_are_those_of_the_medium(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.blank(Profile.DVD_PLUS_R, speeds=(11080, 5540, 3324)))
    bench.hurry()
    told = bench.run(["xorriso", "-outdev", "/dev/sr0", "-list_speeds"])
    lines = [line.split() for line in told.stdout.splitlines() if line.startswith("Write speed  ")]
    assert [words[3] for words in lines] == ["11080k", "5540k", "3324k"]
    assert xorriso(bench, "speed=4", image).returncode == 0
    assert drive.write_speed == 5540


def test_a_written_disc_can_go_into_another_drive(bench: Bench, image: Path) -> None:
    first, second = bench.add_drive(media.blank(Profile.DVD_PLUS_R)), bench.add_drive()
    assert xorriso(bench, image).returncode == 0
    medium = first.medium
    first.insert(None)
    second.insert(medium)
    assert second.burnt(whole(image)) == image.read_bytes()
    assert second.commands(Op.WRITE_10) == []
