# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright burn`` as a script sees it, with the real xorriso, onto files in place of discs."""

from pathlib import Path

from .conftest import Command


def test_the_virtual_disc_begins_with_the_image_and_is_proved(
    command: Command, sample: Path
) -> None:
    ended = command("burn", sample, "stdio:disc.img", "--json")
    assert (ended.code, ended.report["state"], ended.report["verified"]) == (0, "complete", True)
    image = sample.read_bytes()
    assert (command.folder / "disc.img").read_bytes()[: len(image)] == image
    assert ended.events[0]["event"] == "plan"


def test_what_is_in_the_file_is_not_lost_unasked(command: Command, sample: Path) -> None:
    disc = command.folder / "disc.img"
    disc.write_bytes(b"precious" * 1000)
    ended = command("burn", sample, "stdio:disc.img", "--json")
    assert (ended.code, ended.report["state"]) == (4, "refused")
    unasked = command("burn", sample, "stdio:disc.img", "--blank", "fast", "--json")
    assert (unasked.code, unasked.report["refusal"]) == (4, "not-confirmed")
    assert disc.read_bytes() == b"precious" * 1000
    assert command("burn", sample, "stdio:disc.img", "--blank", "fast", "--yes").code == 0


def test_an_image_that_is_none_is_refused(command: Command) -> None:
    (command.folder / "x.iso").write_bytes(b"abc")
    ended = command("burn", "x.iso", "stdio:disc.img", "--json")
    assert (ended.code, ended.report["state"]) == (4, "refused")
    assert not (command.folder / "disc.img").exists()


def test_several_copies_need_somebody_to_change_the_discs(command: Command, sample: Path) -> None:
    ended = command("burn", sample, "stdio:disc.img", "--copies", "2", "--json")
    assert (ended.code, ended.report["refusal"]) == (4, "copies")


def test_a_drive_that_is_not_there_is_refused(command: Command, sample: Path) -> None:
    ended = command("burn", sample, "/dev/sr99", "--json")
    assert (ended.code, ended.report["state"]) == (4, "refused")


def test_on_a_machine_without_a_drive_a_file_stands_for_the_disc(
    command: Command, sample: Path
) -> None:
    ended = command("burn", sample)
    assert ended.code == 0, ended.err
    assert "a file stands for the disc" in ended.err
    image = sample.read_bytes()
    disc = command.folder / f"{sample.name}.disc"
    assert disc.read_bytes()[: len(image)] == image
    again = command("burn", sample, "--json")
    assert (again.code, again.report["refusal"]) == (4, "not-blank")


def test_music_is_not_written_into_a_file(command: Command) -> None:
    (command.folder / "album.bin").write_bytes(bytes(2352 * 1500))
    (command.folder / "album.cue").write_text(
        'FILE "album.bin" BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n'
    )
    ended = command("burn", "album.cue", "stdio:disc.img", "--json")
    assert (ended.code, ended.report["refusal"]) == (4, "needs-cd")
    assert not (command.folder / "disc.img").exists()
