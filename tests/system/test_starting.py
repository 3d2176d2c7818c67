# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting computers from sticks that an ordinary user has written."""

import pytest

from images.catalogue import IMAGES, made
from system.bench import Stick, recipe
from system.bench.starting import GREETING, NOTHING, OVMF, screen_of, start_from
from system.conftest import leave_out
from system.running import LINUX, RIGHT, Dialog, at, run, start

MEMTESTS_BLUE = 0, 0, 170

PIECE = 4 << 20
"""Bytes: so much is written at once."""


@pytest.fixture(scope="module")
def written(ground, tmp_path_factory):
    """The memory of a stick with Linux."""
    memory = tmp_path_factory.mktemp("stick") / "stick"
    with ground.wake() as machine:
        stick = Stick(machine, memory, size=32 << 20)
        Dialog(machine, RIGHT)
        report = run(machine.user, "write", LINUX, stick.node, "--yes")
        assert report.code == 0, report
        assert report.boot == "Computers with BIOS and with UEFI start from the stick."
    return memory


@pytest.fixture(scope="module", autouse=True)
def _a_pc():
    leave_out(recipe.missing_to_run())


@pytest.fixture
def _uefi():
    leave_out("" if OVMF.exists() else "not installed: ovmf")


def test_linux_starts_from_the_stick_on_a_bios(written):
    assert GREETING in start_from(written, GREETING, uefi=False)


@pytest.mark.usefixtures("_uefi")
def test_linux_starts_from_the_stick_with_uefi(written):
    assert GREETING in start_from(written, GREETING, uefi=True)


def test_a_stick_that_was_pulled_out_while_it_was_written_starts_nothing(machine, stick, memory):
    Dialog(machine, RIGHT)
    stick.medium.set_speed(PIECE)
    program = start(machine.user, "write", LINUX, stick.node, "--yes")
    program.until(at("writing", 2 * PIECE), "most of it")
    stick.pull()
    program.wait()
    assert NOTHING in start_from(memory, GREETING, uefi=False)


@pytest.mark.parametrize(
    "name", [one.name for one in IMAGES.values() if one.stick_bios and one.greets]
)
def test_images_of_other_tools_start_on_a_bios_as_is_said_of_them(name):
    image = IMAGES[name]
    assert image.greeting in start_from(made(name), image.greeting, uefi=False)


@pytest.mark.usefixtures("_uefi")
@pytest.mark.parametrize(
    "name", [one.name for one in IMAGES.values() if one.stick_uefi and one.greets]
)
def test_images_of_other_tools_start_with_uefi_as_is_said_of_them(name):
    image = IMAGES[name]
    # OVMF finds no partitions on USB sticks with blocks of 4096 bytes, on other disks it does.
    written = start_from(
        made(name), image.greeting, uefi=True, block=image.block, usb=image.block == 512
    )
    assert image.greeting in written


@pytest.mark.parametrize("name", [one.name for one in IMAGES.values() if not one.greets])
def test_finished_images_show_themselves_on_the_screen_of_a_bios(name):
    image = IMAGES[name]
    assert image.stick_bios
    screen = screen_of(made(name), lambda one: image.own_words in one.text, uefi=False)
    assert image.own_words in screen.text


@pytest.mark.usefixtures("_uefi")
def test_memtest_fills_the_screen_with_its_blue_with_uefi():
    # It draws its letters itself, and without a console= on its command line nothing else tells.
    assert IMAGES["memtest"].stick_uefi
    screen = screen_of(made("memtest"), lambda one: one.share(MEMTESTS_BLUE) > 0.5, uefi=True)
    assert screen.share(MEMTESTS_BLUE) > 0.5


def test_an_image_for_discs_only_does_not_start_from_a_stick():
    image = IMAGES["plain-iso"]
    assert not image.stick_bios
    assert NOTHING in start_from(made(image.name), image.greeting, uefi=False)
