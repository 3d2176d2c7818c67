# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict, the files beside the image."""

import json
import subprocess
from dataclasses import replace

import pytest

from discwright.image.wholeness import Wholeness
from discwright.rip.findings import Findings
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
