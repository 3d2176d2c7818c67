# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a stick does: no false success, and nothing starts from a stick that isn't whole."""

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest

from discwright.stick.faults import GONE
from discwright.stick.run import run_write
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import State

from .disk import OLD, Fault, starts
from .writing import IMAGE_SIZE, Heard, plan_for, write

# The requests of a write without faults, in order (see test_the_steps_are_those_counted_on_here).
STAMP, TAIL, BODY, HEAD, BOOT = 1, 2, (3, 4, 5), 6, 7
WRITES = (STAMP, TAIL, *BODY, HEAD, BOOT)
FLUSHES = range(1, 6)  # after stamp, tail, body, head, boot
READ_STAMP, READ_BODY, READ_STAMP_AGAIN, READ_HEAD = 1, (2, 3, 4), 5, 6
READS = (READ_STAMP, *READ_BODY, READ_STAMP_AGAIN, READ_HEAD)

FATAL = (errno.EIO, errno.ENOSPC, errno.EROFS, errno.ENODEV, errno.ETIMEDOUT)
SILENT = ("lost", "flip", "elsewhere")

COMPLETE, FAILED, REFUSED = State.COMPLETE, State.FAILED, State.REFUSED


def cases():
    for nth in WRITES:
        for number in FATAL:
            yield Fault("write", number, nth, gone=number in GONE), FAILED
        yield Fault("write", "nothing", nth), FAILED
        yield Fault("write", "short", nth), COMPLETE
        yield Fault("write", "odd", nth), COMPLETE
        for effect in SILENT:
            # A piece of the head that landed elsewhere has hit what was proved before.
            late = nth in {HEAD, BOOT} and effect == "elsewhere"
            yield Fault("write", effect, nth), FAILED if nth == STAMP or late else COMPLETE
    for nth in FLUSHES:
        yield Fault("flush", errno.EIO, nth), FAILED
        yield Fault("flush", errno.ENODEV, nth, gone=True), FAILED
    for nth in READS:
        mended = COMPLETE if nth in READ_BODY else FAILED
        yield Fault("read", errno.EIO, nth), mended
        yield Fault("read", errno.EIO, nth, lasting=True), FAILED
        yield Fault("read", errno.ENODEV, nth, gone=True), FAILED
        yield Fault("read", "nothing", nth), mended
        yield Fault("read", "short", nth), COMPLETE
        yield Fault("read", "flip", nth), COMPLETE if nth == READ_HEAD else mended
    for at in (1 << 20, 5 << 20, IMAGE_SIZE - 1):
        for effect in SILENT:
            yield Fault("write", effect, at=at), FAILED
        yield Fault("read", "flip", at=at), FAILED
        yield Fault("read", errno.EIO, at=at), FAILED
    for effect in ("lost", "flip"):
        yield Fault("write", effect, at=0), FAILED
        yield Fault("write", effect, nth=HEAD, lasting=True), FAILED
        yield Fault("write", effect, nth=BOOT, lasting=True), FAILED
    for number in (errno.EBUSY, errno.EACCES, errno.ENOENT, errno.ENOMEDIUM, errno.EIO):
        yield Fault("open", number), REFUSED
    for number in (errno.ENODEV, errno.EIO):
        yield Fault("check", number), REFUSED
    for number in (errno.EIO, errno.ENOSPC, errno.EDQUOT):
        yield Fault("close", number, 1), FAILED
    yield Fault("close", errno.ENODEV, 1, gone=True), FAILED


def named(case):
    fault, _state = case
    effect = errno.errorcode[fault.effect] if isinstance(fault.effect, int) else fault.effect
    place = f"{fault.nth}" if fault.at is None else f"at {fault.at}"
    return f"{fault.op} {place} {effect}{' on' if fault.lasting else ''}"


CASES = list(cases())


def test_the_table_is_long_enough():
    assert len(CASES) > 60


@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_failing_stick_is_told_and_never_left_half(case, image, new_disk):
    fault, expected = case
    disk = new_disk(faults=[fault])
    (report,) = write(image, disk)
    wanted, found = image.read_bytes(), disk.content()
    if report.state is COMPLETE:
        assert found[: len(wanted)] == wanted, "a false success"
        assert report.verified
    else:
        assert report.state is (FAILED if report.touched else REFUSED)
        assert not report.digests
        assert found[: len(wanted)] != wanted or report.left_bootable
        if report.touched:
            # Only what was pulled out after all was written and proved can't be wiped any more.
            # A stick that has stopped storing can't be wiped either.
            dead = fault.gone or fault.lasting
            # And where not even the first request arrived, the old content is still whole.
            untouched = found[: len(OLD)] == OLD
            assert not starts(found) or untouched or (report.left_bootable and dead)
        else:
            assert "Nothing was written" in report.message
    assert report.state is expected, report.message
    assert report.message.endswith(".")
    assert report.state is COMPLETE or report.remedy or fault.op == "open"


@pytest.mark.parametrize("number", [errno.EIO, errno.ENODEV])
def test_every_request_may_fail_for_ever(image, new_disk, number):
    for op, count in (("write", 7), ("read", 6), ("flush", 5)):
        for nth in range(1, count + 1):
            disk = new_disk(f"{op}{nth}", faults=[Fault(op, number, nth, lasting=True)])
            (report,) = write(image, disk)
            assert report.state is FAILED, (op, nth)
            found = disk.content()
            assert not starts(found) or report.left_bootable or found[: len(OLD)] == OLD


def test_what_had_to_be_written_twice_is_named(image, new_disk):
    disk = new_disk(faults=[Fault("write", "flip", 4)])
    (report,) = write(image, disk)
    assert report.state is COMPLETE
    (run,) = report.rewritten
    assert run.length == 512
    assert "second time" in report.message
    assert report.to_json()["rewritten"] == [[run.offset, 512]]


