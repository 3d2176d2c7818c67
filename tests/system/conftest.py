# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines for the tests: one is made for all, and each test wakes it anew."""

import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from system.bench import Drive, Ground, Machine, Stick, System, recipe, why_not
from system.bench.starting import make_linux_image

MAKING_S = 600
"""Seconds for the first test, which makes the machine."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give these tests the time that making the machine takes on a busy computer."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.timeout(MAKING_S))


@pytest.fixture(scope="session")
def disc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A disc of 3.4 MB, its sectors all different; the file ``noise.bin`` is nearly all of it."""
    return make_disc(tmp_path_factory.mktemp("disc"), "A DISC", seed=7)


@pytest.fixture(scope="session")
def other_disc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another disc of the same size."""
    return make_disc(tmp_path_factory.mktemp("disc"), "OTHER DISC", seed=8)


def make_disc(folder: Path, label: str, *, seed: int) -> Path:
    """Make an ISO 9660 image that no computer starts from."""
    (folder / "tree").mkdir()
    (folder / "tree" / "noise.bin").write_bytes(random.Random(seed).randbytes(3 << 20))
    path = folder / "disc.iso"
    command = ["xorrisofs", "-quiet", "-V", label, "-o", path, folder / "tree"]
    subprocess.run(command, check=True)
    return path


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory, disc: Path) -> Ground:
    """The machine, asleep; in it the program, and beside it two images.

    ``disc.iso`` is the disc of that name, and ``linux.iso`` one that computers start from.
    """

    def files(system: System) -> dict[str, Path]:
        linux = tmp_path_factory.mktemp("linux") / "linux.iso"
        make_linux_image(linux, system)
        return {"disc.iso": disc, "linux.iso": linux}

    if recipe.in_chroot():
        pytest.skip("in a chroot no system can be installed into a disk image")
    reason = why_not()
    if not reason:
        try:
            made = Ground(tmp_path_factory.mktemp("machine"), files)
        except OSError as error:
            reason = f"the machine can't be made: {error}"
        else:
            reason = recipe.unlike_python(made.system.python)
    leave_out(reason)
    return made


def leave_out(reason: str) -> None:
    """Skip the test if there is a reason; where everything must run, fail it."""
    if reason and os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    if reason:
        pytest.skip(reason)


@pytest.fixture
def machine(ground: Ground) -> Iterator[Machine]:
    """A machine that a user is logged in at, with a drive and without sticks."""
    with ground.wake() as woken:
        yield woken


@pytest.fixture
def drive(machine: Machine) -> Drive:
    """The machine's drive, empty."""
    return Drive(machine)


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    """The memory of a stick of 32 MiB, zeros all over."""
    path = tmp_path / "stick"
    with path.open("wb") as file:
        file.truncate(32 << 20)
    return path


@pytest.fixture
def stick(machine: Machine, memory: Path) -> Stick:
    """A stick, plugged in."""
    return Stick(machine, memory)
