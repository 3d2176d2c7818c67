# SPDX-License-Identifier: GPL-3.0-or-later
"""Burning as an ordinary user, on a burner that is one for the kernel's own sr and sg drivers."""

import pytest

from system.bench import Burner, Machine
from system.running import IMAGE, run


@pytest.fixture
def burner(machine: Machine) -> Burner:
    """A burner with a blank CD-RW."""
    return Burner(machine, "CD_RW")


def test_a_disc_is_burned_and_proved_and_erased_and_burned_again(machine, burner, disc):
    burn = ("burn", IMAGE, burner.node, "--yes", "--no-eject")
    first = run(machine.user, *burn)
    assert (first.code, first.state, first.verified) == (0, "complete", True)
    # Without a reload Linux would still take the disc for a blank one.
    assert 512 * int(machine.user.done("cat", "/sys/class/block/sr1/size")) == disc.stat().st_size
    erased = run(machine.user, "erase", burner.node, "--yes")
    assert (erased.code, erased.state) == (0, "complete")
    second = run(machine.user, *burn)
    assert (second.code, second.state, second.verified) == (0, "complete", True)
