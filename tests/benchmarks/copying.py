# SPDX-License-Identifier: GPL-3.0-or-later
"""Ripping an image file as a virtual disc, beside dd and ddrescue."""

import hashlib
import json
import os
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.discs import random_disc, sparse_disc, warm
from benchmarks.figures import Figure, Goal, in_turns, tell
from benchmarks.processes import DISCWRIGHT, PROGRAMS, Took, run, shell

FOUR = ("md5", "sha1", "sha256", "crc32")


@dataclass
class Place:
    """Where to measure, how much, how often."""

    folder: Path
    size: int
    rounds: int

    def disc(self) -> Path:
        """Give the large disc, made when first asked for."""
        path = self.folder / "disc.iso"
        if not path.exists():
            tell(f"Making a disc of {self.size >> 20} MiB")
            random_disc(path, self.size)
        return warm(path)

    @property
    def target(self) -> Path:
        """Give the name of the copy."""
        return self.folder / "copy" / "copy.iso"

    def clear(self) -> None:
        """Remove the copy and let the disk come to rest."""
        shutil.rmtree(self.target.parent, ignore_errors=True)
        self.target.parent.mkdir()
        os.sync()


def rip(place: Place, source: Path, hashes: tuple[str, ...] = ("sha256",)) -> Took:
    """Rip a virtual disc with the command; the copy is removed."""
    place.clear()
    took = run([*DISCWRIGHT, "rip", source, place.target, "--json", "--hash", ",".join(hashes)])
    report = json.loads(took.output.splitlines()[-1])
    if report["state"] != "complete" or report["bytes"] != source.stat().st_size:
        raise RuntimeError(f"The rip went wrong: {report}")
    place.clear()
    return took


def _timed(place: Place, line: str) -> float:
    place.clear()
    seconds = shell(line)
    place.clear()
    return seconds


def speed(place: Place) -> Iterator[Figure]:
    """Rip with sha256, beside ddrescue then sha256sum, and dd through tee into sha256sum."""
    disc, copy = place.disc(), place.target
    processor = []

    def ours() -> float:
        took = rip(place, disc)
        processor.append(took.processor)
        return took.wall

    by_ddrescue = f"ddrescue -q {disc} {copy} && sha256sum {copy}"
    by_dd = f"dd if={disc} bs=64k status=none | tee {copy} | sha256sum"
    medians = in_turns(
        place.rounds,
        {
            "rip": ours,
            "ddrescue": lambda: _timed(place, by_ddrescue),
            "dd": lambda: _timed(place, by_dd),
        },
    )
    to_ddrescue = medians["rip"] / medians["ddrescue"]
    to_dd = medians["rip"] / medians["dd"]
    yield Figure("rip with sha256, flushed", medians["rip"], "s")
    yield Figure("ddrescue, then sha256sum", medians["ddrescue"], "s")
    yield Figure("dd bs=64k | tee | sha256sum", medians["dd"], "s")
    yield Figure("rip : (ddrescue, sha256sum)", to_ddrescue, "×", Goal("≤", 1 / 1.2))
    yield Figure("rip : (dd | tee | sha256sum)", to_dd, "×", Goal("≤", 1.1))
    seconds_per_gib = statistics.median(processor) / disc.stat().st_size * (1 << 30)
    yield Figure("processor time of the rip", seconds_per_gib, "s/GiB")


def _slowest() -> str:
    data = os.urandom(16 << 20)

    def seconds(name: str) -> float:
        began = time.perf_counter()
        hashlib.new(name, data)
        return time.perf_counter() - began

    names = [name for name in FOUR if name != "crc32"]  # several times faster than each
    return max(names, key=lambda name: min(seconds(name) for _turn in range(7)))


def digests(place: Place) -> Iterator[Figure]:
    """Rip with four checksums, beside the slowest of them alone over the same bytes."""
    disc, slowest = place.disc(), _slowest()
    medians = in_turns(
        place.rounds,
        {
            "all": lambda: rip(place, disc, FOUR).wall,
            "one": lambda: rip(place, disc, (slowest,)).wall,
            "bare": lambda: run([sys.executable, PROGRAMS / "bare_digest.py", slowest, disc]).wall,
        },
    )
    yield Figure(f"rip with {', '.join(FOUR)}", medians["all"], "s")
    yield Figure(f"rip with {slowest}", medians["one"], "s")
    yield Figure(f"{slowest} alone, nothing written", medians["bare"], "s")
    yield Figure(
        f"rip with four : {slowest} alone", medians["all"] / medians["bare"], "×", Goal("≤", 1.5)
    )


def memory(place: Place) -> Iterator[Figure]:
    """Rip 100 MiB and 8 GiB (sparse): the memory must be small and the same."""
    small = sparse_disc(place.folder / "small.iso", 100 << 20)
    large = sparse_disc(place.folder / "large.iso", 8 << 30)
    peaks = in_turns(
        max(2, place.rounds // 2),
        {
            "100 MiB": lambda: rip(place, small).peak / (1 << 20),
            "8 GiB": lambda: rip(place, large).peak / (1 << 20),
        },
    )
    for name, peak in peaks.items():
        yield Figure(f"peak memory of a rip of {name}", peak, "MiB", Goal("<", 80))
    yield Figure(
        "peak memory, 8 GiB : 100 MiB", peaks["8 GiB"] / peaks["100 MiB"], "×", Goal("≤", 1.05)
    )
