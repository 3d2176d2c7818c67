# SPDX-License-Identifier: GPL-3.0-or-later
"""What Linux makes of the drive: the ioctls of cdrom.h, sg.h and fs.h on x86-64 and AArch64.

Each handler gets the program's memory through :class:`Program` and gives the ioctl's result; a
failure is an :class:`OSError` with the errno that the program shall see.
"""

import errno
import struct
from collections.abc import Callable
from typing import Protocol

from .codes import TRAY_OPEN, Op, op_name
from .medium import RAW, SECTOR, Mode, Profile
from .mmc.drive import Answer, DriveModel, Request
from .mmc.structure import dvd_physical

CDROM_SEND_PACKET = 0x5393
SG_IO = 0x2285
_PACKET = struct.Struct("<12s4xQIiQBxxxiixxxxQ")
_SG = struct.Struct("<iiBBHIQQQIIiiQ")
_SG_OUT = struct.Struct("<BBBBHHiII")
_SG_OUT_OFFSET = 64
_NO_DISC, _TRAY_OPEN, _DISC_OK = 1, 2, 4
_WRITES_MEMORY = 2

# The kernel's filter for unprivileged programs: what a descriptor opened for reading may send, and
# what needs one opened for writing (Linux, scsi_cmd_allowed()).
_READ_SAFE = frozenset({
    Op.TEST_UNIT_READY, Op.REQUEST_SENSE, 0x08, Op.READ_10, Op.READ_12, 0x88, 0x3C, 0x37, 0x25,
    0x3E, Op.INQUIRY, 0x1A, Op.MODE_SENSE_10, 0x4D, Op.START_STOP_UNIT, Op.GET_CONFIGURATION,
    Op.GET_EVENT_STATUS_NOTIFICATION, Op.GET_PERFORMANCE, Op.READ_CD, Op.READ_CD_MSF, 0x45, 0x47,
    0xA5, 0x4B, Op.READ_BUFFER_CAPACITY, Op.READ_DISC_INFORMATION, Op.READ_DISC_STRUCTURE,
    Op.READ_FORMAT_CAPACITIES, 0x44, Op.READ_SUB_CHANNEL, Op.READ_TOC_PMA_ATIP,
    Op.READ_TRACK_INFORMATION, Op.REPORT_KEY, 0xBA, Op.SEEK_10, Op.MECHANISM_STATUS, 0x9E, 0xA0,
    Op.VERIFY_10, 0x8F, Op.SEND_KEY,
})  # fmt: skip
_WRITE_SAFE = frozenset({
    0x0A, Op.WRITE_10, Op.WRITE_12, Op.WRITE_AND_VERIFY_10, 0xAE, 0x8A, 0x8E, 0x3F, Op.BLANK,
    Op.CLOSE_TRACK_SESSION, 0x35, Op.FORMAT_UNIT, 0x5D, 0x58, Op.RESERVE_TRACK,
    Op.SEND_DISC_STRUCTURE, Op.SEND_OPC_INFORMATION, 0xA2, 0x3B, Op.SET_CD_SPEED, Op.SET_STREAMING,
    0xA6, Op.PREVENT_ALLOW_MEDIUM_REMOVAL, Op.MODE_SELECT_10, 0x15, 0x4C, 0x32,
})  # fmt: skip


class Program(Protocol):
    """The program's side of one open descriptor."""

    pid: int
    writable: bool
    """Whether the descriptor was opened for writing."""

    def read(self, address: int, size: int) -> bytes:
        """Read the program's memory."""

    def write(self, address: int, data: bytes | memoryview) -> None:
        """Write the program's memory."""

    def room(self, size: int) -> memoryview:
        """Lend a buffer for an answer of ``size`` bytes."""


def answer_ioctl(drive: DriveModel, program: Program, request: int, arg: int) -> int:
    """Do an ioctl; raises OSError for the program to see."""
    if drive.gone:
        raise OSError(errno.ENODEV, "unplugged")
    if request == CDROM_SEND_PACKET:
        return _send_packet(drive, program, arg)
    if request == SG_IO:
        return _sg_io(drive, program, arg)
    handler = _HANDLERS.get(request)
    if handler is None:
        raise OSError(errno.ENOTTY, f"ioctl {request:#x}")
    name, function = handler
    error = 0
    try:
        return function(drive, program, arg)
    except OSError as problem:
        error = problem.errno or errno.EIO
        raise
    finally:
        drive.note(name, b"", None, 0, Answer(errno=error), "ioctl", program.pid)


def _allowed(drive: DriveModel, program: Program, opcode: int) -> None:
    if not drive.traits.ordinary_user or opcode in _READ_SAFE:
        return
    if not (opcode in _WRITE_SAFE and program.writable):
        raise OSError(errno.EPERM, op_name(opcode))


