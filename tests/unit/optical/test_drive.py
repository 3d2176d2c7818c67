# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drive's answers to single commands are taken for."""

import ctypes
import os

import pytest

from discwright.errors import ReadError
from discwright.optical import libcdio
from discwright.optical.commands import test_unit_ready as unit_ready
from discwright.optical.drive import CommandError, Drive

SENSE = {
    "recovered": bytes((0x70, 0, 1, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x18, 0, 0, 0, 0, 0)),
    "medium": bytes((0x70, 0, 3, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x11, 5, 0, 0, 0, 0)),
}


@pytest.fixture
def drive(monkeypatch):
    """A drive without a device; ``answers`` are what libcdio gives for each command."""
    drive = Drive.__new__(Drive)
    drive.node, drive.sectors, drive._device, drive._handle = "/dev/sr0", 0, object(), 0
    drive._read_cdb = lambda lba, count: bytes(10)
    drive.answers, drive.sent = [], []

    def run(_handle, cdb, _direction, address, length, _timeout):
        data, answer = drive.answers.pop(0)
        drive.sent.append((cdb, (ctypes.c_char * length).from_address(address).raw))
        if data:
            ctypes.memmove(address, data, len(data))
        return answer

    monkeypatch.setattr(libcdio, "run_command", run)
    return drive


def test_a_sector_that_was_read_with_some_effort_was_read(drive):
    drive.answers = [(b"d" * 2048, (-1, 5, SENSE["recovered"]))]
    buffer = bytearray(2048)
    drive.read_into(7, 1, memoryview(buffer))
    assert buffer == b"d" * 2048


def test_what_claims_a_recovered_error_but_sends_nothing_was_not_read(drive):
    drive.answers = [(b"", (-1, 5, SENSE["recovered"]))]
    with pytest.raises(ReadError) as caught:
        drive.read_into(7, 1, memoryview(bytearray(2048)))
    assert "short transfer" in caught.value.cause


def test_a_real_error_stays_one(drive):
    drive.answers = [(b"", (-1, 5, SENSE["medium"]))]
    with pytest.raises(CommandError):
        drive.run(unit_ready())


def test_a_speed_is_asked_for_the_whole_disc(drive):
    drive.answers = [(b"", (0, 0, b""))]
    drive.set_speed(5540, 2_000_000)
    ((_cdb, data),) = drive.sent
    words = [int.from_bytes(data[at : at + 4], "big") for at in (4, 8, 12, 16)]
    assert words == [0, 1_999_999, 5540, 1000]  # first and last sector, kB in how many ms


def test_time_limits_reach_linux_in_its_own_unit(monkeypatch):
    given = []

    class Library:
        def mmc_run_cmd_len(self, _handle, timeout, *_rest):
            given.append(timeout)
            return 0

    monkeypatch.setattr(libcdio, "library", Library)
    libcdio.run_command(0, bytes(6), libcdio.DIRECTION_NONE, 0, 0, 30_000)
    assert given == [30 * os.sysconf("SC_CLK_TCK")]
