# SPDX-License-Identifier: GPL-3.0-or-later
"""Burning in the bench and reading what it says."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .bench import Bench

PROGRAM = Path(__file__).with_name("burn_program.py")


@dataclass(frozen=True)
class Burned:
    """What a burn left."""

    events: list[dict]
    stderr: str

    def all(self, event: str, node: str = "") -> list[dict]:
        """Give the events of a kind, of one drive or of all."""
        return [one for one in self.events
                if one["event"] == event and node in {"", one.get("node", "")}]  # fmt: skip

    @property
    def reports(self) -> list[dict]:
        """One for each drive."""
        return self.all("report")

    @property
    def report(self) -> dict:
        """The only one."""
        assert len(self.reports) == 1, (self.events, self.stderr)
        return self.reports[0]

    @property
    def state(self) -> str:
        return self.report["state"]

    @property
    def phases(self) -> list[str]:
        """The phases in their order."""
        return [one["phase"] for one in self.all("phase")]

    @property
    def log(self) -> str:
        return "\n".join(one["line"] for one in self.all("log"))


def job(image, *nodes, do="burn", patience=None, **options) -> list:
    """Give the command line of the program; ``patience``: seconds for xorriso to stop."""
    wishes = {"do": do, "image": str(image), "nodes": list(nodes or ("/dev/sr0",)),
              "options": options}  # fmt: skip
    if patience is not None:
        wishes["patience"] = patience
    return ["python", PROGRAM, json.dumps(wishes)]


def read(stdout: str, stderr: str) -> Burned:
    """Read what the program wrote."""
    assert "Traceback" not in stderr, stderr
    return Burned([json.loads(line) for line in stdout.splitlines()], stderr)


def burn(bench: Bench, image, *nodes, do="burn", timeout=60, **options) -> Burned:
    """Burn and wait for the end."""
    bench.hurry()
    done = bench.run(job(image, *nodes, do=do, **options), timeout=timeout)
    return read(done.stdout, done.stderr)


def orphans(bench: Bench) -> list[str]:
    """Give the command lines of programs that still run in the bench, but for its drives."""
    return [line for _pid, line in _running(bench)]


def pids(bench: Bench, program: str) -> list[int]:
    """Give the processes of a program in the bench."""
    return [pid for pid, line in _running(bench) if line.startswith(program)]


def _running(bench: Bench) -> Iterator[tuple[int, str]]:
    mark = f"UMOCKDEV_DIR={bench.root}".encode()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal() or int(folder.name) == os.getpid():
            continue
        try:
            if mark in (folder / "environ").read_bytes():
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                yield int(folder.name), line
        except OSError:
            continue
