# SPDX-License-Identifier: GPL-3.0-or-later
"""Burning in the virtual drive, beside bare xorriso and a bare loop of READ(10).

xorriso's naps are shortened for all alike: it looks for the end of a step once a second, and that
second, there or not, would hide what is looked for.
"""

import json
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.copying import Place
from benchmarks.discs import random_disc, sparse_disc, warm
from benchmarks.figures import Figure, Goal, in_turns, tell
from benchmarks.processes import DISCWRIGHT, PROGRAMS, run
from discwright.optical.drive import MAX_REQUEST
from drive.bench import Bench, Drive, media, umockdev_missing
from drive.bench.media import Profile

_MIB = 1 << 20
_DVD_8X = 11_080_000
"""Bytes a second at which the drives write, where they are made slow."""
_DVD_16X = 22_160_000
_BD_12X = 53_950_000
_NAPS = 10
"""xorriso's naps are so many times shorter."""
_ROUNDS = 2
"""Burns at a drive's pace take long and hardly differ."""
_TIMEOUT = 600.0


def burn(place: Place) -> Iterator[Figure]:
    """Take all figures of burning."""
    if missing := umockdev_missing():
        tell(missing)
        return
    for figures in (_overhead, _reading_back, _memory, _together):
        yield from figures(place)


def _overhead(place: Place) -> Iterator[Figure]:
    """Burn at the pace of a drive, and let bare xorriso do so at the same time in another."""
    image = _image(place, 320)
    taken: dict[str, list[float]] = {"burn": [], "xorriso": []}
    with _bench() as bench, ThreadPoolExecutor(2) as threads:
        drives = [bench.add_drive(write_rate=_DVD_8X) for _drive in range(2)]
        for turn in range(_ROUNDS):
            ours, theirs = drives[:: 1 if turn % 2 == 0 else -1]
            _blank(ours)
            _blank(theirs)
            waiting = {
                "burn": threads.submit(
                    _burned_seconds, bench, image, ours, wishes=("--no-verify",)
                ),
                "xorriso": threads.submit(_xorriso_seconds, bench, image, theirs),
            }
            for name, seconds in waiting.items():
                taken[name].append(seconds.result())
                tell(f"  {turn + 1}/{_ROUNDS} {name}: {taken[name][-1]:.2f}")
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    more = medians["burn"] - medians["xorriso"]
    size = image.stat().st_size // _MIB
    yield Figure(f"burn {size} MiB at 8x, not read back", medians["burn"], "s")
    yield Figure("bare xorriso -as cdrecord, the same burn", medians["xorriso"], "s")
    yield Figure("burn - bare xorriso", more, "s")
    yield Figure("burn : bare xorriso", medians["burn"] / medians["xorriso"], "×", Goal("≤", 1.03))
    image.unlink()


