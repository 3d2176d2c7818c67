# SPDX-License-Identifier: GPL-3.0-or-later
"""Ripping from the virtual drive, beside a bare loop of READ(10) on the same drive."""

import json
import os
import subprocess
from collections.abc import Iterator

from benchmarks.copying import Place
from benchmarks.discs import random_disc, warm
from benchmarks.figures import Figure, Goal, in_turns, tell
from benchmarks.processes import PROGRAMS
from discwright.optical.drive import MAX_REQUEST
from drive.bench import Bench, media, umockdev_missing

_SIZE = 1 << 30


def drive(place: Place) -> Iterator[Figure]:
    """Rip a DVD from the virtual drive, beside a bare loop with the same request size."""
    if missing := umockdev_missing():
        tell(missing)
        return
    loop = place.folder / "bare_read"
    subprocess.run(["cc", "-O2", "-o", loop, PROGRAMS / "bare_read.c"], check=True)
    disc = warm(random_disc(place.folder / "dvd.iso", min(_SIZE, place.size)))
    sectors = disc.stat().st_size // 2048
    mib = disc.stat().st_size / (1 << 20)
    with Bench() as bench:
        bench.add_drive(media.dvd_rom(disc))

        def bare() -> float:
            done = bench.run([loop, "/dev/sr0", str(sectors), str(MAX_REQUEST)], timeout=600)
            if done.returncode:
                raise RuntimeError(done.stderr)
            return mib / float(done.stdout)

        def ripped() -> float:
            place.clear()
            done = bench.run(["discwright", "rip", "/dev/sr0", place.target, "--json"], timeout=600)
            report = json.loads(done.stdout.splitlines()[-1])
            if report["state"] != "complete":
                raise RuntimeError(f"The rip went wrong: {report}")
            place.clear()
            return mib / report["duration_s"]

        medians = in_turns(place.rounds, {"rip": ripped, "bare loop": bare})
    disc.unlink()
    os.sync()
    kib = MAX_REQUEST * 2
    yield Figure("rip from the virtual drive, flushed", medians["rip"], "MiB/s")
    yield Figure(f"bare SG_IO loop, {kib} KiB each, nothing kept", medians["bare loop"], "MiB/s")
    yield Figure("rip : bare loop", medians["rip"] / medians["bare loop"], "×", Goal("≥", 0.9))
