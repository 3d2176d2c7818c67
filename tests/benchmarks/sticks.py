# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing sticks, beside dd, xz and bmaptool on the same loop devices. Needs root.

The loop devices do direct I/O to preallocated files, so that neither side is helped by the page
cache: what is measured is the program beside the disk under it.
"""

import contextlib
import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.copying import Place
from benchmarks.discs import random_disc, warm
from benchmarks.figures import Figure, Goal, in_turns, tell
from benchmarks.processes import PROGRAMS, run, shell
from benchmarks.throttling import throttled

MOST = 1 << 30
"""Bytes of the image: a stick's worth."""

STICK = 80 << 20
"""Bytes that a throttled stick takes or gives in a second."""


@contextlib.contextmanager
def loops(place: Place, size: int, count: int = 1) -> Iterator[list[str]]:
    """Give loop devices of ``size`` bytes."""
    with contextlib.ExitStack() as stack:
        nodes = []
        for number in range(count):
            file = place.folder / f"stick{number}.img"
            stack.callback(file.unlink, missing_ok=True)
            subprocess.run(["fallocate", "-l", str(size), file], check=True)
            command = ["losetup", "--find", "--show", "--direct-io=on", file]
            made = subprocess.run(command, check=True, capture_output=True, text=True)
            nodes.append(made.stdout.strip())
            stack.callback(subprocess.run, ["losetup", "--detach", nodes[-1]], check=False)
            shell(
                f"dd if=/dev/zero of={nodes[-1]} bs=1M count={size >> 20} oflag=direct status=none"
            )
        yield nodes


def _image(place: Place) -> Path:
    path = place.folder / "stick.iso"
    if not path.exists():
        tell("Making an image")
        random_disc(path, min(place.size, MOST))
    return warm(path)


@dataclass(frozen=True)
class _Written:
    """What the writing took."""

    seconds: float
    each: list[float]
    """Seconds until each stick was done."""
    memory: int
    """Bytes."""


def _written(
    image: Path, nodes: Sequence[str], *, verify: bool = False, before: Sequence[str] = ()
) -> _Written:
    """Write it by a program of its own. ``before``: what goes before its command line."""
    mode = "verify" if verify else "-"
    took = run([*before, sys.executable, PROGRAMS / "write_stick.py", image, mode, *nodes])
    found = json.loads(took.output)
    if set(found["states"]) != {"complete"}:
        raise RuntimeError(f"The writing went wrong: {found['messages']}")
    return _Written(found["seconds"], found["each"], found["memory"])


def write(place: Place) -> Iterator[Figure]:
    """Write, and write and read back, beside dd."""
    image, memory = _image(place), []
    size = image.stat().st_size

    def proved() -> float:
        found = _written(image, nodes, verify=True)
        memory.append(found.memory)
        return found.seconds

    with loops(place, size + (64 << 20)) as nodes:
        node = nodes[0]
        to_stick = f"dd if={image} of={node} bs=4M oflag=direct conv=fdatasync status=none"
        back = f"dd if={node} of=/dev/null bs=4M iflag=direct count={size >> 22} status=none"
        medians = in_turns(
            place.rounds,
            {
                "write": lambda: _written(image, nodes).seconds,
                "dd write": lambda: shell(to_stick),
                "write and verify": proved,
                "dd read": lambda: shell(back),
            },
        )
    mib = size / (1 << 20)
    both = medians["dd write"] + medians["dd read"]
    yield Figure("write to a stick", mib / medians["write"], "MiB/s")
    yield Figure("dd bs=4M oflag=direct", mib / medians["dd write"], "MiB/s")
    yield Figure("speed, write : dd", medians["dd write"] / medians["write"], "×", Goal("≥", 0.95))
    yield Figure("write and verify", medians["write and verify"], "s")
    yield Figure("dd there and back, no hash", both, "s")
    ratio = medians["write and verify"] / both
    yield Figure("write and verify : dd, dd", ratio, "×", Goal("≤", 1.05))
    peak = statistics.median(memory) / (1 << 20)
    yield Figure("memory for buffers", peak, "MiB", Goal("≤", 64))


