# SPDX-License-Identifier: GPL-3.0-or-later
"""The program as it is run in the machine, and what it says there."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from system.bench import Ended, Line, Machine, Program, recipe

IMAGE = "/opt/discwright/disc.iso"
"""The image that lies in the machine; it has the same bytes as the fixture ``disc``."""

LINUX = "/opt/discwright/linux.iso"
"""The same of one that computers start from."""

RIGHT = f"password:{recipe.PASSWORD}"
"""The answer of an administrator, for :class:`Dialog`."""


@dataclass(frozen=True)
class Result:
    """How a command with ``--json`` ended."""

    code: int
    report: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.report[name]


def events(program: Program | Ended) -> list[dict[str, Any]]:
    """Give what it told so far."""
    return [json.loads(line) for line in program.out.splitlines(keepends=True) if line[-1] == "\n"]


def result(ended: Ended) -> Result:
    """Give the end of a command that was run with ``--json``."""
    told = events(ended)
    assert told, ended
    assert told[-1]["event"] == "report", ended
    return Result(ended.code, told[-1])


def run(line: Line, *words: str) -> Result:
    """Run the program with ``--json``, to its end."""
    return result(line.run(["discwright", *words, "--json"]))


def start(line: Line, *words: str) -> Program:
    """Start the program with ``--json``."""
    return line.start(["discwright", *words, "--json"])


def at(phase: str, done: int) -> Callable[[Program], bool]:
    """Give whether a program is so many bytes into a phase."""

    def reached(program: Program) -> bool:
        return any(
            event["event"] == "progress" and event["phase"] == phase and event["done"] >= done
            for event in events(program)
        )

    return reached


class Dialog:
    """The password dialog of the user's desktop, and who sits before it."""

    def __init__(self, machine: Machine, answer: str) -> None:
        """Open the eyes; ``answer``: see guest/polkit_agent.py."""
        command = ["python3", "/usr/local/lib/polkit_agent.py", answer]
        self._program = machine.user.start(command).says("registered")

    @property
    def questions(self) -> list[str]:
        """The actions that a password was asked for."""
        lines = self._program.out.splitlines()
        return [line.split(".")[-1] for line in lines if line.startswith("asked ")]
