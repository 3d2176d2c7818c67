# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of image files: nothing of anybody's is replaced unasked, nothing escapes."""

import os
import threading
from pathlib import Path

import pytest

from discwright.image.sample import make_sample
from discwright.optical.source import examine
from discwright.rip.plan import RipOptions, RipPlan
from discwright.rip.run import run_rip
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import State
from discwright.transfer.partfile import PartFile
from discwright.transfer.progress import Phase, Silent


@pytest.fixture
def source(tmp_path):
    return make_sample(tmp_path / "source.iso")


def copy(source, target, **options):
    plan = RipPlan(examine(source), target, RipOptions(**options))
    return run_rip(plan, Silent(), CancelToken())


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_a_map_replaces_nothing_unasked(source, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("precious")
    report = copy(source, tmp_path / "out.iso", map_file=precious)
    assert (report.state, report.refusal) == (State.REFUSED, "map-exists")
    assert precious.read_text() == "precious"
    assert names(tmp_path) == {"source.iso", "precious"}
    report = copy(source, tmp_path / "out.iso", map_file=precious, overwrite=True)
    assert report.state is State.COMPLETE
    assert precious.read_text().startswith("# Mapfile")


@pytest.mark.parametrize("name", ["/", ".", "folder", "out.iso", "./folder/../out.iso"])
def test_what_can_be_no_map_is_refused_before(source, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    report = copy(source, tmp_path / "out.iso", map_file=Path(name))
    assert report.state is State.REFUSED
    assert names(tmp_path) == {"source.iso", "folder"}


@pytest.mark.parametrize("what", ["target", "map"])
def test_the_copied_image_is_replaced_by_no_name(source, tmp_path, what):
    other = tmp_path / "other-name.iso"
    os.link(source, other)
    before = source.read_bytes()
    options = {"overwrite": True}
    if what == "map":
        options["map_file"] = other
    report = copy(source, other if what == "target" else tmp_path / "out.iso", **options)
    assert (report.state, report.refusal) == (State.REFUSED, "same-file")
    assert source.read_bytes() == other.read_bytes() == before


def test_a_data_file_of_a_cue_sheet_is_not_replaced(source, tmp_path):
    cue = tmp_path / "disc.cue"
    data = tmp_path / "disc.bin"
    data.write_bytes(source.read_bytes())
    cue.write_text('FILE "disc.bin" BINARY\n  TRACK 01 MODE1/2048\n    INDEX 01 00:00:00\n')
    assert copy(cue, data, overwrite=True).refusal == "same-file"


def test_a_device_or_pipe_is_not_replaced(source, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    report = copy(source, tmp_path / "pipe", overwrite=True)
    assert (report.state, report.refusal) == (State.REFUSED, "not-a-file")
    assert (tmp_path / "pipe").is_fifo()


def test_an_image_that_changes_while_it_is_copied_is_no_complete_copy(source, tmp_path):
    class Meddler(Silent):
        def mark(self, lba, count, mark):
            os.utime(source, (1, 1))

    plan = RipPlan(examine(source), tmp_path / "out.iso", RipOptions())
    report = run_rip(plan, Meddler(), CancelToken())
    assert report.state is State.FAILED
    assert "changed" in report.message
    assert names(tmp_path) == {"source.iso"}


def test_a_slow_disk_keeps_no_cancel_waiting(source, tmp_path, monkeypatch):
    cancel, flushing, proceed = CancelToken(), threading.Event(), threading.Event()

    class Hearing(Silent):
        def progress(self, progress):
            if progress.phase is Phase.FLUSHING:
                flushing.set()

    def fsync(_descriptor):
        assert proceed.wait(30)

    monkeypatch.setattr(os, "fsync", fsync)
    plan = RipPlan(examine(source), tmp_path / "out.iso", RipOptions())
    reports = []
    copying = threading.Thread(target=lambda: reports.append(run_rip(plan, Hearing(), cancel)))
    copying.start()
    assert flushing.wait(20)
    cancel.cancel()
    copying.join(10)
    alive = copying.is_alive()
    proceed.set()
    copying.join(10)
    assert not alive
    assert reports[0].state is State.CANCELLED
    assert names(tmp_path) == {"source.iso"}


def test_an_image_that_vanishes_before_the_second_reading_is_told(source, tmp_path, monkeypatch):
    flush = PartFile.flush

    def flushed(part):
        flush(part)
        part.path.unlink()

    monkeypatch.setattr(PartFile, "flush", flushed)
    report = copy(source, tmp_path / "out.iso", verify=True)
    assert report.state is State.FAILED
    assert "read back" in report.message
