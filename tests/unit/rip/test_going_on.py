# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of a copy that was broken off, what isn't, and how it is gone on with.

The disc is an image file whose reading is made to fail; drives are in tests/drive.
"""

import json
import os
import threading

import pytest
from tests.unit.rip.scratched import broken_off

from discwright.errors import TargetError
from discwright.optical.source import examine
from discwright.rip import run, unfinished
from discwright.rip.earlier import Kind, find
from discwright.rip.map import RescueMap, Status
from discwright.rip.mapfile import read_map
from discwright.rip.plan import RipOptions, plan_rip
from discwright.transfer.destination import survey
from discwright.transfer.outcome import Refusal, State
from discwright.transfer.partfile import PartFile
from discwright.transfer.reader import SECTOR


def test_a_sound_disc_that_is_cancelled_at_once_leaves_no_litter(disc):
    report = broken_off(disc)
    assert report.kept is None
    assert "Nothing was kept" in report.message
    assert disc.names() == set()


@pytest.mark.parametrize("why", ["asked", "a map", "trouble", "time"])
def test_what_somebody_would_miss_is_kept(disc, monkeypatch, why):
    options = {"asked": {"resume": True}, "a map": {"map_file": disc.folder / "a.map"}}
    if why == "trouble":
        disc.bad = {100}
    if why == "time":
        monkeypatch.setattr(unfinished, "SAVED_EVERY_S", 0.0)
    report = broken_off(disc, **options.get(why, {}))
    map_name = "a.map" if why == "a map" else "out.iso.map"
    assert disc.names() == {"out.iso.part", "out.iso.json", map_name}
    assert (report.kept, report.map) == (disc.folder / "out.iso.part", disc.folder / map_name)
    rescue, _current = read_map(report.map)
    assert rescue.open == report.unread_sectors > 0
    disc.bad = set()
    done = disc.copy(**(options.get(why, {}) | {"resume": True}))
    disc.is_whole(done)
    assert disc.names() == {"out.iso", "out.iso.json", "out.iso.sha256"} | (
        {"a.map"} if why == "a map" else set()
    )


def test_the_last_sectors_that_were_read_are_not_lost_in_a_cancel(disc):
    broken_off(disc, resume=True)
    rescue, _current = read_map(disc.folder / "out.iso.map")
    whole, part = disc.path.read_bytes(), (disc.folder / "out.iso.part").read_bytes()
    assert rescue.finished == max(disc.reads) + 32  # even the request during which it came
    assert part[: rescue.finished * SECTOR] == whole[: rescue.finished * SECTOR]


def test_a_full_disk_loses_nothing_of_what_was_written(disc, monkeypatch):
    write_at = PartFile.write_at

    def full(part, offset, data):
        if part.target == disc.target and offset >= 1024 * SECTOR:
            raise TargetError("There is no space left.", remedy="Make room.")
        write_at(part, offset, data)

    with monkeypatch.context() as patch:
        patch.setattr(PartFile, "write_at", full)
        report = disc.copy(resume=True)
    assert (report.state, report.kept) == (State.FAILED, disc.folder / "out.iso.part")
    assert "no space left" in report.message
    assert read_map(report.map)[0].finished == 1024
    assert report.unread_sectors == read_map(report.map)[0].open
    disc.is_whole(disc.copy(resume=True))


def test_a_copy_whose_map_cannot_be_written_is_no_use_and_goes(disc, monkeypatch):
    def full(path, _data, *, overwrite=False):
        raise TargetError(f"There is no space left for {path.name}.")

    monkeypatch.setattr(unfinished, "write_file", full)
    report = broken_off(disc, resume=True)
    assert report.kept is None
    assert "could be kept" in " ".join(report.warnings)
    assert disc.names() == set()


def test_a_disk_that_hangs_keeps_no_cancel_waiting_even_if_something_is_to_be_kept(
    disc, monkeypatch
):
    proceed = threading.Event()
    monkeypatch.setattr(run, "KEPT_WITHIN_S", 0.2)
    monkeypatch.setattr(os, "fsync", lambda _descriptor: proceed.wait(30))
    report = broken_off(disc, resume=True)
    proceed.set()
    assert report.kept is None


def test_a_record_that_is_somebody_elses_is_not_replaced(disc):
    theirs = disc.folder / "out.iso.json"
    theirs.write_text('{"program": {"name": "Other"}}')
    broken_off(disc, resume=True)
    disc.is_whole(disc.copy(resume=True))
    assert theirs.read_text() == '{"program": {"name": "Other"}}'


def test_a_map_that_nobody_spoke_of_is_not_replaced(disc):
    theirs = disc.folder / "out.iso.map"
    theirs.write_text("precious")
    report = disc.copy()
    assert (report.state, report.refusal) == (State.REFUSED, "map-exists")
    assert theirs.read_text() == "precious"


def test_an_image_that_cannot_be_bettered_is_told_to_be_as_it_was(damaged):
    before = damaged.target.read_bytes()
    damaged.bad.discard(1600)
    damaged.cancel_at = 17  # while the disc is compared with the image
    report = damaged.copy(resume=True)
    assert report.state is State.CANCELLED
    assert "out.iso is as it was" in report.message
    assert damaged.names() == {"out.iso", "out.iso.json", "out.iso.sha256", "out.iso.map"}
    assert damaged.target.read_bytes() == before


def test_a_better_image_that_was_broken_off_is_gone_on_with(damaged, monkeypatch):
    before = damaged.target.read_bytes()
    damaged.bad.discard(1600)  # read first: retries begin at the end
    with monkeypatch.context() as patch:
        slow_down = run.DriveUse.slow_down
        patch.setattr(
            run.DriveUse, "slow_down",
            lambda use: (setattr(damaged, "cancel_at", 700), slow_down(use)),
        )  # fmt: skip
        report = damaged.copy(resume=True, retries=5)
    damaged.cancel_at = None
    assert report.state is State.CANCELLED
    assert damaged.target.read_bytes() == before
    found = find(damaged.target)
    assert (found.kind, found.map.count(Status.BAD)) == (Kind.BETTERING, 1)
    damaged.bad.clear()
    damaged.is_whole(damaged.copy(resume=True))
    assert damaged.names() == {"out.iso", "out.iso.json", "out.iso.sha256"}


def test_without_its_map_an_image_is_bettered_by_its_record(damaged):
    (damaged.folder / "out.iso.map").unlink()
    damaged.bad.clear()
    damaged.is_whole(damaged.copy(resume=True))
    assert len(damaged.reads) < 200


def test_a_publishers_checksum_stays_when_an_image_is_bettered(damaged):
    published = damaged.folder / "out.iso.sha256"
    published.write_text("theirs")
    damaged.bad.clear()
    damaged.is_whole(damaged.copy(resume=True))
    assert published.read_text() == "theirs"


def test_a_part_without_a_map_tells_nothing(disc):
    (disc.folder / "out.iso.part").write_bytes(b"x" * 9999)
    assert find(disc.target) is None
    disc.is_whole(disc.copy(resume=True))


RECORDS = [
    "[]", "{}", "null", "nonsense", '"\ud83d"', "[" * 5000,
    '{"program": {"name": "Discwright"}, "format": 1, "state": "x", "disc": 3}',
    '{"program": {"name": "Discwright"}, "format": 2}',
]  # fmt: skip


@pytest.mark.parametrize("text", RECORDS)
def test_a_record_that_is_none_is_no_obstacle(disc, text):
    broken_off(disc, resume=True)
    (disc.folder / "out.iso.json").write_text(text, "utf-8", "surrogatepass")
    assert find(disc.target).record is None
    disc.is_whole(disc.copy(resume=True))


def test_a_map_beyond_all_measure_is_refused_for_want_of_room(disc):
    broken_off(disc, resume=True)
    (disc.folder / "out.iso.map").write_text("0 ? 1\n0x0 0x7FFFFFFFFFFF0000 -\n")
    plan = plan_rip(
        examine(disc.path), RipOptions(resume=True), survey(disc.target), find(disc.target)
    )
    assert isinstance(plan, Refusal)
    assert plan.kind == "no-space"


def test_each_drive_is_named_with_what_it_gave(disc):
    broken_off(disc, resume=True)
    disc.copy(resume=True)
    readings = json.loads((disc.folder / "out.iso.json").read_text())["readings"]
    covered = RescueMap(disc.path.stat().st_size // SECTOR)
    for reading in readings:
        assert reading["drive"] == str(disc.path)
        for lba, count in reading["sectors"]:
            assert covered.count(Status.NON_TRIED) >= count
            covered.set(lba, count, Status.FINISHED)
    assert len(readings) == 2
    assert covered.count(Status.NON_TRIED) == 0
