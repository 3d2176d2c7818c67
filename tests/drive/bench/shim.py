# SPDX-License-Identifier: GPL-3.0-or-later
"""The small C libraries before umockdev's, compiled when a test asks: shim.c and hurry.c."""

import shutil
import subprocess
from pathlib import Path

WHEN = ("any", "excl", "write", "block")


def compile_library(source: str, library: Path) -> None:
    """Compile a preload library; raises RuntimeError with what to install."""
    if library.exists():
        return
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        raise RuntimeError(f"The virtual drive's {source} needs a C compiler: install gcc.")
    code = Path(__file__).with_name(source)
    command = [compiler, "-shared", "-fPIC", "-O1", "-w", "-o", library, code, "-ldl"]
    subprocess.run(command, check=True, capture_output=True, text=True)


class Shim:
    """The library of one bench, and what it refuses."""

    def __init__(self, root: Path):
        self.library = root / "open-shim.so"
        self._folder = root / "refuse"

    @property
    def built(self) -> bool:
        """Whether programs must load it."""
        return self.library.exists()

    def build(self) -> None:
        """Compile it; raises RuntimeError with what to install."""
        compile_library("shim.c", self.library)
        self._folder.mkdir(exist_ok=True)

    def refuse(self, name: str, error: int, when: str = "any") -> None:
        """Let open() of a node fail with ``error``; 0: no more."""
        if when not in WHEN:
            raise ValueError(f"{when!r} is none of {WHEN}")
        self.build()
        place = self._folder / name
        if error:
            fresh = place.with_name(f".{name}.new")
            fresh.write_text(f"{error} {when}\n")
            fresh.rename(place)
        else:
            place.unlink(missing_ok=True)