def packed(place: Place) -> Iterator[Figure]:
    """Write an image packed by xz in blocks, beside xz -dc -T0 and dd."""
    image = _image(place)
    small = place.folder / "packed.iso"
    shell(f"head -c {256 << 20} {image} > {small} && truncate -s +128M {small}")
    archive = place.folder / "packed.iso.xz"
    shell(f"xz -T0 -1 -k -c --block-size=16MiB {small} > {archive}")
    with loops(place, small.stat().st_size + (64 << 20)) as nodes:
        line = f"xz -dc -T0 {archive} | dd of={nodes[0]} bs=4M iflag=fullblock oflag=direct "
        medians = in_turns(
            place.rounds,
            {
                "xz image": lambda: _written(archive, nodes).seconds,
                "xz | dd": lambda: shell(line + "conv=fdatasync status=none"),
            },
        )
    yield Figure("xz image, written", medians["xz image"], "s")
    yield Figure("xz -dc -T0 | dd oflag=direct", medians["xz | dd"], "s")
    ratio = medians["xz image"] / medians["xz | dd"]
    yield Figure("xz image : (xz | dd)", ratio, "×", Goal("≤", 1.05))


def mapped(place: Place) -> Iterator[Figure]:
    """Write a sparse image with its block map, beside bmaptool."""
    if shutil.which("bmaptool") is None:
        raise RuntimeError("bmaptool is not installed")
    image, sparse = _image(place), place.folder / "sparse.img"
    shell(
        f"truncate -s 4G {sparse} && for part in 0 1 2 3; do dd if={image} of={sparse} bs=1M "
        f"count=64 seek=$((part * 1000)) skip=$((part * 64)) conv=notrunc status=none; done"
    )
    shell(f"bmaptool create -o {sparse}.bmap {sparse} 2> /dev/null")
    with loops(place, 4 << 30) as nodes:
        medians = in_turns(
            place.rounds,
            {
                "mapped image": lambda: _written(sparse, nodes).seconds,
                "bmaptool": lambda: shell(f"bmaptool -q copy {sparse} {nodes[0]} 2> /dev/null"),
            },
        )
    sparse.unlink()
    yield Figure("sparse image with .bmap", medians["mapped image"], "s")
    yield Figure("bmaptool copy", medians["bmaptool"], "s")
    ratio = medians["mapped image"] / medians["bmaptool"]
    yield Figure("sparse image : bmaptool", ratio, "×", Goal("≤", 1.1))


def many(place: Place) -> Iterator[Figure]:
    """Write one stick and four at once; on one disk they share its speed."""
    image = place.folder / "quarter.iso"
    shell(f"head -c {256 << 20} {_image(place)} > {image}")
    with loops(place, image.stat().st_size + (64 << 20), 4) as nodes:
        together = " & ".join(
            f"dd if={image} of={node} bs=4M oflag=direct conv=fdatasync status=none"
            for node in nodes
        )
        medians = in_turns(
            place.rounds,
            {
                "one": lambda: _written(warm(image), nodes[:1]).seconds,
                "four": lambda: _written(warm(image), nodes).seconds,
                "four dd": lambda: shell(f"{together} & wait"),
            },
        )
    yield Figure("one stick", medians["one"], "s")
    yield Figure("four sticks at once", medians["four"], "s")
    yield Figure("four dd at once", medians["four dd"], "s")
    yield Figure("four sticks : four dd", medians["four"] / medians["four dd"], "×", Goal("≤", 1.3))


def apart(place: Place) -> Iterator[Figure]:
    """Write and prove one stick, four at once, and three beside a slow one; each has its speed.

    Four times :data:`STICK` is well below what one disk does, so none is in another's way.
    """
    image = place.folder / "quarter.iso"
    shell(f"head -c {256 << 20} {_image(place)} > {image}")
    with loops(place, image.stat().st_size + (64 << 20), 4) as nodes:
        equal = dict.fromkeys(nodes, STICK)

        def seconds(rates: dict[str, int], count: int, fast: int) -> float:
            with throttled(rates) as before:
                found = _written(warm(image), nodes[:count], verify=True, before=before)
            return max(found.each[:fast])

        medians = in_turns(
            place.rounds,
            {
                "one": lambda: seconds(equal, 1, 1),
                "four": lambda: seconds(equal, 4, 4),
                "three": lambda: seconds(equal | {nodes[3]: STICK // 4}, 4, 3),
            },
        )
    yield Figure(f"one stick of {STICK >> 20} MiB/s, proved", medians["one"], "s")
    yield Figure("four such sticks at once", medians["four"], "s")
    yield Figure("three beside one of a quarter of the speed", medians["three"], "s")
    yield Figure("four sticks : one", medians["four"] / medians["one"], "×", Goal("≤", 1.3))
    ratio = medians["three"] / medians["one"]
    yield Figure("three beside a slow one : one", ratio, "×", Goal("≤", 1.3))
