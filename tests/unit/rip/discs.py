# SPDX-License-Identifier: GPL-3.0-or-later
"""A disc in memory whose sectors fail on command, for rules that need no drive."""

from discwright.errors import SourceError
from discwright.optical.drive import CommandError, DiscReadError
from discwright.optical.sense import Fault, Sense
from discwright.transfer.reader import SECTOR

SENSE = {
    Fault.BAD_SECTOR: Sense(3, 0x11, 5),
    Fault.SCRAMBLED: Sense(5, 0x6F, 3),
    Fault.ILLEGAL_MODE: Sense(5, 0x64, 0),
    Fault.OUT_OF_RANGE: Sense(5, 0x21, 0),
    Fault.NO_MEDIUM: Sense(2, 0x3A, 2),
    Fault.MEDIUM_CHANGED: Sense(6, 0x28, 0),
    Fault.RESET: Sense(6, 0x29, 0),
    Fault.BECOMING_READY: Sense(2, 4, 1),
    Fault.GONE: None,
}


def content(lba):
    return f"sector {lba:08}".encode().ljust(SECTOR, b".")


class MemoryDisc:
    """``faults`` maps a sector to the faults of its next readings; the last one may be endless."""

    sector_size = SECTOR

    def __init__(self, sectors, faults=None, always=None):
        self.sectors = sectors
        self.faults = {lba: list(list_) for lba, list_ in (faults or {}).items()}
        self.always = always or {}
        self.reads = []
        self.word = "same"
        self.gone = False
        self.waits = 0

    @property
    def reader(self):
        return self

    def read_into(self, lba, count, buffer):
        self.reads.append((lba, count))
        for sector in range(lba, lba + count):
            waiting = self.faults.get(sector)
            fault = waiting.pop(0) if waiting else self.always.get(sector)
            if fault:
                buffer[: count * SECTOR] = b"?" * (count * SECTOR)
                raise DiscReadError(lba, count, CommandError("READ", fault, SENSE[fault], 5))
        for i in range(count):
            buffer[i * SECTOR : (i + 1) * SECTOR] = content(lba + i)

    def wait_ready(self, cancel):
        self.waits += 1
        if self.gone:
            raise SourceError("The drive is gone.")

    def fingerprint(self):
        return self.word
