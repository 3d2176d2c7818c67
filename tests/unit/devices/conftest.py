# SPDX-License-Identifier: GPL-3.0-or-later
"""A tree of devices, and a program that lists and follows them."""

import ctypes
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import discwright

from .tree import PRELOAD, Tree

LIST = """
import dataclasses, json
from discwright.devices.udev import Devices
print(json.dumps([dataclasses.asdict(device) for device in Devices().all()]))
"""

FOLLOW = """
import json, sys
from discwright.devices.watch import Watch
def tell(devices):
    print(json.dumps([" ".join((d.node, d.name, *getattr(d, "labels", ()))) for d in devices]),
          flush=True)
watch = Watch(tell)
watch.start()
sys.stdin.read()
watch.stop()
print("stopped", flush=True)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    try:
        ctypes.CDLL(PRELOAD)
    except OSError:
        pytest.skip(f"{PRELOAD} is not installed (package umockdev)")
    return Tree(tmp_path / "testbed")


class Follower:
    """A program that follows the devices of a tree and says what it sees."""

    def __init__(self, tree: Tree) -> None:
        self.process = start(tree, FOLLOW, stdin=subprocess.PIPE)
        self._text = b""

    def says(self, within: float = 10) -> list[str] | str | None:
        """Give what it says next, None if it stays silent for ``within`` seconds."""
        end = time.monotonic() + within
        while b"\n" not in self._text:
            ready, _, _ = select.select([self.process.stdout], [], [], end - time.monotonic())
            if not ready:
                return None
            piece = os.read(self.process.stdout.fileno(), 65536)
            if not piece:
                pytest.fail(f"the program ended: {self.process.stderr.read().decode()}")
            self._text += piece
        line, _, self._text = self._text.partition(b"\n")
        return json.loads(line) if line.startswith(b"[") else line.decode()

    def stop(self) -> None:
        self.process.stdin.close()


@pytest.fixture
def follow(tree: Tree) -> Iterator[Follower]:
    """Give a function that starts to follow the tree."""
    started: list[Follower] = []

    def begin() -> Follower:
        started.append(Follower(tree))
        return started[-1]

    yield begin
    for follower in started:
        follower.process.kill()
        follower.process.wait()
        for stream in (follower.process.stdin, follower.process.stdout, follower.process.stderr):
            stream.close()


@pytest.fixture
def listed(tree: Tree):
    """Give a function that lists the devices of the tree as dictionaries."""

    def look() -> list[dict]:
        with start(tree, LIST) as process:
            text, errors = process.communicate(timeout=30)
        assert process.returncode == 0, errors.decode()
        return json.loads(text)

    return look


def start(tree: Tree, program: str, **streams: int) -> subprocess.Popen:
    app = str(Path(discwright.__file__).parent.parent)
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env={**tree.environment, "PYTHONPATH": app},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **streams,
    )
