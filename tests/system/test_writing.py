# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing sticks as an ordinary user, with the system's own UDisks2, polkit and passwords."""

import pytest

from system.bench import Machine, Stick, recipe
from system.running import IMAGE, LINUX, RIGHT, Dialog, at, result, run, start

WRITE = ("write", IMAGE, Stick.node, "--yes", "--anyway")
PIECE = 4 << 20
"""Bytes: so much is written and read back at once."""


def head(memory, disc) -> bytes:
    """Give as much of the stick as the image is long."""
    with memory.open("rb") as file:
        return file.read(disc.stat().st_size)


def untouched(memory) -> bool:
    return not memory.read_bytes().strip(b"\0")


# --- The password ---------------------------------------------------------------------------


def test_one_password_does_for_writing_and_reading_back(machine, stick, memory, disc):
    dialog = Dialog(machine, RIGHT)
    written = run(machine.user, *WRITE)
    assert (written.code, written.state, written.verified) == (0, "complete", True)
    assert dialog.questions == ["open-device"]
    assert head(memory, disc) == disc.read_bytes()


def test_who_closes_the_password_dialog_is_told_that_nothing_was_written(machine, stick, memory):
    Dialog(machine, "cancel")
    written = run(machine.user, *WRITE)
    assert (written.code, written.state, written.touched) == (1, "failed", False)
    assert "The password for /dev/sda was not given." in written.message
    assert untouched(memory)


def test_a_wrong_password_is_called_wrong(machine, stick, memory):
    Dialog(machine, "password:a guess")
    written = run(machine.user, *WRITE)
    assert (written.code, written.state, written.touched) == (1, "failed", False)
    assert "password" in written.message
    assert "did not ask" not in written.message
    assert untouched(memory)


def test_without_a_password_dialog_one_is_told_to_start_it(machine, stick, memory):
    written = run(machine.user, *WRITE)
    assert (written.code, written.state, written.touched) == (1, "failed", False)
    assert "the system did not ask for a password" in written.message
    assert "polkit agent" in written.remedy
    assert untouched(memory)


def test_a_rule_of_the_administrator_makes_the_password_needless(machine, stick, memory, disc):
    machine.root.shell(f"""
        cat >/etc/polkit-1/rules.d/10-sticks.rules <<'END'
        polkit.addRule(function(action, subject) {{
          if (action.id == "org.freedesktop.udisks2.open-device" &&
              subject.user == "{recipe.VISITOR}") return polkit.Result.YES;
        }});
END
        systemctl restart polkit""")
    written = run(machine.elsewhere, *WRITE)
    assert (written.code, written.state) == (0, "complete")
    assert head(memory, disc) == disc.read_bytes()


# --- What goes wrong ------------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["writing", "verifying"])
def test_a_stick_that_is_pulled_out_ends_it(machine, stick, phase):
    Dialog(machine, RIGHT)
    stick.medium.set_speed(PIECE)
    program = start(machine.user, "write", LINUX, stick.node, "--yes")
    program.until(at(phase, PIECE), f"the middle of {phase}")
    stick.pull()
    written = result(program.wait())
    assert (written.code, written.state, written.left_bootable) == (1, "failed", False)
    assert "it was pulled out" in written.message


def test_blocks_that_take_no_data_end_the_writing(machine, memory):
    Stick(machine, memory, bad_writes=(2048,))
    Dialog(machine, RIGHT)
    written = run(machine.user, *WRITE)
    assert (written.code, written.state, written.left_bootable) == (1, "failed", False)
    assert "failed while it was written to" in written.message


def test_a_stick_with_blocks_of_4096_bytes_is_written_and_proved(machine, memory, disc):
    Stick(machine, memory, block=4096)
    Dialog(machine, RIGHT)
    written = run(machine.user, *WRITE)
    assert (written.code, written.state, written.verified) == (0, "complete", True)
    assert head(memory, disc) == disc.read_bytes()


def test_another_stick_put_in_before_the_answer_is_refused(machine, stick, memory, tmp_path):
    Dialog(machine, RIGHT)
    asking = machine.user.start(
        ["discwright", "write", IMAGE, Stick.node, "--anyway"], terminal=True, keep_input=True
    ).says("Write?")
    stick.pull()
    other = Stick(machine, tmp_path / "other", size=32 << 20, serial="STICK-2")
    asking.type("y\n")
    ended = asking.wait()
    assert other.node == stick.node
    assert ended.code in {1, 4}
    assert "another" in ended.out.lower()
    assert untouched(other.path)


# --- What is on it --------------------------------------------------------------------------


@pytest.fixture
def mounted(machine: Machine, stick: Stick) -> str:
    """A stick with a file system, mounted for the user as a file manager does; give the place."""
    machine.root.shell(f"mkfs.vfat -n PHOTOS {stick.node} && udevadm settle")
    machine.user.shell(f"""
        until udisksctl info -b {stick.node} | grep -q 'IdType: *vfat'; do sleep 0.05; done
        udisksctl mount -b {stick.node}""")
    return machine.user.done("findmnt", "-no", "TARGET", stick.node).strip()


def test_a_mounted_stick_is_unmounted_and_written(machine, mounted, memory, disc):
    dialog = Dialog(machine, RIGHT)
    written = run(machine.user, *WRITE)
    assert (written.code, written.state) == (0, "complete")
    assert dialog.questions == ["open-device"]
    assert head(memory, disc) == disc.read_bytes()


def test_a_stick_that_a_program_uses_is_not_written_and_the_program_is_named(machine, mounted):
    Dialog(machine, RIGHT)
    user = machine.user.start(["sh", "-c", f"cd {mounted}; echo in; exec sleep 1000"]).says("in")
    written = run(machine.user, *WRITE)
    assert (written.code, written.state, written.touched) == (1, "failed", False)
    assert f"in use at {mounted} by sleep (process {user.pid})" in written.message
    machine.user.done("findmnt", mounted)


@pytest.mark.parametrize("node", ["/dev/vda", "/dev/vdb"])
def test_disks_of_the_system_are_refused(machine, node):
    written = run(machine.user, "write", IMAGE, node, "--yes", "--anyway")
    assert (written.code, written.state) == (4, "refused")
    assert written.message.startswith(f"{node} belongs to the running system")


def test_a_stick_is_given_back_without_a_password(machine, mounted):
    erased = run(machine.user, "erase", Stick.node, "--yes", "--label", "EMPTY")
    assert (erased.code, erased.state) == (0, "complete")
    found = machine.root.done("lsblk", "-no", "FSTYPE,FSVER,LABEL", f"{Stick.node}1").split()
    assert found == ["vfat", "FAT16", "EMPTY"]
    assert "FAT16" in erased.message


def test_a_disc_goes_straight_to_a_stick(machine, drive, stick, memory, disc):
    drive.insert(disc)
    Dialog(machine, RIGHT)
    copied = run(machine.user, "copy", drive.node, stick.node, "--yes", "--anyway")
    assert (copied.code, copied.state) == (0, "complete")
    assert head(memory, disc) == disc.read_bytes()


def test_another_disc_put_in_before_the_answer_is_refused(
    machine, drive, stick, disc, other_disc, memory
):
    drive.insert(disc)
    Dialog(machine, RIGHT)
    asking = machine.user.start(
        ["discwright", "copy", drive.node, stick.node, "--anyway"], terminal=True, keep_input=True
    ).says("?")
    drive.exchange(drive.disc(other_disc))
    asking.type("y\n")
    ended = asking.wait()
    assert ended.code in {1, 4}
    assert "Another disc is in the drive" in ended.out
    assert untouched(memory)
