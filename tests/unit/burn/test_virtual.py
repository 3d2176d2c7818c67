# SPDX-License-Identifier: GPL-3.0-or-later
"""Without a drive: the real xorriso burns to a file taken as a disc, and it is read back."""

import json
import os
import random
import shutil

import pytest

from discwright.burn import feed, readback
from discwright.burn.child import run_child
from discwright.burn.erase import plan_erase, run_erase
from discwright.burn.image import read_image
from discwright.burn.options import Blank, BurnOptions
from discwright.burn.plan import BurnPlan, plan_burn
from discwright.burn.run import run_burn
from discwright.burn.surroundings import look_around, xorriso_version
from discwright.burn.target import read_target
from discwright.burn.together import burn_together
from discwright.errors import TargetError
from discwright.image.sample import make_sample
from discwright.optical.writable import MediumStatus
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Refusal, State
from discwright.transfer.progress import Silent
from discwright.transfer.reader import SECTOR

pytestmark = pytest.mark.skipif(not shutil.which("xorriso"), reason="xorriso is not installed")


class Hearing(Silent):
    def __init__(self):
        self.phases, self.lines = [], []

    def progress(self, progress):
        if progress.phase.value not in self.phases:
            self.phases.append(progress.phase.value)

    def log(self, line):
        self.lines.append(line)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return make_sample(tmp_path_factory.mktemp("sample") / "sample.iso")


def planned(image, target, **options):
    plan = plan_burn(
        read_image(image), read_target(target), BurnOptions(**options), look_around(target)
    )
    assert isinstance(plan, BurnPlan), plan
    return plan


def test_a_newcomer_burns_the_sample_to_a_file(sample, tmp_path):
    target = f"stdio:{tmp_path}/disc.img"
    hearing = Hearing()
    report = run_burn(planned(sample, target, sidecar=True), hearing, CancelToken())
    assert (report.state, report.verified) == (State.COMPLETE, True), hearing.lines
    size = sample.stat().st_size
    assert (tmp_path / "disc.img").read_bytes()[:size] == sample.read_bytes()
    assert report.digests == report.read_back
    assert report.program == xorriso_version()
    assert "verifying" in hearing.phases
    (sidecar,) = report.sidecars
    record = json.loads(sidecar.read_text())
    assert record["state"] == "complete"
    assert record["digests"] == dict(report.digests)
    assert record["report"]["times_s"]
    sidecar.unlink()


def test_a_used_file_is_emptied_only_on_demand(sample, tmp_path):
    disc = tmp_path / "disc.img"
    disc.write_bytes(b"precious")
    target = f"stdio:{disc}"
    refusal = plan_burn(read_image(sample), read_target(target), BurnOptions(), look_around(target))
    assert isinstance(refusal, Refusal)
    assert disc.read_bytes() == b"precious"
    report = run_burn(planned(sample, target, blank=Blank.FAST), Silent(), CancelToken())
    assert report.state is State.COMPLETE
    erase = plan_erase(read_target(target), Blank.AUTO, look_around(target))
    assert run_erase(erase, Silent(), CancelToken()).state is State.COMPLETE
    assert disc.read_bytes() == b""


def test_a_simulation_writes_nothing(sample, tmp_path):
    target = f"stdio:{tmp_path}/disc.img"
    report = run_burn(planned(sample, target, simulate=True), Silent(), CancelToken())
    assert (report.state, report.simulated) == (State.COMPLETE, True)
    assert not (tmp_path / "disc.img").exists() or not (tmp_path / "disc.img").stat().st_size


def test_several_files_are_burned_from_one_reading(sample, tmp_path):
    targets = [f"stdio:{tmp_path}/disc{number}.img" for number in range(3)]
    plans = [planned(sample, target) for target in targets]
    reports = burn_together(plans, [Silent()] * 3, CancelToken())
    assert [report.state for report in reports] == [State.COMPLETE] * 3
    assert len({report.digests["sha256"] for report in reports}) == 1


