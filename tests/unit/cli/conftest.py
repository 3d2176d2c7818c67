# SPDX-License-Identifier: GPL-3.0-or-later
"""The command as a user runs it: a process of its own, away from the user's own state."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import discwright
from discwright.image.sample import make_sample

DEADLINE = 60
"""Seconds after which a command is taken for hanging."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """The JSON lines of stdout; fails on any other line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def report(self) -> dict[str, Any]:
        """The last event, which must be the only report."""
        events = self.events
        assert [e["event"] for e in events].count("report") == 1
        assert events[-1]["event"] == "report"
        return events[-1]


def _reset_signals() -> None:
    # A test run in the background may have inherited an ignored SIGINT.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Command:
    """Starts ``python -m discwright`` in a folder of its own."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_RUNTIME_DIR"}
        } | {
            "PYTHONPATH": str(Path(discwright.__file__).parent.parent),
            "XDG_STATE_HOME": str(home / "state"),
            "TMPDIR": str(home / "tmp"),
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere",
            "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere",
            "LC_ALL": "C.UTF-8",
            "PYTHONWARNINGS": "error,ignore:builtin type swig:DeprecationWarning",
        }
        (home / "tmp").mkdir()

    def start(self, *words: object, **options: Any) -> "subprocess.Popen[bytes]":
        settings = {
            "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
            "cwd": self.folder, "env": self.environment, "preexec_fn": _reset_signals,
        }  # fmt: skip
        line = [sys.executable, "-m", "discwright", *map(os.fspath, words)]
        return subprocess.Popen(line, **(settings | options))

    def __call__(self, *words: object, **options: Any) -> Ended:
        with self.start(*words, **options) as process:
            out, err = process.communicate(timeout=DEADLINE)
        return Ended(
            process.returncode,
            (out or b"").decode("utf-8", "surrogateescape"),
            (err or b"").decode("utf-8", "surrogateescape"),
        )


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """The command, run in ``tmp_path / "work"``."""
    (tmp_path / "work").mkdir()
    return Command(tmp_path / "work", tmp_path)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small disc image; not to be changed."""
    return make_sample(tmp_path_factory.mktemp("sample") / "sample.iso")


def stretched(sample: Path, path: Path, size: int) -> Path:
    """Copy an image and add a hole, so that it has ``size`` bytes."""
    shutil.copyfile(sample, path)
    os.truncate(path, size)
    return path


@pytest.fixture
def medium(sample: Path, tmp_path: Path) -> Path:
    """A disc image that takes a moment to copy."""
    return stretched(sample, tmp_path / "medium.iso", 300 << 20)


@pytest.fixture
def large(sample: Path, tmp_path: Path) -> Path:
    """A disc image that takes so long to copy that there is time to stop it."""
    return stretched(sample, tmp_path / "large.iso", 2 << 30)
