# SPDX-License-Identifier: GPL-3.0-or-later
"""What the queue knows of a copy: whom it keeps away, and what it is called."""

from dataclasses import replace

import pytest

from discwright.burn.copy import CopyPlan
from discwright.burn.image import image_of
from discwright.burn.options import BurnOptions
from discwright.devices.identity import Identity
from discwright.devices.targets import StickTarget
from discwright.image.sample import make_sample
from discwright.jobs.copy_work import CopyDiscWork, CopyToStickWork
from discwright.optical.source import examine
from discwright.stick.plan import WriteOptions, WritePlan, plan_write
from discwright.stick.source_survey import survey_disc

STICK = StickTarget(
    node="/dev/sdx", name="Test Stick", identity=Identity(1 << 30, 1, "s", "8:16"),
    logical_block=512,
)  # fmt: skip


@pytest.fixture(scope="module")
def disc(tmp_path_factory):
    """A disc as it would be in a drive."""
    return examine(make_sample(tmp_path_factory.mktemp("disc") / "disc.iso"))


@pytest.fixture
def plan(disc):
    source = survey_disc(disc)
    made = plan_write(source, STICK, WriteOptions(unbootable_ok=True))
    assert isinstance(made, WritePlan)
    in_drive = replace(disc, virtual=False, source="/dev/sr9")
    return replace(made, source=replace(source, path=type(source.path)("/dev/sr9"), disc=in_drive))


def test_a_copy_to_a_stick_holds_the_drive_too(plan):
    assert CopyToStickWork((plan,)).devices == {"/dev/sdx", "/dev/sr9"}


def test_an_image_file_may_be_read_by_many(disc):
    made = plan_write(survey_disc(disc), STICK, WriteOptions(unbootable_ok=True))
    assert CopyToStickWork((made,)).devices == {"/dev/sdx"}


def test_the_title_names_disc_and_stick(plan, disc):
    work = CopyToStickWork((plan,))
    assert work.kind == "copy"
    assert disc.label in work.title
    assert "Test Stick" in work.title
    assert "/dev/sr9" in work.heading[0]
    assert str(disc.length.sectors) in work.heading[0]


def test_a_copy_over_an_image_holds_its_one_drive(disc):
    in_drive = replace(disc, virtual=False, source="/dev/sr9")
    work = CopyDiscWork(CopyPlan(in_drive, image_of(in_drive), BurnOptions(), None))
    assert work.devices == {"/dev/sr9"}
    assert disc.label in work.title
    assert any("Temporary image" in line for line in work.heading)
