# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy is gone on with only from the disc that it was begun with."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discwright.errors import SourceError, TargetError
from discwright.optical.attempts import Attempts
from discwright.optical.sense import Fault
from discwright.rip.earlier import Earlier, Kind
from discwright.rip.identity import ENOUGH, ensure_same, samples, signs_agree
from discwright.rip.map import RescueMap, Status
from discwright.rip.record import Record
from discwright.transfer.cancel import CancelToken
from discwright.transfer.progress import Silent
from discwright.transfer.reader import SECTOR
from unit.rip.discs import MemoryDisc, content
from unit.rip.test_plan import DISC

SECTORS = 300
LENGTH = replace(DISC.length, sectors=SECTORS)
HERE = replace(DISC, length=LENGTH, fingerprint="a b c")
RECORD = Record(unfinished=True, fingerprint="a b c", sectors=SECTORS)


@given(st.lists(st.tuples(st.integers(0, 299), st.integers(1, 60)), max_size=6))
def test_samples_are_of_what_was_read_and_begin_with_the_descriptor(runs):
    rescue = RescueMap(300)
    for lba, count in runs:
        rescue.set(lba, count, Status.FINISHED)
    chosen = samples(rescue)
    assert all(rescue.at(lba) is Status.FINISHED for lba in chosen)
    assert len(set(chosen)) == len(chosen)
    assert len(chosen) >= min(64, rescue.finished)
    if rescue.at(16) is Status.FINISHED:
        assert chosen[0] == 16


def test_few_samples_are_of_all_parts_of_the_disc():
    rescue = RescueMap(64_000, Status.FINISHED)
    first = samples(rescue)[1:9]
    assert min(first) < 16_000
    assert max(first) > 48_000


@pytest.mark.parametrize(
    ("change", "agree"),
    [
        ({}, True),
        ({"fingerprint": "a ? c"}, True),
        ({"fingerprint": "a x c"}, False),
        ({"fingerprint": "a x c", "sectors": SECTORS + 2}, None),
        ({"fingerprint": "a x c", "virtual": True}, None),
    ],
)
def test_signs_count_only_where_both_drives_see_the_same_length(change, agree):
    assert signs_agree(HERE, replace(RECORD, **change)) is agree


def test_nothing_is_known_of_a_copy_without_a_record():
    assert signs_agree(HERE, None) is None


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "out.iso.part"
    path.write_bytes(b"".join(content(n) for n in range(SECTORS)))
    return path


def look(file, *, faults=None, always=None, record=None, finished=(0, SECTORS)):
    rescue = RescueMap(SECTORS)
    rescue.set(*finished, Status.FINISHED)
    disc = MemoryDisc(SECTORS, faults, always)
    attempts = Attempts(disc, fingerprint="same", listener=Silent(), cancel=CancelToken())
    ensure_same(HERE, attempts, Earlier(Kind.UNFINISHED, rescue, record), file)
    return disc


def test_the_same_disc_is_taken_after_a_few_looks(file):
    assert len(look(file).reads) == ENOUGH


@pytest.mark.parametrize("sector", [16, 0, 299])
def test_one_sector_that_differs_is_another_disc(file, sector):
    data = bytearray(file.read_bytes())
    data[sector * SECTOR] ^= 1
    file.write_bytes(data)
    with pytest.raises(SourceError, match="Another disc"):
        look(file)


def test_a_sector_that_was_misread_once_is_no_other_disc(file):
    class Lying(MemoryDisc):
        def read_into(self, lba, count, buffer):
            super().read_into(lba, count, buffer)
            if lba == 0 and [read[0] for read in self.reads].count(0) == 1:
                buffer[0] ^= 1

    rescue = RescueMap(SECTORS, Status.FINISHED)
    disc = Lying(SECTORS)
    attempts = Attempts(disc, fingerprint="same", listener=Silent(), cancel=CancelToken())
    ensure_same(HERE, attempts, Earlier(Kind.UNFINISHED, rescue), file)


def test_a_copy_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(TargetError, match="can't be read"):
        look(tmp_path / "gone")
    with pytest.raises(TargetError, match="can't be read"):
        look(tmp_path)


def test_what_this_drive_does_not_have_is_not_asked_of_it(file):
    rescue = RescueMap(SECTORS, Status.FINISHED)
    disc = MemoryDisc(100)
    attempts = Attempts(disc, fingerprint="same", listener=Silent(), cancel=CancelToken())
    shorter = replace(HERE, length=replace(LENGTH, sectors=100))
    ensure_same(shorter, attempts, Earlier(Kind.UNFINISHED, rescue), file)
    assert max(lba for lba, _count in disc.reads) < 100


def test_signs_that_differ_are_another_disc_without_a_look(file):
    with pytest.raises(SourceError, match="Another disc"):
        look(file, record=replace(RECORD, fingerprint="a x c"))


def test_sectors_that_this_drive_cannot_read_say_nothing(file):
    disc = look(file, always=dict.fromkeys(range(16, 300, 2), Fault.BAD_SECTOR))
    assert len(disc.reads) > ENOUGH


@pytest.mark.parametrize("record", [None, RECORD])
def test_if_nothing_can_be_compared_only_the_signs_can_tell(file, record):
    always = dict.fromkeys(range(SECTORS), Fault.BAD_SECTOR)
    if record is not None:
        look(file, always=always, record=record)
        return
    with pytest.raises(SourceError, match="can't be told"):
        look(file, always=always)


def test_sectors_of_zeros_tell_no_disc_from_another(tmp_path, monkeypatch):
    monkeypatch.setattr("unit.rip.discs.content", lambda _lba: bytes(SECTOR))
    file = tmp_path / "zeros"
    file.write_bytes(bytes(SECTORS * SECTOR))
    with pytest.raises(SourceError, match="can't be told"):
        look(file)


def test_a_copy_of_which_nothing_was_read_can_be_of_any_disc(file):
    assert look(file, finished=(0, 0)).reads == []
