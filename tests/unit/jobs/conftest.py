# SPDX-License-Identifier: GPL-3.0-or-later
"""Queues that keep to a temporary folder and leave the desktop alone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from discwright.jobs import JobQueue


@pytest.fixture
def make_queue(tmp_path: Path) -> Iterator[Callable[..., JobQueue]]:
    """Make queues that share the lock folder, as processes do."""
    queues: list[JobQueue] = []

    def make(**options: object) -> JobQueue:
        settings = {
            "state": tmp_path / "state", "locks": tmp_path / "locks", "notify": None, "awake": None,
        }  # fmt: skip
        queue = JobQueue(**(settings | options))
        queues.append(queue)
        return queue

    yield make
    for queue in queues:
        assert queue.close(10), "a job thread is left over"


@pytest.fixture
def queue(make_queue: Callable[..., JobQueue]) -> JobQueue:
    """Give a queue."""
    return make_queue()
