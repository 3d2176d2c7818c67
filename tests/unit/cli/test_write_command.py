# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright write`` as a script sees it, onto regular files in place of sticks."""

import hashlib
import lzma
from pathlib import Path

import pytest

from .conftest import Command

MIB = 1 << 20


@pytest.fixture
def image(command: Command) -> Path:
    """An image with a partition table and boot code, as hybrid images have them."""
    data = bytearray(bytes(range(256)) * (3 * MIB // 256))
    data[446:462] = bytes([0x80, 0, 2, 0, 0x17, 0, 0, 0, 64, 0, 0, 0, 0, 16, 0, 0])
    data[510:512] = b"\x55\xaa"
    path = command.folder / "hybrid.img"
    path.write_bytes(data)
    return path


@pytest.fixture
def stick(command: Command) -> Path:
    path = command.folder / "stick"
    path.write_bytes(b"old" * MIB + bytes(5 * MIB))
    return path


def begins_with(stick: Path, data: bytes) -> bool:
    return stick.read_bytes()[: len(data)] == data


def test_the_stick_begins_with_the_image_and_is_proved(
    command: Command, image: Path, stick: Path
) -> None:
    ended = command("write", image, stick, "--allow-file", "--yes", "--json")
    assert (ended.code, ended.report["state"], ended.report["verified"]) == (0, "complete", True)
    assert ended.report["bytes"] == 3 * MIB
    assert begins_with(stick, image.read_bytes())


def test_nothing_is_destroyed_without_a_yes(command: Command, image: Path, stick: Path) -> None:
    before = stick.read_bytes()
    ended = command("write", image, stick, "--allow-file", "--json")
    assert (ended.code, ended.report["refusal"]) == (4, "not-confirmed")
    assert stick.read_bytes() == before


def test_a_device_in_place_of_the_image_is_refused_before_it_is_read(
    command: Command, stick: Path
) -> None:
    node = next((node for node in Path("/dev").glob("loop[0-9]*") if node.is_block_device()), None)
    if node is None:
        pytest.skip("there is no block device here")
    ended = command("write", node, stick, "--allow-file", "--yes", "--json")
    assert (ended.code, ended.report["refusal"]) == (4, "device")
    assert "not an image file" in ended.report["message"]


def test_a_regular_file_is_no_stick_unless_allowed(
    command: Command, image: Path, stick: Path
) -> None:
    before = stick.read_bytes()
    ended = command("write", image, stick, "--yes", "--json")
    assert (ended.code, ended.report["state"]) == (4, "refused")
    assert stick.read_bytes() == before


def test_a_wrong_checksum_leaves_a_stick_that_does_not_start(
    command: Command, image: Path, stick: Path
) -> None:
    ended = command(
        "write", image, stick, "--allow-file", "--yes", "--json", "--expect", "sha256:" + "0" * 64
    )
    assert (ended.code, ended.report["state"]) == (1, "failed")
    assert stick.read_bytes()[510:512] != b"\x55\xaa"


def test_the_right_checksum_is_told(command: Command, image: Path, stick: Path) -> None:
    digest = hashlib.sha256(image.read_bytes()).hexdigest()
    ended = command(
        "write", image, stick, "--allow-file", "--yes", "--json", "--expect", f"sha256:{digest}"
    )
    assert ended.code == 0
    assert ended.report["checked"] == f"sha256:{digest}"


def test_a_checksum_that_is_none_is_refused_before(
    command: Command, image: Path, stick: Path
) -> None:
    before = stick.read_bytes()
    ended = command("write", image, stick, "--allow-file", "--yes", "--json", "--expect", "hello")
    assert (ended.code, ended.report["refusal"]) == (4, "hash")
    assert stick.read_bytes() == before


def test_a_compressed_image_is_unpacked_on_the_way(
    command: Command, image: Path, stick: Path
) -> None:
    packed = command.folder / "hybrid.img.xz"
    packed.write_bytes(lzma.compress(image.read_bytes()))
    ended = command("write", packed, stick, "--allow-file", "--yes", "--json")
    assert ended.code == 0
    assert begins_with(stick, image.read_bytes())


def test_each_of_several_sticks_has_a_verdict(command: Command, image: Path, stick: Path) -> None:
    other = command.folder / "other"
    other.write_bytes(bytes(4 * MIB))
    ended = command("write", image, stick, other, "--allow-file", "--yes", "--json")
    assert ended.code == 0
    assert [part["state"] for part in ended.report["parts"]] == ["complete", "complete"]
    assert begins_with(other, image.read_bytes())


def test_one_stick_that_is_too_small_refuses_all_before_any_is_touched(
    command: Command, image: Path, stick: Path
) -> None:
    small = command.folder / "small"
    small.write_bytes(bytes(MIB))
    before = stick.read_bytes()
    ended = command("write", image, stick, small, "--allow-file", "--yes", "--json")
    assert (ended.code, ended.report["refusal"]) == (4, "too-big")
    assert stick.read_bytes() == before


def test_an_image_that_is_not_there_is_refused(command: Command, stick: Path) -> None:
    ended = command("write", "gone.iso", stick, "--allow-file", "--yes", "--json")
    assert (ended.code, ended.report["state"]) == (4, "refused")


def test_the_plan_is_told_before(command: Command, image: Path, stick: Path) -> None:
    plan = command("write", image, stick, "--allow-file", "--json").events[0]
    assert plan["event"] == "plan"
    assert plan["sticks"][0]["size"] == 8 * MIB
