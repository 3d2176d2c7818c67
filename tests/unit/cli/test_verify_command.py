# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright verify``: exit code 0 if it is the same, 3 if not, 4 if there is nothing to say."""

import hashlib
import json
import shutil
import signal
import zlib
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


def catalogue(folder: Path, name: str, *files: Path) -> Path:
    """A catalogue with one disc of these files."""
    roms = []
    for file in files:
        data = file.read_bytes()
        roms.append(
            f'<rom name="{file.name}" size="{len(data)}" crc="{zlib.crc32(data):08X}" '
            f'md5="{hashlib.md5(data).hexdigest()}" sha1="{hashlib.sha1(data).hexdigest()}"/>'
        )
    path = folder / "Test.dat"
    path.write_text(
        f'<?xml version="1.0"?><datafile><header><name>Test</name></header>'
        f'<game name="{name}">{"".join(roms)}</game></datafile>'
    )
    return path


def test_a_catalogue_tells_what_an_image_is(command: Command, image: Path) -> None:
    catalogue(command.folder, "A Game &lt;1&gt; (Europe)", image)
    ended = command("verify", image, "Test.dat", "--json")
    assert (ended.code, ended.report["title"]) == (0, "A Game <1> (Europe)")
    assert set(ended.report["digests"]) == {"crc32", "md5", "sha1"}
    image.write_bytes(image.read_bytes()[:-1] + b"x")
    ended = command("verify", image, "Test.dat")
    assert ended.code == 3
    assert "“A Game <1> (Europe)” has this size, but other content." in ended.err


def test_all_tracks_of_a_cd_must_be_in_the_catalogue(command: Command) -> None:
    tracks = [command.folder / f"Game (Track {number}).bin" for number in (1, 2)]
    for number, track in enumerate(tracks):
        track.write_bytes(bytes([number + 1]) * 2352 * 400)
    cue = command.folder / "Game.cue"
    cue.write_text(
        "".join(
            f'FILE "{track.name}" BINARY\n  TRACK 0{number} AUDIO\n    INDEX 01 00:00:00\n'
            for number, track in enumerate(tracks, 1)
        )
    )
    catalogue(command.folder, "Game", *tracks, cue)
    cue.write_text("REM other words in the sheet\n" + cue.read_text())
    ended = command("verify", "Game.cue", "Test.dat", "--json")
    assert (ended.code, ended.report["title"]) == (0, "Game")
    ended = command("verify", tracks[1], "Test.dat")
    assert "one of 2 files" in ended.err
    tracks[1].write_bytes(bytes(2352 * 400))
    assert command("verify", "Game.cue", "Test.dat").code == 3


def test_a_broken_catalogue_is_refused(command: Command, image: Path) -> None:
    (command.folder / "Test.dat").write_text("<datafile><game>")
    ended = command("verify", image, "Test.dat", "--json")
    assert (ended.code, ended.report["state"]) == (4, "refused")


@pytest.mark.parametrize(("tail", "said"), [(bytes(4096), "only zeros"), (b"x", "more than zeros")])
def test_what_a_longer_image_has_behind_is_told(
    command: Command, image: Path, tail: bytes, said: str
) -> None:
    (command.folder / "long.iso").write_bytes(image.read_bytes() + tail)
    for words in ([image, "long.iso"], ["long.iso", image]):
        ended = command("verify", *words)
        assert ended.code == 3
        assert said in ended.err
