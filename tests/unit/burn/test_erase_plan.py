# SPDX-License-Identifier: GPL-3.0-or-later
"""What is erased how, and what is not."""

from dataclasses import replace

import pytest

from discwright.burn.erase import ErasePlan, plan_erase
from discwright.burn.method import Preparation
from discwright.burn.options import Blank
from discwright.optical.profile import Profile
from discwright.optical.writable import MediumStatus, WritableMedium
from discwright.transfer.outcome import Refusal
from unit.burn.media import AROUND, medium

CLOSED = {"status": MediumStatus.CLOSED, "used": True, "label": "OLD"}
USED = {"used": True}

WAYS = [
    (medium(Profile.CD_RW, **CLOSED), Preparation.BLANK_FAST, Preparation.BLANK_FULL),
    (
        medium(Profile.DVD_RW_SEQUENTIAL, **CLOSED),
        Preparation.BLANK_MINIMAL,
        Preparation.BLANK_FULL,
    ),
    (medium(Profile.DVD_PLUS_RW, **USED), Preparation.ZEROS_FIRST, Preparation.ZEROS),
    (medium(Profile.DVD_RAM, **USED), Preparation.ZEROS_FIRST, Preparation.ZEROS),
    (medium(Profile.BD_RE, **USED), Preparation.ZEROS_FIRST, Preparation.ZEROS),
    (medium(Profile.BD_RE, formatted=False), Preparation.FORMAT, Preparation.ZEROS),
    (
        WritableMedium("stdio:/tmp/x", MediumStatus.OVERWRITABLE, used=True),
        Preparation.TRUNCATE,
        Preparation.TRUNCATE,
    ),
]


@pytest.mark.parametrize(("disc", "fast", "full"), WAYS)
def test_each_kind_has_a_quick_and_a_thorough_way(disc, fast, full):
    for blank, preparation in ((Blank.AUTO, fast), (Blank.FAST, fast), (Blank.FULL, full)):
        plan = plan_erase(disc, blank, AROUND)
        assert isinstance(plan, ErasePlan), plan
        assert plan.preparation is preparation
        assert "is lost" in plan.sentences[0]
        assert disc.label in plan.sentences[0]


@pytest.mark.parametrize(
    ("disc", "kind"),
    [
        (medium(Profile.CD_R), "not-rewritable"),
        (medium(Profile.DVD_R, **CLOSED), "not-rewritable"),
        (medium(Profile.CD_ROM, status=MediumStatus.CLOSED), "wrong-kind"),
        (medium(Profile.NONE, status=MediumStatus.NONE), "no-medium"),
        (medium(Profile.CD_RW), "blank"),
        (medium(Profile.DVD_PLUS_RW), "blank"),
    ],
)
def test_what_cant_or_needn_t_be_erased_is_refused(disc, kind):
    refusal = plan_erase(disc, Blank.AUTO, AROUND)
    assert isinstance(refusal, Refusal)
    assert refusal.kind == kind


def test_a_busy_drive_is_refused():
    disc = medium(Profile.CD_RW, **CLOSED)
    refusal = plan_erase(disc, Blank.AUTO, replace(AROUND, holders=("vlc",)))
    assert isinstance(refusal, Refusal)
    assert refusal.kind == "busy"
