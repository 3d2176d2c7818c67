# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing a stick with an image, without writing anything."""

import errno
import gzip
import os
import random

import pytest

from discwright.stick.compare import ComparePlan, open_for_reading, plan_compare, run_compare
from discwright.stick.source_survey import survey_source
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Refusal, State

from .disk import MIB, Fault
from .writing import IMAGE_SIZE, MAPPED, Heard, block_map, stick_of


def compare(image, disk, cancel=None):
    plan = plan_compare(survey_source(image), stick_of(disk))
    assert isinstance(plan, ComparePlan), plan
    before = disk.content()
    report = run_compare(
        plan, Heard(), cancel or CancelToken(), opener=lambda stick: disk.opener(stick, print)
    )
    assert disk.content() == before
    assert disk.count("write") == 0
    return report


@pytest.fixture
def written(image, new_disk):
    disk = new_disk()
    with disk.path.open("r+b") as file:
        file.write(image.read_bytes())
    return disk


def change(disk, offset):
    with disk.path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)
        file.seek(offset)
        file.write(bytes([byte[0] ^ 1]))


def test_a_stick_that_holds_the_image_is_told_so(image, written):
    report = compare(image, written)
    assert (report.state, report.bytes, report.differing) == (State.COMPLETE, IMAGE_SIZE, ())


@pytest.mark.parametrize("offset", [0, 511, 4 * MIB, IMAGE_SIZE - 1])
def test_each_byte_counts(offset, image, written):
    change(written, offset)
    report = compare(image, written)
    assert report.state is State.COMPLETE_WITH_ERRORS
    assert report.state.exit_code == 3
    (run,) = report.differing
    assert run.offset == offset // 512 * 512
    assert str(run.offset) in report.message


def test_what_follows_the_image_does_not_count(image, written):
    change(written, IMAGE_SIZE)
    assert compare(image, written).state is State.COMPLETE


def test_a_compressed_image_is_compared_with_its_content(image, written, tmp_path):
    path = tmp_path / "image.iso.gz"
    path.write_bytes(gzip.compress(image.read_bytes(), 1))
    assert compare(path, written).state is State.COMPLETE
    change(written, 5 * MIB)
    assert compare(path, written).state is State.COMPLETE_WITH_ERRORS


def test_what_cannot_be_read_differs(image, written):
    written.faults = [Fault("read", errno.EIO, at=5 * MIB)]
    report = compare(image, written)
    assert report.state is State.COMPLETE_WITH_ERRORS
    assert report.differing[0].offset == 4 * MIB


def test_a_stick_that_is_pulled_out_fails(image, written):
    written.faults = [Fault("read", errno.ENODEV, 2, gone=True)]
    report = compare(image, written)
    assert report.state is State.FAILED
    assert "no longer there" in report.message


def test_a_swapped_stick_is_not_compared(image, written):
    written.faults = [Fault("check", errno.ENODEV)]
    assert compare(image, written).state is State.REFUSED


def test_it_can_be_cancelled(image, written):
    cancel = CancelToken()
    written.before = lambda op, *_request: cancel.cancel() if op == "read" else None
    assert compare(image, written, cancel).state is State.CANCELLED


def test_an_image_larger_than_the_stick_is_refused(image, new_disk):
    disk = new_disk(size=8 * MIB)
    refusal = plan_compare(survey_source(image), stick_of(disk))
    assert isinstance(refusal, Refusal)
    assert refusal.kind == "too-big"


def test_a_packed_image_larger_than_the_stick_fails(new_disk, tmp_path):
    path = tmp_path / "large.gz"
    path.write_bytes(gzip.compress(os.urandom(9 * MIB), 1))
    disk = new_disk(size=8 * MIB)
    report = compare(path, disk)
    assert report.state is State.FAILED
    assert "larger" in report.message


def test_a_file_is_opened_for_reading(written):
    opened = open_for_reading(stick_of(written, node=str(written.path), regular_file=True), print)
    assert opened.size == written.size
    with pytest.raises(OSError, match="Bad file"):
        opened.pwrite(memoryview(b"x"), 0)
    opened.close()


# Images with a block map


def hold(disk, data):
    with disk.path.open("r+b") as file:
        file.write(data)


def test_what_an_image_uses_by_its_map_is_compared_and_said(sparse, new_disk):
    disk = new_disk()
    hold(disk, sparse.read_bytes())
    change(disk, 300 * 4096)  # a hole
    report = compare(sparse, disk)
    assert report.state is State.COMPLETE
    assert "all that sparse.img uses by its block map" in report.message


@pytest.mark.parametrize("blocks", [2610, 2000, 9])
def test_an_image_shorter_than_its_map_says_is_refused(blocks, sparse, new_disk):
    disk = new_disk()
    os.truncate(sparse, blocks * 4096)
    plan = plan_compare(survey_source(sparse), stick_of(disk))
    assert isinstance(plan, Refusal)
    assert plan.kind == "block-map"


def test_a_map_of_another_image_is_not_compared_by(sparse, new_disk):
    other = random.Random(5).randbytes(sparse.stat().st_size)
    sparse.write_bytes(other)
    disk = new_disk()
    hold(disk, other)
    change(disk, 300 * 4096)
    report = compare(sparse, disk)
    assert report.state is State.FAILED
    assert "sparse.img.bmap" in report.message


def test_an_archive_that_is_damaged_behind_what_it_uses_is_no_success(sparse, new_disk):
    data = sparse.read_bytes() + bytes(100 * 4096)
    packed = sparse.with_name("more.img.gz")
    packed.write_bytes(gzip.compress(data, 1)[:-8])
    block_map(packed.with_suffix(""), MAPPED, data)
    disk = new_disk()
    hold(disk, data)
    report = compare(packed, disk)
    assert report.state is State.FAILED
    assert "incomplete" in report.message


def test_an_image_that_became_shorter_meanwhile_is_no_success(image, written, tmp_path):
    copy = tmp_path / "copy.iso"
    copy.write_bytes(image.read_bytes())
    plan = plan_compare(survey_source(copy), stick_of(written))
    os.truncate(copy, 5 * MIB)
    report = run_compare(
        plan, Heard(), CancelToken(), opener=lambda stick: written.opener(stick, print)
    )
    assert report.state is State.FAILED
    assert "was changed" in report.message
