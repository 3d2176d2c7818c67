# SPDX-License-Identifier: GPL-3.0-or-later
"""If no drive is named, nothing is chosen that could be the wrong one."""

from pathlib import Path

import pytest

from discwright.burn.choice import choose_target
from discwright.devices.model import Drive, Medium, MediumState, Stick
from discwright.transfer.outcome import Refusal

BLANK, WRITTEN, EMPTY = MediumState.BLANK, MediumState.COMPLETE, MediumState.NO_MEDIUM
STICK = Stick("/dev/sdb", "A", "B", "C", "usb", 1 << 30, 1)


def drives(*states):
    return [
        Drive(f"/dev/sr{number}", "A", "B", "1", "S", "usb", 1, Medium(state))
        for number, state in enumerate(states)
    ]


def chosen(*devices):
    return choose_target(devices, Path("/far/away/debian.iso"), Path("/here"))


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((BLANK,), "/dev/sr0"), ((EMPTY, BLANK), "/dev/sr1"), ((WRITTEN, BLANK), "/dev/sr1"),
        ((BLANK, BLANK), "several-drives"), ((WRITTEN,), "no-blank"), ((EMPTY,), "no-blank"),
        ((), "stdio:/here/debian.iso.disc"),
    ],
)  # fmt: skip
def test_only_a_single_blank_disc_is_taken_unnamed(states, expected):
    found = chosen(STICK, *drives(*states))
    assert (found.kind if isinstance(found, Refusal) else found) == expected
