# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that is killed while it writes a stick leaves one that doesn't start, at any moment."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def killed(image, tmp_path_factory):
    done = subprocess.run(
        [sys.executable, "-m", "unit.stick.killing", image, tmp_path_factory.mktemp("killed")],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        timeout=110,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_without_a_kill_it_is_whole(killed):
    assert killed[0]["state"] == "complete"


def test_it_was_killed_at_a_hundred_moments(killed):
    assert len(killed) > 100
    assert all(one["signal"] == signal.SIGKILL for one in killed[1:])


def test_no_moment_leaves_a_stick_that_starts_without_being_whole(killed):
    half = [
        one["moment"]
        for one in killed[1:]
        if one["starts"] and not one["whole"] and not one["old"] and not one["body"]
    ]
    assert half == []


def test_the_first_block_is_there_only_when_all_is(killed):
    early = [one["moment"] for one in killed[1:] if one["boot"] and not one["whole"]]
    assert early == []


def test_the_old_content_is_there_only_until_the_first_write(killed):
    assert {one["moment"] for one in killed[1:] if one["old"]} == {"write 1 0.0"}
