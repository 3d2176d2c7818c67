# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be copied from disc to disc, and what not."""

from dataclasses import replace
from pathlib import Path

import pytest

from discwright.burn.copy import CopyPlan, plan_copy, plan_copy_with_one_drive
from discwright.burn.options import BurnOptions
from discwright.burn.programs import Installed
from discwright.image.volumes import FileSystem, Volumes
from discwright.image.wholeness import Wholeness
from discwright.optical.disc import Disc, DiscStatus, Length, Protection, Track, TrackMode
from discwright.optical.profile import Profile
from discwright.transfer.destination import Destination
from discwright.transfer.outcome import Refusal
from unit.burn.media import AROUND, medium

DISC = Disc(
    "/dev/sr0",
    virtual=False,
    profile=Profile.DVD_ROM,
    status=DiscStatus.COMPLETE,
    length=Length(1000, "capacity", ""),
    tracks=(Track(1, 1, 0, 1000, TrackMode.DATA),),
    volumes=Volumes((FileSystem.ISO9660,), "OLD"),
)
TARGET = medium(node="/dev/sr1")
FOLDER = Destination(Path("/tmp/copy.iso"), parent_exists=True, writable=True, free_bytes=1 << 30)


def both(disc):
    """Plan it with two drives and with one."""
    return (
        plan_copy(disc, TARGET, BurnOptions(), AROUND),
        plan_copy_with_one_drive(disc, BurnOptions(), AROUND, FOLDER),
    )


def test_a_data_disc_is_copied_with_two_drives_or_one():
    two, one = both(DISC)
    assert isinstance(two, CopyPlan)
    assert isinstance(one, CopyPlan)
    assert "OLD" in two.sentences[0]
    assert "temporary image of 2.05 MB" in one.sentences[0]
    assert two.warnings == one.warnings == ()
    assert one.temporary == Path("/tmp/copy.iso")


AUDIO = Track(2, 1, 1000, 500, TrackMode.AUDIO)
FAULTS = {
    "blank": (replace(DISC, status=DiscStatus.BLANK), "blank"),
    "CSS": (replace(DISC, protection=Protection.CSS), "protected"),
    "AACS": (replace(DISC, protection=Protection.AACS), "protected"),
    "music": (replace(DISC, tracks=(AUDIO,)), "tracks"),
    "mixed": (replace(DISC, tracks=(*DISC.tracks, AUDIO)), "tracks"),
    "sessions": (replace(DISC, sessions=2), "tracks"),
    "cut off": (
        replace(DISC, wholeness=Wholeness(True, 2000, 1000, True, message="Cut off.")),
        "truncated",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_would_give_a_wrong_copy_is_refused(fault):
    disc, kind = FAULTS[fault]
    for plan in both(disc):
        assert isinstance(plan, Refusal)
        assert plan.kind == kind


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"free_bytes": 1 << 20}, "no-space"),
        ({"writable": False}, "not-writable"),
        ({"parent_exists": False}, "not-writable"),
        ({"problem": "No."}, "not-writable"),
    ],
)
def test_the_temporary_image_needs_a_place(changes, kind):
    place = replace(FOLDER, **changes)
    refusal = plan_copy_with_one_drive(DISC, BurnOptions(), AROUND, place)
    assert isinstance(refusal, Refusal)
    assert refusal.kind == kind


def test_without_xorriso_nothing_is_read_in_vain():
    refusal = plan_copy_with_one_drive(
        DISC, BurnOptions(), replace(AROUND, installed=Installed()), FOLDER
    )
    assert isinstance(refusal, Refusal)
    assert refusal.kind == "no-program"


def test_a_target_that_is_too_small_is_refused():
    small = medium(node="/dev/sr1", free_sectors=100)
    refusal = plan_copy(DISC, small, BurnOptions(), AROUND)
    assert isinstance(refusal, Refusal)
    assert refusal.kind == "too-big"
