# SPDX-License-Identifier: GPL-3.0-or-later
"""The small C library before umockdev's, compiled when a test asks for it; see shim.c."""

import shutil
import subprocess
from pathlib import Path

WHEN = ("any", "excl", "write", "block")


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
        if self.built:
            return
        compiler = shutil.which("cc") or shutil.which("gcc")
        if not compiler:
            raise RuntimeError("Refusals at open() need a C compiler: install gcc.")
        source = Path(__file__).with_name("shim.c")
        command = [compiler, "-shared", "-fPIC", "-O1", "-w", "-o", self.library, source, "-ldl"]
        subprocess.run(command, check=True, capture_output=True, text=True)
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
