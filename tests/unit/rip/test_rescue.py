# SPDX-License-Identifier: GPL-3.0-or-later
"""The rescue: all that can be read is read, the good parts first, and it can end at any moment.

Discs in memory; the same with a whole program and a virtual drive is in tests/drive.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discwright.errors import ReadError
from discwright.optical import attempts
from discwright.optical.attempts import Attempts, OtherDiscError
from discwright.optical.sense import Fault
from discwright.rip.map import OPEN, Current, RescueMap, Stage, Status
from discwright.rip.mapfile import map_text, parse_map
from discwright.rip.rescue import Rescue
from discwright.rip.skip import Skip
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.extents import Extent
from discwright.transfer.progress import Mark, Silent
from discwright.transfer.reader import SECTOR
from unit.rip.discs import MemoryDisc, content

BAD = Fault.BAD_SECTOR


class Disc(MemoryDisc):
    """Also has slow sectors, and an end of the world: the read at which the job is cancelled."""

    def __init__(self, sectors, faults=None, always=None, slow=(), stop=None):
        super().__init__(sectors, faults, always)
        self.slow = set(slow)
        self.stop = stop
        self.now = 0.0
        self.asked = []
        """Each request with whether it failed."""

    def read_into(self, lba, count, buffer):
        if self.stop is not None and len(self.asked) >= self.stop:
            raise Cancelled
        self.asked.append((lba, count, True))
        self.now += 5.0 if self.slow.intersection(range(lba, lba + count)) else 0.01
        super().read_into(lba, count, buffer)
        self.asked[-1] = (lba, count, False)

    @property
    def failed(self):
        return [(lba, count) for lba, count, failed in self.asked if failed]


class Copy:
    """An image in memory and its map, through as many runs as it takes."""

    def __init__(self, sectors):
        self.image = bytearray(sectors * SECTOR)
        self.map = RescueMap(sectors)
        self.saved = map_text(self.map, Current())
        self.rescue = None
        self.buffers = 0

    def run(self, disc, *, retries=1, buffer_sectors=64, listener=None, end=None, lag=2, save=0):
        """Go on with the saved map; the writer is ``lag`` buffers behind. False: broken off."""
        self.map, _current = parse_map(self.saved.encode(), len(self.image) // SECTOR)
        reading = Attempts(
            disc, fingerprint="same", listener=listener or Silent(), cancel=CancelToken()
        )
        rescue = self.rescue = Rescue(
            reading, self.map, end=disc.sectors if end is None else end, retries=retries,
            listener=listener or Silent(), clock=lambda: disc.now,
        )  # fmt: skip
        waiting = []
        try:
            while True:
                buffer = memoryview(bytearray(buffer_sectors * SECTOR))
                if not (length := rescue.fill(buffer)):
                    break
                waiting.append(buffer[:length])
                if len(waiting) > lag:
                    rescue.ledger.place(waiting.pop(0), self.write)
                if save and len(disc.asked) % save == 0:
                    self.save()
        except Cancelled:
            if not save:  # killed: what was on its way is lost, and the map must not have it
                rescue.ledger.settle(self.write)
            return False
        else:
            rescue.ledger.settle(self.write)
            return True
        finally:
            if not save:
                self.save()

    def save(self):
        self.saved = map_text(self.rescue.ledger.without(self.map), self.rescue.current)

    def write(self, offset, piece):
        self.image[offset : offset + len(piece)] = piece

    def sector(self, lba):
        return bytes(self.image[lba * SECTOR : (lba + 1) * SECTOR])

    def check(self):
        """What is called finished is in the image, with its own bytes."""
        saved, _current = parse_map(self.saved.encode())
        for run in saved.of(Status.FINISHED):
            for lba in range(run.lba, run.end):
                assert self.sector(lba) == content(lba)
        assert sum(run.count for run, _status in saved.runs()) == saved.length
        return saved


def rescued(disc, **options):
    copy = Copy(disc.sectors)
    assert copy.run(disc, **options)
    copy.check()
    return copy


def bad(*sectors):
    return dict.fromkeys(sectors, BAD)


def test_a_sound_disc_is_read_once_in_order_and_in_large_requests():
    disc = Disc(1000)
    copy = rescued(disc, buffer_sectors=512)
    assert (copy.rescue.whole, copy.rescue.trouble) == (True, False)
    assert [lba for lba, _count, _failed in disc.asked] == list(range(0, 1000, 32))
    assert len(disc.asked) == 32
    assert copy.rescue.step.stage is Stage.FINISHED


SHAPES = {
    "one": {700},
    "the first": {0},
    "the last": {1999},
    "a scratch": set(range(600, 700)),
    "every tenth": set(range(500, 900, 10)),
    "two ends": {0, 1, 1998, 1999},
    "a request and its neighbour": set(range(640, 673)),
    "all": set(range(2000)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_exactly_the_bad_sectors_are_bad_whatever_their_shape(shape):
    disc = Disc(2000, always=bad(*SHAPES[shape]))
    copy = rescued(disc)
    assert {n for run in copy.map.of(Status.BAD) for n in range(run.lba, run.end)} == SHAPES[shape]
    assert copy.map.open == 0
    assert not copy.rescue.whole


@pytest.mark.parametrize("retries", [0, 1, 4])
def test_a_bad_sector_is_tried_twice_and_as_often_again_as_asked_for(retries):
    disc = Disc(200, always=bad(100))
    rescued(disc, retries=retries)
    assert len([lba for lba, count in disc.failed if lba <= 100 < lba + count]) == 2 + retries


def test_retries_alternate_their_direction():
    disc = Disc(200, always=bad(100, 101, 102))
    rescued(disc, retries=2)
    assert [lba for lba, _count in disc.failed[-6:]] == [102, 101, 100, 100, 101, 102]


def test_a_sector_that_reads_at_the_third_try_is_recovered_and_no_loss():
    class Hearing(Silent):
        last = None

        def mark(self, lba, count, mark):
            if lba <= 100 < lba + count:
                self.last = mark

    listener = Hearing()
    disc = Disc(200, faults={100: [BAD, BAD]})
    copy = rescued(disc, listener=listener)
    assert (copy.map.finished, copy.rescue.recovered, listener.last) == (200, 1, Mark.RETRIED)


def test_the_good_parts_are_safe_before_the_bad_ones_are_worried_at():
    class Hearing(Silent):
        read, failed_before = 0, None

        def mark(self, lba, count, mark):
            self.read += count if mark is Mark.READ else 0
            if self.read >= 49_000 and self.failed_before is None:
                self.failed_before = len(disc.failed)

    listener = Hearing()
    disc = Disc(50_000, always=bad(*range(20_000, 20_400)))
    rescued(disc, listener=listener)
    assert listener.failed_before == 4  # jumping 1, 2, 4, 8 requests


def test_an_area_that_is_slow_is_left_for_later_and_then_read():
    disc = Disc(5000, slow=range(1000, 1300))
    copy = rescued(disc)
    assert copy.map.finished == 5000
    order = [lba for lba, _count, _failed in disc.asked]
    assert order.index(4992) < order.index(1120)


def test_one_slow_request_is_no_area():
    disc = Disc(2000, slow=[1000])
    assert rescued(disc).rescue.whole


@pytest.mark.parametrize("fault", [Fault.SCRAMBLED, Fault.ILLEGAL_MODE, Fault.OUT_OF_RANGE])
def test_an_answer_that_will_not_change_is_not_asked_for_again(fault):
    disc = Disc(200, always={100: fault})
    rescued(disc, retries=9)
    assert len([lba for lba, count in disc.failed if lba <= 100 < lba + count]) == 2


def test_a_sector_that_makes_the_drive_crash_is_lost_and_nothing_else():
    disc = Disc(200, always={100: Fault.RESET})
    copy = rescued(disc, retries=5)
    assert copy.map.of(Status.BAD) == [Extent(100, 1)]


def test_a_drive_that_never_reads_again_ends_the_reading_and_what_was_read_stays():
    disc = Disc(2000, always=dict.fromkeys(range(640, 2000), Fault.RESET))
    copy = Copy(2000)
    with pytest.raises(ReadError, match="does not become ready"):
        copy.run(disc)
    copy.rescue.ledger.settle(copy.write)
    copy.save()
    assert copy.check().finished == 640


@pytest.mark.parametrize("fault", [Fault.NO_MEDIUM, Fault.GONE])
def test_a_disc_that_is_taken_out_ends_the_reading_at_once(fault):
    disc = Disc(2000, always={1000: fault})
    copy = Copy(2000)
    with pytest.raises(ReadError):
        copy.run(disc)
    assert len(disc.failed) == 1


def test_another_disc_is_found_out_at_the_end():
    disc = Disc(100)
    copy = Copy(100)
    disc.word = "another"
    with pytest.raises(OtherDiscError, match="changed"):
        copy.run(disc)


@pytest.mark.parametrize("when", ["before a request", "during one"])
def test_another_disc_after_a_pause_gives_not_one_sector(monkeypatch, when):
    clock = [1000.0]
    monkeypatch.setattr(attempts, "_now", lambda: clock[0])
    disc = Disc(200)
    reading = Attempts(
        disc, fingerprint="same", listener=Silent(), cancel=CancelToken(), watchful=True
    )
    buffer = memoryview(bytearray(32 * SECTOR))
    assert reading.read(0, 32, buffer) is None
    read_into = disc.read_into

    def sleep_and_read(*arguments):
        clock[0] += 60
        read_into(*arguments)

    if when == "during one":
        disc.read_into = sleep_and_read
    else:
        clock[0] += 60
    assert reading.read(32, 32, buffer) is None  # the same disc: the machine just slept
    clock[0] += 60
    disc.word = "another"
    with pytest.raises(ReadError, match="changed"):
        reading.read(64, 32, buffer)


def test_a_disc_with_a_damaged_descriptor_is_not_looked_at_after_each_pause(monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(attempts, "_now", lambda: clock[0])
    disc = Disc(200)
    reading = Attempts(
        disc, fingerprint="a b ?", listener=Silent(), cancel=CancelToken(), watchful=True
    )
    clock[0] += 60
    disc.word = "x y z"
    assert reading.read(0, 32, memoryview(bytearray(32 * SECTOR))) is None


def test_what_a_shorter_drive_does_not_have_stays_as_it_is():
    disc = Disc(90)
    copy = Copy(100)
    copy.run(disc)
    assert copy.map.of(Status.NON_TRIED) == [Extent(90, 10)]
    assert disc.failed == []


def test_the_drive_is_slowed_down_once_and_only_before_retries():
    told = []
    disc = Disc(200, always=bad(100))
    reading = Attempts(disc, fingerprint="same", listener=Silent(), cancel=CancelToken())
    rescue = Rescue(
        reading, RescueMap(200), end=200, retries=3, listener=Silent(),
        before_retries=lambda: told.append(rescue.map.of(Status.BAD)),
    )  # fmt: skip
    buffer = memoryview(bytearray(64 * SECTOR))
    while rescue.fill(buffer):
        rescue.ledger.settle(lambda _offset, _piece: None)
    assert told == [[Extent(100, 1)]]


@pytest.mark.parametrize(
    ("events", "jumps"),
    [
        ("+++", [0, 0, 0]),
        ("-+-", [32, 0, 32]),
        ("-----", [32, 64, 100, 100, 100]),
        ("ss+ss", [0, 32, 0, 0, 32]),
        ("-s-", [32, 0, 64]),
        ("sss", [0, 32, 64]),
    ],
)
def test_jumps_grow_with_each_failure_in_a_row(events, jumps):
    skip = Skip(10_000)
    assert [
        skip.after(read=event != "-", failed=event == "-", slow=event == "s") for event in events
    ] == jumps


def test_a_jump_is_never_smaller_than_a_request():
    assert Skip(10).after(read=False, failed=True, slow=False) == 32


LBAS = st.integers(0, 299)
RANGES = st.lists(st.tuples(LBAS, st.integers(1, 80)), max_size=4)


@settings(max_examples=150, deadline=None)
@given(
    sectors=st.integers(1, 300),
    bad_ranges=RANGES,
    slow_ranges=RANGES,
    transient=st.dictionaries(LBAS, st.integers(1, 3), max_size=6),
    crashing=st.sets(LBAS, max_size=2),
    moments=st.lists(st.integers(0, 120), max_size=3),
    retries=st.integers(0, 2),
    buffer_sectors=st.integers(32, 100),
    killed=st.booleans(),
)  # fmt: skip
def test_at_any_moment_a_copy_can_be_broken_off_and_gone_on_with(
    sectors, bad_ranges, slow_ranges, transient, crashing, moments, retries, buffer_sectors, killed
):
    lost = {n for lba, count in bad_ranges for n in range(lba, min(lba + count, sectors))}
    always = dict.fromkeys(lost, BAD) | dict.fromkeys(
        (n for n in crashing if n < sectors), Fault.RESET
    )
    lost = set(always)
    slow = {n for lba, count in slow_ranges for n in range(lba, lba + count)}
    faults = {n: [BAD] * times for n, times in transient.items() if n not in lost}
    disc = Disc(sectors, faults, always, slow)
    copy = Copy(sectors)
    reads = 0
    for moment in moments:
        disc.stop = len(disc.asked) + moment
        done = copy.run(
            disc, retries=retries, buffer_sectors=buffer_sectors, save=7 if killed else 0
        )
        copy.check()
        reads = len(disc.asked)
        if done:
            break
    disc.stop = None
    copy.run(disc, retries=4, buffer_sectors=buffer_sectors)
    saved = copy.check()
    unread = {n for run in saved.of(Status.BAD) for n in range(run.lba, run.end)}
    assert unread == lost
    assert all(saved.count(status) == 0 for status in OPEN)
    # Each sector at most once in a request, once alone, and once for each retry; a crash costs 8.
    crashes = 8 * 8 * len(crashing)
    assert len(disc.asked) - reads <= sectors * 2 + (len(lost) + len(faults)) * 4 + crashes + 10
