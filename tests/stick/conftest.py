# SPDX-License-Identifier: GPL-3.0-or-later
"""Sticks of both block sizes on one UDisks2, and images for them."""

import subprocess

import pytest

from discwright.devices.mounts import mounted_at
from discwright.devices.target_survey import survey_target
from discwright.devices.targets import StickTarget, TargetOptions, judge_target
from stick.udisks_bench import Bench

MIB = 1 << 20
SIZE = 96 * MIB


@pytest.fixture(scope="session")
def bench(tmp_path_factory):
    with Bench(tmp_path_factory.mktemp("sticks")) as made:
        yield made


@pytest.fixture(scope="session")
def sticks(bench):
    return {sector: bench.add_stick(SIZE, sector=sector) for sector in (512, 4096)}


@pytest.fixture(params=[512, 4096])
def node(request, sticks):
    """A stick, with blocks of 512 and of 4096 bytes."""
    return sticks[request.param]


@pytest.fixture
def stick(sticks):
    """A stick with blocks of 512 bytes."""
    return sticks[512]


@pytest.fixture
def mounted(stick, tmp_path):
    """A file system on the stick, mounted; give the place."""
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext2", stick], check=True)
    point = tmp_path / "a place"
    point.mkdir()
    subprocess.run(["mount", stick, point], check=True)
    yield point
    while mounted_at(stick):
        subprocess.run(["umount", stick], check=True)


def target_of(node: str) -> StickTarget:
    """Look at a loop device as at a stick."""
    found = judge_target(survey_target(node), TargetOptions(allow_file=True))
    assert isinstance(found, StickTarget), found
    return found
