# SPDX-License-Identifier: GPL-3.0-or-later
"""Plugging, unplugging and changing discs, as the window hears of it."""

import threading
import time

from discwright.devices import watch as watching
from discwright.devices.watch import Watch

from .test_udev import DRIVE, STICK, plug_drive, plug_stick

DRIVE_LINE = "/dev/sr0 HL-DT-ST DVDRAM GP60NB50"
STICK_LINE = "/dev/sdb SanDisk Cruzer Blade EFI My Files"


def test_what_is_already_there_is_told_at_once(tree, follow):
    plug_drive(tree)
    assert follow().says() == [DRIVE_LINE]


def test_a_drive_that_is_plugged_in_appears_and_unplugged_disappears(tree, follow):
    follower = follow()
    assert follower.says() == []
    plug_drive(tree)
    tree.event("add", DRIVE)
    assert follower.says() == [DRIVE_LINE]
    tree.remove(DRIVE)
    tree.event("remove", DRIVE)
    assert follower.says() == []


def test_the_many_events_of_one_stick_are_told_together(tree, follow):
    follower = follow()
    assert follower.says() == []
    plug_stick(tree)
    tree.event("add", STICK)
    for number in range(3, 20):
        part = f"{STICK}/sdb{number}"
        tree.add(part, {"DEVTYPE": "partition", "ID_FS_LABEL": f"P{number}"})
        tree.event("add", part, DEVTYPE="partition")
        time.sleep(0.01)  # the pace of a real stick
    whole = [" ".join([STICK_LINE, *(f"P{number}" for number in range(3, 20))])]
    told = 1
    while (said := follower.says()) != whole:
        assert said is not None
        told += 1
    assert told <= 6  # of 18; once or twice if the machine is not busy
    assert follower.says(within=0.5) is None


def test_another_disc_is_told_even_if_it_looks_the_same(tree, follow):
    plug_drive(tree)
    follower = follow()
    assert follower.says() == [DRIVE_LINE]
    tree.event("change", DRIVE, DISK_MEDIA_CHANGE="1")
    assert follower.says() == [DRIVE_LINE]


def test_an_event_that_changes_nothing_is_not_told(tree, follow):
    plug_drive(tree)
    follower = follow()
    assert follower.says() == [DRIVE_LINE]
    tree.event("change", DRIVE)
    assert follower.says(within=0.5) is None


def test_watching_ends_at_once(tree, follow):
    follower = follow()
    assert follower.says() == []
    began = time.monotonic()
    follower.stop()
    assert follower.says() == "stopped"
    assert follower.process.wait(5) == 0
    assert time.monotonic() - began < 2


def test_without_udev_the_present_list_is_told_once(monkeypatch):
    def refused(*_args):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(watching.pyudev.Monitor, "from_netlink", refused)
    told = threading.Event()
    watch = Watch(lambda _devices: told.set())
    watch.start()
    assert told.wait(10)
    watch.stop()


def test_a_watch_can_be_stopped_twice_or_without_having_begun():
    watch = Watch(lambda _devices: None)
    watch.stop()
    watch.stop()


def test_a_watch_can_be_stopped_by_what_it_calls():
    ended = threading.Event()

    def stop(_devices):
        watch.stop()
        ended.set()

    watch = Watch(stop)
    watch.start()
    assert ended.wait(10)
    watch.stop()
