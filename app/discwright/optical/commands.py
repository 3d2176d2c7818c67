# SPDX-License-Identifier: GPL-3.0-or-later
"""MMC commands: operation codes and command descriptor blocks, in the standard's names (MMC-6)."""

import struct
from dataclasses import dataclass
from enum import IntEnum


class Opcode(IntEnum):
    """Operation codes (MMC-6 6.1, table 233)."""

    TEST_UNIT_READY = 0x00
    REQUEST_SENSE = 0x03
    INQUIRY = 0x12
    START_STOP_UNIT = 0x1B
    PREVENT_ALLOW_MEDIUM_REMOVAL = 0x1E
    READ_FORMAT_CAPACITIES = 0x23
    READ_CAPACITY = 0x25
    READ_10 = 0x28
    READ_SUB_CHANNEL = 0x42
    READ_TOC_PMA_ATIP = 0x43
    GET_CONFIGURATION = 0x46
    GET_EVENT_STATUS_NOTIFICATION = 0x4A
    READ_DISC_INFORMATION = 0x51
    READ_TRACK_INFORMATION = 0x52
    MODE_SENSE_10 = 0x5A
    READ_12 = 0xA8
    GET_PERFORMANCE = 0xAC
    READ_DISC_STRUCTURE = 0xAD
    SET_STREAMING = 0xB6
    SET_CD_SPEED = 0xBB
    READ_CD = 0xBE


@dataclass(frozen=True)
class Command:
    """A command that gives data or none: its CDB and how many bytes may come back."""

    cdb: bytes
    length: int = 0
    data: bytes = b""
    """What is sent with it; empty for a command that reads."""

    @property
    def name(self) -> str:
        """The standard's name, for logs."""
        try:
            return Opcode(self.cdb[0]).name.replace("_", " ")
        except ValueError:
            return f"command {self.cdb[0]:02X}h"


def test_unit_ready() -> Command:
    """MMC-6 6.43."""
    return Command(bytes(6))


def inquiry(length: int = 96) -> Command:
    """SPC-4 6.4."""
    return Command(struct.pack(">BBBHB", Opcode.INQUIRY, 0, 0, length, 0), length)


def start_stop_unit(*, start: bool, load_eject: bool) -> Command:
    """MMC-6 6.42: load (start), eject (no start, with load_eject)."""
    return Command(bytes([Opcode.START_STOP_UNIT, 0, 0, 0, load_eject << 1 | start, 0]))


def allow_removal() -> Command:
    """Unlock the tray (MMC-6 6.13)."""
    return Command(bytes([Opcode.PREVENT_ALLOW_MEDIUM_REMOVAL, 0, 0, 0, 0, 0]))


def read_capacity() -> Command:
    """MMC-6 6.19."""
    return Command(bytes([Opcode.READ_CAPACITY, *bytes(9)]), 8)


def read_10(lba: int, count: int) -> bytes:
    """Give the CDB of READ(10) (MMC-6 6.15); up to 65535 sectors."""
    return struct.pack(">BBIBHB", Opcode.READ_10, 0, lba, 0, count, 0)


def read_12(lba: int, count: int) -> bytes:
    """Give the CDB of READ(12) (MMC-6 6.16)."""
    return struct.pack(">BBIIBB", Opcode.READ_12, 0, lba, count, 0, 0)


C2_BYTES = 294
"""The C2 error pointers of a sector: a bit for each of its 2352 bytes (MMC-6 6.18)."""


def read_cd_raw(
    lba: int, count: int, *, c2: bool = False, sub_channel: int = 0, beside: int = 0
) -> Command:
    """Whole 2352-byte sectors of any kind with READ CD (MMC-6 6.17).

    Each is followed by its C2 error pointers, and by ``beside`` bytes of the sub-channel
    selection ``sub_channel``, if these are asked for.
    """
    fields = bytes((0xF8 | c2 << 1, sub_channel, 0))
    cdb = struct.pack(">BBI", Opcode.READ_CD, 0, lba) + count.to_bytes(3, "big") + fields
    return Command(cdb, (2352 + c2 * C2_BYTES + beside) * count)


