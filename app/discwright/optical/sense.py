# SPDX-License-Identifier: GPL-3.0-or-later
"""Sense data: why a drive refused a command, in words, and what follows from it for a copy."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from discwright.wording import _


class SenseKey(IntEnum):
    """SPC-4 4.5.6, table 43."""

    NO_SENSE = 0x0
    RECOVERED_ERROR = 0x1
    NOT_READY = 0x2
    MEDIUM_ERROR = 0x3
    HARDWARE_ERROR = 0x4
    ILLEGAL_REQUEST = 0x5
    UNIT_ATTENTION = 0x6
    DATA_PROTECT = 0x7
    BLANK_CHECK = 0x8
    VENDOR_SPECIFIC = 0x9
    COPY_ABORTED = 0xA
    ABORTED_COMMAND = 0xB
    MISCOMPARE = 0xE


class Fault(StrEnum):
    """What a failed command means for someone who reads a disc."""

    BAD_SECTOR = "bad sector"
    ILLEGAL_MODE = "illegal mode for this track"
    """Not Mode 1 or Mode 2 Form 1 there: a run-out, an audio or a Form 2 sector."""
    OUT_OF_RANGE = "beyond the end"
    SCRAMBLED = "scrambled"
    """Copy protection: the drive does not hand the sector out."""
    BECOMING_READY = "becoming ready"
    NO_MEDIUM = "no medium"
    MEDIUM_CHANGED = "medium may have changed"
    RESET = "drive was reset"
    GONE = "drive is gone"
    NOT_PERMITTED = "not permitted"
    UNSUPPORTED = "unsupported command"
    HARDWARE = "drive failure"
    SHORT = "short transfer"
    OTHER = "other"


ENDING = frozenset({Fault.GONE, Fault.NO_MEDIUM, Fault.NOT_PERMITTED})
"""After these nothing more can be read: the disc, the drive or the permission is missing."""

PASSING = frozenset({Fault.BECOMING_READY, Fault.RESET, Fault.MEDIUM_CHANGED})
"""These say nothing of the sectors asked for: the drive was interrupted."""


@dataclass(frozen=True)
class Sense:
    """Sense key, additional sense code and qualifier of a failed command."""

    key: int
    asc: int
    ascq: int

    @classmethod
    def parse(cls, data: bytes) -> "Sense | None":
        """Read fixed (70h, 71h) or descriptor (72h, 73h) sense data; None if it is neither.

        Source: SPC-4 4.5.2 and 4.5.3.
        """
        if len(data) < 4:
            return None
        match data[0] & 0x7F:
            case 0x70 | 0x71 if len(data) >= 14:
                return cls(data[2] & 0x0F, data[12], data[13])
            case 0x70 | 0x71:
                return cls(data[2] & 0x0F, 0, 0)
            case 0x72 | 0x73:
                return cls(data[1] & 0x0F, data[2], data[3])
        return None

    @property
    def code(self) -> str:
        """Key/ASC/ASCQ in hexadecimal, such as ``3/11/05``."""
        return f"{self.key:X}/{self.asc:02X}/{self.ascq:02X}"

    @property
    def words(self) -> str:
        """What the standard calls it (MMC-6 annex F); not translated, it goes into logs."""
        text = _WORDS.get((self.asc, self.ascq)) or _WORDS.get((self.asc, 0))
        try:
            key = SenseKey(self.key).name.replace("_", " ").capitalize()
        except ValueError:
            key = f"Sense key {self.key:X}"
        return f"{key}: {text}" if text else key

    def __str__(self) -> str:
        return f"{self.words} ({self.code})"

    @property
    def fault(self) -> Fault:
        """What it means for someone who reads a disc."""
        exact = _FAULTS.get((self.key, self.asc, self.ascq))
        if exact is not None:
            return exact
        by_code = _FAULTS.get((self.key, self.asc, None))
        if by_code is not None:
            return by_code
        return _FAULTS_BY_KEY.get(self.key, Fault.OTHER)


_FAULTS: dict[tuple[int, int, int | None], Fault] = {
    (0x2, 0x04, 0x01): Fault.BECOMING_READY,
    (0x2, 0x04, 0x07): Fault.BECOMING_READY,
    (0x2, 0x04, 0x08): Fault.BECOMING_READY,
    (0x2, 0x04, None): Fault.BECOMING_READY,
    (0x2, 0x3A, None): Fault.NO_MEDIUM,
    (0x2, 0x30, None): Fault.BAD_SECTOR,
    (0x2, 0x3E, None): Fault.BECOMING_READY,
    (0x3, 0x3A, None): Fault.NO_MEDIUM,
    (0x5, 0x20, None): Fault.UNSUPPORTED,
    (0x5, 0x24, None): Fault.UNSUPPORTED,
    (0x5, 0x26, None): Fault.UNSUPPORTED,
    (0x5, 0x21, None): Fault.OUT_OF_RANGE,
    (0x5, 0x64, None): Fault.ILLEGAL_MODE,
    (0x5, 0x6F, None): Fault.SCRAMBLED,
    (0x6, 0x28, None): Fault.MEDIUM_CHANGED,
    (0x6, 0x29, None): Fault.RESET,
    (0x6, 0x2A, None): Fault.RESET,
    (0x6, 0x2E, None): Fault.RESET,
    (0x6, 0x3B, None): Fault.MEDIUM_CHANGED,
    (0x6, 0x3F, None): Fault.RESET,
    (0x6, 0x5A, None): Fault.RESET,
    (0xB, 0x4B, None): Fault.BAD_SECTOR,
}

_FAULTS_BY_KEY = {
    0x1: Fault.BAD_SECTOR,
    0x2: Fault.BECOMING_READY,
    0x3: Fault.BAD_SECTOR,
    0x4: Fault.HARDWARE,
    0x6: Fault.RESET,
    0x8: Fault.BAD_SECTOR,
    0xB: Fault.BAD_SECTOR,
}

_WORDS = {
    (0x02, 0x00): "no seek complete",
    (0x04, 0x00): "logical unit not ready, cause not reportable",
    (0x04, 0x01): "logical unit is becoming ready",
    (0x04, 0x02): "logical unit not ready, initialising command required",
    (0x04, 0x03): "logical unit not ready, manual intervention required",
    (0x04, 0x04): "logical unit not ready, format in progress",
    (0x04, 0x07): "logical unit not ready, operation in progress",
    (0x04, 0x08): "logical unit not ready, long write in progress",
    (0x06, 0x00): "no reference position found",
    (0x08, 0x00): "logical unit communication failure",
    (0x08, 0x01): "logical unit communication time-out",
    (0x08, 0x03): "logical unit communication CRC error",
    (0x09, 0x00): "track following error",
    (0x09, 0x01): "tracking servo failure",
    (0x09, 0x02): "focus servo failure",
    (0x09, 0x03): "spindle servo failure",
    (0x0C, 0x00): "write error",
    (0x0C, 0x09): "write error, loss of streaming",
    (0x11, 0x00): "unrecovered read error",
    (0x11, 0x01): "read retries exhausted",
    (0x11, 0x02): "error too long to correct",
    (0x11, 0x05): "L-EC uncorrectable error",
    (0x11, 0x06): "CIRC unrecovered error",
    (0x11, 0x0F): "error reading UPC/EAN number",
    (0x11, 0x10): "error reading ISRC number",
    (0x14, 0x00): "recorded entity not found",
    (0x15, 0x00): "random positioning error",
    (0x15, 0x01): "mechanical positioning error",
    (0x15, 0x02): "positioning error detected by read of medium",
    (0x17, 0x00): "recovered data with no error correction applied",
    (0x18, 0x00): "recovered data with error correction applied",
    (0x1A, 0x00): "parameter list length error",
    (0x1B, 0x00): "synchronous data transfer error",
    (0x20, 0x00): "invalid command operation code",
    (0x21, 0x00): "logical block address out of range",
    (0x21, 0x02): "invalid address for write",
    (0x24, 0x00): "invalid field in CDB",
    (0x26, 0x00): "invalid field in parameter list",
    (0x27, 0x00): "write protected",
    (0x28, 0x00): "not ready to ready change, medium may have changed",
    (0x28, 0x01): "import or export element accessed",
    (0x29, 0x00): "power on, reset, or bus device reset occurred",
    (0x2A, 0x01): "mode parameters changed",
    (0x2C, 0x00): "command sequence error",
    (0x2E, 0x00): "insufficient time for operation",
    (0x30, 0x00): "incompatible medium installed",
    (0x30, 0x01): "cannot read medium, unknown format",
    (0x30, 0x02): "cannot read medium, incompatible format",
    (0x30, 0x05): "cannot write medium, incompatible format",
    (0x30, 0x06): "cannot format medium, incompatible medium",
    (0x31, 0x00): "medium format corrupted",
    (0x3A, 0x00): "medium not present",
    (0x3A, 0x01): "medium not present, tray closed",
    (0x3A, 0x02): "medium not present, tray open",
    (0x3B, 0x0D): "medium destination element full",
    (0x3E, 0x00): "logical unit has not self-configured yet",
    (0x3F, 0x00): "target operating conditions have changed",
    (0x44, 0x00): "internal target failure",
    (0x4B, 0x00): "data phase error",
    (0x53, 0x00): "medium load or eject failed",
    (0x53, 0x02): "medium removal prevented",
    (0x57, 0x00): "unable to recover table of contents",
    (0x5A, 0x01): "operator medium removal request",
    (0x63, 0x00): "end of user area encountered on this track",
    (0x64, 0x00): "illegal mode for this track",
    (0x6F, 0x00): "copy protection key exchange failure, authentication failure",
    (0x6F, 0x01): "copy protection key exchange failure, key not present",
    (0x6F, 0x02): "copy protection key exchange failure, key not established",
    (0x6F, 0x03): "read of scrambled sector without authentication",
    (0x6F, 0x04): "media region code is mismatched to logical unit region",
    (0x6F, 0x05): "drive region must be permanent, region reset count error",
    (0x72, 0x00): "session fixation error",
    (0x73, 0x00): "CD control error",
}


def tray_is_open(sense: Sense) -> bool:
    """Whether a "no medium" sense says that the tray is open (2/3A/02)."""
    return (sense.asc, sense.ascq) == (0x3A, 0x02)


def fault_sentence(fault: Fault) -> str:
    """Say what a fault that ends a job means."""
    sentences = {
        Fault.NO_MEDIUM: _("The disc is no longer in the drive: the tray was opened."),
        Fault.MEDIUM_CHANGED: _("The disc in the drive was changed."),
        Fault.GONE: _("The drive is gone: it was unplugged or switched off."),
        Fault.BECOMING_READY: _("The drive does not become ready."),
        Fault.NOT_PERMITTED: _("The system does not permit this command on the drive."),
        Fault.HARDWARE: _("The drive reports a failure of its own."),
        Fault.BAD_SECTOR: _("The disc can't be read at this place."),
    }
    return sentences.get(fault) or _("The drive could not carry out a command.")
