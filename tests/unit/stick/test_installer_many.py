# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying a Windows installer to several sticks at once, with folders in place of them."""

import errno
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from discwright.devices.identity import Identity
from discwright.errors import ReadError, TargetError
from discwright.optical.iso_file import IsoFile
from discwright.stick import installer_copy, installer_run
from discwright.stick.installer_reader import KEPT, PIECE, SharedReader
from discwright.stick.installer_run import run_installers
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import State
from discwright.transfer.progress import Phase
from discwright.transfer.reader import SECTOR

from .installer_disc import make_installer, tree
from .test_installer_run import Ear, FolderVolume, plan_of, split_plan

NAMES = ("a", "b", "c")
PATIENCE_S = 30


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return make_installer(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def with_wim(tmp_path_factory):
    return make_installer(tmp_path_factory.mktemp("wim"), wim=True)


@pytest.fixture
def scratch(tmp_path):
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def volumes(tmp_path):
    return {name: FolderVolume(tmp_path / name) for name in NAMES}


def plans_of(plan):
    """Give a plan for each of three sticks."""
    found = []
    for number, name in enumerate(NAMES):
        identity = Identity(8_000_000_000, number + 1, name, f"8:{16 * number}")
        stick = replace(plan.stick, node=f"/dev/{name}", identity=identity)
        found.append(replace(plan, stick=stick))
    return found


def go(plan, volumes, ear=None, cancel=None, each=None):
    reports = run_installers(
        plans_of(plan),
        ear or Ear(),
        cancel or CancelToken(),
        each=each,
        volume_of=lambda one, _log: volumes[one.stick.node.removeprefix("/dev/")],
    )
    return dict(zip(NAMES, reports, strict=True))


def whole(volume, image) -> bool:
    return tree(volume.folder) == tree(image.parent / "files") and not volume.hidden


def test_all_sticks_get_all_files_and_the_disc_is_read_once(plain, volumes, scratch, monkeypatch):
    plan, read = plan_of(plain, scratch), []
    real = IsoFile.read_into

    def read_into(self, lba, count, buffer):
        read.extend(range(lba, lba + count))
        real(self, lba, count, buffer)

    monkeypatch.setattr(IsoFile, "read_into", read_into)
    reports = go(plan, volumes)
    assert [one.state for one in reports.values()] == [State.COMPLETE] * 3
    assert all(whole(volume, plain) for volume in volumes.values())
    bulk = [sector for sector in read if sector > 300]  # the fingerprint is of the first ones
    assert len(bulk) == len(set(bulk))


def test_sticks_are_worked_on_at_once(plain, volumes, scratch):
    together = threading.Barrier(3, timeout=PATIENCE_S)
    for volume in volumes.values():
        volume.before = lambda step, _count: together.wait() if step == "mount ro" else None
    reports = go(plan_of(plain, scratch), volumes)
    assert [one.state for one in reports.values()] == [State.COMPLETE] * 3


def test_install_wim_is_fetched_once_and_split_onto_each(with_wim, volumes, scratch):
    there = []
    for volume in volumes.values():
        volume.before = lambda _step, _count: there.append(len(list(scratch.rglob("install*"))))
    reports = go(split_plan(with_wim, scratch), volumes)
    assert [one.state for one in reports.values()] == [State.COMPLETE] * 3
    assert set(there) == {1}
    assert all(len(one.parts) > 1 for one in reports.values())
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("step", ["check", "release", "format", "mount rw", "mount ro", "unmount"])
def test_a_stick_that_fails_spoils_no_other(step, plain, volumes, scratch):
    def fail(now: str, _count: int) -> None:
        if now == step:
            raise TargetError("It fails.")

    volumes["b"].before = fail
    reports = go(plan_of(plain, scratch), volumes)
    touched = step not in {"check", "release"}
    assert {name: one.state for name, one in reports.items()} == {
        "a": State.COMPLETE, "b": State.FAILED if touched else State.REFUSED, "c": State.COMPLETE,
    }  # fmt: skip
    assert "It fails." in reports["b"].message
    assert whole(volumes["a"], plain)
    assert whole(volumes["c"], plain)
    assert not volumes["b"].starts


def test_a_stick_that_runs_full_spoils_no_other(plain, volumes, scratch, monkeypatch):
    real = installer_copy.create

    def create(root, file):
        # Not by the folder's own state: it goes and comes when the stick is emptied.
        place = Path(f"/proc/self/fd/{root}").readlink()
        if str(place).startswith(str(volumes["c"].folder)):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(root, file)

    monkeypatch.setattr(installer_copy, "create", create)
    reports = go(plan_of(plain, scratch), volumes)
    assert "is full" in reports["c"].message
    assert reports["a"].state is reports["b"].state is State.COMPLETE


def test_a_stick_that_hangs_holds_no_other_and_is_given_up_after_a_cancel(
    plain, volumes, scratch, monkeypatch
):
    monkeypatch.setattr(installer_run, "PATIENCE_S", 0.5)
    hang, cancel = threading.Event(), CancelToken()
    ready = threading.Semaphore(0)

    def stay(now: str, _count: int) -> None:
        if now == "mount rw":
            hang.wait(PATIENCE_S)

    volumes["b"].before = stay
    for name in "ac":
        volumes[name].before = lambda now, _count: ready.release() if now == "reveal" else None

    def cancel_when_the_others_are_done() -> None:
        for _one in "ac":
            assert ready.acquire(timeout=PATIENCE_S)
        for name in "ac":
            assert volumes[name].closed.wait(PATIENCE_S)
        cancel.cancel()

    thread = threading.Thread(target=cancel_when_the_others_are_done)
    thread.start()
    try:
        reports = go(plan_of(plain, scratch), volumes, cancel=cancel)
    finally:
        hang.set()
        thread.join()
    assert reports["a"].state is reports["c"].state is State.COMPLETE
    assert reports["b"].state is State.CANCELLED
    assert reports["b"].remedy == "Pull it out."
    assert whole(volumes["a"], plain)
    assert volumes["b"].closed.wait(PATIENCE_S)
    assert not volumes["b"].starts


def test_a_cancel_is_for_all(plain, volumes, scratch):
    cancel, ear = CancelToken(), Ear()
    ear.hear = lambda progress: cancel.cancel() if progress.phase is Phase.VERIFYING else None
    reports = go(plan_of(plain, scratch), volumes, ear, cancel)
    assert {one.state for one in reports.values()} == {State.CANCELLED}
    assert all(volume.void and not volume.starts for volume in volumes.values())


def test_a_source_that_fails_leaves_all_sticks_as_they_were(plain, volumes, scratch):
    plan = plan_of(plain, scratch)
    other = replace(plan, source=replace(plan.source, fingerprint="another"))
    reports = go(other, volumes)
    assert {one.state for one in reports.values()} == {State.REFUSED}
    assert not any(one.touched for one in reports.values())
    assert all((volume.folder / "old file").exists() for volume in volumes.values())


def test_each_stick_is_told_of_and_the_whole_by_the_slowest(plain, volumes, scratch):
    heard: dict[str, list[Phase]] = {}
    ear = Ear()
    held = threading.Event()

    def each(node, progress) -> None:
        phases = heard.setdefault(node, [])
        if not phases or phases[-1] is not progress.phase:
            phases.append(progress.phase)

    def wait(now: str, count: int) -> None:
        if (now, count) == ("mount rw", 1):
            held.wait(PATIENCE_S)

    def let_go(now: str, _count: int) -> None:
        if now == "reveal":
            assert Phase.WRITING not in ear.phases  # the slowest hasn't come to that
            held.set()

    volumes["b"].before, volumes["a"].before = wait, let_go
    reports = go(plan_of(plain, scratch), volumes, ear, each=each)
    assert {one.state for one in reports.values()} == {State.COMPLETE}
    assert set(heard) == {"/dev/a", "/dev/b", "/dev/c"}
    for phases in heard.values():
        assert phases[:4] == ["preparing", "formatting", "writing", "flushing"]
        assert phases[-1] == "finishing"


class Counted:
    """Sectors that tell their number, some of them bad; counts what is read."""

    sector_size = SECTOR

    def __init__(self, sectors: int, bad: frozenset[int] = frozenset()) -> None:
        self.sectors, self.bad, self.read = sectors, bad, []

    def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
        self.read += range(lba, lba + count)
        if set(range(lba, lba + count)) & self.bad or lba + count > self.sectors:
            raise ReadError("A sector is bad.", lba=lba, count=count)
        for number in range(count):
            at = number * SECTOR
            buffer[at : at + SECTOR] = (lba + number).to_bytes(4, "big") * (SECTOR // 4)


def numbers(reader, lba: int, count: int) -> list[int]:
    buffer = memoryview(bytearray(count * SECTOR))
    reader.read_into(lba, count, buffer)
    return [int.from_bytes(buffer[at : at + 4], "big") for at in range(0, len(buffer), SECTOR)]


@pytest.mark.parametrize(("lba", "count"), [(0, 1), (PIECE - 1, 2), (3, 3 * PIECE), (2000, 48)])
def test_what_was_read_for_one_is_there_for_the_others(lba, count):
    whole = Counted(2048)
    shared = SharedReader(whole)
    for _stick in range(3):
        assert numbers(shared, lba, count) == list(range(lba, lba + count))
    assert len(whole.read) == len(set(whole.read))


def test_who_falls_far_behind_gets_the_same_by_a_second_reading():
    whole = Counted((KEPT + 3) * PIECE + 7)
    shared = SharedReader(whole)
    for lba in range(0, whole.sectors - PIECE, PIECE):
        assert numbers(shared, lba, PIECE)[0] == lba
    assert numbers(shared, 5, 1) == [5]
    assert numbers(shared, whole.sectors - 7, 7)[-1] == whole.sectors - 1


def test_a_bad_sector_spoils_only_what_has_it():
    shared = SharedReader(Counted(2048, bad=frozenset({100})))
    assert numbers(shared, 0, 100) == list(range(100))
    assert numbers(shared, 101, 500) == list(range(101, 601))
    with pytest.raises(ReadError) as error:
        numbers(shared, 99, 2)
    assert (error.value.lba, error.value.count) == (99, 2)