def read_sub_channel(form: int, track: int = 0, length: int = 24) -> Command:
    """Read what Q says (MMC-6 6.24): 2 the media catalogue number, 3 the ISRC of a track."""
    cdb = struct.pack(">BBBBxxBHB", Opcode.READ_SUB_CHANNEL, 0, 0x40, form, track, length, 0)
    return Command(cdb, length)


def read_toc(form: int, *, session: int = 0, length: int = 2048) -> Command:
    """Read the TOC (MMC-6 6.25): 0 formatted in LBA, 1 last session, 2 full (raw)."""
    cdb = struct.pack(">BBBBBBBHB", Opcode.READ_TOC_PMA_ATIP, 0, form, 0, 0, 0, session, length, 0)
    return Command(cdb, length)


def get_configuration(length: int = 1024) -> Command:
    """All features of drive and medium (MMC-6 6.4)."""
    return Command(struct.pack(">BBH3xHB", Opcode.GET_CONFIGURATION, 0, 0, length, 0), length)


def get_event_status(classes: int = 0x10, length: int = 8) -> Command:
    """Ask once, without waiting, for media events (MMC-6 6.5)."""
    cdb = struct.pack(">BBHBHHB", Opcode.GET_EVENT_STATUS_NOTIFICATION, 1, 0, classes, 0, length, 0)
    return Command(cdb, length)


def read_disc_information(length: int = 34) -> Command:
    """MMC-6 6.21."""
    cdb = struct.pack(">BB5xHB", Opcode.READ_DISC_INFORMATION, 0, length, 0)
    return Command(cdb, length)


def read_track_information(track: int, length: int = 48) -> Command:
    """Ask for a track by its number (MMC-6 6.26)."""
    cdb = struct.pack(">BBIBHB", Opcode.READ_TRACK_INFORMATION, 1, track, 0, length, 0)
    return Command(cdb, length)


def read_disc_structure(form: int, *, blu_ray: bool = False, layer: int = 0) -> Command:
    """MMC-6 6.22: 0 physical, 1 copyright; of a DVD or a Blu-ray."""
    length = 4100
    cdb = struct.pack(
        ">BBIBBHBB", Opcode.READ_DISC_STRUCTURE, 1 if blu_ray else 0, 0, layer, form, length, 0, 0
    )
    return Command(cdb, length)


def get_performance(length: int = 1024) -> Command:
    """Nominal read performance (MMC-6 6.8, type 0)."""
    entries = (length - 8) // 16
    cdb = struct.pack(">BBIxxHBB", Opcode.GET_PERFORMANCE, 0x10, 0, entries, 0, 0)
    return Command(cdb, length)


def get_write_speeds(length: int = 1024) -> Command:
    """Write speeds that drive and medium offer together (MMC-6 6.8, type 3)."""
    entries = (length - 8) // 16
    cdb = struct.pack(">BBIxxHBB", Opcode.GET_PERFORMANCE, 0, 0, entries, 3, 0)
    return Command(cdb, length)


def read_format_capacities(length: int = 252) -> Command:
    """MMC-6 6.23."""
    cdb = struct.pack(">B6xHB", Opcode.READ_FORMAT_CAPACITIES, length, 0)
    return Command(cdb, length)


def mode_sense(page: int, length: int = 256) -> Command:
    """A mode page's current values, without block descriptors (MMC-6 6.10)."""
    cdb = struct.pack(">BBBxxxxHB", Opcode.MODE_SENSE_10, 0x08, page, length, 0)
    return Command(cdb, length)


def set_cd_speed(read_kb: int) -> Command:
    """MMC-6 6.37; kB/s of 1000 bytes, FFFFh for the drive's best."""
    cdb = struct.pack(">BBHH6x", Opcode.SET_CD_SPEED, 0, min(read_kb, 0xFFFF), 0xFFFF)
    return Command(cdb)


def set_streaming(read_kb: int, end_lba: int) -> Command:
    """MMC-6 6.39: read at most so many kB in 1000 ms from sector 0 to ``end_lba``."""
    data = struct.pack(">BxxxIIIIII", 0, 0, end_lba, read_kb, 1000, read_kb, 1000)
    return Command(struct.pack(">B8xHB", Opcode.SET_STREAMING, len(data), 0), data=data)
