# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright erase`` as a script sees it."""

from .conftest import Command


def test_a_virtual_disc_is_emptied_after_a_yes(command: Command) -> None:
    disc = command.folder / "disc.img"
    disc.write_bytes(b"old" * 5000)
    unasked = command("erase", "stdio:disc.img", "--json")
    assert (unasked.code, unasked.report["refusal"]) == (4, "not-confirmed")
    assert disc.read_bytes() == b"old" * 5000
    assert command("erase", "stdio:disc.img", "--yes", "--json").code == 0
    assert disc.read_bytes() == b""


def test_a_regular_file_is_no_stick(command: Command) -> None:
    file = command.folder / "file"
    file.write_bytes(b"precious")
    ended = command("erase", file, "--yes", "--json")
    assert (ended.code, ended.report["state"]) == (4, "refused")
    assert not ended.report["remedy"]
    assert file.read_bytes() == b"precious"


def test_what_is_not_there_is_refused(command: Command) -> None:
    ended = command("erase", "/dev/nothing", "--yes", "--json")
    assert (ended.code, ended.report["state"]) == (4, "refused")
