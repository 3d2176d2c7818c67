# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright verify``: exit code 0 if it is the same, 3 if not, 4 if there is nothing to say."""

import hashlib
import json
import shutil
import signal
from pathlib import Path

import pytest

from .conftest import DEADLINE, Command


@pytest.fixture
def image(command: Command, sample: Path) -> Path:
    """A disc image in the command's folder."""
    return Path(shutil.copyfile(sample, command.folder / "disc.iso"))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_fresh_copy_agrees_with_the_checksum_beside_it(command: Command, image: Path) -> None:
    command("rip", image, "copy.iso", "--hash", "sha256,md5")
    ended = command("verify", "copy.iso", "--json")
    assert ended.code == 0
    report = ended.report
    assert report["state"] == "complete"
    assert {check["algorithm"]: check["same"] for check in report["checks"]} == {
        "sha256": True, "md5": True,
    }  # fmt: skip
    assert report["digests"]["sha256"] == sha256(image)
    assert report["bytes"] == image.stat().st_size
    assert any(event.get("phase") == "verifying" for event in ended.events)


def test_one_changed_bit_is_found(command: Command, image: Path) -> None:
    command("rip", image, "copy.iso")
    with (command.folder / "copy.iso").open("r+b") as file:
        file.seek(1_000_000)
        byte = file.read(1)
        file.seek(1_000_000)
        file.write(bytes([byte[0] ^ 1]))
    ended = command("verify", "copy.iso")
    assert ended.code == 3
    assert "copy.iso.sha256" in ended.err
    ended = command("verify", "copy.iso", "disc.iso", "--json")
    assert ended.code == 3
    assert ended.report["differing_sectors"] == [[1_000_000 // 2048, 1]]


def test_a_published_list_is_searched_for_the_image(command: Command, image: Path) -> None:
    lines = f"{'0' * 64}  other.iso\n{sha256(image)} *./dvd/disc.iso\n"
    (command.folder / "SUMS").write_text(lines)
    assert command("verify", image, "SUMS").code == 0
    (command.folder / "SUMS").write_text(lines.replace(sha256(image), "1" * 64))
    assert command("verify", image, "SUMS").code == 3
    (command.folder / "SUMS").write_text(f"{'0' * 64}  other.iso\n")
    assert command("verify", image, "SUMS").code == 4


def test_the_same_image_is_the_same(command: Command, image: Path, sample: Path) -> None:
    ended = command("verify", image, sample, "--json")
    assert ended.code == 0
    assert "byte for byte" in ended.report["message"]


def test_a_longer_image_is_different_and_the_sizes_are_told(command: Command, image: Path) -> None:
    (command.folder / "long.iso").write_bytes(image.read_bytes() + b"x")
    for words in ([image, "long.iso"], ["long.iso", image]):
        ended = command("verify", *words)
        assert ended.code == 3
        assert f"({image.stat().st_size} B)" in ended.err
        assert f"({image.stat().st_size + 1} B)" in ended.err


def test_an_image_with_a_checksum_file_inside_is_still_an_image(
    command: Command, image: Path
) -> None:
    inside = f"\n{'0' * 64}  disc.iso\n".encode()
    (command.folder / "other.iso").write_bytes(image.read_bytes() + inside)
    ended = command("verify", image, "other.iso", "--json")
    assert ended.code == 3
    assert "differing_sectors" in ended.report
    assert ended.report["digests"] == {}


@pytest.mark.parametrize(
    "words",
    [
        ["disc.iso"], ["gone.iso"], ["disc.iso", "gone.iso"], ["."], ["/dev/null"],
        ["disc.iso", "disc.iso"], ["disc.iso", "text"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_nothing_to_check_with_is_refused(words: list[str], command: Command, image: Path) -> None:
    assert image.exists()
    (command.folder / "text").write_text("no checksum here\n")
    ended = command("verify", *words, "--json")
    assert ended.code == 4
    assert ended.report["state"] == "refused"
    assert ended.report["message"].endswith(".")


def test_a_check_can_be_cancelled(command: Command, large: Path) -> None:
    (command.folder / "SUMS").write_text(f"{'0' * 128}  {large.name}\n")
    with command.start("verify", large, "SUMS", "--json") as process:
        for line in process.stdout:
            if json.loads(line)["event"] == "progress":
                break
        process.send_signal(signal.SIGTERM)
        out, _err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 130
    assert json.loads(out.splitlines()[-1])["state"] == "cancelled"
