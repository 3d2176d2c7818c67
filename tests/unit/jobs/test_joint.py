# SPDX-License-Identifier: GPL-3.0-or-later
"""One report for several devices, and the speeds remembered for makers of discs."""

import pytest

from discwright.jobs.joint import joined
from discwright.jobs.maker_speeds import MakerSpeeds
from discwright.jobs.report import JobReport
from discwright.transfer.outcome import State

S = State


def test_a_single_report_stays_what_it_is():
    report = JobReport(S.COMPLETE, "Fine.")
    assert joined([report]) is report


@pytest.mark.parametrize(
    ("states", "worst"),
    [
        ((S.COMPLETE, S.COMPLETE), S.COMPLETE),
        ((S.COMPLETE, S.REFUSED), S.FAILED),
        ((S.REFUSED, S.REFUSED), S.REFUSED),
        ((S.REFUSED, S.COMPLETE_WITH_ERRORS), S.FAILED),
        ((S.COMPLETE, S.COMPLETE_WITH_ERRORS), S.COMPLETE_WITH_ERRORS),
        ((S.CANCELLED, S.COMPLETE_WITH_ERRORS), S.CANCELLED),
        ((S.COMPLETE, S.CANCELLED, S.FAILED), S.FAILED),
    ],
)
def test_several_are_as_good_as_the_worst(states, worst):
    report = joined([JobReport(state, f"{state}.") for state in states])
    assert report.state is worst
    facts = report.to_json()
    assert (facts["event"], facts["state"]) == ("report", worst.value)
    assert [part["state"] for part in facts["parts"]] == [state.value for state in states]


def test_a_remedy_is_given_once():
    report = joined(
        [JobReport(S.FAILED, "A.", "Try again."), JobReport(S.FAILED, "B.", "Try again.")]
    )
    assert report.remedy == "Try again."
    assert report.message.endswith("A. B.")


def test_speeds_are_remembered_by_maker(tmp_path):
    path = tmp_path / "state" / "speeds.json"
    assert MakerSpeeds(path).of("CMC MAG") is None
    MakerSpeeds(path).remember("CMC MAG", 5540)
    MakerSpeeds(path).remember("MCC 004", 11080)
    assert (MakerSpeeds(path).of("CMC MAG"), MakerSpeeds(path).of("MCC 004")) == (5540, 11080)
    MakerSpeeds(path).remember("", 5540)
    assert MakerSpeeds(path).of("") is None


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff\xfe", b'{"a": "fast"}'])
def test_a_file_that_makes_no_sense_is_an_empty_memory(tmp_path, content):
    path = tmp_path / "speeds.json"
    path.write_bytes(content)
    assert MakerSpeeds(path).of("a") is None
    MakerSpeeds(path).remember("a", 7)
    assert MakerSpeeds(path).of("a") == 7
