# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of sectors against a plain set."""

import itertools
import time

from hypothesis import given
from hypothesis import strategies as st

from discwright.transfer.extents import Extent, Extents

extents = st.lists(st.builds(Extent, st.integers(0, 60), st.integers(-1, 12)), max_size=25)


def sectors(runs):
    return {lba for run in runs for lba in range(run.lba, run.end)}


@given(extents)
def test_a_list_of_sectors_holds_just_those_that_were_added(added):
    held = Extents(added)
    expected = sectors(added)
    assert sectors(held.runs) == expected
    assert held.count == len(expected)
    assert {lba for lba in range(-2, 80) if lba in held} == expected


@given(extents)
def test_runs_are_listed_ascending_and_never_touch(added):
    runs = Extents(added).runs
    assert all(run.count > 0 for run in runs)
    assert all(a.end < b.lba for a, b in itertools.pairwise(runs))


def test_what_is_no_sector_number_is_in_no_list():
    assert "1" not in Extents([Extent(0, 5)])


def test_a_run_is_shown_as_people_write_it():
    assert [str(Extent(7, 1)), str(Extent(7, 3))] == ["7", "7–9"]


def test_a_hundred_thousand_scattered_sectors_are_listed_backwards_without_delay():
    began = time.process_time()
    held = Extents(Extent(lba, 1) for lba in range(200_000, 0, -2))
    assert len(held.runs) == 100_000
    assert time.process_time() - began < 20
