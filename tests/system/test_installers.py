# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying Windows installers as an ordinary user, with the system's own UDisks2 and polkit."""

import signal

import pytest

from images.parts import efi_loader
from system.bench import Drive, Stick, recipe
from system.bench.starting import OVMF, start_from
from system.conftest import leave_out
from system.running import Dialog, at, result, run, start
from unit.stick.installer_disc import make_installer

COPY = ("copy", Drive.node, Stick.node, "--yes")
GREETING = "The loader of a Windows installer has started."
PIECE = 1 << 20
PATIENCE_S = 300.0
"""Seconds for all steps of a copying, on a busy computer."""
PART = f"{Stick.node}1"


@pytest.fixture(scope="module")
def windows(tmp_path_factory):
    folder = tmp_path_factory.mktemp("windows")
    return make_installer(folder, loader=efi_loader(folder, GREETING).read_bytes())


@pytest.fixture
def installer(drive, windows):
    """The installer's disc, in the drive."""
    drive.insert(windows)


def told(machine, node: str = PART) -> str:
    """Give what UDisks2 says of a partition when udev has looked at it."""
    return machine.user.shell(f"udevadm settle; udisksctl info -b {node}")


def ignored(machine) -> bool:
    said = told(machine)
    assert "HintIgnore:" in said
    return "HintIgnore:                 true" in said


@pytest.mark.usefixtures("installer")
def test_it_is_copied_without_a_password_and_a_pc_with_uefi_starts_from_it(machine, stick, memory):
    dialog = Dialog(machine, "cancel")
    copied = result(start(machine.user, *COPY).wait(PATIENCE_S))
    assert (copied.code, copied.state, copied.verified) == (0, "complete", True), (
        f"{copied.message} {copied.cause}"
    )
    assert dialog.questions == []
    assert "IdLabel:                    CCCOMA_X64F" in told(machine)
    assert "Type:               0x0c" in told(machine)
    assert not ignored(machine)
    machine.user.done("udisksctl", "mount", "-b", PART)
    machine.user.done("udisksctl", "unmount", "-b", PART)
    leave_out(recipe.missing_to_run() or ("" if OVMF.exists() else "not installed: ovmf"))
    assert GREETING in start_from(memory, GREETING, uefi=True)


@pytest.mark.usefixtures("installer")
def test_a_kill_leaves_a_stick_without_anything(machine, stick):
    stick.medium.set_speed(PIECE)
    program = start(machine.user, *COPY)
    program.until(at("writing", PIECE), "the middle of the writing")
    program.signal(signal.SIGKILL)
    program.wait()
    stick.medium.set_speed(0)
    columns = "FSTYPE,PTTYPE,MOUNTPOINT"
    machine.root.shell(f"""
        while lsblk --noheadings --output {columns} {Stick.node} | grep -q '[^ ]'
        do sleep 0.1; done""")


@pytest.mark.usefixtures("installer")
@pytest.mark.parametrize(("phase", "done"), [("writing", 1), ("verifying", 1)])
def test_after_a_power_cut_no_file_manager_shows_the_stick_and_it_may_be_erased(
    machine, stick, memory, phase, done
):
    stick.medium.set_speed(PIECE)
    program = start(machine.user, *COPY)
    program.until(at(phase, done), f"the {phase}")
    stick.pull()
    machine.root.shell("pkill -KILL -f discwright || true")
    program.wait()
    Stick(machine, memory)
    assert "Type:               0x27" in told(machine)
    assert ignored(machine)
    erased = run(machine.user, "erase", Stick.node, "--yes")
    assert (erased.code, erased.state) == (0, "complete"), erased
    assert not ignored(machine)
