# SPDX-License-Identifier: GPL-3.0-or-later
"""Images on real block devices: what is written is there, for the kernel and for UDisks2."""

import errno
import os
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from discwright.devices import udisks
from discwright.devices.target_survey import survey_target
from discwright.devices.targets import TargetOptions, judge_target
from discwright.devices.udisks_sticks import file_systems_on
from discwright.errors import SourceError, TargetError
from discwright.image.compression import open_stream
from discwright.image.sample import make_sample
from discwright.jobs.compare_work import CompareWork, look_and_plan
from discwright.stick import opening
from discwright.stick.compare import open_for_reading
from discwright.stick.device import OpenDevice, aligned
from discwright.stick.opening import open_stick
from discwright.stick.plan import WriteOptions, WritePlan, plan_write
from discwright.stick.run import run_write
from discwright.stick.source_survey import survey_source
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Refusal, State
from discwright.transfer.progress import Silent
from stick.udisks_bench import make_loop, wait_until

from .conftest import MIB, SIZE, target_of


def write(image: Path, *nodes: str, **options: object):
    source = survey_source(image)
    wanted = WriteOptions(**{"unbootable_ok": True, **options})
    plans = [plan_write(source, target_of(node), wanted) for node in nodes]
    assert all(isinstance(plan, WritePlan) for plan in plans), plans
    return run_write(plans, Silent(), CancelToken())


def on(node: str, length: int) -> bytes:
    with open(node, "rb") as device:  # noqa: PTH123 - a node
        return device.read(length)


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("image") / "image.bin"
    path.write_bytes(os.urandom(9 * MIB + 777))
    return path


def test_an_odd_sized_image_is_written_and_proved(image, node):
    (report,) = write(image, node)
    assert report.state is State.COMPLETE, report.message
    assert report.verified
    data = image.read_bytes()
    assert on(node, len(data)) == data


