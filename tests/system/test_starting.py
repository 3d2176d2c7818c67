# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting computers from sticks that an ordinary user has written."""

import pytest

from images.catalogue import IMAGES, made
from system.bench import Stick, recipe
from system.bench.starting import GREETING, NOTHING, OVMF, start_from
from system.conftest import leave_out
from system.running import LINUX, RIGHT, Dialog, at, run, start

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
@pytest.mark.parametrize("name", ["basdat", "mbr-efi", "gpt-esp"])
def test_images_of_other_tools_start_with_uefi_as_is_said_of_them(name):
    image = IMAGES[name]
    assert image.stick_uefi
    assert image.greeting in start_from(made(name), image.greeting, uefi=True)


def test_an_image_for_discs_only_does_not_start_from_a_stick():
    image = IMAGES["plain-iso"]
    assert not image.stick_bios
    assert NOTHING in start_from(made(image.name), image.greeting, uefi=False)