def test_what_stays_wrong_is_named(image, new_disk):
    disk = new_disk(faults=[Fault("write", "flip", at=5 << 20)])
    (report,) = write(image, disk)
    assert report.state is FAILED
    assert report.verified is False
    (run,) = report.differing
    assert (run.offset, run.length) == (6 << 20, 512)
    assert str(run.offset) in report.message
    assert not report.left_bootable


def test_a_second_writing_that_spoils_something_else_is_caught(image, new_disk):
    disk = new_disk(faults=[Fault("write", "flip", 3), Fault("write", "and elsewhere", 6)])
    (report,) = write(image, disk)
    assert report.state is FAILED
    assert report.differing
    assert not report.rewritten
    assert not starts(disk.content())


def test_a_stick_that_was_pulled_out_after_the_last_block_is_told_to_be_unsure(image, new_disk):
    disk = new_disk(faults=[Fault("flush", errno.ENODEV, 5, gone=True)])
    (report,) = write(image, disk)
    assert report.state is FAILED
    assert report.left_bootable
    assert "may still start" in report.message


@pytest.mark.parametrize("real", [3, 8, 10, 11])
def test_a_stick_that_wraps_is_caught_even_without_a_sample(image, new_disk, real):
    """Up to the image's last MiB: there the head itself would land on what was proved."""
    disk = new_disk(wraps_at=real << 20)
    (report,) = write(image, disk)
    if real << 20 >= IMAGE_SIZE:
        assert report.state is COMPLETE
        assert disk.content()[:IMAGE_SIZE] == image.read_bytes()
    else:
        assert report.state is FAILED
        assert not starts(disk.content())


def test_a_wrap_that_only_the_stamp_shows_is_caught(image, new_disk, tmp_path):
    """The image's last bytes are zeros and land on the start, where nothing is yet."""
    data = bytearray(image.read_bytes())
    data[8 << 20 :] = bytes(len(data) - (8 << 20))
    image = tmp_path / "zeros.iso"
    image.write_bytes(data[: (8 << 20) + 600_000])
    disk = new_disk(wraps_at=8 << 20)
    (report,) = write(image, disk)
    assert report.state is FAILED
    assert "suspect" in report.message
    assert not starts(disk.content())


def test_a_stick_that_forgets_the_end_is_caught(image, new_disk):
    disk = new_disk(forgets_from=9 << 20)
    (report,) = write(image, disk)
    assert report.state is FAILED
    assert report.differing[0].offset == 9 << 20


@pytest.mark.parametrize("kind", ["wraps_at", "forgets_from"])
def test_the_sample_finds_it_before_anything_is_written(image, new_disk, kind):
    disk = new_disk(**{kind: 8 << 20})
    (report,) = write(image, disk, probe=True)
    assert report.state is FAILED
    assert report.suspect_capacity
    assert "suspect" in report.message
    assert "counterfeit" not in report.message
    assert report.bytes == 0


@pytest.mark.parametrize("kind", ["wraps_at", "forgets_from"])
def test_a_suspect_stick_that_holds_the_image_is_written_with_a_warning(image, new_disk, kind):
    disk = new_disk(**{kind: 16 << 20})
    (report,) = write(image, disk, probe=True)
    assert report.state is COMPLETE
    assert report.suspect_capacity
    assert any("suspect" in warning for warning in report.warnings)
    assert disk.content()[:IMAGE_SIZE] == image.read_bytes()


def test_a_suspect_stick_is_not_written_unread(image, new_disk):
    disk = new_disk(wraps_at=16 << 20)
    (report,) = write(image, disk, probe=True, verify=False)
    assert report.state is FAILED


def test_an_honest_stick_is_not_suspected(image, new_disk):
    disk = new_disk()
    (report,) = write(image, disk, probe=True)
    assert report.state is COMPLETE
    assert not report.suspect_capacity


def test_a_swapped_stick_is_not_touched(image, new_disk):
    disk = new_disk()
    plan = plan_for(image, disk)
    disk.size //= 2
    before = disk.content()
    opener = disk.opener
    (report,) = run_write([plan], Heard(), CancelToken(), opener=opener)
    assert report.state is REFUSED
    assert "another device" in report.message
    assert disk.content() == before
    assert not report.touched


def test_a_stick_that_is_pulled_out_while_it_is_opened_is_let_go_of(image, new_disk, monkeypatch):
    def pulled(_descriptor):
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    def openings():
        return [link.exists() and link.samefile(disk.path) for link in opened.iterdir()].count(True)

    disk, opened = new_disk(), Path("/proc/self/fd")
    before = disk.content(), openings()
    plan = plan_for(image, disk)
    plan = replace(plan, stick=replace(plan.stick, node=str(disk.path), regular_file=True))
    monkeypatch.setattr("discwright.stick.device.logical_block", pulled)
    (report,) = run_write([plan], Heard(), CancelToken())
    assert report.state is REFUSED
    assert "pulled out" in report.message
    assert (disk.content(), openings()) == before


def test_the_steps_are_those_counted_on_here(image, new_disk):
    disk = new_disk()
    (report,) = write(image, disk)
    assert report.state is COMPLETE
    assert (disk.count("write"), disk.count("flush"), disk.count("read")) == (7, 5, 6)
    writes = [(offset, length) for op, offset, length in disk.calls if op == "write"]
    assert writes[STAMP - 1] == (0, 1 << 20)
    assert writes[TAIL - 1] == (31 << 20, 1 << 20)
    assert min(writes[2:5]) == (1 << 20, 3 << 20)
    assert writes[HEAD - 1] == (4096, (1 << 20) - 4096)
    assert writes[BOOT - 1] == (0, 4096)