def test_what_follows_an_odd_sized_image_in_its_last_block_is_zeros(image, node):
    subprocess.run(["dd", "if=/dev/urandom", f"of={node}", "bs=1M", "count=12"],
                   check=True, capture_output=True)  # fmt: skip
    write(image, node)
    length = image.stat().st_size
    block = target_of(node).logical_block
    end = -(-length // block) * block
    assert on(node, end)[length:] == bytes(end - length)


def test_an_image_of_the_sticks_own_size_fits(node, tmp_path):
    path = tmp_path / "full.bin"
    path.write_bytes(os.urandom(MIB) * (SIZE // MIB))
    (report,) = write(path, node)
    assert report.state is State.COMPLETE, report.message
    assert on(node, SIZE) == path.read_bytes()


def test_an_image_larger_than_the_stick_is_refused(stick, tmp_path):
    path = tmp_path / "large.bin"
    path.touch()
    os.truncate(path, SIZE + 1)
    refusal = plan_write(survey_source(path), target_of(stick), WriteOptions())
    assert isinstance(refusal, Refusal)
    assert refusal.kind == "too-big"


def test_two_sticks_of_different_blocks_are_written_at_once(image, sticks):
    reports = write(image, *sticks.values())
    assert [report.state for report in reports] == [State.COMPLETE] * 2
    data = image.read_bytes()
    assert all(on(node, len(data)) == data for node in sticks.values())


def test_udisks_sees_the_new_file_system(stick, tmp_path):
    image = make_sample(tmp_path / "sample.iso")
    (report,) = write(image, stick)
    assert report.state is State.COMPLETE
    wait_until(
        lambda: any(one.kind == "iso9660" for one in file_systems_on(stick)), "UDisks2 sees it"
    )


@pytest.mark.parametrize("table", ["dos", "gpt"])
def test_old_partition_tables_are_gone(image, stick, table):
    label = f"label: {table}\n1M 20M\n"
    subprocess.run(["sfdisk", "-q", "--wipe=always", stick], input=label, text=True, check=True)
    (report,) = write(image, stick)
    assert report.state is State.COMPLETE
    found = subprocess.run(["blkid", "-p", stick], capture_output=True, text=True, check=False)
    assert "PTTYPE" not in found.stdout


def test_a_mounted_stick_is_unmounted_first(image, stick, mounted):
    assert survey_target(stick).uses[0].point == str(mounted)
    (report,) = write(image, stick)
    assert report.state is State.COMPLETE, report.message
    assert not list(mounted.iterdir())


def test_a_stick_in_use_is_left_alone_and_its_user_named(image, stick, mounted):
    (mounted / "file").write_text("precious")
    busy = subprocess.Popen(["sleep", "100"], cwd=mounted)
    try:
        (report,) = write(image, stick)
    finally:
        busy.kill()
        busy.wait()
    assert report.state is State.REFUSED
    assert f"sleep (process {busy.pid})" in report.message
    assert not report.touched
    assert (mounted / "file").read_text() == "precious"


def test_without_udisks_root_unmounts_by_itself(image, stick, mounted, monkeypatch):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere")
    (report,) = write(image, stick)
    assert report.state is State.COMPLETE, report.message


def test_nobody_can_mount_or_open_it_meanwhile(stick, tmp_path):
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext2", stick], check=True)
    opened = open_stick(target_of(stick), print)
    try:
        with pytest.raises(OSError, match="busy") as failure:
            os.open(stick, os.O_RDWR | os.O_EXCL)
        assert failure.value.errno == errno.EBUSY
        mount = subprocess.run(["mount", stick, tmp_path], capture_output=True, check=False)
        assert mount.returncode != 0
    finally:
        opened.close()


@pytest.mark.parametrize("way", [open_stick, open_for_reading])
def test_who_may_not_open_it_gets_it_from_udisks_with_a_word_before(way, stick, monkeypatch):
    really, said = os.open, []

    def refused(path, flags, *rest, **more):
        if path == stick:
            raise PermissionError(errno.EACCES, "Permission denied")
        return really(path, flags, *rest, **more)

    monkeypatch.setattr(opening.os, "open", refused)
    opened = way(target_of(stick), said.append)
    try:
        opened.check(target_of(stick).identity, "it")
        assert opened.block == 512
    finally:
        opened.close()
    assert "password" in said[0]


def test_a_stick_that_was_swapped_is_not_touched(image, bench, tmp_path):
    node = bench.add_stick(32 * MIB)
    plan = plan_write(survey_source(image), target_of(node), WriteOptions(unbootable_ok=True))
    backing = tmp_path / "other.img"
    backing.write_bytes(b"precious".ljust(32 * MIB, b"."))
    subprocess.run(["losetup", "--detach", node], check=True)
    subprocess.run(["losetup", node, backing], check=True)  # same name, same size
    (report,) = run_write([plan], Silent(), CancelToken())
    assert report.state is State.REFUSED
    assert "another device" in report.message
    assert "diskseq" in report.cause
    assert backing.read_bytes().startswith(b"precious")


def test_the_image_on_the_stick_itself_is_refused(stick, mounted):
    path = mounted / "image.bin"
    path.write_bytes(os.urandom(MIB))
    source = survey_source(path)
    refusal = judge_target(
        survey_target(stick), TargetOptions(allow_file=True), image_disks=source.devices
    )
    assert isinstance(refusal, Refusal)
    assert refusal.kind == "image-on-target"
    assert plan_write(source, target_of(stick), WriteOptions(unbootable_ok=True)).kind == (
        "image-on-target"
    )


def test_a_stick_that_became_read_only_is_told_and_may_still_be_compared(image, bench):
    node = bench.add_stick(32 * MIB)
    plan = plan_write(survey_source(image), target_of(node), WriteOptions(unbootable_ok=True))
    subprocess.run(["blockdev", "--setro", node], check=True)
    try:
        (report,) = run_write([plan], Silent(), CancelToken())
        refusal = judge_target(survey_target(node), TargetOptions(allow_file=True))
        comparison = look_and_plan(node, image, allow_file=True)
    finally:  # the kernel remembers it for the next loop device of this name
        subprocess.run(["blockdev", "--setrw", node], check=True)
    assert report.state is State.FAILED
    assert refusal.kind == "read-only"
    assert isinstance(comparison, CompareWork)


def test_unmounting_names_nobody_when_nobody_is_seen(stick, mounted, monkeypatch):
    def busy(_node):
        raise TargetError("in use")

    monkeypatch.setattr(udisks, "unmount", busy)
    monkeypatch.setattr(opening, "_unmount_as_root", lambda _points: None)
    with pytest.raises(TargetError, match="open in a program"):
        opening.unmount_all(target_of(stick))


def test_a_device_that_lost_its_size_is_one_that_was_pulled_out(bench, tmp_path):
    with ExitStack() as stack:
        node = make_loop(tmp_path, stack, MIB)
        stick = OpenDevice(os.open(node, os.O_RDWR | os.O_DIRECT | os.O_CLOEXEC))
        stack.callback(stick.abandon)
        os.truncate(tmp_path / "stick0.img", 0)
        subprocess.run(["losetup", "--set-capacity", node], check=True)
        for use in (stick.pwrite, stick.pread):
            with pytest.raises(OSError, match="No such device"):
                use(aligned(4096), 8192)


@pytest.mark.parametrize("pack", [["xz", "-T2", "-0c"], ["zstd", "-qc"], ["lz4", "-qc"], ["cat"]])
def test_a_disk_that_fails_under_a_packed_image_is_told_as_that(tmp_path, pack):
    packed = subprocess.run(pack, input=os.urandom(40 * MIB), capture_output=True, check=True)
    view = memoryview(bytearray(MIB))
    with ExitStack() as stack:
        node = make_loop(tmp_path, stack, 41 * MIB)
        Path(node).write_bytes(packed.stdout)
        with open_stream(Path(node)) as stream:
            assert stream.read_into(view) == MIB
            os.truncate(tmp_path / "stick0.img", 30 * MIB)  # no more can be read
            subprocess.run(["blockdev", "--flushbufs", node], check=True)
            with pytest.raises(SourceError, match="can't be read: Input/output error"):
                all(iter(lambda: stream.read_into(view), 0))
