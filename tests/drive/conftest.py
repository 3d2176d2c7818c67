# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the virtual drive."""

import os
from collections.abc import Iterator

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
