# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of drives and sticks while drives are plugged in, opened, loaded and unplugged."""

import json
import os
import select
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .bench import Bench, media
from .bench.media import Disc, Profile

LIST = """
import dataclasses, json
from discwright.devices.udev import Devices
print(json.dumps([dataclasses.asdict(device) for device in Devices().all()]))
"""

FOLLOW = """
import json, sys
from discwright.devices.model import Drive
from discwright.devices.watch import Watch
def line(device):
    if isinstance(device, Drive):
        return f"{device.node} {device.medium.state} {device.medium.label}".strip()
    return f"{device.node} {', '.join(device.labels)}"
watch = Watch(lambda devices: print(json.dumps([line(d) for d in devices]), flush=True))
watch.start()
sys.stdin.read()
watch.stop()
"""

ABILITIES = """
import dataclasses, json, sys
import cdio, pycdio
from discwright.devices.abilities import abilities
device = cdio.Device(sys.argv[1], pycdio.DRIVER_LINUX)
print(json.dumps(dataclasses.asdict(abilities(device))))
device.close()
"""


def listed(bench: Bench) -> list[dict]:
    done = bench.run(["python", "-c", LIST])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Follower:
    """A program that says the whole list after each change."""

    def __init__(self, bench: Bench) -> None:
        self._output = bench.popen(["python", "-c", FOLLOW]).stdout.fileno()
        self._text = b""

    def hears(self, wanted: list[str], within: float = 20) -> None:
        """Wait until the list is this; lists on the way to it don't matter."""
        end = time.monotonic() + within
        last = None
        while last != wanted:
            ready, _, _ = select.select([self._output], [], [], max(end - time.monotonic(), 0))
            piece = os.read(self._output, 65536) if ready else b""
            if not piece:
                pytest.fail(f"wanted {wanted}, last heard {last}")
            *lines, self._text = (self._text + piece).split(b"\n")
            last = json.loads(lines[-1]) if lines else last


KINDS: dict[str, tuple[Callable[[Path], Disc], str, str]] = {
    "CD": (media.cd_rom, "CD", "complete"),
    "CD-R": (media.cd_r, "CD-R", "complete"),
    "DVD": (media.dvd_rom, "DVD", "complete"),
    "DVD+RW": (lambda image: media.overwritable(Profile.DVD_PLUS_RW, image), "DVD+RW", "complete"),
    "DVD-R": (lambda image: media.appendable(Profile.DVD_R, image), "DVD-R", "appendable"),
    "BD": (media.bd_rom, "BD", "complete"),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_disc_is_listed_by_kind_and_label(bench, image, name):
    make, kind, state = KINDS[name]
    bench.add_drive(make(image))
    (drive,) = listed(bench)
    medium = drive["medium"]
    assert (medium["kind"], medium["state"], medium["label"]) == (kind, state, "BENCH DISC")
    assert medium["size"] >= image.stat().st_size


def test_a_blank_disc_is_listed_as_blank_without_a_size(bench):
    bench.add_drive(media.blank(Profile.DVD_PLUS_R))
    (drive,) = listed(bench)
    medium = drive["medium"]
    assert (medium["kind"], medium["state"], medium["size"]) == ("DVD+R", "blank", 0)


def test_a_music_disc_has_audio_tracks_and_no_label(bench):
    bench.add_drive(media.audio_cd())
    (drive,) = listed(bench)
    assert drive["medium"]["audio_tracks"] == 3
    assert drive["medium"]["label"] == ""


def test_listing_and_following_never_ask_the_drive_anything(bench, image):
    drive = bench.add_drive(media.dvd_rom(image))
    follower = Follower(bench)
    follower.hears(["/dev/sr0 complete BENCH DISC"])
    assert len(listed(bench)) == 1
    drive.open_tray()
    follower.hears(["/dev/sr0 no-medium"])
    assert drive.commands() == []


def test_a_tray_that_opens_and_closes_is_followed(bench, image):
    drive = bench.add_drive()
    follower = Follower(bench)
    follower.hears(["/dev/sr0 no-medium"])
    drive.insert(media.cd_rom(image))
    follower.hears(["/dev/sr0 complete BENCH DISC"])
    drive.open_tray()
    follower.hears(["/dev/sr0 no-medium"])
    drive.close_tray()
    follower.hears(["/dev/sr0 complete BENCH DISC"])


def test_another_disc_replaces_the_first_in_the_list(bench, image):
    drive = bench.add_drive(media.dvd_rom(image))
    follower = Follower(bench)
    follower.hears(["/dev/sr0 complete BENCH DISC"])
    drive.insert(media.blank(Profile.DVD_PLUS_R))
    follower.hears(["/dev/sr0 blank"])


def test_drives_and_sticks_come_and_go(bench, image):
    follower = Follower(bench)
    follower.hears([])
    drive = bench.add_drive(media.cd_rom(image))
    follower.hears(["/dev/sr0 complete BENCH DISC"])
    stick = bench.add_stick("sda", partitions=({"ID_FS_LABEL": "PHOTOS"},))
    follower.hears(["/dev/sr0 complete BENCH DISC", "/dev/sda PHOTOS"])
    drive.unplug()
    follower.hears(["/dev/sda PHOTOS"])
    drive.plug()
    follower.hears(["/dev/sr0 complete BENCH DISC", "/dev/sda PHOTOS"])
    stick.unplug()
    follower.hears(["/dev/sr0 complete BENCH DISC"])


def test_a_drive_says_itself_what_it_can_do(bench, image):
    drive = bench.add_drive(media.cd_rom(image))
    done = bench.run(["python", "-c", ABILITIES, drive.node])
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    (shown,) = listed(bench)
    assert found["model"] == shown["model"]
    assert found["vendor"] == shown["vendor"]
    assert found["opens_tray"]
    assert "CD-R" in found["reads"]
