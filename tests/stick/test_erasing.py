# SPDX-License-Identifier: GPL-3.0-or-later
"""Giving a stick back as an empty FAT32 or exFAT drive."""

import os
import subprocess
from dataclasses import replace

import pytest

from discwright.devices.mounts import mounted_at
from discwright.stick.erase import EraseOptions, ErasePlan, plan_erase, run_erase
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import State
from discwright.transfer.progress import Silent
from stick.udisks_bench import require

from .conftest import target_of


def erase(node, **options):
    plan = plan_erase(target_of(node), EraseOptions(**options))
    assert isinstance(plan, ErasePlan), plan
    return run_erase(plan, Silent(), CancelToken())


def probed(node):
    found = subprocess.run(["blkid", "-p", node], capture_output=True, text=True, check=False)
    return found.stdout


@pytest.mark.parametrize(
    ("file_system", "tool", "type_"),
    [("fat32", "mkfs.vfat", "vfat"), ("exfat", "mkfs.exfat", "exfat")],
)
def test_the_stick_is_one_empty_partition(stick, file_system, tool, type_, tmp_path):
    require(tool)
    report = erase(stick, file_system=file_system, label="My Stick")
    assert report.state is State.COMPLETE, (report.message, report.cause)
    assert 'PTTYPE="dos"' in probed(stick)
    part = probed(f"{stick}p1")
    assert f'TYPE="{type_}"' in part
    assert f'LABEL="{"MY STICK" if type_ == "vfat" else "My Stick"}"' in part
    number = "0xc" if type_ == "vfat" else "0x7"
    assert f'PART_ENTRY_TYPE="{number}"' in part


def test_the_file_system_is_called_what_it_is(stick):
    require("mkfs.vfat")
    report = erase(stick, file_system="fat32")
    assert 'VERSION="FAT16"' in probed(f"{stick}p1")  # 96 MiB are too few for FAT32
    assert "can be used again: FAT16," in report.message


def test_a_mounted_stick_is_unmounted_first(stick, mounted):
    require("mkfs.vfat")
    report = erase(stick)
    assert report.state is State.COMPLETE, (report.message, report.cause)


def test_a_stick_in_use_is_left_alone_and_its_user_named(stick, mounted):
    (mounted / "file").write_text("precious")
    busy = subprocess.Popen(["sleep", "100"], cwd=mounted)
    try:
        report = erase(stick)
    finally:
        busy.kill()
        busy.wait()
    assert report.state is State.REFUSED
    assert f"sleep (process {busy.pid})" in report.message
    assert not report.touched
    assert (mounted / "file").read_text() == "precious"


def test_a_stick_that_another_program_holds_is_left_alone(stick):
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext2", stick], check=True)
    descriptor = os.open(stick, os.O_RDONLY | os.O_EXCL)
    try:
        report = erase(stick)
    finally:
        os.close(descriptor)
    assert report.state is State.REFUSED
    assert not report.touched
    assert 'TYPE="ext2"' in probed(stick)


def test_a_stick_swapped_for_another_is_left_alone(stick, mounted):
    plan = plan_erase(target_of(stick), EraseOptions())
    chosen = replace(plan.stick, identity=replace(plan.stick.identity, diskseq=1))
    report = run_erase(replace(plan, stick=chosen), Silent(), CancelToken())
    assert report.state is State.REFUSED
    assert "another stick" in report.message
    assert not report.touched
    assert mounted_at(stick)


def test_a_cancel_before_changes_nothing(stick):
    cancel = CancelToken()
    cancel.cancel()
    plan = plan_erase(target_of(stick), EraseOptions())
    report = run_erase(plan, Silent(), cancel)
    assert (report.state, report.touched) == (State.CANCELLED, False)
