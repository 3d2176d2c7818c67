# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress that can be believed: never backwards, never over the end, not too often."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discwright.transfer.meter import Meter
from discwright.transfer.progress import Phase, Silent


class Ear(Silent):
    def __init__(self, clock):
        self.clock = clock
        self.heard = []

    def progress(self, progress):
        self.heard.append((self.clock.now, progress))

    @property
    def looks(self):
        return [look for _moment, look in self.heard]


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ear(clock):
    return Ear(clock)


@pytest.fixture
def meter(ear, clock):
    return Meter(ear, clock=clock)


steps = st.lists(st.tuples(st.floats(0, 0.4), st.integers(-50, 300)), max_size=60)


@given(st.one_of(st.none(), st.integers(0, 3000)), steps)
def test_progress_never_goes_back_nor_over_the_total(total, steps):
    clock = Clock()
    ear = Ear(clock)
    meter = Meter(ear, clock=clock)
    meter.start(Phase.READING, total)
    done = 0
    for seconds, more in steps:
        clock.now += seconds
        done += more
        meter.update(done)
    meter.finish()
    told = [look.done for look in ear.looks]
    assert told == sorted(told)
    assert total is None or told[-1] <= total
    assert all(look.rate is None or look.rate >= 0 for look in ear.looks)
    assert all(look.remaining is None or look.remaining >= 0 for look in ear.looks)


def test_no_second_has_more_than_twenty_looks(meter, ear, clock):
    meter.start(Phase.PREPARING, None)
    meter.start(Phase.READING, 1 << 40)
    for done in range(3000):
        clock.now += 0.001
        meter.update(done)
    meter.start(Phase.FLUSHING, None)
    meter.finish()
    moments = [moment for moment, _look in ear.heard]
    assert max(sum(first <= m < first + 1 for m in moments) for first in moments) <= 20
    assert len(moments) > 45  # and the bar still moves smoothly


def test_each_phase_has_a_first_and_a_last_look_however_short(meter, ear):
    meter.start(Phase.READING, 100)
    meter.update(100)
    meter.start(Phase.FLUSHING, None)
    meter.finish()
    meter.finish()
    assert [(look.phase, look.done, look.total) for look in ear.looks] == [
        (Phase.READING, 0, 100),
        (Phase.READING, 100, 100),
        (Phase.FLUSHING, 0, None),
        (Phase.FLUSHING, 0, None),
    ]
    assert ear.looks[1].remaining == 0


def test_a_steady_drive_has_a_steady_rate_and_a_true_remaining_time(meter, ear, clock):
    meter.start(Phase.READING, 20_000)
    for second in range(1, 101):
        clock.now += 0.1
        meter.update(second * 100)
    assert ear.looks[-1].rate == pytest.approx(1000)
    assert ear.looks[-1].remaining == pytest.approx(10)


def test_in_the_first_moment_no_rate_is_made_up(meter, ear, clock):
    meter.start(Phase.READING, 1000)
    clock.now += 0.1
    meter.update(500)
    assert ear.looks[-1].done == 500
    assert ear.looks[-1].rate is None
    assert ear.looks[-1].remaining is None


def test_a_drive_that_hangs_shows_its_rate_sinking_to_nothing(meter, ear, clock):
    meter.start(Phase.READING, 100_000)
    for tenth in range(1, 51):
        clock.now += 0.1
        meter.update(tenth * 100)
    rates = []
    for _half in range(8):
        clock.now += 0.5
        meter.tick()
        rates.append(ear.looks[-1].rate)
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == 0
    assert ear.looks[-1].remaining > 95  # still foretold from before, and growing


def test_what_was_done_before_does_not_count_as_speed(meter, ear, clock):
    meter.start(Phase.READING, 10_000, done=9_000)
    clock.now += 1
    meter.update(9_100)
    assert ear.looks[0].done == 9_000
    assert ear.looks[-1].rate == pytest.approx(100)


def test_position_and_bad_sectors_stay_known_until_told_otherwise(meter, ear, clock):
    meter.start(Phase.READING, 1000, position=16)
    clock.now += 1
    meter.update(10, bad_sectors=3)
    clock.now += 1
    meter.update(20, position=17)
    meter.start(Phase.VERIFYING, 1000)
    assert [(look.position, look.bad_sectors) for look in ear.looks] == [
        (16, 0),
        (16, 3),
        (17, 3),
        (17, 3),
        (None, 3),
    ]


def test_a_finished_phase_has_nothing_remaining(meter, ear, clock):
    meter.start(Phase.READING, 1000)
    clock.now += 2
    meter.update(1000)
    assert ear.looks[-1].remaining == 0


def test_news_without_a_phase_is_a_mistake(meter):
    with pytest.raises(RuntimeError):
        meter.update(1)


def test_several_threads_may_tell_at_once(meter, ear, clock):
    meter.start(Phase.READING, 10_000)

    def tell(start):
        for done in range(start, 10_000, 4):
            clock.now += 0.001
            meter.update(done)

    threads = [threading.Thread(target=tell, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [look.done for look in ear.looks]
    assert told == sorted(told)
