# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad sectors are tried again, filled and listed; a lost disc ends the reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discwright.errors import ReadError, SourceError
from discwright.optical.fill import filler
from discwright.optical.patience import PatientReader
from discwright.optical.sense import Fault
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.extents import Extent, Extents
from discwright.transfer.progress import Mark, Silent
from discwright.transfer.reader import SECTOR
from unit.rip import discs
from unit.rip.discs import MemoryDisc, content

BAD = Fault.BAD_SECTOR


class Hearing(Silent):
    def __init__(self):
        self.marks = {}
        self.lines = []

    def mark(self, lba, count, mark):
        for sector in range(lba, lba + count):
            assert sector not in self.marks
            self.marks[sector] = mark

    def log(self, line):
        self.lines.append(line)


def patient(disc, *, retries=3, cancel=None, listener=None, known_bad=None):
    return PatientReader(
        disc,
        disc.sectors,
        retries=retries,
        fingerprint="same",
        listener=listener or Silent(),
        cancel=cancel or CancelToken(),
        known_bad=known_bad,
    )


def copy(reader, buffer_sectors=100):
    out, buffer = bytearray(), memoryview(bytearray(buffer_sectors * SECTOR))
    while n := reader.fill(buffer):
        out += buffer[:n]
    return bytes(out)


def test_a_sound_disc_is_read_in_large_requests_and_to_the_last_sector():
    disc = MemoryDisc(205)
    assert copy(patient(disc)) == b"".join(content(n) for n in range(205))
    assert max(count for _, count in disc.reads) == 32
    assert sum(count for _, count in disc.reads) == 205


@pytest.mark.parametrize(
    "bad", [{0}, {204}, {100}, set(range(60, 90)), {0, 1, 31, 32, 33, 204}, set(range(205))]
)
def test_bad_sectors_are_filled_listed_and_nothing_else_is_lost(bad):
    listener = Hearing()
    disc = MemoryDisc(205, always=dict.fromkeys(bad, BAD))
    reader = patient(disc, listener=listener)
    image = copy(reader)
    want = b"".join(filler(n) if n in bad else content(n) for n in range(205))
    assert image == want
    assert reader.bad.count == len(bad)
    assert all(n in reader.bad for n in bad)
    assert {n for n, mark in listener.marks.items() if mark is Mark.BAD} == bad
    assert set(listener.marks) == set(range(205))


def test_a_sector_that_reads_on_the_third_try_is_recovered():
    listener = Hearing()
    disc = MemoryDisc(50, faults={7: [BAD, BAD, BAD]})  # once in the request, twice alone
    reader = patient(disc, listener=listener)
    assert copy(reader) == b"".join(content(n) for n in range(50))
    assert (reader.bad.count, reader.recovered) == (0, 1)
    assert listener.marks[7] is Mark.RETRIED


@pytest.mark.parametrize("retries", [0, 1, 5])
def test_a_sector_is_tried_as_often_as_asked_for(retries):
    disc = MemoryDisc(1, always={0: BAD})
    copy(patient(disc, retries=retries))
    assert len(disc.reads) == 1 + 1 + retries


@pytest.mark.parametrize("fault", [Fault.SCRAMBLED, Fault.ILLEGAL_MODE])
def test_an_answer_that_will_not_change_is_not_asked_for_again(fault):
    disc = MemoryDisc(1, always={0: fault})
    reader = patient(disc, retries=9)
    copy(reader)
    assert len(disc.reads) == 2
    assert reader.bad.runs == (Extent(0, 1),)


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.BECOMING_READY, Fault.MEDIUM_CHANGED])
def test_an_interruption_is_waited_out_and_costs_no_sector(fault):
    disc = MemoryDisc(100, faults={40: [fault, fault]})
    reader = patient(disc, retries=0)
    assert copy(reader) == b"".join(content(n) for n in range(100))
    assert disc.waits == 2
    assert not reader.bad.count


def test_another_disc_ends_the_reading():
    disc = MemoryDisc(100, faults={40: [Fault.MEDIUM_CHANGED]})
    disc.word = "another"
    with pytest.raises(ReadError, match="changed"):
        copy(patient(disc))


@pytest.mark.parametrize("fault", [Fault.NO_MEDIUM, Fault.GONE])
def test_a_disc_that_is_taken_out_ends_the_reading_at_once(fault):
    disc = MemoryDisc(100, always={40: fault})
    with pytest.raises(ReadError):
        copy(patient(disc))
    assert len(disc.reads) == 2


def test_a_sector_that_makes_the_drive_crash_is_lost_and_nothing_else():
    disc = MemoryDisc(100, always={4: Fault.RESET})
    reader = patient(disc)
    assert copy(reader) == b"".join(filler(n) if n == 4 else content(n) for n in range(100))
    assert reader.bad.runs == (Extent(4, 1),)


def test_a_drive_that_never_reads_again_ends_the_reading():
    disc = MemoryDisc(100, always=dict.fromkeys(range(40, 100), Fault.RESET))
    with pytest.raises(ReadError, match="does not become ready"):
        copy(patient(disc))


def test_another_disc_is_found_out_at_the_end_if_nobody_told_of_it():
    disc = MemoryDisc(100)
    reader = patient(disc)
    buffer = memoryview(bytearray(50 * SECTOR))
    assert reader.fill(buffer)
    disc.word = "another"
    with pytest.raises(SourceError, match="changed"):
        reader.fill(buffer)


def test_a_disc_that_is_taken_out_after_its_last_sector_was_read_whole():
    disc = MemoryDisc(100)

    def gone():
        raise SourceError("The tray is open.")

    disc.fingerprint = gone
    assert copy(patient(disc)) == b"".join(content(n) for n in range(100))


def test_a_bare_io_error_asks_whether_the_drive_is_still_there(monkeypatch):
    monkeypatch.setitem(discs.SENSE, BAD, None)
    disc = MemoryDisc(10, always={4: BAD})
    disc.gone = True
    with pytest.raises(SourceError, match="gone"):
        copy(patient(disc))


def test_cancel_ends_between_two_requests():
    cancel = CancelToken()
    reader = patient(MemoryDisc(100), cancel=cancel)
    buffer = memoryview(bytearray(50 * SECTOR))
    assert reader.fill(buffer)
    cancel.cancel()
    with pytest.raises(Cancelled):
        reader.fill(buffer)


def test_sectors_known_as_bad_are_not_tried_again():
    disc = MemoryDisc(40, always={5: BAD})
    image = copy(patient(disc, known_bad=Extents([Extent(5, 1)])))
    assert image == b"".join(filler(n) if n == 5 else content(n) for n in range(40))
    assert all(lba != 5 for lba, _count in disc.reads)


def test_the_filler_says_which_sector_is_missing():
    assert len(filler(1234)) == SECTOR
    assert b"SECTOR 0000001234 COULD NOT BE READ" in filler(1234)


@given(
    sectors=st.integers(1, 120),
    bad=st.sets(st.integers(0, 119)),
    buffer_sectors=st.integers(1, 70),
)
def test_whatever_is_bad_the_image_has_every_sector_at_its_place(sectors, bad, buffer_sectors):
    bad = {n for n in bad if n < sectors}
    disc = MemoryDisc(sectors, always=dict.fromkeys(bad, BAD))
    reader = patient(disc, retries=0)
    image = copy(reader, buffer_sectors)
    assert image == b"".join(filler(n) if n in bad else content(n) for n in range(sectors))
    assert reader.bad.count == len(bad)
