# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a disc differs from its image is listed and named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discwright.optical.differences import Differences, Pattern, without
from discwright.transfer.extents import Extent, Extents

CASES = [
    ((), (), None, Pattern.NONE),
    (((999, 1),), (), None, Pattern.TAIL),
    (((900, 100),), (), None, Pattern.TAIL),
    (((500, 200),), (), 700, Pattern.TAIL),
    (((5, 1),), (), None, Pattern.RANGE),
    (((5, 1),), ((6, 3),), None, Pattern.RANGE),
    (((5, 1), (7, 1)), (), None, Pattern.SCATTERED),
    (((5, 1),), ((700, 3),), None, Pattern.SCATTERED),
    (((0, 1000),), (), None, Pattern.ALL),
    (((0, 900),), ((901, 90),), None, Pattern.ALL),
]


def extents(pairs):
    return tuple(Extent(*pair) for pair in pairs)


@pytest.mark.parametrize(("differing", "unreadable", "end", "pattern"), CASES)
def test_patterns(differing, unreadable, end, pattern):
    found = Differences(1000, extents(differing), extents(unreadable), end)
    assert found.pattern is pattern
    assert bool(found.sentences()) is (pattern is not Pattern.NONE)


def test_the_sentences_name_the_sectors():
    one = Differences(1000, extents([(17, 1)]))
    assert one.sentences()[0] == (
        "The disc is different from the image in 1 sector (different at LBA 17)."
    )
    many = Differences(1000, extents((n * 10, 2) for n in range(7)), extents([(900, 1)]))
    assert "different at LBA 0–1, 10–11, 20–21, 30–31, 40–41 …" in many.sentences()[0]
    assert many.sentences()[1] == "1 sector of the disc can't be read (LBA 900)."
    assert many.count == 15


sets = st.sets(st.integers(0, 40))


@given(sets, sets)
def test_without_is_the_difference_of_sets(one, other):
    runs = Extents(Extent(n, 1) for n in one).runs
    taken = Extents(Extent(n, 1) for n in other).runs
    left = without(runs, taken)
    assert {lba for run in left for lba in range(run.lba, run.end)} == one - other
