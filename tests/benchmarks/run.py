# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the figures and prints them as a table: ``python tests/benchmarks/run.py [NAME ...]``.

Nothing here asserts: figures depend on the machine and on what else it does. Needs xorriso and
gddrescue, for the drive also umockdev and a C compiler, for sticks root and bmaptool, and
about three times --size of free disk space (8 GiB for "memory").
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "app")]

from benchmarks import burning, copying, drives, sticks, windows  # noqa: E402 - found by the line above
from benchmarks.figures import Figure, table, tell  # noqa: E402

BENCHMARKS = {
    "speed": copying.speed,
    "digests": copying.digests,
    "memory": copying.memory,
    "drive": drives.drive,
    "burn": burning.burn,
    "stick": sticks.write,
    "stick-xz": sticks.packed,
    "stick-bmap": sticks.mapped,
    "sticks": sticks.many,
    "sticks-apart": sticks.apart,
    "start": windows.start,
    "answering": windows.answering,
    "answering-stick": windows.answering_to_stick,
}


def main() -> int:
    """Take the figures asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--rounds", type=int, default=5, help="how often each is run (%(default)s)")
    parser.add_argument("--size", type=int, default=2048, help="MiB of the disc (%(default)s)")
    parser.add_argument("--directory", type=Path, help="where the discs and copies are made")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(BENCHMARKS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    figures: list[Figure] = []
    failed = False
    with tempfile.TemporaryDirectory(prefix="dw-figures-", dir=arguments.directory) as folder:
        place = copying.Place(Path(folder), arguments.size << 20, arguments.rounds)
        place.target.parent.mkdir()
        for name in arguments.names or BENCHMARKS:
            tell(f"{name}:")
            began = time.monotonic()
            try:
                figures.extend(BENCHMARKS[name](place))
            except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                failed = True
                tell(f"  went wrong: {error}")
            tell(f"  {time.monotonic() - began:.0f} s")
    print(table(figures))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
