# SPDX-License-Identifier: GPL-3.0-or-later
"""Burning as an ordinary user, on a burner that is one for the kernel's own sr and sg drivers."""

import pytest

from system.bench import Burner, Machine
from system.running import IMAGE, run


@pytest.fixture
def burner(machine: Machine) -> Burner:
    """A burner with a blank CD-RW."""
    return Burner(machine, "CD_RW")


def test_a_disc_is_burned_proved_erased_and_burned_again(machine, burner):
    burned = run(machine.user, "burn", IMAGE, burner.node, "--yes")
    assert (burned.code, burned.state, burned.verified) == (0, "complete", True)
    erased = run(machine.user, "erase", burner.node, "--yes")
    assert (erased.code, erased.state) == (0, "complete")
    again = run(machine.user, "burn", IMAGE, burner.node, "--yes")
    assert (again.code, again.state, again.verified) == (0, "complete", True)
