# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright inspect`` and ``discwright devices``."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from discwright.cli import devices as devices_command
from discwright.cli.devices import device_line
from discwright.cli.main import main
from discwright.devices.identity import Identity
from discwright.devices.model import Drive, Medium, MediumState, Stick
from discwright.devices.targets import Kind, StickFacts

from .conftest import Command


def test_an_image_is_described_in_words(command: Command, sample: Path) -> None:
    ended = command("inspect", sample)
    assert ended.code == 0
    for part in ("DISCWRIGHT_SAMPLE", "ISO 9660", "Joliet", "sectors", "PC"):
        assert part in ended.out
    assert "can be copied" in ended.err


def test_an_image_is_described_in_json(command: Command, sample: Path) -> None:
    ended = command("inspect", sample, "--json")
    disc, report = ended.events
    assert disc["event"] == "disc"
    assert disc["label"] == "DISCWRIGHT_SAMPLE"
    assert disc["size"] == sample.stat().st_size
    assert disc["volumes"]["file_systems"] == ["ISO 9660", "Rock Ridge", "Joliet"]
    assert disc["rip"] == {"possible": True, "formats": ["iso"], "refusal": "", "message": ""}
    assert report["state"] == "complete"


def test_the_tracks_of_an_album_are_listed(command: Command) -> None:
    (command.folder / "album.bin").write_bytes(bytes(2352 * 1500))
    (command.folder / "album.cue").write_text(
        'FILE "album.bin" BINARY\nTRACK 01 AUDIO\nTITLE "First"\nINDEX 01 00:00:00\n'
        "TRACK 02 AUDIO\nINDEX 01 00:10:00\n"
    )
    ended = command("inspect", "album.cue")
    assert "1: audio, 0:10, from LBA 0, First" in ended.out
    assert "2: audio, 0:10, from LBA 750" in ended.out


@pytest.mark.parametrize("packed", [False, True])
def test_it_is_told_whether_a_stick_with_the_image_of_a_disk_starts(
    command: Command, packed: bool
) -> None:
    image = command.folder / "floppy.img"
    subprocess.run(["mkfs.fat", "-C", image, "1440"], check=True, capture_output=True)
    if packed:
        subprocess.run(["xz", image], check=True)
        image = image.with_name("floppy.img.xz")
    ended = command("inspect", image)
    assert ended.code == 0
    assert "No PC will start from the stick. For BIOS its first sector holds only" in ended.out
    assert "1.47 MB" in ended.out
    assert "written to a USB stick" in ended.err
    assert ("xz" in ended.out) == packed
    found, report = command("inspect", image, "--json").events
    assert (found["event"], found["size"], found["boot"]["stick_bios"]) == ("image", 1474560, False)
    assert found["boot_sentence"] == "No PC will start from the stick."
    assert report["state"] == "complete"


def test_a_cut_image_is_described_and_its_fault_is_named(command: Command, sample: Path) -> None:
    (command.folder / "cut.iso").write_bytes(sample.read_bytes()[:2_000_000])
    ended = command("inspect", "cut.iso", "--json")
    assert ended.code in {0, 1}
    assert "cut off" in str(ended.events)


@pytest.mark.parametrize("name", ["gone.iso", "/dev/no-such-drive", "/dev/null"])
@pytest.mark.parametrize("words", [[], ["--json"]])
def test_what_cannot_be_opened_is_named(name: str, words: list[str], command: Command) -> None:
    ended = command("inspect", name, *words)
    assert ended.code == 1
    assert "Traceback" not in ended.err
    assert name in (ended.report["message"] if words else ended.err)


DRIVE = Drive(
    node="/dev/sr0", vendor="HL-DT-ST", model="DVDRAM", firmware="1.0", serial="", bus="usb",
    diskseq=1, medium=Medium(
        MediumState.COMPLETE, kind="DVD-ROM", label="UBUNTU", sessions=1, tracks=1,
        data_tracks=1, size=4_700_000_000,
    ),
)  # fmt: skip
STICK = Stick(
    node="/dev/sdb", vendor="Kingston", model="DT", serial="", bus="usb", size=16_000_000_000,
    diskseq=2, labels=("PHOTOS",), read_only=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("device", "line"),
    [
        (DRIVE, "/dev/sr0  HL-DT-ST DVDRAM  “UBUNTU” · DVD-ROM · 4.70 GB"),
        (STICK, "/dev/sdb  Kingston DT  16.0 GB · “PHOTOS” · write-protected"),
        (
            Drive("/dev/sr1", "A", "B", "", "", "", None, Medium(MediumState.NO_MEDIUM)),
            "/dev/sr1  A B  no disc",
        ),
        (
            Drive("/dev/sr1", "A", "B", "", "", "", None, Medium(MediumState.BLANK, kind="DVD+R")),
            "/dev/sr1  A B  blank DVD+R",
        ),
        (
            Drive(
                "/dev/sr1", "A", "B", "", "", "", None,
                Medium(MediumState.COMPLETE, kind="CD-R", sessions=2, audio_tracks=12),
            ),
            "/dev/sr1  A B  CD-R · 12 audio tracks · 2 sessions",
        ),
    ],
)  # fmt: skip
def test_a_device_is_one_line(device: object, line: str) -> None:
    assert device_line(device) == line


class Plugged:
    """What is plugged in, for once."""

    def all(self) -> tuple[object, ...]:
        return (DRIVE, STICK)


def test_devices_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(devices_command, "Devices", Plugged)
    assert main(["devices"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [device_line(DRIVE), device_line(STICK)]
    assert err == "2 devices were found.\n"


def test_devices_are_listed_in_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(devices_command, "Devices", Plugged)
    assert main(["devices", "--json"]) == 0
    drive, stick, report = map(json.loads, capsys.readouterr().out.splitlines())
    assert (drive["event"], drive["kind"], drive["node"]) == ("device", "drive", "/dev/sr0")
    assert drive["medium"]["label"] == "UBUNTU"
    assert (stick["kind"], stick["size"]) == ("stick", 16_000_000_000)
    assert report["state"] == "complete"


def test_a_stick_that_is_refused_is_listed_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = StickFacts("/dev/sdb", Kind.DISK, model="Key", held_by=("vault",))
    facts = replace(facts, identity=Identity(STICK.size), bus="usb")
    monkeypatch.setattr(devices_command, "Devices", Plugged)
    monkeypatch.setattr(devices_command, "survey_target", lambda _node: facts)
    assert main(["devices", "--json"]) == 0
    drive, stick, _report = map(json.loads, capsys.readouterr().out.splitlines())
    assert "refused" not in drive
    assert stick["refused"].startswith("Key is in use")
    assert main(["devices"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == f"{device_line(STICK)}  {stick['refused']}"


def test_an_error_nobody_thought_of_is_a_sentence_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken:
        def all(self) -> None:
            raise ZeroDivisionError("seven")

    monkeypatch.setattr(devices_command, "Devices", Broken)
    monkeypatch.delenv("DISCWRIGHT_DEBUG", raising=False)
    assert main(["devices", "--json"]) == 1
    report = capsys.readouterr().out
    assert '"state": "failed"' in report
    assert "ZeroDivisionError: seven" in report
    assert main(["devices"]) == 1
    assert "Traceback" not in capsys.readouterr().err
