# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing sticks as an ordinary user, with the system's own UDisks2, polkit and passwords."""

import re

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
    assert (written.code, written.state, written.touched) == (4, "refused", False)
    assert "The password for /dev/sda was not given." in written.message
    assert untouched(memory)


def test_a_wrong_password_is_called_wrong(machine, stick, memory):
    Dialog(machine, "password:a guess")
    written = run(machine.user, *WRITE)
    assert (written.code, written.state, written.touched) == (4, "refused", False)
    assert "password" in written.message
    assert "did not ask" not in written.message
    assert untouched(memory)


def test_without_a_password_dialog_one_is_told_to_start_it(machine, stick, memory):
    written = run(machine.user, *WRITE)
    assert (written.code, written.state, written.touched) == (4, "refused", False)
    assert "the system did not ask for a password" in written.message
    assert "polkit agent" in written.remedy
    assert untouched(memory)


def test_a_password_that_is_not_given_is_not_asked_for_again_by_a_pipe(machine, stick, memory):
    ended = machine.user.run(["discwright", *WRITE])
    assert ended.code == 4
    assert "did not ask for a password" in ended.err
    assert untouched(memory)


# --- The password, on a terminal ------------------------------------------------------------

PROMPT = "Password: "


def asked(ended) -> list[str]:
    """Give the actions that polkit's text agent asked for."""
    return re.findall(r"AUTHENTICATING FOR org\.freedesktop\.udisks2\.(\S+)", ended.out)


def asking_still(machine) -> str:
    """Give the text agents that run."""
    return machine.root.shell("cat /proc/[0-9]*/comm 2>&- | grep -x pkttyagent || true")


@pytest.mark.parametrize("who", ["user", "elsewhere"])
def test_on_a_terminal_the_password_is_asked_for_there_once(machine, stick, memory, disc, who):
    writing = getattr(machine, who).start(["discwright", *WRITE], terminal=True).says(PROMPT)
    writing.type(f"{recipe.PASSWORD}\n")
    ended = writing.wait()
    assert ended.code == 0, ended.out
    assert asked(ended) == ["open-device"]
    assert "Preparing" not in ended.out.partition(PROMPT)[2].partition("COMPLETE")[0]
    assert head(memory, disc) == disc.read_bytes()
    assert not asking_still(machine)


def test_a_wrong_password_on_the_terminal_is_called_wrong(machine, stick, memory):
    writing = machine.user.start(["discwright", *WRITE], terminal=True).says(PROMPT)
    writing.type("a guess\n")
    ended = writing.wait()
    assert (ended.code, asked(ended)) == (4, ["open-device"])
    assert "the password was wrong" in ended.out
    assert untouched(memory)


def test_ctrl_c_at_the_password_ends_it_and_leaves_the_terminal_in_order(machine, stick, memory):
    script = f"stty echo; trap : INT; discwright {' '.join(WRITE)}; echo code $?; stty -a"
    writing = machine.user.start(["sh", "-c", script], terminal=True).says(PROMPT)
    writing.type("half a pass\x03")
    ended = writing.wait()
    assert "code 130" in ended.out
    assert "half a pass" not in ended.out
    assert re.search(r"[ ;]echo ", ended.out), ended.out
    assert untouched(memory)
    assert not asking_still(machine)


def test_a_dialog_of_the_desktop_goes_before_the_terminal(machine, stick):
    dialog = Dialog(machine, RIGHT)
    ended = machine.user.run(["discwright", *WRITE], terminal=True)
    assert (ended.code, asked(ended)) == (0, [])
    assert dialog.questions == ["open-device"]


def test_what_another_user_has_mounted_is_a_second_question_that_was_told_of(
    machine, stick, memory, disc
):
    machine.root.shell(f"""
        mkfs.vfat {stick.node} && udevadm settle && mkdir -p /mnt/theirs
        until udisksctl info -b {stick.node} | grep -q 'IdType: *vfat'; do sleep 0.05; done
        mount {stick.node} /mnt/theirs""")
    dialog = Dialog(machine, RIGHT)
    ended = machine.user.run(["discwright", *WRITE])
    assert ended.code == 0, ended.err
    assert dialog.questions == ["filesystem-unmount-others", "open-device"]
    assert "password twice" in ended.err
    assert head(memory, disc) == disc.read_bytes()


def test_json_on_a_terminal_asks_nothing_there(machine, stick):
    ended = machine.user.run(["discwright", *WRITE, "--json"], terminal=True)
    assert (ended.code, asked(ended)) == (4, [])


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
    assert (written.code, written.state, written.touched) == (4, "refused", False)
    assert f"in use at {mounted} by sleep (process {user.pid})" in written.message
    machine.user.done("findmnt", mounted)


def test_the_disk_of_the_system_is_refused(machine):
    written = run(machine.user, "write", IMAGE, "/dev/vda", "--yes", "--anyway")
    assert (written.code, written.state) == (4, "refused")
    assert written.message.startswith("/dev/vda belongs to the running system")


def test_a_stick_is_given_back_without_a_password(machine, mounted):
    erased = run(machine.user, "erase", Stick.node, "--yes", "--label", "EMPTY")
    assert (erased.code, erased.state) == (0, "complete")
    found = machine.root.done("lsblk", "-no", "FSTYPE,FSVER,LABEL", f"{Stick.node}1").split()
    assert found == ["vfat", "FAT16", "EMPTY"]
    assert "FAT16" in erased.message


def test_another_disc_put_in_before_the_answer_is_refused(
    machine, drive, stick, disc, other_disc, memory
):
    drive.insert(disc)
    Dialog(machine, RIGHT)
    asking = machine.user.start(
        ["discwright", "copy", drive.node, stick.node, "--anyway"], terminal=True, keep_input=True
    ).says("?")
    drive.exchange(other_disc)
    asking.type("y\n")
    ended = asking.wait()
    assert ended.code in {1, 4}
    assert "Another disc is in the drive" in ended.out
    assert untouched(memory)
