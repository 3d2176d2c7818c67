#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in the machine, as root: a burner for the kernel, played by the model of tests/drive.

The kernel's target_core_user passes each command of a SCSI device on to a program, tcm_loop makes
a host adapter of it, and so sr and sg find a drive. The layout of the shared memory is that of
include/uapi/linux/target_core_user.h.

Usage: burner.py PROFILE. A blank disc of that profile is in; ``ready`` is told when the drive is
plugged in. Runs until standard input ends.
"""

import mmap
import os
import struct
import sys
import threading
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, "/opt/discwright/tests")

from drive.bench import Op, Traits, media
from drive.bench.medium import Profile
from drive.bench.mmc.drive import DriveModel, Request

TARGET = Path("/sys/kernel/config/target")
CORE = TARGET / "core/user_0/burner"
ADDRESS = "naa.5001405000000001"
PORT = TARGET / "loopback" / ADDRESS / "tpgt_1"

SIZE_OF_HEADER = 8
OP_COMMAND = 1
UNKNOWN_OP, LENGTH_TOLD = 1, 2
CHECK_CONDITION = 2
VECTORS = 48
"""Offset of the first buffer in an entry; each is an offset and a length of 8 bytes."""

OUTWARD = frozenset({
    Op.WRITE_10, Op.WRITE_12, Op.WRITE_AND_VERIFY_10, Op.MODE_SELECT_10, Op.SEND_CUE_SHEET,
    Op.FORMAT_UNIT, Op.SET_STREAMING, Op.SEND_DISC_STRUCTURE, Op.SEND_KEY, Op.SEND_OPC_INFORMATION,
})  # fmt: skip
"""Commands that bring data to the drive."""


class Handler:
    """Takes commands out of the ring in shared memory and puts the answers in."""

    def __init__(self, model: DriveModel) -> None:
        self.model = model
        name = next(entry.name for entry in Path("/sys/class/uio").iterdir())
        size = int((Path("/sys/class/uio") / name / "maps/map0/size").read_text(), 16)
        self.device = os.open(f"/dev/{name}", os.O_RDWR)
        self.shared = mmap.mmap(self.device, size)
        _version, _flags, self.ring, self.ring_size = struct.unpack_from("<HHII", self.shared, 0)

    def run(self) -> None:
        while True:
            os.read(self.device, 4)
            while self.next():
                pass
            os.write(self.device, bytes(4))

    def next(self) -> bool:
        """Do the next command; give whether there was one."""
        (head,) = struct.unpack_from("<I", self.shared, 12)
        (tail,) = struct.unpack_from("<I", self.shared, 64)
        if head == tail:
            return False
        at = self.ring + tail
        length_and_op, _identity, _kernel, _user = struct.unpack_from("<IHBB", self.shared, at)
        length = length_and_op & ~7
        match length_and_op & 7:
            case 1:
                self.answer(at)
            case 0:
                pass  # the rest of the ring is too short for an entry
            case _:
                self.shared[at + 7] = UNKNOWN_OP
        struct.pack_into("<I", self.shared, 64, (tail + length) % self.ring_size)
        return True

    def answer(self, at: int) -> None:
        (count,) = struct.unpack_from("<I", self.shared, at + 8)
        (place,) = struct.unpack_from("<Q", self.shared, at + 24)
        cdb = bytes(self.shared[place : place + 16])
        cdb = cdb[: {0: 6, 1: 10, 2: 10, 5: 12}.get(cdb[0] >> 5, 16)]
        buffers = [
            struct.unpack_from("<QQ", self.shared, at + VECTORS + 16 * n) for n in range(count)
        ]
        room = sum(size for _offset, size in buffers)
        if cdb[0] in OUTWARD:
            data = b"".join(self.shared[offset : offset + size] for offset, size in buffers)
            answer = self.model.execute(Request(cdb, data_out=data), "tcmu")
            told = room
        else:
            answer = self.model.execute(Request(cdb, memoryview(bytearray(room))), "tcmu")
            rest = memoryview(answer.data)
            for offset, size in buffers:
                piece, rest = rest[:size], rest[size:]
                self.shared[offset : offset + len(piece)] = piece
            told = len(answer.data)
        sense = answer.sense_bytes()
        struct.pack_into("<BBHI", self.shared, at + 8, CHECK_CONDITION if sense else 0, 0, 0, told)
        self.shared[at + 16 : at + 112] = sense.ljust(96, b"\0")
        if told < room:
            self.shared[at + 7] = LENGTH_TOLD


def put(path: Path, text: str) -> None:
    with path.open("w") as file:
        file.write(text)


def main(profile: str) -> None:
    spool = Path("/var/tmp/burner")
    spool.mkdir(exist_ok=True)
    model = DriveModel(Traits(), spool=spool)
    model.insert(media.blank(Profile[profile]))
    CORE.mkdir(parents=True)
    put(CORE / "control", "dev_size=2097152,dev_config=burner/one,hw_block_size=2048")
    put(CORE / "enable", "1")
    handler = Handler(model)
    threading.Thread(target=handler.run, daemon=True).start()
    (PORT / "lun/lun_0").mkdir(parents=True)
    put(PORT / "nexus", ADDRESS)
    (PORT / "lun/lun_0/burner").symlink_to(CORE)
    print("ready", flush=True)
    with suppress(EOFError):
        while sys.stdin.readline():
            pass
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