def _send_packet(drive: DriveModel, program: Program, arg: int) -> int:
    """``struct cdrom_generic_command``; buflen comes back as what was not transferred."""
    cdb, buffer, length, _stat, sense, direction, *_rest = _PACKET.unpack(
        program.read(arg, _PACKET.size)
    )
    answer = _transfer(drive, program, cdb, buffer, length, direction == 1, "CDROM_SEND_PACKET")
    if answer.errno:
        raise OSError(answer.errno, "command")
    if answer.sense and sense:
        program.write(sense, answer.sense_bytes())
    status = -errno.EIO if answer.sense else 0
    program.write(arg + 24, struct.pack("<Ii", length - len(answer.data), status))
    if answer.sense:
        raise OSError(errno.EIO, str(answer.sense))
    return 0


def _sg_io(drive: DriveModel, program: Program, arg: int) -> int:
    """``sg_io_hdr_t``; check conditions are no errors of the ioctl."""
    (interface, direction, cdb_size, sense_room, vectors, length, buffer, cdb_at, sense_at,
     *_rest) = _SG.unpack(program.read(arg, _SG.size))  # fmt: skip
    if interface != ord("S") or vectors:
        raise OSError(errno.EINVAL, "sg_io_hdr_t")
    cdb = program.read(cdb_at, cdb_size).ljust(12, b"\0")
    answer = _transfer(drive, program, cdb, buffer, length, direction == -2, "SG_IO")
    if answer.errno:
        raise OSError(answer.errno, "command")
    sense = answer.sense_bytes()[:sense_room]
    if sense and sense_at:
        program.write(sense_at, sense)
    failed = answer.sense is not None
    program.write(arg + _SG_OUT_OFFSET, _SG_OUT.pack(
        2 if failed else 0, 1 if failed else 0, 0, len(sense), 0, 8 if failed else 0,
        length - len(answer.data), 1, 1 if failed else 0,
    ))  # fmt: skip
    return 0


def _transfer(
    drive: DriveModel, program: Program, cdb: bytes, buffer: int, length: int, out: bool, via: str
) -> Answer:
    _allowed(drive, program, cdb[0])
    if out:
        request = Request(cdb, data_out=program.read(buffer, length) if length else b"")
        answer = drive.execute(request, via, program.pid)
        return answer._replace(data=request.data_out if not answer.sense else b"")
    answer = drive.execute(Request(cdb, program.room(length)), via, program.pid)
    if answer.data and buffer:
        program.write(buffer, answer.data)
    return answer


def _kernel(drive: DriveModel, cdb: bytes, size: int = 2048) -> bytes:
    """A command that the kernel sends of its own; sense becomes errno (sr_do_ioctl())."""
    answer = drive.execute(Request(cdb.ljust(12, b"\0"), memoryview(bytearray(size))), "kernel")
    if answer.errno:
        raise OSError(answer.errno, "kernel")
    if answer.sense is None:
        return bytes(answer.data)
    if answer.sense.key in (2, 6):
        raise OSError(errno.ENOMEDIUM, str(answer.sense))
    if answer.sense[:3] == (5, 0x20, 0):
        raise OSError(errno.EOPNOTSUPP, str(answer.sense))
    raise OSError(errno.EIO, str(answer.sense))


def _drive_status(drive: DriveModel, _program: Program, _arg: int) -> int:
    answer = drive.execute(Request(bytes(12)), "kernel")
    if answer.errno:
        raise OSError(answer.errno, "drive status")
    if answer.sense is None:
        return _DISC_OK
    if answer.sense == TRAY_OPEN:
        return _TRAY_OPEN
    if answer.sense[:2] == (2, 4):
        return 3
    return _NO_DISC if answer.sense.key == 2 else _DISC_OK


def _disc_status(drive: DriveModel, program: Program, arg: int) -> int:
    """CDS_AUDIO 100, CDS_DATA_1 101, CDS_MIXED 105, by the control bits as the kernel does."""
    if _drive_status(drive, program, arg) != _DISC_OK:
        return _NO_DISC
    disc = drive.present
    if disc is None or not disc.tracks:
        return 0
    audio = any(track.mode is Mode.AUDIO for track in disc.tracks)
    data = any(track.mode is not Mode.AUDIO for track in disc.tracks)
    if audio and data:
        return 105
    return 100 if audio else 101


def _capability(drive: DriveModel, _program: Program, _arg: int) -> int:
    owned = set(drive.traits.profiles)
    mask = 0x1 | 0x2 | 0x4 | 0x8 | 0x20 | 0x40 | 0x80 | 0x100 | 0x200 | 0x800 | 0x1000
    for profile, bit in ((Profile.CD_R, 0x2000), (Profile.CD_RW, 0x4000), (Profile.DVD_ROM, 0x8000),
                         (Profile.DVD_R, 0x10000), (Profile.DVD_RAM, 0x20000)):  # fmt: skip
        mask |= bit if profile in owned else 0
    return mask & ~0x1 if drive.traits.loading == 2 else mask


