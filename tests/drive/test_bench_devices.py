# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs find the virtual drives and sticks, and hear of what is plugged in and inserted."""

import json
import subprocess
from pathlib import Path

import pytest

from .asking import ask, read_10
from .bench import READER_PROFILES, Bench, media
from .bench.media import Disc, Profile

CDROM_ID = Path("/usr/lib/udev/cdrom_id")

LISTING = """
import json, pyudev
print(json.dumps({device.device_node: dict(device.properties)
                  for device in pyudev.Context().list_devices(subsystem="block")}))
"""

LISTENING = """
import json, pyudev
monitor = pyudev.Monitor.from_netlink(pyudev.Context())
monitor.filter_by("block")
monitor.start()
print("listening", flush=True)
while True:
    device = monitor.poll(30)
    if device is None:
        break
    print(json.dumps([device.action, device.device_node, dict(device.properties)]), flush=True)
"""

DISCS = {
    "no disc": lambda _image: None,
    "CD-ROM": media.cd_rom,
    "CD-R": lambda image: media.cd_r(image, tao=True),
    "CD-RW": media.cd_rw,
    "audio CD": lambda _image: media.audio_cd(),
    "mixed mode CD": media.mixed_cd,
    "CD-Extra": media.cd_extra,
    "multi-session CD": lambda image: media.multisession_cd([image, image]),
    "open CD-R": lambda image: media.appendable(Profile.CD_R, image),
    "DVD-ROM": media.dvd_rom,
    "DVD-R": lambda image: media.data_disc(Profile.DVD_R, image),
    "DVD+RW": lambda image: media.overwritable(Profile.DVD_PLUS_RW, image),
    "DVD-RAM": lambda image: media.overwritable(Profile.DVD_RAM, image),
    "BD-ROM": media.bd_rom,
    "BD-R": lambda image: media.data_disc(Profile.BD_R, image),
    "BD-RE": lambda image: media.overwritable(Profile.BD_RE, image),
    "blank CD-R": lambda _image: media.blank(Profile.CD_R),
    "blank DVD+R": lambda _image: media.blank(Profile.DVD_PLUS_R),
    "blank DVD-RW": lambda _image: media.blank(Profile.DVD_RW),
    "blank BD-R": lambda _image: media.blank(Profile.BD_R),
}


def _properties(bench: Bench) -> dict[str, dict[str, str]]:
    done = bench.run(["python", "-c", LISTING])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_list_of_devices_is_the_bench_only(bench: Bench, image: Path) -> None:
    bench.add_drive(media.dvd_rom(image))
    bench.add_drive(model="DVD-ROM SH-118", vendor="ATAPI", bus="ata", profiles=READER_PROFILES)
    bench.add_stick("sda", 8 << 30, partitions=({"ID_FS_TYPE": "vfat", "ID_FS_LABEL": "KEYS"},))
    found = _properties(bench)
    assert sorted(found) == ["/dev/sda", "/dev/sda1", "/dev/sr0", "/dev/sr1"]
    drive = found["/dev/sr0"]
    assert (drive["ID_BUS"], drive["ID_MODEL"]) == ("usb", "BD-RE_BH16NS40")
    assert (drive["ID_CDROM_MEDIA_DVD"], drive["ID_FS_LABEL"]) == ("1", "BENCH_DISC")
    assert found["/dev/sr1"]["ID_BUS"] == "ata"
    assert "ID_CDROM_CD_R" not in found["/dev/sr1"]
    assert "ID_CDROM_MEDIA" not in found["/dev/sr1"]
    assert found["/dev/sda1"]["ID_FS_LABEL"] == "KEYS"


@pytest.mark.skipif(not CDROM_ID.exists(), reason="udev's cdrom_id is not installed")
@pytest.mark.parametrize("kind", DISCS)
def test_udevs_own_examiner_says_the_same_of_the_disc(bench: Bench, image: Path, kind: str) -> None:
    disc: Disc | None = DISCS[kind](image)
    bench.add_drive(disc)
    lines = bench.run([CDROM_ID, "/dev/sr0"]).stdout.splitlines()
    theirs = dict(line.split("=", 1) for line in lines)
    ours = _properties(bench)["/dev/sr0"]
    assert {key: ours[key] for key in ours if key.startswith("ID_CDROM")} == theirs


