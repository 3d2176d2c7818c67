# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a stick again and again, and is killed each time at another moment.

Run as a program: each writing is a child forked before any thread was started, and kills itself
with SIGKILL before, within or after its n-th request. Prints a line of JSON for each moment.
"""

import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from .disk import MIB, OLD, Disk, starts
from .writing import write

REQUEST = 5 * MIB // 2
"""Makes pieces of 2.5 MiB, so that there are more moments."""

PARTS = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.95)
"""How much of a request is done when the process is killed within it."""


@dataclass(frozen=True)
class Moment:
    """When the process is killed: around the ``nth`` request of this kind."""

    op: str
    nth: int
    part: float | None
    """None: just after it; else this much of it was done."""


class DeadlyDisk(Disk):
    """Kills its process at one moment."""

    moment: Moment | None = None

    def pwrite(self, data, offset):
        if self._struck("write", data, offset, before=True):
            _die()
        count = super().pwrite(data, offset)
        self._after("write")
        return count

    def pread(self, buffer, offset):
        if self._struck("read", buffer, offset, before=True):
            _die()
        count = super().pread(buffer, offset)
        self._after("read")
        return count

    def flush(self):
        if self._struck("flush", memoryview(b""), 0, before=True):
            _die()
        super().flush()
        self._after("flush")

    def _struck(self, op, data, offset, *, before):
        moment = self.moment
        if moment is None or moment.part is None or moment.op != op:
            return False
        if self.count(op) + 1 != moment.nth:
            return False
        if op == "write":
            done = int(len(data) * moment.part) // self.block * self.block
            self._put(data[:done], offset)
        return before

    def _after(self, op):
        moment = self.moment
        if moment is None or moment.op != op or moment.part is not None:
            return
        if self.count(op) >= moment.nth:  # of two requests at a time, the other may be ahead
            _die()


def _die():
    os.kill(os.getpid(), signal.SIGKILL)


def moments(counts):
    """Give every moment for so many requests of each kind."""
    for op, count in counts.items():
        for nth in range(1, count + 1):
            yield Moment(op, nth, None)
            for part in PARTS if op == "write" else (0.0,):
                yield Moment(op, nth, part)


def run_once(image, folder, moment):
    """Write in a child; give how it ended, what is on the stick, and how often what was asked."""
    path = folder / "sdb"
    path.unlink(missing_ok=True)
    counts_file = folder / "counts"
    child = os.fork()
    if child == 0:
        disk = DeadlyDisk(path)
        disk.moment = moment
        reports = write(image, disk, max_request=REQUEST)
        counts = {op: disk.count(op) for op in ("write", "read", "flush")}
        counts_file.write_text(json.dumps([reports[0].state, counts]))
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WTERMSIG(status), path.read_bytes()


def main(image, folder):
    """Try all moments."""
    image, folder = Path(image), Path(folder)
    wanted = image.read_bytes()
    run_once(image, folder, None)
    state, counts = json.loads((folder / "counts").read_text())
    print(json.dumps({"state": state, "counts": counts}), flush=True)
    for moment in moments(counts):
        ended, found = run_once(image, folder, moment)
        line = {
            "moment": f"{moment.op} {moment.nth} {moment.part}",
            "signal": ended,
            "starts": starts(found),
            "old": found[: len(OLD)] == OLD,
            "whole": found[: len(wanted)] == wanted,
            "body": found[MIB : len(wanted)] == wanted[MIB:],
            "boot": found[:4096] == wanted[:4096],
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
