# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting computers from sticks that an ordinary user has written."""

import pytest

from system.bench import Stick
from system.bench.starting import GREETING, NOTHING, OVMF, start_from
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


def test_linux_starts_from_the_stick_on_a_bios(written):
    assert GREETING in start_from(written, uefi=False)


def test_linux_starts_from_the_stick_with_uefi(written):
    if not OVMF.exists():
        pytest.skip("not installed: ovmf")
    assert GREETING in start_from(written, uefi=True)


def test_a_stick_that_was_pulled_out_while_it_was_written_starts_nothing(machine, stick, memory):
    Dialog(machine, RIGHT)
    stick.medium.set_speed(PIECE)
    program = start(machine.user, "write", LINUX, stick.node, "--yes")
    program.until(at("writing", 2 * PIECE), "most of it")
    stick.pull()
    program.wait()
    assert NOTHING in start_from(memory, uefi=False)
