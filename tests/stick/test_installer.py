# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows installers on real file systems, through UDisks2.

The kernel here may know no FAT: then the same is done with ext4, and FAT is only made, not mounted.
"""

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from discwright.devices import udisks_format
from discwright.devices.mounts import mounted_at
from discwright.errors import DiscwrightError
from discwright.stick import installer_run
from discwright.stick.installer_guard import Guard
from discwright.stick.installer_plan import (
    InstallerOptions,
    InstallerPlan,
    PartitionTable,
    plan_installer,
)
from discwright.stick.installer_run import run_installers
from discwright.stick.installer_source import survey_installer, survey_tools
from discwright.stick.installer_stick import InstallerStick
from discwright.stick.installer_volume import UNFINISHED, StickVolume
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import State
from discwright.transfer.progress import Phase, Silent
from stick.udisks_bench import require, wait_until
from unit.stick.installer_disc import make_installer, tree

from .conftest import MIB, target_of

LOADERS = ("bootmgr", "bootmgr.efi", "efi/boot/bootx64.efi")


def fat_is_known() -> bool:
    return "\tvfat\n" in Path("/proc/filesystems").read_text()


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    require("genisoimage", "wimlib-imagex", "sfdisk", "mkfs.ext4")
    return make_installer(tmp_path_factory.mktemp("windows"), wim=True)


@pytest.fixture
def spare(bench):
    """A stick that nobody needs after the test."""
    return bench.add_stick(40 * MIB)


def plan_of(image, node, scratch, **options) -> InstallerPlan:
    file_system = "vfat" if fat_is_known() else "ext4"
    found = plan_installer(
        survey_installer(image),
        target_of(node),
        survey_tools(node, scratch=scratch),
        InstallerOptions(
            **{"file_system": file_system, "file_limit": 2_600_000, "part_mib": 1, **options}
        ),
    )
    assert isinstance(found, InstallerPlan), found
    return found


def run_installer(plan, listener, cancel):
    (report,) = run_installers([plan], listener, cancel)
    return report


@contextmanager
def mounted_part(node: str, place: Path):
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", "ro", f"{node}p1", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def probed(node: str) -> str:
    return subprocess.run(["blkid", "-p", node], capture_output=True, text=True, check=False).stdout


class At(Silent):
    """Does something when a phase is reached for the first time."""

    def __init__(self, phase: Phase, act) -> None:
        self.phase, self.act, self.done = phase, act, False

    def progress(self, progress) -> None:
        if progress.phase is self.phase and not self.done:
            self.done = True
            self.act()


@pytest.mark.parametrize("table", list(PartitionTable))
def test_all_files_are_on_the_stick_and_it_bears_its_name(table, node, image, tmp_path):
    report = run_installer(plan_of(image, node, tmp_path, table=table), Silent(), CancelToken())
    assert report.state is State.COMPLETE, (report.message, report.cause)
    assert report.verified is True
    assert mounted_at(f"{node}p1") == ()
    assert 'LABEL="CCCOMA_X64F"' in probed(f"{node}p1")
    parts = subprocess.run(
        ["sfdisk", "-d", node], capture_output=True, text=True, check=True
    ).stdout
    assert ("bootable" in parts) is (table is PartitionTable.MBR)
    with mounted_part(node, tmp_path / "there") as place:
        there = tree(place)
        wanted = tree(image.parent / "files")
        del wanted["sources/install.wim"]
        assert {name: there.get(name) for name in wanted} == wanted
        parts = sorted(set(there) - set(wanted))
        assert parts == sorted(report.parts)
        assert "sources/install.swm" in parts


@pytest.mark.parametrize(
    ("table", "hidden", "kind"),
    [
        (PartitionTable.MBR, "0x27", "0xc"),
        (
            PartitionTable.GPT,
            "e3c9e316-0b5c-4db8-817d-f92df00215ae",
            "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7",
        ),
    ],
)
def test_the_stick_is_one_fat_partition_as_firmware_wants_it(table, hidden, kind, node):
    require("mkfs.vfat", "fsck.vfat", "fatlabel")
    stick = node
    volume = StickVolume(target_of(stick), InstallerOptions(table=table))
    volume.format(CancelToken())
    part = probed(f"{stick}p1")
    assert 'TYPE="vfat"' in part
    assert f'LABEL="{UNFINISHED}"' in part
    assert f'PART_ENTRY_TYPE="{hidden}"' in part
    assert "PART_ENTRY_FLAGS" not in part
    volume.name("WIN 11-X64")
    volume.reveal()
    part = probed(f"{stick}p1")
    assert 'LABEL="WIN 11-X64"' in part
    assert f'PART_ENTRY_TYPE="{kind}"' in part
    assert ('PART_ENTRY_FLAGS="0x80"' in part) is (table is PartitionTable.MBR)
    subprocess.run(["fsck.vfat", "-n", f"{stick}p1"], check=True, capture_output=True)
    volume.make_void()
    assert probed(stick) == ""


@pytest.mark.parametrize("phase", [Phase.FORMATTING, Phase.WRITING, Phase.VERIFYING])
def test_a_cancel_leaves_a_stick_that_neither_starts_nor_mounts(phase, stick, image, tmp_path):
    cancel = CancelToken()
    plan = plan_of(image, stick, tmp_path)
    report = run_installer(plan, At(phase, cancel.cancel), cancel)
    assert report.state is State.CANCELLED
    assert "The stick is empty now" in report.message
    assert probed(stick) == ""
    assert mounted_at(f"{stick}p1") == ()


def test_a_stick_that_runs_full_is_told(bench, image, tmp_path, monkeypatch):
    """Its size was a lie: what the plan reckoned with is not there."""
    node = bench.add_stick(6 * MIB)
    plan = large_plan(image, node, tmp_path)
    monkeypatch.setattr(InstallerStick, "_check_room", lambda *_args: None)
    report = run_installer(plan, Silent(), CancelToken())
    assert report.state is State.FAILED
    assert "full" in report.message, (report.message, report.cause)
    assert probed(node) == ""


def test_too_little_room_is_seen_before_the_copying(bench, image, tmp_path):
    node = bench.add_stick(6 * MIB)
    report = run_installer(large_plan(image, node, tmp_path), Silent(), CancelToken())
    assert report.state is State.FAILED
    assert "has room for only" in report.message
    assert probed(node) == ""


def large_plan(image, node, scratch) -> InstallerPlan:
    """Give the plan for a large stick, with a small one in its place."""
    small = target_of(node)
    large = replace(small, identity=replace(small.identity, size=64 * MIB))
    options = InstallerOptions(
        file_system="vfat" if fat_is_known() else "ext4", file_limit=2_600_000, part_mib=1
    )
    tools = survey_tools(node, scratch=scratch)
    plan = plan_installer(survey_installer(image), large, tools, options)
    assert isinstance(plan, InstallerPlan), plan
    return replace(plan, stick=small)


@pytest.mark.parametrize("phase", ["formatting", "writing", "flushing", "verifying", "finishing"])
def test_a_stick_that_is_pulled_is_never_called_good(phase, bench, image, tmp_path):
    spare = bench.add_stick(40 * MIB)
    backing = Path(f"/sys/class/block/{Path(spare).name}/loop/backing_file").read_text().strip()

    def pull() -> None:
        os.truncate(backing, 0)

    plan = plan_of(image, spare, tmp_path)
    report = run_installer(plan, At(Phase(phase), pull), CancelToken())
    assert report.state is State.FAILED, report.message
    assert report.touched
    assert report.left_bootable is (phase == "finishing")
    os.truncate(backing, 40 * MIB)


def test_a_place_for_install_wim_that_is_full_leaves_the_stick_as_it_was(stick, image, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], check=True)
    try:
        plan = plan_of(image, stick, tmp_path)
        plan = replace(plan, tools=replace(plan.tools, scratch=small))
        before = probed(stick)
        report = run_installer(plan, Silent(), CancelToken())
        assert not any(small.iterdir())
    finally:
        subprocess.run(["umount", small], check=True)
    assert (report.state, report.touched) == (State.REFUSED, False)
    assert "There is no space left for install.wim" in report.message
    assert probed(stick) == before


def test_several_sticks_are_copied_to_at_once_and_one_that_dies_spoils_none(
    sticks, spare, image, tmp_path
):
    backing = Path(f"/sys/class/block/{Path(spare).name}/loop/backing_file").read_text().strip()
    nodes = [sticks[512], spare, sticks[4096]]
    pulled = []

    def each(node, progress) -> None:
        if node == spare and progress.phase is Phase.WRITING and not pulled:
            pulled.append(node)
            os.truncate(backing, 0)

    plans = [plan_of(image, node, tmp_path) for node in nodes]
    reports = run_installers(plans, Silent(), CancelToken(), each=each)
    os.truncate(backing, 40 * MIB)
    states = [report.state for report in reports]
    assert states == [State.COMPLETE, State.FAILED, State.COMPLETE], reports
    for node in sticks.values():
        assert 'LABEL="CCCOMA_X64F"' in probed(f"{node}p1")
        with mounted_part(node, tmp_path / "there") as place:
            assert all((place / name).exists() for name in LOADERS)


def test_a_stick_that_hangs_in_the_kernel_holds_no_other(
    stick, spare, image, tmp_path, monkeypatch
):
    require("fsfreeze")
    monkeypatch.setattr(installer_run, "PATIENCE_S", 10.0)
    cancel, frozen = CancelToken(), []

    def each(node, progress) -> None:
        if node == spare and progress.phase is Phase.WRITING and not frozen:
            frozen.extend(mounted_at(f"{spare}p1"))
            subprocess.run(["fsfreeze", "--freeze", frozen[0]], check=True)

    def cancel_when_the_other_is_done() -> None:
        try:
            wait_until(
                lambda: 'PART_ENTRY_TYPE="0xc"' in probed(f"{stick}p1"),
                "the other is done",
                seconds=90,
            )
        finally:
            cancel.cancel()

    udisks_format.make_void(stick)
    thread = threading.Thread(target=cancel_when_the_other_is_done)
    thread.start()
    plans = [plan_of(image, node, tmp_path) for node in (spare, stick)]
    try:
        hanging, other = run_installers(plans, Silent(), cancel, each=each)
    finally:
        thread.join()
        subprocess.run(["fsfreeze", "--unfreeze", frozen[0]], check=True)
    assert other.state is State.COMPLETE, (other.message, other.cause)
    assert (hanging.state, hanging.remedy) == (State.CANCELLED, "Pull it out.")
    wait_until(lambda: emptied(spare), "the stick answers again")


def emptied(node: str) -> bool:
    with suppress(DiscwrightError):
        udisks_format.make_void(node)
    return not probed(node)


def test_a_stick_swapped_for_another_is_left_alone(stick, image, tmp_path):
    plan = plan_of(image, stick, tmp_path)
    other = replace(plan.stick, identity=replace(plan.stick.identity, diskseq=1))
    before = probed(stick)
    report = run_installer(replace(plan, stick=other), Silent(), CancelToken())
    assert report.state is State.REFUSED
    assert not report.touched
    assert "another stick" in report.message
    assert probed(stick) == before


def test_a_stick_in_use_before_is_left_alone_and_said_to_be(stick, mounted, image, tmp_path):
    (mounted / "file").write_text("precious")
    plan = plan_of(image, stick, tmp_path)
    busy = subprocess.Popen(["sleep", "100"], cwd=mounted)
    try:
        report = run_installer(plan, Silent(), CancelToken())
    finally:
        busy.kill()
        busy.wait()
    assert report.state is State.REFUSED
    assert f"sleep (process {busy.pid})" in report.message
    assert not report.touched
    assert "Nothing was written" in report.message
    assert (mounted / "file").read_text() == "precious"


def test_a_mount_point_taken_away_in_mid_copy_misleads_no_byte(stick, image, tmp_path):
    def take_away() -> None:
        (point,) = mounted_at(f"{stick}p1")
        subprocess.run(["umount", "--lazy", point], check=True)
        places.append(Path(point))

    places: list[Path] = []
    plan = plan_of(image, stick, tmp_path)
    report = run_installer(plan, At(Phase.WRITING, take_away), CancelToken())
    assert report.state is State.COMPLETE, (report.message, report.cause)
    assert not places[0].exists() or not any(places[0].iterdir())


def test_who_keeps_the_stick_busy_is_named_and_nothing_starts_from_it(stick, image, tmp_path):
    sleepers = []

    def sleep_there() -> None:
        (point,) = mounted_at(f"{stick}p1")
        sleepers.append(subprocess.Popen(["sleep", "100"], cwd=point))

    plan = plan_of(image, stick, tmp_path)
    try:
        report = run_installer(plan, At(Phase.FLUSHING, sleep_there), CancelToken())
    finally:
        for one in sleepers:
            one.kill()
            one.wait()
    assert report.state is State.FAILED
    assert f"sleep (process {sleepers[0].pid})" in report.message
    assert "no computer will start" in report.message
    assert not report.left_bootable
    udisks_format.make_void(stick)


# The moments of a copying: the nth time of a phase.
MOMENTS = [
    ("writing", 1),  # the files
    ("flushing", 1),
    ("verifying", 1),
    ("writing", 2),  # the loaders, to where they wait
    ("verifying", 2),
    ("flushing", 3),  # to be moved to their places
]


def kill(phase, times, stick, image, scratch, *how) -> None:
    script = Path(__file__).with_name("installer_killed.py")
    tests = Path(__file__).parent.parent
    ended = subprocess.run(
        [sys.executable, script, image, stick, scratch, phase, str(times), *how],
        env={**os.environ, "PYTHONPATH": f"{tests}:{os.environ.get('PYTHONPATH', '')}"},
        check=False,
        capture_output=True,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


@pytest.mark.parametrize(("phase", "times"), MOMENTS)
def test_a_kill_leaves_a_stick_that_neither_starts_nor_mounts(phase, times, stick, image, tmp_path):
    """What stands by empties it."""
    kill(phase, times, stick, image, tmp_path)
    wait_until(lambda: not probed(stick), "the stick is empty")
    assert mounted_at(f"{stick}p1") == ()


@pytest.mark.parametrize(("phase", "times"), MOMENTS)
def test_after_a_power_cut_nothing_starts_and_the_partition_is_one_that_nothing_mounts(
    phase, times, stick, image, tmp_path
):
    kill(phase, times, stick, image, tmp_path, "all")
    while mounted_at(f"{stick}p1"):
        subprocess.run(["umount", f"{stick}p1"], check=True)
    part = probed(f"{stick}p1")
    assert f'LABEL="{UNFINISHED}"' in part
    assert 'PART_ENTRY_TYPE="0x27"' in part
    assert "PART_ENTRY_FLAGS" not in part
    with mounted_part(stick, tmp_path / "there") as place:
        assert not any((place / name).exists() for name in LOADERS)


def unfinished(stick: str) -> tuple[str, str]:
    """Make a stick as it is while an installer is copied; give its partition and UUID."""
    part = udisks_format.format_hidden(
        stick, table="dos", kind="0x27", file_system="vfat", label=UNFINISHED, cancel=CancelToken()
    )
    return part, udisks_format.uuid_of(part)


def test_what_the_program_can_not_empty_is_emptied_by_what_stands_by(stick):
    part, uuid = unfinished(stick)
    guard = Guard(stick, part, uuid)
    guard.hand_over()
    wait_until(lambda: not probed(stick), "the stick is empty")
    wait_until(lambda: guard._process.returncode == 0, "it has ended, and is no zombie")


def test_what_stands_by_leaves_another_file_system_alone(stick):
    part, _uuid = unfinished(stick)
    guard = Guard(stick, part, "1234-5678")
    guard.hand_over()
    wait_until(lambda: guard._process.returncode == 0, "it has ended")
    assert f'LABEL="{UNFINISHED}"' in probed(part)


def test_an_unfinished_stick_may_be_erased_and_written_anew(stick, image, tmp_path):
    kill("verifying", 1, stick, image, tmp_path, "all")
    assert mounted_at(f"{stick}p1")
    report = run_installer(plan_of(image, stick, tmp_path), Silent(), CancelToken())
    assert report.state is State.COMPLETE, (report.message, report.cause)
    assert 'PART_ENTRY_TYPE="0xc"' in probed(f"{stick}p1")


def test_nobody_stands_by_after_the_end(stick, image, tmp_path):
    before = children()
    run_installer(plan_of(image, stick, tmp_path), Silent(), CancelToken())
    assert children() == before
    assert 'LABEL="CCCOMA_X64F"' in probed(f"{stick}p1")


def children() -> set[str]:
    tasks = Path("/proc/self/task").iterdir()
    return {child for task in tasks for child in (task / "children").read_text().split()}
