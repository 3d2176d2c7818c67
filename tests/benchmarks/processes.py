# SPDX-License-Identifier: GPL-3.0-or-later
"""Running programs and what that took: wall time, processor time, memory."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
PROGRAMS = Path(__file__).parent / "programs"
DISCWRIGHT = (sys.executable, "-m", "discwright")


@dataclass(frozen=True)
class Took:
    """What a program took and said. Seconds, bytes."""

    wall: float
    processor: float
    peak: int
    """The largest resident memory of the process itself.

    Linux counts from the fork: it is never less than the largest of the process that started it.
    """
    output: str


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give the environment in which this checkout's program runs."""
    before = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    path = os.pathsep.join([str(CHECKOUT / "app"), *filter(None, before)])
    return dict(os.environ) | {"PYTHONPATH": path} | dict(extra or {})


def run(argv: Sequence[str | Path], env: Mapping[str, str] | None = None) -> Took:
    """Run a program to its end. Raises RuntimeError if it fails."""
    began = time.monotonic()
    with subprocess.Popen(
        [str(word) for word in argv],
        env=environment() if env is None else dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        output = child.stdout.read().decode()
        _pid, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{argv} ended with {child.returncode}: {output[-500:]}")
    return Took(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, output)


def shell(line: str) -> float:
    """Run a fixed pipeline; give its wall time in seconds."""
    return run(["bash", "-o", "pipefail", "-c", line]).wall
