# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the disc that is in a drive may be the one that was looked at, or written."""

import pytest

from discwright.burn.target import came_back, same_medium
from discwright.optical.profile import Profile
from discwright.optical.writable import MediumStatus
from unit.burn.media import medium

WRITTEN = medium(Profile.DVD_R, maker="MCC 03RG20")
CLOSED = {"status": MediumStatus.CLOSED, "used": True, "free_sectors": 0}


@pytest.mark.parametrize(
    ("after", "may"),
    [
        (medium(Profile.DVD_R, maker="MCC 03RG20", **CLOSED), True),
        (medium(Profile.DVD_R, maker="", **CLOSED), True),
        (medium(Profile.DVD_ROM, maker="", **CLOSED), True),
        (medium(Profile.DVD_R, maker="TYG03", **CLOSED), False),
        (medium(Profile.DVD_PLUS_R, maker="MCC 03RG20", **CLOSED), False),
        (medium(Profile.DVD_PLUS_RW, maker="", used=True), False),
        (medium(Profile.CD_R, maker="", **CLOSED), False),
        (medium(Profile.NONE, status=MediumStatus.UNKNOWN), True),
    ],
)
def test_kind_and_maker_tell_what_can_not_be_the_disc_that_was_written(after, may):
    assert came_back(WRITTEN, after) is may


@pytest.mark.parametrize(
    ("one", "other", "same"), [("ab", "ab", True), ("ab", "cd", False), ("ab", "", True)]
)
def test_discs_of_one_label_are_told_apart_by_what_they_begin_with(one, other, same):
    first, second = (
        medium(Profile.DVD_PLUS_RW, used=True, label="BACKUP", content=word)
        for word in (one, other)
    )
    assert same_medium(first, second) is same
