# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk on which the program comes into the machine, with what it needs of PyPI."""

import compileall
import importlib.metadata
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from .machine import CODE_SIZE

CHECKOUT = Path(__file__).parents[3]
WINDOW = "pyside6-essentials"
"""Not taken along: the command line does without."""

PLACE = Path("/opt/discwright")
"""Where it is in the machine."""


def lay_out(image: Path, scratch: Path, further: Mapping[str, Path]) -> None:
    """Make the disk; ``further`` are files for the tests, by their names there."""
    tree = scratch / "tree"
    unwanted = shutil.ignore_patterns("__pycache__", "gui", "screenshots")
    for folder in ("app", "resources"):
        shutil.copytree(CHECKOUT / folder, tree / folder, ignore=unwanted)
    packages = tree / "site-packages"
    site = Path(sysconfig.get_path("platlib"))
    for name in _requirements():
        for file in importlib.metadata.distribution(name).files or ():
            source = Path(str(file.locate()))
            if source.is_relative_to(site) and source.suffix != ".pyc":
                target = packages / source.relative_to(site)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
    for folder in (tree / "app", packages):  # the machine would take seconds for it each time
        compileall.compile_dir(folder, quiet=1, stripdir=tree, prependdir=PLACE)
    for name, source in further.items():
        shutil.copy(source, tree / name)
    _fill(image, tree)
    shutil.rmtree(tree)


def empty(image: Path) -> None:
    """Make a disk of the same size with nothing on it."""
    with image.open("wb") as file:
        file.truncate(CODE_SIZE)


def _fill(image: Path, tree: Path) -> None:
    empty(image)
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal",
                    "-E", "root_owner=0:0", "-d", tree, image], check=True)  # fmt: skip


def _requirements() -> list[str]:
    """Give the names of the distributions that the program needs."""
    found = []
    for line in importlib.metadata.requires("discwright") or ():
        name, _, marker = line.partition(";")
        bare = re.split(r"[^A-Za-z0-9._-]", name.strip())[0].lower()
        if "extra" not in marker and bare != WINDOW and bare not in found:
            found.append(bare)
    return found
