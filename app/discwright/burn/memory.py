# SPDX-License-Identifier: GPL-3.0-or-later
"""Which write speeds did well with media of which maker.

The rules are pure and work on a mapping; it is kept as JSON in a file that the caller names.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from discwright.burn.report import BurnReport
from discwright.burn.speed import slower
from discwright.errors import TargetError
from discwright.optical.writable import WritableMedium
from discwright.transfer.outcome import State
from discwright.transfer.partfile import write_file

MOST_MAKERS = 500


@dataclass(frozen=True)
class Experience:
    """What is known of one maker's media; speeds in kB/s, 0 for none."""

    good_kb: int = 0
    """The fastest that was proved by reading back."""
    bad_kb: int = 0
    """The slowest that gave a wrong or spoilt disc."""


Memory = Mapping[str, Experience]
"""By maker."""


def recall(memory: Memory, medium: WritableMedium) -> int | None:
    """Give the speed to write this medium at, None if nothing is known of its maker."""
    known = memory.get(medium.maker) if medium.maker else None
    if known is None:
        return None
    if known.bad_kb and (not known.good_kb or known.good_kb >= known.bad_kb):
        return slower(medium.speeds_kb, known.bad_kb)
    return known.good_kb or None


def learn(memory: Memory, report: BurnReport) -> Memory:
    """Give the memory with what a burn taught; cancelled, unproved and simulated ones teach none.

    A disc that is wrong at a speed that did well before was a bad disc: the next one is written
    slower, and one that does well then sets it right.
    """
    maker, speed = report.maker, report.speed_kb
    good = report.state is State.COMPLETE and report.verified
    bad = report.state is State.COMPLETE_WITH_ERRORS and report.verified is False
    if not maker or not speed or report.simulated or not (good or bad):
        return memory
    known = memory.get(maker, Experience())
    if good:
        bad_kb = 0 if known.bad_kb and speed >= known.bad_kb else known.bad_kb
        known = Experience(max(known.good_kb if not known.bad_kb else 0, speed), bad_kb)
    else:
        known = Experience(known.good_kb, min(speed, known.bad_kb or speed))
    kept = {name: one for name, one in memory.items() if name != maker} | {maker: known}
    return dict(list(kept.items())[-MOST_MAKERS:])


def load(path: Path) -> Memory:
    """Read the memory; what is missing or damaged is forgotten."""
    try:
        read = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(read, dict):
        return {}
    found = {}
    for maker, known in read.items():
        match known:
            case {"good_kb": int(good), "bad_kb": int(bad)}:
                found[maker] = Experience(max(0, good), max(0, bad))
    return found


def save(path: Path, memory: Memory) -> None:
    """Keep the memory; a file that can't be written is no reason to fail a burn."""
    words = {
        maker: {"good_kb": known.good_kb, "bad_kb": known.bad_kb} for maker, known in memory.items()
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, (json.dumps(words, indent=1) + "\n").encode(), overwrite=True)
    except (OSError, TargetError):
        return
