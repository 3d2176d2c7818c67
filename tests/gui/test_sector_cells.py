# SPDX-License-Identifier: GPL-3.0-or-later
"""What the map and the curve show, without a window."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discwright.gui.sector_cells import CELLS, POINTS, Cell, SectorCells, SpeedPoints, round_scale
from discwright.transfer.progress import Mark


def test_a_place_is_filled_when_all_of_it_was_read() -> None:
    cells = SectorCells(100)
    cells.mark(0, 19, Mark.READ)
    assert cells.shown_in(10)[:3] == [Cell.READ, Cell.TO_DO, Cell.TO_DO]
    cells.mark(19, 1, Mark.READ)
    assert cells.shown_in(10)[:3] == [Cell.READ, Cell.READ, Cell.TO_DO]


def test_one_bad_sector_among_millions_is_seen_and_stays() -> None:
    cells = SectorCells(24_000_000)
    cells.mark(11_111_111, 1, Mark.BAD)
    cells.mark(0, 24_000_000, Mark.READ)
    shown = cells.shown_in(300)
    assert shown.count(Cell.BAD) == 1
    place = shown.index(Cell.BAD)
    start, end = cells.range_of(place, 300)
    assert start <= 11_111_111 < end
    assert cells.total(Cell.BAD) == 1


@pytest.mark.parametrize(
    ("marks", "cell"),
    [
        ((Mark.READ, Mark.SLOW), Cell.SLOW),
        ((Mark.SKIPPED,), Cell.SKIPPED),
        ((Mark.SKIPPED, Mark.READ), Cell.READ),
        ((Mark.SKIPPED, Mark.BAD), Cell.BAD),
        ((Mark.BAD, Mark.RETRIED), Cell.RETRIED),
        ((Mark.BAD, Mark.READ), Cell.BAD),  # by a second reading, which doesn't try it
        ((Mark.RETRIED, Mark.READ), Cell.RETRIED),
        ((Mark.READ, Mark.UNTRIED), Cell.TO_DO),
    ],
)
def test_a_sector_is_shown_as_what_it_is_now(marks: tuple[Mark, ...], cell: Cell) -> None:
    cells = SectorCells(10)
    for mark in marks:
        cells.mark(3, 1, mark)
    assert cells.shown_in(10)[3] is cell
    assert cells.total(cell) == (10 if cell is Cell.TO_DO else 1)


def test_of_several_sectors_in_a_place_the_worst_is_shown() -> None:
    cells = SectorCells(10)
    for lba, mark in enumerate((Mark.SLOW, Mark.BAD, Mark.RETRIED, Mark.READ)):
        cells.mark(lba, 1, mark)
    assert cells.shown_in(1) == [Cell.BAD]


def test_a_disc_of_few_sectors_has_as_few_places() -> None:
    assert len(SectorCells(7).shown_in(500)) == 7


@given(
    st.integers(1, 30_000),
    st.lists(st.tuples(st.integers(-5, 31_000), st.integers(-1, 9_000)), max_size=8),
    st.integers(1, 900),
)
def test_places_cover_the_disc_without_gap_or_overlap(
    sectors: int, marks: list[tuple[int, int]], places: int
) -> None:
    cells = SectorCells(sectors)
    for lba, count in marks:
        cells.mark(lba, count, Mark.READ)
    shown = cells.shown_in(places)
    assert len(shown) == min(places, sectors, CELLS)
    ranges = [cells.range_of(place, places) for place in range(len(shown))]
    assert ranges[0][0] == 0
    assert ranges[-1][1] == sectors
    assert all(end == start for (_, end), (start, _) in itertools.pairwise(ranges))


def test_the_curve_keeps_a_bounded_number_of_points_in_the_order_of_the_disc() -> None:
    points = SpeedPoints(1_000_000)
    for lba in range(0, 1_000_000, 500):
        points.add(lba, 1e6 + lba)
    found = points.points()
    assert len(found) == POINTS
    assert found == sorted(found)
    assert points.top == pytest.approx(1e6 + 999_500)


@pytest.mark.parametrize(
    ("top", "scale"),
    [(0, 1), (1, 1), (11.2e6, 20e6), (20e6, 20e6), (24e6, 25e6), (26e6, 50e6), (51e6, 100e6)],
)
def test_the_axis_ends_at_a_round_number(top: float, scale: float) -> None:
    assert round_scale(top) == pytest.approx(scale)
