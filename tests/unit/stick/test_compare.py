# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing a stick with an image, without writing anything."""

import errno
import gzip
import os

import pytest

from discwright.stick.compare import ComparePlan, open_for_reading, plan_compare, run_compare
from discwright.stick.source_survey import survey_source
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Refusal, State

from .disk import MIB, Fault
from .writing import IMAGE_SIZE, Heard, stick_of


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
    assert compare(image, written).state is State.FAILED


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
    opened = open_for_reading(stick_of(written, node=str(written.path), regular_file=True))
    assert opened.size == written.size
    with pytest.raises(OSError, match="Bad file"):
        opened.pwrite(memoryview(b"x"), 0)
    opened.close()
