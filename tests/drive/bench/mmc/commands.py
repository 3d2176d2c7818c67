# SPDX-License-Identifier: GPL-3.0-or-later
"""A drive's traits, its commands and answers, and the table of handlers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from drive.bench.codes import Op, Sense, lba_of_msf
from drive.bench.faults import Fault
from drive.bench.medium import Profile

if TYPE_CHECKING:
    from .drive import DriveModel

READER_PROFILES = (Profile.DVD_ROM, Profile.CD_ROM)
WRITER_PROFILES = tuple(sorted(Profile, reverse=True))


@dataclass(frozen=True)
class Traits:
    """What is fixed in a drive."""

    vendor: str = "HL-DT-ST"
    model: str = "BD-RE BH16NS40"
    revision: str = "1.03"
    serial: str = "KLAE7A12345"
    profiles: tuple[Profile, ...] = WRITER_PROFILES
    loading: int = 1
    """Loading mechanism: 0 caddy or slot, 1 tray, 2 pop-up (slim: closes only by hand)."""
    bus: str = "usb"
    """"usb" or "ata": how it is plugged in, for the tree of devices."""
    rate: int = 0
    """Bytes a second at most when reading; 0 as fast as the machine can."""
    write_rate: int = 0
    """Bytes a second when writing, behind the buffer; 0 as fast as the machine can."""
    buffer: int = 2 << 20
    """Bytes of the buffer."""
    refuses_when_full: bool = False
    """A WRITE that finds the buffer full fails with 2/04/08, else it takes its time."""
    spin_up: int = 0
    """How often the drive says 2/04/01, becoming ready, after a medium was loaded."""
    busy_polls: int = 1
    """How often the drive says that it is busy after a command with Immed, at any rate."""
    overburn: int = 0
    """Sectors that it writes on a CD beyond the start of the lead-out that the disc tells of."""
    read_offset: int = 0
    """Samples (4 bytes) by which music comes late when it is read: what is missing at its end was
    put before its start. Positive as in lists of drives, whose rippers correct by it."""
    write_offset: int = 0
    """Samples by which music is burnt late."""
    sub_channels: tuple[int, ...] = (1, 2, 4)
    """The sub-channel selections that READ CD knows: 1 P to W, 2 Q by itself, 4 corrected."""
    q_in_bcd: bool = True
    """Q by itself comes as it is on the disc; else in plain numbers."""
    c2_pointers: bool = True
    """READ CD tells which bytes could not be corrected."""
    refuses_c2: bool = False
    """It says that it does so, but refuses it."""
    one_kind: bool = False
    """READ CD refuses to reach from one kind of sectors into another."""
    form2_edc: bool = False
    """It makes the EDC of Mode 2 Form 2 sectors anew; else that which came is recorded. That of
    Form 1, and its ECC, every drive makes."""
    ordinary_user: bool = True
    """The kernel's command filter for programs without CAP_SYS_RAWIO is at work (facts 4.4)."""


class Command(NamedTuple):
    """What the drive saw of one command or ioctl."""

    number: int
    when: float
    """time.monotonic() at its end."""
    name: str
    """The operation code's name in MMC-6, or the ioctl's."""
    cdb: bytes
    """Empty for an ioctl that is no command."""
    lba: int | None
    count: int
    sense: Sense | None
    errno: int
    transferred: int
    via: str
    """"CDROM_SEND_PACKET", "SG_IO", "ioctl" or "read"."""
    pid: int

    @property
    def ok(self) -> bool:
        """Whether it succeeded."""
        return self.sense is None and not self.errno


@dataclass
class Request:
    """A command on its way through the model."""

    cdb: bytes
    room: memoryview = field(default_factory=lambda: memoryview(b""))
    """Where the answer may be put without a copy; its length is the transfer length."""
    data_out: bytes = b""
    spoils: list[Fault] = field(default_factory=list)
    """What a WRITE records wrongly."""

    @property
    def opcode(self) -> int:
        """The operation code."""
        return self.cdb[0]

    def word(self, offset: int) -> int:
        """Give 16 bits of the CDB."""
        return int.from_bytes(self.cdb[offset : offset + 2], "big")

    def long(self, offset: int) -> int:
        """Give 32 bits of the CDB."""
        return int.from_bytes(self.cdb[offset : offset + 4], "big")


class Answer(NamedTuple):
    """How a command ended. ``data`` may be a part of the request's room."""

    data: bytes | memoryview = b""
    sense: Sense | None = None
    errno: int = 0
    information: int | None = None
    progress: float | None = None

    def sense_bytes(self) -> bytes:
        """Give the 18 bytes of fixed-format sense, or nothing."""
        return self.sense.to_bytes(self.information, self.progress) if self.sense else b""


Handler = Callable[["DriveModel", Request], "bytes | memoryview"]
HANDLERS: dict[int, Handler] = {}
WITHOUT_MEDIUM: set[int] = set()


def command(*codes: int, medium: bool = True) -> Callable[[Handler], Handler]:
    """Register the handler of operation codes; ``medium``: they need a disc."""

    def register(handler: Handler) -> Handler:
        for code in codes:
            HANDLERS[code] = handler
            if not medium:
                WITHOUT_MEDIUM.add(code)
        return handler

    return register


def extent(cdb: bytes) -> tuple[int | None, int]:
    """Give the address and length of a command that reads or writes sectors, else (None, 0)."""
    code = cdb[0]
    long = int.from_bytes(cdb[2:6], "big", signed=True)
    if code in (Op.READ_10, Op.WRITE_10, Op.VERIFY_10, Op.WRITE_AND_VERIFY_10):
        return long, int.from_bytes(cdb[7:9], "big")
    if code in (Op.READ_12, Op.WRITE_12):
        return long, int.from_bytes(cdb[6:10], "big")
    if code == Op.READ_CD:
        return long, int.from_bytes(cdb[6:9], "big")
    if code == Op.READ_CD_MSF:
        first, end = lba_of_msf(*cdb[3:6]), lba_of_msf(*cdb[6:9])
        return first, end - first
    return None, 0
