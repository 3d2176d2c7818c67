# SPDX-License-Identifier: GPL-3.0-or-later
"""The speed that did well with a maker's media is taken again; one that did ill is not."""

from dataclasses import replace

import pytest

from discwright.burn.memory import Experience, learn, load, recall, save
from discwright.burn.report import BurnReport
from discwright.transfer.outcome import State
from unit.burn.media import medium

DISC = medium(maker="MCC 03RG20")
GOOD = BurnReport(State.COMPLETE, "", verified=True, maker="MCC 03RG20", speed_kb=11080)
BAD = replace(GOOD, state=State.COMPLETE_WITH_ERRORS, verified=False)


def test_nothing_is_known_at_first():
    assert recall({}, DISC) is None
    assert recall({"": Experience(5540)}, medium()) is None


def test_a_good_speed_is_taken_again():
    assert recall(learn({}, GOOD), DISC) == 11080
    assert recall(learn(learn({}, GOOD), replace(GOOD, speed_kb=5540)), DISC) == 11080


def test_after_a_bad_disc_the_next_slower_speed_is_taken():
    memory = learn({}, BAD)
    assert recall(memory, DISC) == 5540
    assert recall(learn(learn({}, GOOD), BAD), DISC) == 5540
    memory = learn(memory, replace(BAD, speed_kb=5540))
    assert recall(memory, DISC) == 2770
    assert recall(memory, replace(DISC, speeds_kb=(5540,))) is None


def test_a_slower_speed_that_does_well_stays():
    memory = learn(learn(learn({}, GOOD), BAD), replace(GOOD, speed_kb=5540))
    assert recall(memory, DISC) == 5540


def test_a_disc_that_does_well_at_the_bad_speed_sets_it_right():
    assert recall(learn(learn({}, BAD), GOOD), DISC) == 11080


@pytest.mark.parametrize(
    "report",
    [
        replace(GOOD, verified=None),
        replace(GOOD, simulated=True),
        replace(GOOD, maker=""),
        replace(GOOD, speed_kb=None),
        replace(GOOD, state=State.CANCELLED, verified=None),
        replace(GOOD, state=State.FAILED, verified=None),
    ],
)
def test_what_proves_nothing_teaches_nothing(report):
    assert learn({}, report) == {}


def test_it_is_kept_in_a_file_and_a_damaged_one_is_forgotten(tmp_path):
    path = tmp_path / "state" / "speeds.json"
    memory = learn({}, GOOD)
    save(path, memory)
    assert load(path) == memory
    for text in ("[]", "{", '{"x": {"good_kb": "fast"}}'):
        path.write_text(text)
        assert load(path) == {}
    save(tmp_path / "state" / "speeds.json" / "no", memory)
    assert load(tmp_path / "none.json") == {}


def test_it_does_not_grow_for_ever():
    memory = {}
    for number in range(600):
        memory = learn(memory, replace(GOOD, maker=f"MAKER{number}"))
    assert len(memory) == 500
    assert "MAKER599" in memory
