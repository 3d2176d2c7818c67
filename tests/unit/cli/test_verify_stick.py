# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright verify STICK IMAGE``, with regular files in place of sticks."""

from pathlib import Path

from .conftest import Command


def test_a_stick_that_begins_with_the_image_is_the_same(command: Command, sample: Path) -> None:
    stick = command.folder / "stick"
    stick.write_bytes(sample.read_bytes() + b"rest" * 100_000)
    before = stick.read_bytes()
    ended = command("verify", stick, sample, "--allow-file", "--json")
    assert (ended.code, ended.report["state"]) == (0, "complete")
    assert stick.read_bytes() == before


def test_one_changed_byte_is_found_and_named(command: Command, sample: Path) -> None:
    data = bytearray(sample.read_bytes())
    data[100_000] ^= 1
    stick = command.folder / "stick"
    stick.write_bytes(data)
    ended = command("verify", stick, sample, "--allow-file", "--json")
    assert (ended.code, ended.report["state"]) == (3, "complete-with-errors")
    offset, length = ended.report["differing"][0]
    assert offset <= 100_000 < offset + length


def test_a_stick_needs_an_image_to_be_compared_with(command: Command, sample: Path) -> None:
    ended = command("verify", sample, "--allow-file", "--json")
    assert (ended.code, ended.report["refusal"]) == (4, "no-image")
