# SPDX-License-Identifier: GPL-3.0-or-later
"""Running ``discwright rip`` in the bench and reading what it says."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from drive.bench import Bench

SECTOR = 2048


@dataclass(frozen=True)
class Ripped:
    """What a rip left: exit code, events, the last of them, stderr, the files."""

    code: int
    events: list[dict]
    stderr: str
    target: Path

    @property
    def report(self) -> dict:
        """The last event."""
        assert self.events, self.stderr
        assert self.events[-1]["event"] == "report"
        return self.events[-1]

    @property
    def plan(self) -> dict:
        """What was planned."""
        return next(event for event in self.events if event["event"] == "plan")

    @property
    def files(self) -> set[str]:
        """The names beside the target."""
        return {path.name for path in self.target.parent.iterdir()}


def ripped(done: subprocess.CompletedProcess, target: Path) -> Ripped:
    """Read the events of a finished command."""
    assert "Traceback" not in done.stderr, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return Ripped(done.returncode, events, done.stderr, target)


def rip(bench: Bench, target: Path, *options: str, node: str = "/dev/sr0") -> Ripped:
    """Rip ``node`` to ``target`` and wait for the end."""
    return ripped(bench.run(["discwright", "rip", node, target, "--json", *options]), target)


def differing_sectors(one: bytes, other: bytes) -> list[int]:
    """Give the numbers of the sectors that differ."""
    assert len(one) == len(other)
    return [
        at // SECTOR
        for at in range(0, len(one), SECTOR)
        if one[at : at + SECTOR] != other[at : at + SECTOR]
    ]
