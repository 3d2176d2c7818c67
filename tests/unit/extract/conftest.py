# SPDX-License-Identifier: GPL-3.0-or-later
"""Making images, and taking files out of them as the program does."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from discwright.extract.plan import ExtractOptions, ExtractPlan
from discwright.extract.report import ExtractReport
from discwright.extract.run import run_extract
from discwright.extract.source import DiscContents, read_disc
from discwright.extract.survey import prepare
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Refusal
from discwright.transfer.progress import Silent

Extract = Callable[..., ExtractReport]


def run(*command: object) -> None:
    subprocess.run([os.fspath(word) for word in command], check=True, capture_output=True)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with files small and large, empty ones, dates, an executable, long names."""
    folder = tmp_path / "source"
    (folder / "docs" / "deep" / "er").mkdir(parents=True)
    (folder / "empty folder").mkdir()
    (folder / "zero").touch()
    (folder / "docs" / "readme.txt").write_text("read me\n")
    (folder / "docs" / "deep" / "er" / "Ü – naïve 日本.txt").write_text("names\n")
    (folder / "docs" / "deep" / "big.bin").write_bytes(os.urandom(3_333_333))
    for number in range(70):  # more than are brought to the disk together
        (folder / "docs" / f"small {number}").write_bytes(bytes([number]) * number * 37)
    os.utime(folder / "docs" / "readme.txt", (981_173_106, 981_173_106))
    return folder


def plan_for(image: Path, folder: Path, *paths: str, **options: object) -> ExtractPlan | Refusal:
    found = read_disc(str(image))
    assert isinstance(found, DiscContents), found
    return prepare(found, folder, ExtractOptions(paths, **options))


def extract(image: Path, folder: Path, *paths: str, **options: object) -> ExtractReport:
    plan = plan_for(image, folder, *paths, **options)
    assert isinstance(plan, ExtractPlan), plan
    return run_extract(plan, Silent(), CancelToken())


def tree(folder: Path) -> dict[str, bytes | str | None]:
    """Give all there is: content of files, target of links, None for folders."""
    return {
        str(path.relative_to(folder)): str(path.readlink())
        if path.is_symlink()
        else path.read_bytes()
        if path.is_file()
        else None
        for path in folder.rglob("*")
    }