def _reading_back(place: Place) -> Iterator[Figure]:
    """Burn and read back, beside a bare loop over the same disc with the same request size."""
    loop = place.folder / "bare_read_back"
    subprocess.run(["cc", "-O2", "-o", loop, PROGRAMS / "bare_read.c"], check=True)
    image = _image(place, 192)
    mib = image.stat().st_size / _MIB
    with _bench() as bench:
        drive = bench.add_drive()

        def verified(rate: int) -> float:
            _blank(drive)
            drive.limit_rate(rate)
            return mib / float(_burned(bench, image, drive)["times_s"]["verifying"])

        def bare(rate: int) -> float:
            drive.limit_rate(rate)
            sectors = str(image.stat().st_size // 2048)
            done = bench.run([loop, drive.node, sectors, str(MAX_REQUEST)], timeout=_TIMEOUT)
            if done.returncode:
                raise RuntimeError(done.stderr)
            return mib / float(done.stdout)

        # the first of them burns what the others find in the drive
        runs: Mapping[str, Callable[[], float]] = {
            "read back at 12x": lambda: verified(_BD_12X),
            "bare loop at 12x": lambda: bare(_BD_12X),
            "read back": lambda: verified(0),
            "bare loop": lambda: bare(0),
        }
        medians = in_turns(min(3, place.rounds), runs)
    for pace, goal in ((" at 12x", Goal("≥", 0.9)), ("", None)):
        ours, theirs = medians[f"read back{pace}"], medians[f"bare loop{pace}"]
        which = "drive held to BD 12x" if pace else "drive not held"
        yield Figure(f"reading back and comparing, {which}", ours, "MiB/s")
        yield Figure(f"bare SG_IO loop, {which}", theirs, "MiB/s")
        yield Figure(f"reading back : bare loop, {which}", ours / theirs, "×", goal)
    image.unlink()


def _memory(place: Place) -> Iterator[Figure]:
    """Burn and read back 64 MiB and 512 MiB (sparse): the memory must be small and the same."""
    discs = {
        "64 MiB": sparse_disc(place.folder / "small-burn.iso", 64 * _MIB),
        "512 MiB": sparse_disc(place.folder / "large-burn.iso", 512 * _MIB),
    }
    with _bench() as bench:
        drive = bench.add_drive()

        def peak(image: Path) -> float:
            _blank(drive)
            took = run([*DISCWRIGHT, *_words(image, drive)], bench.environment())
            _judge(took.output, image)
            if took.peak <= resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024:
                tell("  That is the memory of this program: the burn took less.")
            return took.peak / _MIB

        peaks = in_turns(
            _ROUNDS, {name: lambda image=image: peak(image) for name, image in discs.items()}
        )
    for name, mib in peaks.items():
        yield Figure(f"peak memory of a burn of {name}", mib, "MiB", Goal("<", 80))
    ratio = peaks["512 MiB"] / peaks["64 MiB"]
    yield Figure("peak memory of a burn, 512 MiB : 64 MiB", ratio, "×", Goal("≤", 1.05))


def _together(place: Place) -> Iterator[Figure]:
    """Burn and read back with one drive and with three at once, at the pace of drives."""
    image = _image(place, 64)
    with _bench() as bench:
        drives = [bench.add_drive(write_rate=_DVD_8X, rate=_DVD_16X) for _drive in range(3)]

        def seconds(*chosen: Drive) -> float:
            for drive in chosen:
                _blank(drive)
            return _burned_seconds(bench, image, *chosen)

        medians = in_turns(
            _ROUNDS, {"one": lambda: seconds(drives[0]), "three": lambda: seconds(*drives)}
        )
    size = image.stat().st_size // _MIB
    yield Figure(f"burn {size} MiB at 8x and read back at 16x", medians["one"], "s")
    yield Figure("the same with three burners at once", medians["three"], "s")
    yield Figure("three burners : one", medians["three"] / medians["one"], "×", Goal("≤", 1.15))
    image.unlink()


def _image(place: Place, mib: int) -> Path:
    return warm(random_disc(place.folder / f"burn-{mib}.iso", min(place.size, mib * _MIB)))


def _bench() -> Bench:
    bench = Bench()
    bench.hurry(_NAPS)
    return bench


def _blank(drive: Drive) -> None:
    drive.insert(media.blank(Profile.DVD_R))


def _words(image: Path, *drives: Drive) -> list[str | Path]:
    return ["burn", image, *(drive.node for drive in drives), "--no-eject", "--json"]


def _burned(bench: Bench, image: Path, *drives: Drive, wishes: tuple[str, ...] = ()) -> dict:
    done = bench.run(["discwright", *_words(image, *drives), *wishes], timeout=_TIMEOUT)
    return _judge(done.stdout, image, verified=None if "--no-verify" in wishes else True)


def _judge(output: str, image: Path, *, verified: bool | None = True) -> dict:
    """Give the report of a burn that went well with all drives. Raises RuntimeError."""
    report: dict = json.loads(output.splitlines()[-1])
    whole = ("complete", verified, image.stat().st_size)
    if any(
        (part["state"], part["verified"], part["bytes"]) != whole
        for part in report.get("parts", [report])
    ):
        raise RuntimeError(f"The burn went wrong: {report}")
    return report


def _burned_seconds(
    bench: Bench, image: Path, *drives: Drive, wishes: tuple[str, ...] = ()
) -> float:
    began = time.monotonic()
    _burned(bench, image, *drives, wishes=wishes)
    return time.monotonic() - began


def _xorriso_seconds(bench: Bench, image: Path, drive: Drive) -> float:
    began = time.monotonic()
    done = bench.run(
        ["xorriso", "-no_rc", "-as", "cdrecord", "-v", f"dev={drive.node}", "fs=8m", "-nopad",
         "-sao", image],
        timeout=_TIMEOUT,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr)
    return time.monotonic() - began
