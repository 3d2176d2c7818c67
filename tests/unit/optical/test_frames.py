# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bytes of a whole sector tell: each changed bit of what is protected is noticed."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discwright.image.layout import RAW_SECTOR
from discwright.optical.edc import are_right
from discwright.optical.fill import filler
from discwright.optical.frames import Flaw, Judged, address, judge, unreadable_frame
from drive.bench import raw

SOME = random.Random("frames")
MAKE = {
    "mode 1": lambda lba: raw.mode1(lba, SOME.randbytes(2048)),
    "form 1": lambda lba: raw.mode2_form1(lba, SOME.randbytes(2048)),
    "form 2": lambda lba: raw.mode2_form2(lba, SOME.randbytes(2324)),
}
PROTECTED = {"mode 1": (0, 2068), "form 1": (0, 2076), "form 2": (0, RAW_SECTOR)}
MODE = {"mode 1": 1, "form 1": 2, "form 2": 2}
SECTORS = {kind: make(4321) for kind, make in MAKE.items()}


def judged(lba, *sectors):
    return judge(lba, memoryview(b"".join(sectors)))


@pytest.mark.parametrize("kind", MAKE)
def test_good_sectors_are_right(kind):
    sectors = [MAKE[kind](lba) for lba in range(200, 231)]
    assert judged(200, *sectors) == [Judged(MODE[kind])] * 31


@given(st.sampled_from(sorted(MAKE)), st.data())
def test_no_flipped_bit_is_overlooked(kind, data):
    sector = bytearray(SECTORS[kind])
    first, end = PROTECTED[kind]
    at = data.draw(st.integers(first, end - 1))
    sector[at] ^= 1 << data.draw(st.integers(0, 7))
    (found,) = judged(4321, bytes(sector))
    # The bit that tells the form, and one copy of a subheader, leave nothing to check by.
    assert found.flaw is not None or (kind != "mode 1" and 16 <= at < 24 and not found.checked)


def test_only_the_wrong_one_of_several_is_named():
    sectors = [MAKE["mode 1"](10), MAKE["form 2"](11), MAKE["form 1"](12), MAKE["mode 1"](13)]
    wrong = bytearray(sectors[2])
    wrong[900] ^= 1
    sectors[2] = bytes(wrong)
    assert [one.flaw for one in judged(10, *sectors)] == [None, None, Flaw.EDC, None]


def test_a_sector_of_another_place_is_not_taken():
    assert judged(100, MAKE["mode 1"](101)) == [Judged(1, Flaw.ADDRESS)]


def test_what_carries_no_edc_is_neither_right_nor_wrong():
    formless = raw.formless(7, b"formless" * 292)
    zero = raw.SYNC + address(7) + bytes(2337)
    form2 = bytearray(MAKE["form 2"](7))
    form2[-4:] = bytes(4)
    for sector, mode in ((formless, 2), (zero, 0), (bytes(form2), 2)):
        (found,) = judged(7, sector)
        assert (found.mode, found.flaw, found.checked) == (mode, None, False)
        assert found.formless is (sector is formless)


def test_a_sector_of_mode_0_has_nothing_but_zeros():
    assert judged(7, raw.SYNC + address(7) + bytes(2336) + b"\1") == [Judged(0, Flaw.MODE)]


def test_discs_of_more_than_100_minutes_have_addresses():
    assert address(450_000 - 150) == b"\xa0\0\0"
    assert address(450_000 + 4500 * 19 + 76) == b"\xb9\x03\x01"


def test_music_and_unknown_modes_are_no_data():
    assert judged(7, b"\1\2\3\4" * 588) == [Judged(-1, Flaw.SYNC)]
    assert judged(7, raw.SYNC + address(7) + b"\3" + bytes(2336)) == [Judged(3, Flaw.MODE)]


@pytest.mark.parametrize("lba", [0, 74, 75, 4350, 333_000])
def test_addresses_are_those_of_the_standard(lba):
    assert address(lba) == raw.mode1(lba, bytes(2048))[12:15]


@pytest.mark.parametrize(("mode", "start"), [(1, 16), (2, 24)])
def test_a_lost_sector_keeps_its_frame_and_no_valid_edc(mode, start):
    frame = unreadable_frame(500, mode)
    assert len(frame) == RAW_SECTOR
    assert frame[:16] == raw.SYNC + address(500) + bytes((mode,))
    assert frame[start : start + 2048] == filler(500)
    assert judged(500, frame) == [Judged(mode, Flaw.EDC)]


def test_nothing_is_as_right_as_nothing():
    assert are_right([]) == []
