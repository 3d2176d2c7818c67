# SPDX-License-Identifier: GPL-3.0-or-later
"""What taking files out would do, or why it is refused: a table of discs and folders."""

from dataclasses import replace
from pathlib import Path

import pytest

from discwright.extract.plan import (
    Existing,
    ExtractOptions,
    ExtractPlan,
    Item,
    Layout,
    Survey,
    There,
    plan_extract,
    plan_layout,
)
from discwright.extract.selection import Selection
from discwright.extract.source import DiscContents, read_disc
from discwright.image.contents import DiscFile
from discwright.image.sample import make_sample
from discwright.image.tree import Attributes, What
from discwright.optical.disc import Protection
from discwright.transfer.destination import Destination
from discwright.transfer.outcome import Refusal

FOLDER = Path("/there/folder")
FINE = Destination(FOLDER / "x", parent_exists=True, writable=True, free_bytes=10**9)
FILE = DiscFile(("docs", "a.txt"), 5000, ())
NOTHING = Selection((), ())
NO_FILES = Layout(NOTHING, (), (), {})
ONE = Layout(Selection((FILE,), (("docs",),)), (Item(FILE, FILE.parts),), (),
             {("docs",): Attributes()})  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> DiscContents:
    """Look at the sample disc."""
    seen = read_disc(str(make_sample(tmp_path_factory.mktemp("disc") / "sample.iso")))
    assert isinstance(seen, DiscContents)
    return seen


def plan(found, layout=ONE, options=None, *, make=False, taken=None, **there):
    survey = Survey(replace(FINE, **there), make, taken or {})
    return plan_extract(found, FOLDER, layout, survey, options or ExtractOptions())


@pytest.mark.parametrize(
    ("there", "kind", "says"),
    [
        ({"make": True, "exists": True}, "not-a-folder", "is a file, not a folder"),
        ({"parent_exists": False}, "no-directory", "doesn't exist"),
        ({"writable": False}, "not-writable", "may not write"),
        ({"problem": "It is odd."}, "not-writable", "may not write"),
        ({"free_bytes": 100}, "no-space", "only 100 B are free"),
        ({"max_file_size": 4999}, "file-too-big", "can't hold"),
        ({"taken": {("docs",): There.FILE}}, "in-the-way", "should become a folder"),
        ({"taken": {FILE.parts: There.OTHER}}, "in-the-way", "should become a file"),
        ({"taken": {FILE.parts: There.DIRECTORY}}, "in-the-way", "should become a file"),
        ({"taken": {FILE.parts: There.SOURCE}}, "same-file", "belongs to the image"),
        ({"taken": {FILE.parts: There.FILE}}, "exists", "docs/a.txt"),
    ],
)
def test_a_folder_that_can_not_take_it_is_refused_with_the_reason(found, there, kind, says):
    refusal = plan(found, **there)
    assert isinstance(refusal, Refusal)
    assert refusal.kind == kind
    assert says in refusal.message


@pytest.mark.parametrize(
    ("layout", "kind", "says"),
    [
        (NO_FILES, "empty", "no files"),
        (replace(NO_FILES, selection=replace(NOTHING, lost=(("a",),))), "unreadable", "None of"),
        (replace(NO_FILES, selection=replace(NOTHING, damage=("Odd.",))), "unreadable", "None of"),
        (replace(NO_FILES, left_out=(("dev", "a device or a pipe"),)), "nothing", "dev can't be"),
    ],
)
def test_where_nothing_can_be_had_it_is_refused_with_the_reason(found, layout, kind, says):
    refusal = plan(found, layout)
    assert isinstance(refusal, Refusal)
    assert refusal.kind == kind
    assert says in refusal.message


def test_what_is_odd_about_disc_and_files_is_said_before(found):
    protected = replace(found, disc=replace(found.disc, protection=Protection.CSS))
    damaged = replace(
        ONE,
        selection=replace(ONE.selection, damage=("Half of it is gone.",)),
        left_out=(("dev", "a device or a pipe"),),
        renamed=(("a:b", "a_b"),),
    )
    told = " ".join(plan(protected, damaged).warnings)
    for part in ("copy-protected with CSS", "Half of it is gone", "dev is a device", "a:b becomes"):
        assert part in told
    lost = replace(ONE, selection=replace(ONE.selection, lost=(("gone",),)))
    assert "1 file of the disc can't be had" in plan(found, lost).warnings[0]
    assert plan(found).warnings == ()


def test_what_is_there_is_left_or_replaced_as_the_user_says(found):
    taken = {FILE.parts: There.FILE}
    left = plan(found, options=ExtractOptions(existing=Existing.SKIP), taken=taken)
    assert isinstance(left, ExtractPlan)
    assert (left.files, left.skipped, left.size) == ((), 1, 0)
    replaced = plan(found, options=ExtractOptions(existing=Existing.REPLACE), taken=taken)
    assert isinstance(replaced, ExtractPlan)
    assert (len(replaced.files), replaced.skipped, replaced.size) == (1, 0, 5000)


@pytest.mark.parametrize(
    ("attributes", "file_system", "why"),
    [
        (Attributes(What.DEVICE), "ext4", "a device or a pipe"),
        (Attributes(What.PACKED), "ext4", "zisofs"),
        (Attributes(What.LINK, link="b"), "vfat", "can't have"),
        (Attributes(What.LINK, link="../../b"), "ext4", "leads out of the folder"),
        (Attributes(What.LINK, link="b"), "ext4", None),
        (Attributes(), "ext4", None),
    ],
)
def test_what_is_no_plain_file_is_left_out_with_the_reason(found, attributes, file_system, why):
    file = replace(FILE, attributes=attributes)
    contents = replace(found.contents, files=(file,), directories=(("docs",),))
    layout = plan_layout(replace(found, contents=contents), ExtractOptions(), file_system)
    assert isinstance(layout, Layout)
    if why is None:
        assert len(layout.links) == (attributes.what is What.LINK)
        assert layout.left_out == ()
    else:
        ((name, reason),) = layout.left_out
        assert name == "docs/a.txt"
        assert why in reason


def test_a_path_that_is_not_on_the_disc_is_refused(found):
    assert isinstance(plan_layout(found, ExtractOptions(("nowhere",)), "ext4"), Refusal)
