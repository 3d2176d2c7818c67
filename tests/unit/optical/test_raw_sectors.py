# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives that tell errors of music only, or not always, still give all sectors that they have."""

import pytest

from discwright.image.layout import RAW_SECTOR
from discwright.optical.commands import C2_BYTES
from discwright.optical.drive import CommandError, DiscReadError
from discwright.optical.raw_sectors import CheckedSectors, Content, Stretch
from discwright.optical.sense import Fault
from drive.bench import raw

DATA = raw.mode1(100, b"data" * 512)
MUSIC = b"\1\2\3\4" * (RAW_SECTOR // 4)


class FakeDrive:
    """Refuses to tell the errors of some sectors, and counts what it is asked for."""

    def __init__(self, sectors, refused, fault):
        self.sectors, self.refused, self.fault = sectors, refused, fault
        self.asked = 0

    def read_raw_into(self, lba, count, buffer):
        for number in range(count):
            begin = number * RAW_SECTOR
            buffer[begin : begin + RAW_SECTOR] = self.sectors[lba + number]

    def read_flagged_into(self, lba, count, buffer):
        self.asked += 1
        if any(at in self.refused for at in range(lba, lba + count)):
            raise DiscReadError(lba, count, CommandError("READ CD", self.fault, None, 0))
        width = RAW_SECTOR + C2_BYTES
        for number in range(count):
            one = self.sectors[lba + number] + bytes(C2_BYTES)
            buffer[number * width : (number + 1) * width] = one


def read(reader, lba):
    buffer = bytearray(RAW_SECTOR)
    reader.read_into(lba, 1, memoryview(buffer))
    return bytes(buffer)


@pytest.mark.parametrize("fault", [Fault.UNSUPPORTED, Fault.ILLEGAL_MODE])
def test_data_in_a_pause_is_read_from_drives_that_tell_errors_of_music_only(fault):
    drive = FakeDrive({100: DATA, 101: MUSIC}, {100}, fault)
    stretches = [Stretch(100, 1, Content.PAUSE, 2), Stretch(101, 1, Content.MUSIC, 2)]
    reader = CheckedSectors(drive, stretches, c2=True)
    assert (read(reader, 100), read(reader, 101)) == (DATA, MUSIC)
    assert reader.c2  # all music was read with its errors told


def test_what_was_read_without_telling_errors_once_is_not_claimed_to_have_none():
    drive = FakeDrive(dict.fromkeys(range(3), MUSIC), {1}, Fault.UNSUPPORTED)
    reader = CheckedSectors(drive, [Stretch(0, 3, Content.MUSIC, 1)], c2=True)
    assert [read(reader, at) for at in range(3)] == [MUSIC] * 3
    assert not reader.c2
    assert drive.asked == 3  # it goes on asking a drive that did tell


def test_a_drive_that_never_tells_is_asked_once():
    drive = FakeDrive(dict.fromkeys(range(3), MUSIC), {0, 1, 2}, Fault.UNSUPPORTED)
    reader = CheckedSectors(drive, [Stretch(0, 3, Content.MUSIC, 1)], c2=True)
    assert [read(reader, at) for at in range(3)] == [MUSIC] * 3
    assert (reader.c2, drive.asked) == (False, 1)
