# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers of MMC-6 and SPC-4: operation codes and sense."""

from enum import IntEnum
from typing import NamedTuple


class Op(IntEnum):
    """Operation codes, in the standard's names (MMC-6 table 200)."""

    TEST_UNIT_READY = 0x00
    REQUEST_SENSE = 0x03
    FORMAT_UNIT = 0x04
    INQUIRY = 0x12
    START_STOP_UNIT = 0x1B
    PREVENT_ALLOW_MEDIUM_REMOVAL = 0x1E
    READ_FORMAT_CAPACITIES = 0x23
    READ_CAPACITY = 0x25
    READ_10 = 0x28
    SEEK_10 = 0x2B
    WRITE_10 = 0x2A
    WRITE_AND_VERIFY_10 = 0x2E
    VERIFY_10 = 0x2F
    SYNCHRONIZE_CACHE = 0x35
    READ_SUB_CHANNEL = 0x42
    READ_TOC_PMA_ATIP = 0x43
    GET_CONFIGURATION = 0x46
    GET_EVENT_STATUS_NOTIFICATION = 0x4A
    READ_DISC_INFORMATION = 0x51
    READ_TRACK_INFORMATION = 0x52
    RESERVE_TRACK = 0x53
    SEND_OPC_INFORMATION = 0x54
    MODE_SELECT_10 = 0x55
    MODE_SENSE_10 = 0x5A
    CLOSE_TRACK_SESSION = 0x5B
    READ_BUFFER_CAPACITY = 0x5C
    SEND_CUE_SHEET = 0x5D
    BLANK = 0xA1
    SEND_KEY = 0xA3
    REPORT_KEY = 0xA4
    READ_12 = 0xA8
    WRITE_12 = 0xAA
    GET_PERFORMANCE = 0xAC
    READ_DISC_STRUCTURE = 0xAD
    SET_STREAMING = 0xB6
    READ_CD_MSF = 0xB9
    SET_CD_SPEED = 0xBB
    MECHANISM_STATUS = 0xBD
    READ_CD = 0xBE
    SEND_DISC_STRUCTURE = 0xBF

    BLOCK_READ = 0x100
    """Not of MMC: read() on the device node, by the kernel's page cache."""


WRITES = frozenset({Op.WRITE_10, Op.WRITE_12, Op.WRITE_AND_VERIFY_10})
"""All that brings sectors to the disc."""
READS = frozenset({Op.READ_10, Op.READ_12, Op.READ_CD, Op.READ_CD_MSF, Op.BLOCK_READ})
"""All that brings sectors of the disc."""


def op_name(code: int) -> str:
    """Give the standard's name of an operation code, or its number."""
    try:
        return Op(code).name
    except ValueError:
        return f"{code:02X}h"


class Sense(NamedTuple):
    """Sense key, additional sense code and its qualifier (SPC-4 4.5)."""

    key: int
    asc: int
    ascq: int = 0

    def to_bytes(self, information: int | None = None, progress: float | None = None) -> bytes:
        """Give 18 bytes of fixed-format sense; ``information`` is the LBA in question.

        ``progress`` of a long operation, 0 to 1, goes into the sense key specific bytes.
        """
        valid = information is not None and 0 <= information <= 0xFFFFFFFF
        field = (information if valid else 0) or 0
        return (
            bytes((0xF0 if valid else 0x70, 0, self.key))
            + field.to_bytes(4, "big")
            + bytes((10, 0, 0, 0, 0, self.asc, self.ascq, 0))
            + _progress(progress)
        )

    def __str__(self) -> str:
        return f"{self.key:X}/{self.asc:02X}/{self.ascq:02X}"


def _progress(part: float | None) -> bytes:
    if part is None:
        return bytes(3)
    return b"\x80" + int(min(max(part, 0), 1) * 0xFFFF).to_bytes(2, "big")


NO_SENSE = Sense(0, 0, 0)
BECOMING_READY = Sense(2, 0x04, 0x01)
FORMATTING = Sense(2, 0x04, 0x04)
BLANKING = Sense(2, 0x04, 0x07)
LONG_WRITE = Sense(2, 0x04, 0x08)
NO_MEDIUM = Sense(2, 0x3A, 0x01)
TRAY_OPEN = Sense(2, 0x3A, 0x02)
WRITE_ERROR = Sense(3, 0x0C, 0x00)
LOSS_OF_STREAMING = Sense(3, 0x0C, 0x09)
NOT_FORMATTED = Sense(3, 0x31, 0x00)
CALIBRATION_FULL = Sense(3, 0x73, 0x02)
CALIBRATION_ERROR = Sense(3, 0x73, 0x03)
NO_SEEK_COMPLETE = Sense(3, 0x02, 0x00)
UNRECOVERED_READ = Sense(3, 0x11, 0x00)
L_EC_UNCORRECTABLE = Sense(3, 0x11, 0x05)
HARDWARE = Sense(4, 0x44, 0x00)
INVALID_OPCODE = Sense(5, 0x20, 0x00)
LBA_OUT_OF_RANGE = Sense(5, 0x21, 0x00)
INVALID_FIELD = Sense(5, 0x24, 0x00)
INVALID_WRITE_ADDRESS = Sense(5, 0x21, 0x02)
INVALID_PARAMETER = Sense(5, 0x26, 0x00)
COMMAND_SEQUENCE = Sense(5, 0x2C, 0x00)
CANNOT_WRITE_MEDIUM = Sense(5, 0x30, 0x05)
END_OF_USER_AREA = Sense(5, 0x63, 0x00)
FIXATION = Sense(5, 0x72, 0x00)
LEADIN_FIXATION = Sense(5, 0x72, 0x01)
INCOMPLETE_TRACK = Sense(5, 0x72, 0x03)
INCOMPATIBLE_MEDIUM = Sense(5, 0x30, 0x02)
REMOVAL_PREVENTED = Sense(5, 0x53, 0x02)
ILLEGAL_MODE = Sense(5, 0x64, 0x00)
KEY_NOT_PRESENT = Sense(5, 0x6F, 0x01)
SCRAMBLED = Sense(5, 0x6F, 0x03)
MEDIUM_CHANGED = Sense(6, 0x28, 0x00)
POWER_ON = Sense(6, 0x29, 0x00)


class Refused(Exception):  # noqa: N818 - a drive's answer, not an error of the bench
    """A command ends with CHECK CONDITION; the handler raises it with the sense."""

    def __init__(
        self, sense: Sense, information: int | None = None, *, progress: float | None = None
    ):
        super().__init__(str(sense))
        self.sense = sense
        self.information = information
        self.progress = progress


def msf(lba: int) -> bytes:
    """Give minute, second, frame of an LBA (MMC-6 table 2; LBA 0 is 00:02:00)."""
    frames = lba + 150 if lba >= -150 else lba + 450150
    return bytes((frames // 4500, frames // 75 % 60, frames % 75))


def lba_of_msf(minute: int, second: int, frame: int) -> int:
    """Give the LBA of minute, second, frame."""
    lba = (minute * 60 + second) * 75 + frame - 150
    return lba if minute < 90 else lba - 450000
