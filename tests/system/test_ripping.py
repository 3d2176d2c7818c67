# SPDX-License-Identifier: GPL-3.0-or-later
"""Ripping as an ordinary user, from a drive of the kernel's own sr driver."""

import hashlib

import pytest

from system.bench import Drive, Machine
from system.running import at, result, run, start

RIP = ("rip", Drive.node, "copy.iso")
SLOW = 1_000_000
"""Bytes a second: so that there is a middle of the rip."""
CRAWL = 50_000
"""Bytes a second: so that the middle lasts."""
MIDDLE = 1 << 20


def files(machine: Machine) -> list[str]:
    """Give what lies about in the user's folder, without what is hidden."""
    return machine.user.done("ls").split()


@pytest.fixture
def in_the_middle(machine, drive, disc):
    """Give a rip that has read some of the disc, and the disc."""
    medium = drive.insert(disc, speed=SLOW)
    program = start(machine.user, *RIP).until(at("reading", MIDDLE), "the middle of the rip")
    medium.set_speed(CRAWL)
    return program, medium


def test_the_image_is_the_disc_byte_for_byte(machine, drive, disc):
    drive.insert(disc)
    ripped = run(machine.user, *RIP)
    wanted = hashlib.sha256(disc.read_bytes()).hexdigest()
    assert (ripped.code, ripped.state) == (0, "complete")
    assert machine.user.done("sha256sum", "copy.iso").split()[0] == wanted
    assert machine.user.done("sha256sum", "-c", "copy.iso.sha256") == "copy.iso: OK\n"


def test_the_list_of_devices_shows_the_disc_that_was_put_in(machine, drive, disc):
    drive.insert(disc)
    listed = machine.user.done("discwright", "devices")
    assert listed.splitlines() == ["/dev/sr0  QEMU CD-ROM  “A DISC” · CD · 3.52 MB"]


def test_bad_sectors_are_listed_with_their_file(machine, drive, disc):
    drive.insert(disc, bad=(1000, 1001, 1500))
    ripped = run(machine.user, *RIP)
    assert (ripped.code, ripped.state) == (3, "complete-with-errors")
    assert (ripped.bad_sectors, ripped.files_affected) == ([[1000, 2], [1500, 1]], ["noise.bin"])


def test_a_sector_that_can_be_read_at_the_second_try_is_no_loss(machine, drive, disc):
    drive.insert(disc, bad=(1000,), once=True)
    ripped = run(machine.user, *RIP)
    assert (ripped.code, ripped.state, ripped.bad_sectors) == (0, "complete", [])
    assert ripped.digests["sha256"] == hashlib.sha256(disc.read_bytes()).hexdigest()


def test_the_button_of_the_tray_ends_the_rip_and_nothing_is_kept(machine, drive, in_the_middle):
    program, medium = in_the_middle
    drive.press_button()
    drive.wait_until_open()  # udev has heard of the button, and has opened it
    medium.set_speed(0)
    ripped = result(program.wait())
    assert (ripped.code, ripped.state) == (1, "failed")
    assert "the tray was opened" in ripped.message
    assert files(machine) == []


def test_a_drive_that_is_unplugged_ends_the_rip_and_what_was_read_can_be_gone_on_with(
    machine, drive, in_the_middle
):
    program, medium = in_the_middle
    drive.unplug()
    medium.set_speed(0)
    ripped = result(program.wait())
    assert (ripped.code, ripped.state) == (1, "failed")
    assert "The drive is gone" in ripped.message
    # The kernel lets the request fail before it tells that the drive is gone.
    assert "is kept" in ripped.message
    assert files(machine) == ["copy.iso.json", "copy.iso.map", "copy.iso.part"]


def test_a_disc_of_the_same_size_put_in_meanwhile_is_noticed(
    machine, drive, in_the_middle, other_disc
):
    program, _medium = in_the_middle
    drive.exchange(other_disc)
    ripped = result(program.wait())
    assert (ripped.code, ripped.state) == (1, "failed")
    assert "changed" in ripped.message
    assert files(machine) == []


def test_who_may_not_use_the_drive_is_told_what_to_do(machine, drive, disc):
    drive.insert(disc)
    ripped = run(machine.elsewhere, *RIP)
    assert (ripped.code, ripped.state) == (4, "refused")
    assert "it belongs to the group cdrom" in ripped.message
    assert "sudo usermod -aG cdrom $USER" in ripped.remedy


def test_what_the_remedy_says_helps(machine, drive, disc):
    drive.insert(disc)
    machine.root.shell("USER=visitor; usermod -aG cdrom $USER")
    ripped = run(machine.elsewhere, *RIP)
    assert (ripped.code, ripped.state) == (0, "complete")
