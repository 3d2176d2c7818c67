# SPDX-License-Identifier: GPL-3.0-or-later
"""The map, the verdict, the files beside the image."""

import json
import subprocess
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discwright.image.wholeness import Wholeness
from discwright.rip.findings import Findings
from discwright.rip.map import map_text
from discwright.rip.plan import RipOptions, RipPlan
from discwright.rip.report import RipReport
from discwright.rip.sidecar import write_sidecars
from discwright.transfer.extents import Extent, Extents
from discwright.transfer.outcome import State
from unit.rip.test_plan import DISC

WHOLE = Wholeness(known=True)
CUT = Wholeness(True, 20, 5, True, ("lost.txt",), "The image is cut off.")
ONE = Extents([Extent(3, 1)])


@pytest.mark.parametrize(
    ("bad", "differing", "wholeness", "state", "words"),
    [
        (Extents(), None, WHOLE, State.COMPLETE, "every sector read"),
        (Extents(), Extents(), WHOLE, State.COMPLETE, "gave the same"),
        (ONE, None, WHOLE, State.COMPLETE_WITH_ERRORS, "1 sector could not be read"),
        (Extents([Extent(0, 7)]), None, WHOLE, State.COMPLETE_WITH_ERRORS, "7 sectors could"),
        (Extents(), ONE, WHOLE, State.COMPLETE_WITH_ERRORS, "different in 1 sector."),
        (Extents(), None, CUT, State.COMPLETE_WITH_ERRORS, "cut off"),
        (Extents(), None, replace(CUT, truncated=False), State.COMPLETE, "every sector read"),
    ],
)
def test_the_verdict_is_never_nicer_than_the_truth(bad, differing, wholeness, state, words):
    findings = Findings(bad, differing, wholeness)
    assert findings.state is state
    assert words in findings.message("disc.iso", 2048)
    assert bool(findings.remedy) == (state is not State.COMPLETE)


@given(
    st.integers(1, 200), st.integers(0, 200), st.sets(st.integers(0, 199), max_size=20)
)  # fmt: skip
def test_the_map_covers_the_disc_once_without_gaps(sectors, tried, bad):
    tried = min(tried, sectors)
    lost = Extents(Extent(n, 1) for n in sorted(bad) if n < tried)
    lines = [line.split() for line in map_text(sectors, tried, lost).splitlines()]
    blocks = [line for line in lines if line[0] != "#"][1:]
    at, found = 0, {}
    for position, length, status in blocks:
        assert int(position, 16) == at
        for byte in range(at, at + int(length, 16), 2048):
            found[byte // 2048] = status
        at += int(length, 16)
    assert at == sectors * 2048
    assert {n for n, mark in found.items() if mark == "-"} == {n for n in bad if n < tried}
    assert {n for n, mark in found.items() if mark == "?"} == set(range(tried, sectors))


def test_ddrescue_reads_the_map(tmp_path):
    path = tmp_path / "a.map"
    path.write_text(map_text(1000, 600, Extents([Extent(10, 3), Extent(590, 10)])))
    done = subprocess.run(
        ["ddrescuelog", "-t", "-b2048", path], capture_output=True, text=True, check=True
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["bad-sector:", "26624", "B,", "in", "2", "area(s)"] in [line[:6] for line in lines]
    assert ["non-tried:", "819200", "B,", "in", "1", "area(s)"] in [line[:6] for line in lines]


@pytest.fixture
def finished(tmp_path):
    image = tmp_path / "odd\\name\n.iso"
    image.write_bytes(b"abc")
    plan = RipPlan(DISC, image, RipOptions())
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    report = RipReport(
        State.COMPLETE, "Done.", target=image, digests={"sha256": digest, "crc32": "352441c2"}
    )
    return plan, report


def test_the_checksum_file_is_read_by_sha256sum_even_with_an_odd_name(finished, tmp_path):
    sidecars, warnings = write_sidecars(*finished)
    assert warnings == ()
    assert {path.suffix for path in sidecars} == {".sha256", ".json"}
    done = subprocess.run(
        ["sha256sum", "-c", sidecars[0]], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_record_tells_disc_length_and_versions(finished):
    sidecars, _warnings = write_sidecars(*finished)
    record = json.loads(sidecars[-1].read_text())
    assert record["disc"]["length"]["rule"] == "lead-out"
    assert record["digests"]["crc32"] == "352441c2"
    assert {"version", "python", "libcdio", "kernel"} <= record["program"].keys()


def test_a_publishers_checksum_file_is_not_overwritten(finished):
    plan, report = finished
    published = plan.target.with_name(plan.target.name + ".sha256")
    published.write_text("theirs")
    sidecars, warnings = write_sidecars(plan, report)
    assert published.read_text() == "theirs"
    assert [path.suffix for path in sidecars] == [".json"]
    assert len(warnings) == 1
    again = replace(plan, options=RipOptions(overwrite=True))
    write_sidecars(again, report)
    assert published.read_text() != "theirs"


def test_a_checksum_file_of_the_image_that_was_replaced_is_told(finished):
    plan, report = finished
    old = plan.target.with_name(plan.target.name + ".md5")
    old.write_text("of the old one")
    _sidecars, warnings = write_sidecars(replace(plan, options=RipOptions(overwrite=True)), report)
    assert old.read_text() == "of the old one"
    assert len(warnings) == 1
    assert ".md5" in warnings[0]


def test_the_record_is_good_json_though_a_name_is_no_text(finished):
    plan, report = finished
    plan = replace(plan, disc=replace(plan.disc, source="/x/\udcff\\ud800.iso"))
    sidecars, _warnings = write_sidecars(plan, report)
    text = sidecars[-1].read_text(encoding="ascii")
    assert json.loads(text)["disc"]["source"] == "/x/\ufffd\\ud800.iso"


def test_an_image_whose_record_cannot_be_written_is_still_complete(finished):
    plan, report = finished
    gone = replace(plan, target=plan.target.parent / "gone" / "disc.iso")
    sidecars, warnings = write_sidecars(gone, report)
    assert sidecars == ()
    assert len(warnings) == 2
