# SPDX-License-Identifier: GPL-3.0-or-later
"""Sense data in words, and what follows from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discwright.optical.sense import Fault, Sense, fault_sentence, tray_is_open


def fixed(key, asc, ascq):
    data = bytearray(18)
    data[0], data[2], data[7], data[12], data[13] = 0x70, key, 10, asc, ascq
    return bytes(data)


@pytest.mark.parametrize(
    ("key", "asc", "ascq", "words", "fault"),
    [
        (3, 0x11, 0x05, "Medium error: L-EC uncorrectable error", Fault.BAD_SECTOR),
        (3, 0x02, 0x00, "Medium error: no seek complete", Fault.BAD_SECTOR),
        (5, 0x64, 0x00, "Illegal request: illegal mode for this track", Fault.ILLEGAL_MODE),
        (5, 0x21, 0x00, "Illegal request: logical block address out of range", Fault.OUT_OF_RANGE),
        (5, 0x6F, 0x03, "Illegal request: read of scrambled sector without authentication",
         Fault.SCRAMBLED),
        (5, 0x20, 0x00, "Illegal request: invalid command operation code", Fault.UNSUPPORTED),
        (2, 0x04, 0x01, "Not ready: logical unit is becoming ready", Fault.BECOMING_READY),
        (2, 0x3A, 0x02, "Not ready: medium not present, tray open", Fault.NO_MEDIUM),
        (6, 0x28, 0x00, "Unit attention: not ready to ready change, medium may have changed",
         Fault.MEDIUM_CHANGED),
        (6, 0x29, 0x00, "Unit attention: power on, reset, or bus device reset occurred",
         Fault.RESET),
        (4, 0x09, 0x01, "Hardware error: tracking servo failure", Fault.HARDWARE),
        (0xC, 0x99, 0x99, "Sense key C", Fault.OTHER),
        (3, 0x11, 0x77, "Medium error: unrecovered read error", Fault.BAD_SECTOR),
    ],
)  # fmt: skip
def test_sense_is_told_in_words_and_means_something(key, asc, ascq, words, fault):
    sense = Sense.parse(fixed(key, asc, ascq))
    assert sense is not None
    assert sense.words == words
    assert sense.fault is fault
    assert str(sense) == f"{words} ({key:X}/{asc:02X}/{ascq:02X})"


def test_descriptor_format_says_the_same():
    assert Sense.parse(bytes([0x72, 0x03, 0x11, 0x05, 0, 0, 0, 0])) == Sense(3, 0x11, 0x05)


def test_an_open_tray_is_told_from_an_empty_one():
    assert tray_is_open(Sense(2, 0x3A, 0x02))
    assert not tray_is_open(Sense(2, 0x3A, 0x01))


@given(st.binary(max_size=300))
def test_whatever_a_drive_sends_as_sense_is_met(data):
    sense = Sense.parse(data)
    if sense is not None:
        assert str(sense)
        assert isinstance(sense.fault, Fault)


@pytest.mark.parametrize("fault", list(Fault))
def test_each_fault_has_a_sentence(fault):
    assert fault_sentence(fault).endswith(".")
