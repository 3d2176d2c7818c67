# SPDX-License-Identifier: GPL-3.0-or-later
"""How soon the window is seen, beside a bare one, and whether it ever stops answering."""

import json
import sys
import time
from collections.abc import Iterator

from benchmarks.copying import Place
from benchmarks.figures import Figure, Goal, in_turns
from benchmarks.processes import PROGRAMS, environment, run
from benchmarks.sticks import loops


def _home(place: Place) -> dict[str, str]:
    """Give an environment with settings, caches and documents of its own and no screen."""
    home = place.folder / "home"
    home.mkdir(exist_ok=True)
    return environment(
        {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "XDG_CACHE_HOME": str(home),
            "XDG_STATE_HOME": str(home),
            "QT_QPA_PLATFORM": "offscreen",
        }
    )


def start(place: Place) -> Iterator[Figure]:
    """Start the program until its window was painted, beside a window with one button."""
    env = _home(place)

    def seconds(program: str) -> float:
        began = time.monotonic()
        said = run([sys.executable, PROGRAMS / program], env).output
        return float(said.splitlines()[-1]) - began

    for program in ("bare_window.py", "own_window.py"):
        seconds(program)  # the first run reads everything from the disk
    medians = in_turns(
        max(7, place.rounds),
        {
            "bare": lambda: seconds("bare_window.py"),
            "own": lambda: seconds("own_window.py"),
        },
    )
    yield Figure("window with one button painted", medians["bare"], "s")
    yield Figure("Discwright's window painted", medians["own"], "s")
    yield Figure("Discwright : one button", medians["own"] / medians["bare"], "×", Goal("≤", 2.5))


def answering(place: Place) -> Iterator[Figure]:
    """Rip in the window and take the longest time that its event loop was held up.

    Beside it, what a bare window sees while the command rips in another process: that much is the
    machine's doing.
    """
    env, disc = _home(place), place.disc()

    def longest(program: str) -> float:
        place.clear()
        took = run([sys.executable, PROGRAMS / program, disc, place.target], env)
        said = json.loads(took.output.splitlines()[-1])
        if said["state"] != "complete":
            raise RuntimeError(f"The rip went wrong: {said}")
        place.clear()
        return float(said["longest_ms"])

    medians = in_turns(
        place.rounds,
        {
            "own": lambda: longest("ripping_window.py"),
            "beside": lambda: longest("window_beside_rip.py"),
        },
    )
    yield Figure("event loop held up, rip in the window", medians["own"], "ms", Goal("≤", 50))
    yield Figure("event loop held up, rip in another process", medians["beside"], "ms")


def answering_to_stick(place: Place) -> Iterator[Figure]:
    """Write and prove a stick in the window; the longest time that its event loop was held up.

    Needs root, for a loop device.
    """
    env, disc = _home(place), place.disc()

    def longest(node: str) -> float:
        said = run([sys.executable, PROGRAMS / "writing_window.py", disc, node], env).output
        found = json.loads(said.splitlines()[-1])
        if found["state"] != "complete":
            raise RuntimeError(f"The writing went wrong: {found}")
        return float(found["longest_ms"])

    with loops(place, disc.stat().st_size + (64 << 20)) as (node,):
        medians = in_turns(place.rounds, {"stick": lambda: longest(node)})
    yield Figure("event loop held up, writing a stick", medians["stick"], "ms", Goal("≤", 50))
