# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright copy`` as a script sees it; an image file stands for the disc in a drive."""

from pathlib import Path

import pytest

from .conftest import Command

MIB = 1 << 20


@pytest.fixture
def stick(command: Command) -> Path:
    path = command.folder / "stick"
    path.write_bytes(b"old" * MIB + bytes(9 * MIB))
    return path


@pytest.fixture
def drive(command: Command, sample: Path) -> Path:
    """What is named in place of a drive."""
    path = command.folder / "disc.iso"
    path.write_bytes(sample.read_bytes())
    return path


def test_the_stick_begins_with_the_disc_and_is_proved(
    command: Command, drive: Path, stick: Path
) -> None:
    ended = command("copy", drive, stick, "--allow-file", "--yes", "--json")
    assert (ended.code, ended.report["state"], ended.report["verified"]) == (0, "complete", True)
    assert stick.read_bytes()[: drive.stat().st_size] == drive.read_bytes()
    assert ended.report["source"] == str(drive)


def test_the_plan_is_told_before(command: Command, drive: Path, stick: Path) -> None:
    events = command("copy", drive, stick, "--allow-file", "--yes", "--json").events
    plan = events[0]
    assert (plan["event"], plan["size"]) == ("plan", drive.stat().st_size)
    assert any("No PC will start" in warning for warning in plan["warnings"])


def test_nothing_is_destroyed_without_a_yes(command: Command, drive: Path, stick: Path) -> None:
    before = stick.read_bytes()
    ended = command("copy", drive, stick, "--allow-file", "--json")
    assert (ended.code, ended.report["refusal"]) == (4, "not-confirmed")
    assert stick.read_bytes() == before


def test_a_regular_file_is_no_stick_unless_allowed(
    command: Command, drive: Path, stick: Path
) -> None:
    before = stick.read_bytes()
    assert command("copy", drive, stick, "--yes", "--json").code == 4
    assert stick.read_bytes() == before


def test_a_stick_that_is_too_small_is_refused(command: Command, drive: Path) -> None:
    small = command.folder / "small"
    small.write_bytes(bytes(MIB))
    ended = command("copy", drive, small, "--allow-file", "--yes", "--json")
    assert (ended.code, ended.report["refusal"]) == (4, "too-big")


def test_what_is_no_disc_is_refused_before_the_stick_is_touched(
    command: Command, stick: Path
) -> None:
    nonsense = command.folder / "nonsense.iso"
    nonsense.write_bytes(b"no disc" * 100_000)
    before = stick.read_bytes()
    ended = command("copy", nonsense, stick, "--allow-file", "--yes", "--json")
    assert (ended.code, ended.report["state"]) == (4, "refused")
    assert stick.read_bytes() == before


def test_the_disc_cannot_be_its_own_target(command: Command, drive: Path) -> None:
    before = drive.read_bytes()
    for name in (drive, command.folder / "." / "disc.iso"):
        assert command("copy", drive, name, "--allow-file", "--yes", "--json").code == 4
    other = command.folder / "link"
    other.hardlink_to(drive)
    assert command("copy", drive, other, "--allow-file", "--yes", "--json").code == 4
    assert drive.read_bytes() == before


def test_one_drive_needs_somebody_to_change_the_discs(command: Command) -> None:
    ended = command("copy", "/dev/sr0", "/dev/sr0", "--yes")
    assert ended.code == 4
    assert "change the discs" in ended.err
    assert "another drive" in ended.err


def test_a_missing_drive_is_refused_in_words(command: Command, stick: Path) -> None:
    ended = command("copy", "nowhere", stick, "--allow-file", "--yes")
    assert ended.code == 4
    assert "nowhere" in ended.err
