# SPDX-License-Identifier: GPL-3.0-or-later
"""The Q channel as drives give it, and what is not believed."""

import pytest

from discwright.optical.subchannel import (
    FORMATTED,
    RAW,
    Place,
    parse_catalog,
    parse_isrc,
    place_of,
    q_of,
)
from drive.bench.mmc import subchannel as bench

BCD = bytes.fromhex("41 12 03 00 01 02 00 00 22 15")  # data, track 12, index 3, 00:22:15
LBA = 22 * 75 + 15 - 150
PLAIN = bytes((0x41, 12, 3, 0, 1, 2, 0, 0, 22, 15))


def test_the_place_is_read_from_bcd_and_from_plain_numbers():
    want = Place(LBA, 12, 3, 4)
    assert place_of(BCD + bytes(2), LBA, checked=False) == want
    assert place_of(PLAIN + bytes(2), LBA, checked=False) == want


def test_a_drive_that_was_some_sectors_off_says_so():
    assert place_of(BCD + bytes(2), LBA - 3, checked=False).lba == LBA
    assert place_of(BCD + bytes(2), LBA - 76, checked=False) is None


def test_numbers_that_could_be_either_are_taken_for_those_that_lie_nearer():
    plain = bytes((0x01, 1, 1, 0, 0, 16, 0, 0, 2, 16)) + bytes(2)  # as BCD: frame 10
    assert place_of(plain, 16, checked=False) == Place(16, 1, 1, 0)
    assert place_of(plain, 10, checked=False) == Place(10, 1, 1, 0)


def test_there_is_no_index_beyond_99():
    assert place_of(PLAIN[:2] + b"\xc8" + PLAIN[3:] + bytes(2), LBA, checked=False) is None


def test_a_checksum_that_is_there_has_to_be_right():
    good = BCD + bench._crc(BCD)
    bad = good[:2] + b"\4" + good[3:]
    for checked in (True, False):
        assert place_of(good, LBA, checked=checked) == Place(LBA, 12, 3, 4)
        assert place_of(bad, LBA, checked=checked) is None
    assert place_of(BCD + bytes(2), LBA, checked=True) is None


@pytest.mark.parametrize(
    "q",
    [b"", bytes(12), b"\x42" + BCD[1:] + bytes(2), BCD[:1] + b"\xaa" + BCD[2:] + bytes(2),
     BCD[:8] + b"\x61\x00" + bytes(2), BCD[:9] + b"\x75" + bytes(2)],
)  # fmt: skip
def test_what_tells_no_place_is_passed_over(q):
    assert place_of(q, LBA, checked=False) is None


def test_q_is_picked_out_of_p_to_w():
    q = BCD + bench._crc(BCD)
    bits = bytes(0xBF | (byte >> 7 - bit & 1) << 6 for byte in q for bit in range(8))
    assert q_of(bits, RAW) == q
    assert q_of(q + bytes(4), FORMATTED) == q


def answer(kind, body, valid=0x80, track=0):
    return (bytes((0, 0x15, 0, 20, kind, 0x10, track, 0, valid)) + body).ljust(24, b"\0")


def test_numbers_count_only_if_they_are_there_and_make_sense():
    assert parse_catalog(answer(2, b"1234567890123")) == "1234567890123"
    assert parse_catalog(answer(2, b"1234567890123", valid=0)) == ""
    assert parse_catalog(answer(2, b"0000000000000")) == ""
    assert parse_catalog(answer(3, b"1234567890123")) == ""
    assert parse_catalog(b"") == ""
    assert parse_isrc(answer(3, b"USABC0112345", track=4), 4) == "USABC0112345"
    assert parse_isrc(answer(3, b"USABC0112345"), 4) == "USABC0112345"
    assert parse_isrc(answer(3, b"USABC0112345", track=3), 4) == ""
    assert parse_isrc(answer(3, b"USABC0112345", valid=0), 4) == ""
    assert parse_isrc(answer(3, b"\0" * 12), 4) == ""
    assert parse_isrc(b"", 4) == ""