def test_one_flipped_bit_in_the_file_is_found(sample, tmp_path, monkeypatch):
    """A read-back that lies must be caught: here the file is changed just before it is read."""
    disc = tmp_path / "disc.img"
    opening = readback.WrittenFile.__init__

    def flip(self, path):
        with disc.open("r+b") as file:
            file.seek(1234 * SECTOR + 7)
            byte = file.read(1)[0]
            file.seek(1234 * SECTOR + 7)
            file.write(bytes([byte ^ 0x10]))
        opening(self, path)

    monkeypatch.setattr(readback.WrittenFile, "__init__", flip)
    report = run_burn(planned(sample, f"stdio:{disc}"), Silent(), CancelToken())
    assert (report.state, report.verified) == (State.COMPLETE_WITH_ERRORS, False)
    assert "different at LBA 1234" in report.message


def test_the_digests_have_the_last_word(sample, tmp_path, monkeypatch):
    """Should the checksums of the blocks ever agree by chance, the whole disc is doubted."""
    disc = tmp_path / "disc.img"
    opening = readback.WrittenFile.__init__

    def spoil(self, path):
        with disc.open("r+b") as file:
            file.write(b"other")
        opening(self, path)

    monkeypatch.setattr(readback.WrittenFile, "__init__", spoil)
    for module in (readback, feed):
        monkeypatch.setattr(module, "mark_of", len)
    report = run_burn(planned(sample, f"stdio:{disc}"), Silent(), CancelToken())
    assert (report.state, report.pattern.value) == (State.COMPLETE_WITH_ERRORS, "all")


def test_a_file_that_lost_its_end_is_found(sample, tmp_path, monkeypatch):
    disc = tmp_path / "disc.img"
    opening = readback.WrittenFile.__init__

    def cut(self, path):
        os.truncate(disc, 1000 * SECTOR)
        opening(self, path)

    monkeypatch.setattr(readback.WrittenFile, "__init__", cut)
    report = run_burn(planned(sample, f"stdio:{disc}"), Silent(), CancelToken())
    assert report.state is State.COMPLETE_WITH_ERRORS
    assert report.unreadable_sectors[0].lba == 1000
    assert report.pattern.value == "tail"


def test_an_image_that_was_changed_after_the_plan_is_not_burned(sample, tmp_path):
    image = tmp_path / "own.iso"
    image.write_bytes(sample.read_bytes())
    plan = planned(image, f"stdio:{tmp_path}/disc.img")
    with image.open("r+b") as file:
        file.write(b"changed")
    report = run_burn(plan, Silent(), CancelToken())
    assert report.state is State.REFUSED
    assert not (tmp_path / "disc.img").exists()


def test_a_cancel_stops_the_burn(sample, tmp_path):
    big = tmp_path / "big.iso"
    big.write_bytes(random.Random(1).randbytes(1 << 20) * 64)
    cancel = CancelToken()

    class Impatient(Silent):
        def log(self, line):
            if "Beginning to write" in line:
                cancel.cancel()

    report = run_burn(planned(big, f"stdio:{tmp_path}/disc.img"), Impatient(), cancel)
    assert report.state is State.CANCELLED


@pytest.mark.parametrize("what", ["device", "folder", "nowhere"])
def test_only_regular_files_serve_as_discs(tmp_path, what):
    target = {"device": "/dev/null", "folder": tmp_path, "nowhere": tmp_path / "no" / "x"}[what]
    with pytest.raises(TargetError):
        read_target(f"stdio:{target}")


def test_a_new_file_is_blank_and_as_large_as_the_disk(tmp_path):
    medium = read_target(f"stdio:{tmp_path}/new.img")
    assert (medium.status, medium.kind) == (MediumStatus.BLANK, "file")
    assert medium.free_bytes == medium.capacity_bytes > 1 << 20


def test_a_foreign_xorriso_without_a_version_is_none(tmp_path, monkeypatch):
    fake = tmp_path / "xorriso"
    fake.write_text("#!/bin/sh\necho hello\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert xorriso_version() == ""
    monkeypatch.setenv("PATH", "")
    assert xorriso_version() == ""


def test_children_are_not_started_through_a_shell(tmp_path):
    said = []
    run_child(["echo", "$HOME; rm -rf x", "`id`"], said.append, CancelToken())
    assert said == ["$HOME; rm -rf x `id`"]
