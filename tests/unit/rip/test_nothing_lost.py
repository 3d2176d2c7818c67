# SPDX-License-Identifier: GPL-3.0-or-later
"""What a wrong step may cost: never what was read before, and never a false “read”."""

import hashlib
import threading

import pytest
from tests.unit.rip.scratched import broken_off

from discwright.errors import SourceError, TargetError
from discwright.optical.iso_file import IsoFile
from discwright.optical.source import examine
from discwright.rip import run, unfinished
from discwright.rip.earlier import Kind, find
from discwright.rip.mapfile import read_map
from discwright.rip.plan import RipOptions, plan_rip
from discwright.transfer.destination import survey
from discwright.transfer.outcome import Refusal, State
from discwright.transfer.partfile import PartFile
from discwright.transfer.progress import Silent
from discwright.transfer.reader import SECTOR


def refusal_of(disc, **options):
    wanted = RipOptions(**options)
    try:
        earlier = find(disc.target, wanted.map_file)
    except TargetError as error:
        return error.message
    plan = plan_rip(examine(disc.path), wanted, survey(disc.target), earlier)
    return plan.kind if isinstance(plan, Refusal) else None


def says_only_what_is_there(disc, part, map_file):
    """Each sector that the map calls finished is in the file."""
    whole, there = disc.path.read_bytes(), part.read_bytes()
    rescue, _current = read_map(map_file)
    for lba in range(rescue.length):
        if rescue.at(lba) == "+":
            here = slice(lba * SECTOR, (lba + 1) * SECTOR)
            assert there[here] == whole[here], lba


def test_a_broken_off_replacement_leaves_the_image_and_what_belongs_to_it(damaged):
    names = ("out.iso", "out.iso.map", "out.iso.json", "out.iso.sha256")
    before = {name: (damaged.folder / name).read_bytes() for name in names}
    damaged.bad = {100}
    broken_off(damaged, overwrite=True)
    assert {name: (damaged.folder / name).read_bytes() for name in names} == before


def test_a_broken_off_replacement_is_gone_on_with_and_loses_nothing(damaged):
    damaged.bad = {100}
    part = broken_off(damaged, overwrite=True).kept
    assert find(damaged.target).kind is Kind.BETTERING
    says_only_what_is_there(damaged, part, damaged.folder / "out.iso.part.map")
    damaged.bad = set()
    report = damaged.copy(resume=True)
    damaged.is_whole(report)
    assert damaged.names() == {"out.iso", "out.iso.json", "out.iso.sha256"}


def test_nothing_is_told_of_a_copy_that_was_replaced(disc, monkeypatch):
    """Not even if the new one is killed before its first save."""
    broken_off(disc, resume=True)
    begun = []

    def names(*_arguments):
        begun.append(disc.names())
        raise SourceError("The end.")

    monkeypatch.setattr(unfinished.Unfinished, "begin", names)
    disc.copy(overwrite=True)
    assert begun == [{"out.iso.part"}]


def test_the_checksums_follow_a_better_image_that_was_gone_on_with(damaged):
    damaged.bad = {100}
    broken_off(damaged, overwrite=True)
    damaged.bad = set()
    damaged.is_whole(damaged.copy(resume=True))
    digest = hashlib.sha256(damaged.target.read_bytes()).hexdigest()
    assert digest in (damaged.folder / "out.iso.sha256").read_text()


def test_what_a_drive_gives_after_a_cancel_is_not_called_read(disc, monkeypatch):
    """The drive hangs in a request when the copy is cancelled, and ends it during the last save."""
    let_go, given = threading.Event(), threading.Event()
    read_into, keep = IsoFile.read_into, PartFile.keep

    def hanging(file, lba, count, buffer):
        read_into(file, lba, count, buffer)
        if file.path == disc.path and lba >= 1500:
            disc.cancel.cancel()
            let_go.wait(30)
            given.set()

    def keep_slowly(part):
        keep(part)
        let_go.set()
        given.wait(30)
        for thread in threading.enumerate():
            if thread.name == "pump-fill":
                thread.join(30)

    monkeypatch.setattr(threading, "excepthook", lambda _args: None)
    monkeypatch.setattr(IsoFile, "read_into", hanging)
    monkeypatch.setattr(PartFile, "keep", keep_slowly)
    report = disc.copy(resume=True)
    assert report.state is State.CANCELLED
    says_only_what_is_there(disc, report.kept, report.map)


def test_a_copy_that_the_disk_is_slow_to_take_is_not_thrown_away(disc, monkeypatch):
    proceed = threading.Event()
    disc.bad = {100}
    monkeypatch.setattr(run, "KEPT_WITHIN_S", 0.2)
    monkeypatch.setattr(unfinished, "_SOON_S", 0.0)
    saved = threading.Event()
    write = unfinished.Unfinished._write

    def written(copy, *rest):
        write(copy, *rest)
        saved.set()

    monkeypatch.setattr(unfinished.Unfinished, "_write", written)
    read_into = IsoFile.read_into

    def wait_for_the_map(file, lba, count, buffer):
        if file.path == disc.path and lba >= 1500:
            assert saved.wait(30)
            monkeypatch.setattr(PartFile, "flush", lambda _part: proceed.wait(30))
        read_into(file, lba, count, buffer)

    monkeypatch.setattr(IsoFile, "read_into", wait_for_the_map)
    report = broken_off(disc)
    there = disc.names()
    proceed.set()
    assert report.kept == disc.folder / "out.iso.part"
    assert {"out.iso.part", "out.iso.map"} <= there