@pytest.mark.parametrize(
    ("kind", "medium", "status"),
    [
        ("CD-ROM", "CD-ROM", "is written , is closed"),
        ("CD-R", "CD-R", "is written , is closed"),
        ("CD-RW", "CD-RW", "is written , is closed"),
        ("open CD-R", "CD-R", "is written , is appendable"),
        ("DVD-ROM", "DVD-ROM", "is written , is closed"),
        ("DVD+RW", "DVD+RW", "is written , is appendable"),
        ("BD-R", "BD-R sequential recording", "is written , is closed"),
        ("BD-RE", "BD-RE", "is written , is appendable"),
        ("blank CD-R", "CD-R", "is blank"),
        ("blank DVD+R", "DVD+R", "is blank"),
        ("blank BD-R", "BD-R sequential recording", "is blank"),
        ("no disc", "is not recognizable", "is not present"),
    ],
)
def test_xorriso_recognises_the_disc(
    bench: Bench, image: Path, kind: str, medium: str, status: str
) -> None:
    bench.add_drive(DISCS[kind](image))
    done = bench.run(["xorriso", "-outdev", "/dev/sr0", "-toc"])
    assert f"Media current: {medium}\n" in done.stdout
    assert f"Media status : {status}" in done.stdout


def test_xorriso_finds_every_session(bench: Bench, image: Path) -> None:
    bench.add_drive(media.multisession_cd([image, image]))
    done = bench.run(["xorriso", "-outdev", "/dev/sr0", "-toc"])
    second = media.sectors_of(image) + 2 + media.FIRST_GAP
    assert f"ISO session  :   2 , {second:9d} ," in done.stdout


def test_cd_info_reads_the_table_of_contents(bench: Bench, image: Path) -> None:
    bench.add_drive(media.cd_extra(image, (300, 300), mcn="0123456789012"))
    done = bench.run(["cd-info", "--no-header", "--no-cddb", "/dev/sr0"])
    assert "Media Catalog Number (MCN): 0123456789012" in done.stdout
    assert "Last CD Session LSN: 12000" in done.stdout
    assert [line.split()[3] for line in done.stdout.splitlines() if line[:4] in _ROWS] == [
        "audio", "audio", "data",
    ]  # fmt: skip


_ROWS = ("  1:", "  2:", "  3:")


def _listener(bench: Bench) -> subprocess.Popen[str]:
    child = bench.popen(["python", "-c", LISTENING])
    assert child.stdout is not None
    assert child.stdout.readline() == "listening\n"
    return child


def _heard(child: subprocess.Popen[str]) -> tuple[str, str, dict[str, str]]:
    assert child.stdout is not None
    action, node, properties = json.loads(child.stdout.readline())
    return action, node, properties


def test_plugging_and_discs_are_heard_of(bench: Bench, image: Path) -> None:
    child = _listener(bench)
    drive = bench.add_drive()
    action, node, properties = _heard(child)
    assert (action, node, properties["ID_CDROM"]) == ("add", "/dev/sr0", "1")
    assert "ID_CDROM_MEDIA" not in properties
    drive.insert(media.cd_rom(image))
    action, _node, properties = _heard(child)
    assert (action, properties["DISK_MEDIA_CHANGE"]) == ("change", "1")
    assert properties["ID_FS_LABEL_ENC"] == r"BENCH\x20DISC"
    drive.open_tray()
    action, _node, properties = _heard(child)
    assert action == "change"
    assert "ID_CDROM_MEDIA" not in properties
    drive.unplug()
    assert _heard(child)[:2] == ("remove", "/dev/sr0")
    assert _properties(bench) == {}
    drive.plug()
    assert _heard(child)[0] == "add"
    stick = bench.add_stick("sdb")
    assert _heard(child)[:2] == ("add", "/dev/sdb")
    stick.unplug()
    assert _heard(child)[:2] == ("remove", "/dev/sdb")


def test_the_button_of_a_locked_drive_only_asks(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.cd_rom(image), ordinary_user=False)
    ask(bench, drive, (bytes((0x1E, 0, 0, 0, 1, 0)), 0))
    assert drive.is_locked
    child = _listener(bench)
    drive.press_eject()
    assert _heard(child)[2]["DISK_EJECT_REQUEST"] == "1"
    assert not drive.tray_is_open


def test_a_program_that_ejects_is_heard_of_by_others(bench: Bench, image: Path) -> None:
    drive = bench.add_drive(media.cd_rom(image))
    child = _listener(bench)
    ask(bench, drive, (bytes((0x1B, 0, 0, 0, 2, 0)), 0))
    assert drive.tray_is_open
    assert "ID_CDROM_MEDIA" not in _heard(child)[2]


def test_two_drives_are_two(bench: Bench, image: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.iso"
    other.write_bytes(bytes(range(256)) * 8 * 400)
    first, second = bench.add_drive(media.cd_rom(image)), bench.add_drive(media.dvd_rom(other))
    assert (first.node, second.node) == ("/dev/sr0", "/dev/sr1")
    assert ask(bench, first, read_10(16))[0].data == image.read_bytes()[32768:34816]
    assert ask(bench, second, read_10(16))[0].data == bytes(range(256)) * 8
    assert len(first.reads()) == len(second.reads()) == 1
    info = (bench.root / "proc/sys/dev/cdrom/info").read_text()
    assert "drive name:\t\tsr1\tsr0\n" in info
