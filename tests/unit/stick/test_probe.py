# SPDX-License-Identifier: GPL-3.0-or-later
"""The sample of whether a stick holds what it says."""

import pytest

from discwright.stick.device import Watched
from discwright.stick.probe import BLOCK, MOST_S, probe, probe_offsets
from discwright.stick.record import HEAD
from discwright.transfer.cancel import Cancelled, CancelToken

from .disk import MIB

GIB = 1 << 30


@pytest.mark.parametrize("size", [HEAD, 2 * MIB, 100 * MIB, 8 * GIB, 64_023_257_088, 2 << 40])
def test_marks_lie_all_over_the_stick_but_not_in_its_head(size):
    offsets = probe_offsets(size, 7)
    assert len(offsets) <= 96
    assert all(HEAD <= offset <= size - BLOCK for offset in offsets)
    assert all(offset % BLOCK == 0 for offset in offsets)
    if size > 2 * MIB:
        assert offsets[0] == (size - BLOCK) // BLOCK * BLOCK
        assert sum(offset >= size - MIB for offset in offsets) >= 2
    for power in range(21, size.bit_length() - 1):  # just below and above each likely true size
        assert {1 << power, (1 << power) - BLOCK} <= {*offsets, HEAD - BLOCK, 1 << 20}


def open_disk(new_disk, **options):
    disk = new_disk(**options)
    disk.open = True
    return disk


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("kind", ["wraps_at", "forgets_from"])
def test_the_true_size_is_found(seed, kind, new_disk):
    disk = open_disk(new_disk, **{kind: 8 * MIB})
    found = probe(Watched(disk, "it"), CancelToken(), seed=seed)
    assert found is not None
    assert (found.first_bad, found.wraps) == (8 * MIB, kind == "wraps_at")
    assert found.good_up_to <= 8 * MIB
    disk.abandon()


def test_an_honest_stick_passes(new_disk):
    disk = open_disk(new_disk)
    assert probe(Watched(disk, "it"), CancelToken()) is None
    disk.abandon()


def test_a_slow_stick_gets_fewer_marks(new_disk):
    disk = open_disk(new_disk)
    times = iter(range(1000))
    assert probe(Watched(disk, "it"), CancelToken(), clock=lambda: next(times)) is None
    assert disk.count("write") == MOST_S
    disk.abandon()


def test_it_can_be_cancelled(new_disk):
    disk, cancel = open_disk(new_disk), CancelToken()
    disk.before = lambda op, count, _offset: cancel.cancel() if count == 3 else None
    with pytest.raises(Cancelled):
        probe(Watched(disk, "it"), cancel)
    disk.abandon()