def _toc(drive: DriveModel, *, form: int = 0, track: int = 0) -> bytes:
    return _kernel(drive, bytes((0x43, 0, form, 0, 0, 0, track, 0x07, 0xFF)))


def _toc_header(drive: DriveModel, program: Program, arg: int) -> int:
    program.write(arg, _toc(drive)[2:4])
    return 0


def _toc_entry(drive: DriveModel, program: Program, arg: int) -> int:
    track, _control, form = struct.unpack("<BBB", program.read(arg, 3))
    if form not in (1, 2):
        raise OSError(errno.EINVAL, "format")
    entry = _toc(drive, track=track)[4:12]
    if len(entry) < 8 or (entry[2] != track and track):
        raise OSError(errno.EINVAL, "track")
    adr_control = entry[1] >> 4 | (entry[1] & 15) << 4
    lba = int.from_bytes(entry[4:8], "big", signed=True)
    program.write(arg, bytes((track, adr_control, form, 0)) + _place(lba, form)
                  + bytes((1 if entry[1] & 4 else 0, 0, 0, 0)))  # fmt: skip
    return 0


def _place(lba: int, form: int) -> bytes:
    if form == 1:
        return struct.pack("<i", lba)
    frames = lba + 150
    return bytes((frames // 4500, frames // 75 % 60, frames % 75, 0))


def _multisession(drive: DriveModel, program: Program, arg: int) -> int:
    form = program.read(arg, 8)[5]
    if form not in (1, 2):
        raise OSError(errno.EINVAL, "format")
    start = int.from_bytes(_toc(drive, form=1)[8:12], "big")
    later = start > 0
    program.write(arg, _place(start if later else 0, form) + bytes((later, form, 0, 0)))
    return 0


def _eject(drive: DriveModel, _program: Program, _arg: int) -> int:
    if drive.locked:
        raise OSError(errno.EBUSY, "locked")
    _kernel(drive, bytes((0x1B, 0, 0, 0, 2)))
    return 0


def _close_tray(drive: DriveModel, _program: Program, _arg: int) -> int:
    _kernel(drive, bytes((0x1B, 0, 0, 0, 3)))
    return 0


def _lock_door(drive: DriveModel, _program: Program, arg: int) -> int:
    _kernel(drive, bytes((0x1E, 0, 0, 0, arg & 1)))
    return 0


def _select_speed(drive: DriveModel, _program: Program, arg: int) -> int:
    speed = min(arg * 177, 0xFFFF) if arg else 0xFFFF
    _kernel(drive, bytes((0xBB, 0)) + speed.to_bytes(2, "big") + b"\xff\xff")
    return 0


def _media_changed() -> Callable[[DriveModel, Program, int], int]:
    seen: dict[int, int] = {}

    def changed(drive: DriveModel, _program: Program, _arg: int) -> int:
        before = seen.get(id(drive), 0)
        seen[id(drive)] = drive.media_changes
        return int(drive.media_changes != before)

    return changed


def _mcn(drive: DriveModel, program: Program, arg: int) -> int:
    answer = _kernel(drive, bytes((0x42, 2, 0x40, 2, 0, 0, 0, 0, 24)))
    program.write(arg, answer[9:22].ljust(14, b"\0"))
    return 0


def _nothing(_drive: DriveModel, _program: Program, _arg: int) -> int:
    return 0


def _device_bytes(drive: DriveModel) -> int:
    sectors = drive.kernel_sectors
    return sectors * SECTOR if sectors >= 0 else 0x1FFFFF * 512


def _number(pattern: str, value: Callable[[DriveModel], int]) -> Callable[..., int]:
    def give(drive: DriveModel, program: Program, arg: int) -> int:
        program.write(arg, struct.pack(pattern, value(drive)))
        return 0

    return give


def _idlun(drive: DriveModel, program: Program, arg: int) -> int:
    del drive
    program.write(arg, struct.pack("<II", 0, 0))
    return 0


def _dvd_structure(drive: DriveModel, program: Program, arg: int) -> int:
    kind, layer = program.read(arg, 2)
    if kind == 1:
        answer = _kernel(drive, bytes((0xAD, 0, 0, 0, 0, 0, layer, 1, 0, 8)))
        program.write(arg + 2, answer[4:6])
        return 0
    if kind != 0:
        raise OSError(errno.EINVAL, "structure")
    _kernel(drive, bytes((0xAD, 0, 0, 0, 0, 0, layer, 0, 8, 4)))
    page = dvd_physical(drive.disc, layer)
    bits = bytes((page[0] & 15 | page[0] & 0xF0, page[1], page[2] & 0x7F, page[3], page[16] >> 7))
    numbers = (int.from_bytes(page[at : at + 4], "big") for at in (4, 8, 12))
    program.write(arg + 4 + layer * 20, bits.ljust(8, b"\0") + struct.pack("<III", *numbers))
    return 0


def _read_frame(opcode_flags: int, skip: int, size: int) -> Callable[..., int]:
    """CDROMREADRAW and its like: ``struct cdrom_msf`` in, a sector out at the same place."""

    def give(drive: DriveModel, program: Program, arg: int) -> int:
        minute, second, frame = program.read(arg, 3)
        lba = (minute * 60 + second) * 75 + frame - 150
        cdb = (
            bytes((0xBE, 0))
            + lba.to_bytes(4, "big", signed=True)
            + bytes((0, 0, 1, opcode_flags, 0))
        )
        program.write(arg, _kernel(drive, cdb, RAW)[skip : skip + size])
        return 0

    return give


def _read_audio(drive: DriveModel, program: Program, arg: int) -> int:
    place, form, frames, buffer = struct.unpack("<4sB3xi4xQ", program.read(arg, 24))
    if form == 1:
        lba = struct.unpack("<i", place)[0]
    else:
        lba = (place[0] * 60 + place[1]) * 75 + place[2] - 150
    cdb = bytes((0xBE, 0x04)) + lba.to_bytes(4, "big", signed=True) + frames.to_bytes(3, "big")
    program.write(buffer, _kernel(drive, cdb + b"\xf8\0", frames * RAW))
    return 0


_HANDLERS: dict[int, tuple[str, Callable[[DriveModel, Program, int], int]]] = {
    0x5305: ("CDROMREADTOCHDR", _toc_header),
    0x5306: ("CDROMREADTOCENTRY", _toc_entry),
    0x5307: ("CDROMSTOP", _nothing),
    0x5308: ("CDROMSTART", _nothing),
    0x5309: ("CDROMEJECT", _eject),
    0x530D: ("CDROMREADMODE1", _read_frame(0x10, 0, 2048)),
    0x530C: ("CDROMREADMODE2", _read_frame(0xF8, 16, 2336)),
    0x530E: ("CDROMREADAUDIO", _read_audio),
    0x5310: ("CDROMMULTISESSION", _multisession),
    0x5311: ("CDROM_GET_MCN", _mcn),
    0x5312: ("CDROMRESET", _nothing),
    0x5314: ("CDROMREADRAW", _read_frame(0xF8, 0, RAW)),
    0x5319: ("CDROMCLOSETRAY", _close_tray),
    0x5320: ("CDROM_SET_OPTIONS", _nothing),
    0x5321: ("CDROM_CLEAR_OPTIONS", _nothing),
    0x5322: ("CDROM_SELECT_SPEED", _select_speed),
    0x5325: ("CDROM_MEDIA_CHANGED", _media_changed()),
    0x5326: ("CDROM_DRIVE_STATUS", _drive_status),
    0x5327: ("CDROM_DISC_STATUS", _disc_status),
    0x5328: ("CDROM_CHANGER_NSLOTS", lambda *_: 1),
    0x5329: ("CDROM_LOCKDOOR", _lock_door),
    0x5331: ("CDROM_GET_CAPABILITY", _capability),
    0x5390: ("DVD_READ_STRUCT", _dvd_structure),
    0x5382: ("SCSI_IOCTL_GET_IDLUN", _idlun),
    0x5386: ("SCSI_IOCTL_GET_BUS_NUMBER", _number("<i", lambda _drive: 0)),
    0x2201: ("SG_SET_TIMEOUT", _nothing),
    0x2202: ("SG_GET_TIMEOUT", lambda *_: 6000),
    0x2203: ("SG_EMULATED_HOST", _number("<i", lambda _drive: 1)),
    0x2272: ("SG_GET_RESERVED_SIZE", _number("<i", lambda _drive: 128 << 10)),
    0x2275: ("SG_SET_RESERVED_SIZE", _nothing),
    0x2282: ("SG_GET_VERSION_NUM", _number("<i", lambda _drive: 30527)),
    0x1260: ("BLKGETSIZE", _number("<Q", lambda drive: _device_bytes(drive) // 512)),
    0x1261: ("BLKFLSBUF", _nothing),
    0x1262: ("BLKRASET", _nothing),
    0x125E: ("BLKROGET", _number("<i", lambda _drive: 1)),
    0x1268: ("BLKSSZGET", _number("<i", lambda _drive: SECTOR)),
    0x127B: ("BLKPBSZGET", _number("<I", lambda _drive: SECTOR)),
    0x80081272: ("BLKGETSIZE64", _number("<Q", _device_bytes)),
}