@pytest.mark.parametrize("resume", [False, True])
def test_a_copy_whose_map_is_elsewhere_is_not_begun_anew(disc, resume):
    broken_off(disc, map_file=disc.folder / "elsewhere.map")
    assert "map" in (refusal_of(disc, resume=resume) or "")


def test_an_image_that_came_in_between_costs_nothing_of_the_copy(disc, monkeypatch):
    disc.bad = {100}
    commit = unfinished.Unfinished.commit

    def late(copy):
        disc.target.write_text("somebody else's")
        return commit(copy)

    with monkeypatch.context() as patch:
        patch.setattr(unfinished.Unfinished, "commit", late)
        report = disc.copy(retries=0)
    assert report.state is State.FAILED
    part = (disc.folder / "out.iso.part").read_bytes()
    assert refusal_of(disc, resume=True) == "in-the-way"
    assert (disc.folder / "out.iso.part").read_bytes() == part
    disc.target.unlink()
    disc.bad = set()
    disc.is_whole(disc.copy(resume=True))


@pytest.mark.parametrize("name", ["missing/a.map", "out.iso.part", "out.iso.json"])
def test_a_map_that_could_not_be_kept_is_refused_before_hours_are_read(disc, name):
    report = disc.copy(map_file=disc.folder / name)
    assert report.state is State.REFUSED
    assert disc.names() == set()


def test_a_name_whose_map_would_be_too_long_is_refused_before_hours_are_read(disc):
    plan = plan_rip(examine(disc.path), RipOptions(), survey(disc.folder / ("n" * 245 + ".iso")))
    assert run.run_rip(plan, Silent(), disc.cancel).state is State.REFUSED


def other(*_arguments):
    raise SourceError("Another disc is in the drive.")


def test_another_disc_takes_nothing_away_from_a_longer_file(disc, monkeypatch):
    part = broken_off(disc, resume=True).kept
    with part.open("ab") as file:
        file.write(b"more" * SECTOR * 1000)
    (disc.folder / "out.iso.map").write_text("0 ? 1\n0x0 0x10000 +\n")
    before = part.read_bytes()
    monkeypatch.setattr(run, "ensure_same", other)
    disc.copy(resume=True)
    assert part.read_bytes() == before


def test_a_write_that_hangs_in_a_cancel_does_not_cost_what_was_saved(disc, monkeypatch):
    saved, proceed = threading.Event(), threading.Event()
    disc.bad = {100}
    monkeypatch.setattr(unfinished, "_SOON_S", 0.0)
    write, write_at = unfinished.Unfinished._write, PartFile._write

    def written(copy, *rest):
        write(copy, *rest)
        saved.set()

    def hanging(part, data, offset):
        if part.target == disc.target and offset >= 1024 * SECTOR:
            saved.wait(30)
            disc.cancel.cancel()
            proceed.wait(30)
        return write_at(part, data, offset)

    monkeypatch.setattr(unfinished.Unfinished, "_write", written)
    monkeypatch.setattr(PartFile, "_write", hanging)
    report = disc.copy()
    there = disc.names()
    proceed.set()
    assert report.kept == disc.folder / "out.iso.part"
    assert {"out.iso.part", "out.iso.map"} <= there


def test_a_map_that_is_not_the_images_makes_no_bad_sector_a_good_one(damaged):
    text = "0 ? 1\n0x0 0x15E800 +\n0x15E800 0x800 -\n0x15F000 0x3B2000 +\n"  # neither 700 nor 1600
    (damaged.folder / "out.iso.map").write_text(text)
    report = damaged.copy(resume=True)
    assert [run.lba for run in report.bad_sectors] == [700, 1600]


def test_a_map_that_is_not_the_images_makes_no_good_image_worse(disc):
    disc.is_whole(disc.copy())
    (disc.folder / "out.iso.map").write_text("0 ? 1\n0x0 0x20000 +\n0x20000 0x4F1000 -\n")
    assert refusal_of(disc, resume=True) == "other-map"


def test_a_disk_that_hangs_keeps_no_cancel_waiting_when_a_copy_was_gone_on_with(disc, monkeypatch):
    broken_off(disc, resume=True)
    proceed = threading.Event()
    monkeypatch.setattr(run, "KEPT_WITHIN_S", 0.2)
    flushed = []

    def hang(_part):
        flushed.append(threading.current_thread().name)
        proceed.wait(5)

    monkeypatch.setattr(PartFile, "flush", hang)
    disc.cancel_at = 1600
    report = disc.copy(resume=True)
    proceed.set()
    assert report.kept
    assert flushed == ["keep"]
