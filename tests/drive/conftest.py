# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the virtual drive."""

import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from drive.bench import Bench, umockdev_missing


@pytest.fixture(scope="session")
def _umockdev() -> str:
    return umockdev_missing()


@pytest.fixture
def bench(_umockdev: str) -> Iterator[Bench]:
    """A place with virtual drives; fails if umockdev is missing (DISCWRIGHT_SKIP_BENCH: skips)."""
    if _umockdev:
        if os.environ.get("DISCWRIGHT_SKIP_BENCH"):
            pytest.skip(_umockdev)
        pytest.fail(_umockdev, pytrace=False)
    with Bench() as place:
        yield place


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small ISO 9660 image, its sectors all different."""
    folder = tmp_path_factory.mktemp("image")
    (folder / "tree").mkdir()
    (folder / "tree" / "noise.bin").write_bytes(random.Random(7).randbytes(600 * 2048))
    path = folder / "disc.iso"
    subprocess.run(
        ["xorrisofs", "-quiet", "-V", "BENCH DISC", "-o", path, folder / "tree"], check=True
    )
    return path
