# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting: quickly, into the window or a command, and with a clear word on wrong usage."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from discwright import __version__
from discwright.__main__ import names_file

from .conftest import Command

HEAVY = ("PySide6", "pycdio", "cdio", "_pycdio", "pycdlib", "pyudev", "jeepney")


def test_the_version_is_told(command: Command) -> None:
    ended = command("--version")
    assert (ended.code, ended.out.strip()) == (0, f"discwright {__version__}")


COMMANDS = ["devices", "rip", "burn", "write", "erase", "inspect", "verify"]


def test_help_lists_the_commands(command: Command) -> None:
    ended = command("--help")
    assert ended.code == 0
    for word in COMMANDS:
        assert f"    {word} " in ended.out


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_with_examples(name: str, command: Command) -> None:
    ended = command(name, "--help")
    assert ended.code == 0
    assert f"  discwright {name}" in ended.out.split("examples:")[1]


@pytest.mark.parametrize(
    "words",
    [
        ["frobnicate"], ["rip"], ["rip", "a"], ["rip", "a", "b", "c"], ["--frob"], ["inspect"],
        ["rip", "a", "b", "--hash", "sha3"], ["rip", "a", "b", "--hash", ","],
        ["rip", "a", "b", "--retries", "-1"], ["rip", "a", "b", "--retries", "x"],
        ["rip", "a", "b", "--speed", "fast"], ["rip", "a", "b", "--speed", "0"],
        ["rip", "a", "b", "--speed", "nan"], ["rip", "a", "b", "--format", "nrg"],
        ["rip", "a", "b", "--json", "--frob"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_is_exit_code_2_and_nothing_on_stdout(
    words: list[str], command: Command
) -> None:
    ended = command(*words)
    assert ended.code == 2
    assert ended.out == ""
    assert "usage: discwright" in ended.err


def modules_after(words: list[str], environment: dict[str, str]) -> set[str]:
    """Give the modules that the command has loaded when it ends."""
    code = """
import sys
from discwright.__main__ import main
try:
    main()
except SystemExit:
    pass
finally:
    sys.stderr.write("\\n" + " ".join(sorted(sys.modules)))
"""
    ended = subprocess.run(
        [sys.executable, "-c", code, *words],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(ended.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["rip", "--help"], ["frobnicate"]])
def test_help_loads_neither_qt_nor_libcdio(words: list[str], command: Command) -> None:
    loaded = modules_after(words, command.environment)
    assert "discwright.cli.main" in loaded
    assert not loaded & set(HEAVY)


def test_a_rip_of_an_image_loads_neither_qt_nor_pycdlib(command: Command, sample: Path) -> None:
    target = command.folder / "copy.iso"
    loaded = modules_after(["rip", str(sample), str(target)], command.environment)
    assert target.exists()
    assert not loaded & {"PySide6", "pycdlib"}


def test_without_a_display_the_window_says_so(command: Command) -> None:
    ended = command()
    assert ended.code == 2
    assert "no display" in ended.err
    assert "--help" in ended.err


def test_an_image_to_open_wants_the_window(command: Command, sample: Path) -> None:
    for word in (str(sample), sample.as_uri()):
        ended = command(word)
        assert ended.code == 2
        assert "no display" in ended.err


def test_a_command_stays_a_command_where_a_file_of_its_name_lies_about(command: Command) -> None:
    (command.folder / "devices").write_text("")
    ended = command("devices", "--json")
    assert ended.code == 0
    assert ended.report["state"] == "complete"


def test_what_names_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rip").write_text("")
    (tmp_path / "x.iso").write_text("")
    assert names_file("x.iso")
    assert names_file("./rip")
    assert names_file("file:///x/y.iso")
    assert names_file(os.devnull)
    assert not names_file("rip")
    assert not names_file("y.iso")
    assert not names_file(str(tmp_path))
    assert not names_file("--help")
