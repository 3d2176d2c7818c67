# SPDX-License-Identifier: GPL-3.0-or-later
"""Send commands to a drive of the bench from outside, as another program."""

import json
from pathlib import Path
from typing import NamedTuple

from .bench import Bench, Drive, Sense

PROBE = Path(__file__).with_name("probe.py")


class Reply(NamedTuple):
    """What libcdio gave back."""

    ok: bool
    sense: Sense | None
    data: bytes


def ask(bench: Bench, drive: Drive, *commands: tuple[bytes, int]) -> list[Reply]:
    """Send (CDB, bytes) pairs through libcdio in a process of its own."""
    words = json.dumps([[cdb.hex(), size] for cdb, size in commands])
    done = bench.run(["python", PROBE, drive.node, words])
    assert done.returncode == 0, done.stderr
    replies = []
    for result, sense_hex, data_hex in json.loads(done.stdout.splitlines()[-1]):
        raw = bytes.fromhex(sense_hex)
        sense = Sense(raw[2] & 15, raw[12], raw[13]) if raw else None
        replies.append(Reply(result == 0, sense, bytes.fromhex(data_hex)))
    return replies


def read_10(lba: int, count: int = 1) -> tuple[bytes, int]:
    cdb = bytes((0x28, 0)) + lba.to_bytes(4, "big", signed=True) + b"\0" + count.to_bytes(2, "big")
    return cdb + b"\0", count * 2048


def read_12(lba: int, count: int = 1) -> tuple[bytes, int]:
    return bytes((0xA8, 0)) + lba.to_bytes(4, "big") + count.to_bytes(4, "big") + bytes(
        2
    ), count * 2048


def read_cd(lba: int, count: int = 1, *, flags: int = 0xF8, size: int = 2352) -> tuple[bytes, int]:
    cdb = (
        bytes((0xBE, 0)) + lba.to_bytes(4, "big") + count.to_bytes(3, "big") + bytes((flags, 0, 0))
    )
    return cdb, count * size


def read_toc(form: int = 0, track: int = 0, size: int = 512) -> tuple[bytes, int]:
    return bytes((0x43, 0, form, 0, 0, 0, track)) + size.to_bytes(2, "big") + b"\0", size


def structure(form: int, *, layer: int = 0, blu_ray: bool = False) -> tuple[bytes, int]:
    cdb = bytes((0xAD, blu_ray, 0, 0, 0, 0, layer, form, 0x10, 0x04, 0, 0))
    return cdb, 4100


CAPACITY = (bytes((0x25,)) + bytes(9), 8)
DISC_INFORMATION = (bytes((0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0)), 34)
CONFIGURATION = (bytes((0x46, 0, 0, 0, 0, 0, 0, 0, 8, 0)), 8)
READY = (bytes(6), 0)


def toc_addresses(toc: bytes) -> list[tuple[int, int]]:
    """Give track number and address of each entry of a format 0 TOC."""
    end = int.from_bytes(toc[:2], "big") + 2
    return [(toc[at + 2], int.from_bytes(toc[at + 4 : at + 8], "big")) for at in range(4, end, 8)]
