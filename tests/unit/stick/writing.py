# SPDX-License-Identifier: GPL-3.0-or-later
"""Images, plans and runs for the tests of sticks."""

import hashlib
import random
from pathlib import Path

from discwright.devices.identity import Identity
from discwright.devices.targets import StickTarget
from discwright.stick.plan import WriteOptions, WritePlan, plan_write
from discwright.stick.run import run_write
from discwright.stick.source_survey import survey_source
from discwright.transfer.cancel import CancelToken
from discwright.transfer.progress import Progress

from .disk import MIB, Disk

IMAGE_SIZE = 10 * MIB + 700


class Heard:
    """A listener that remembers, and may cancel."""

    def __init__(self) -> None:
        self.progresses: list[Progress] = []
        self.lines: list[str] = []

    def progress(self, progress: Progress) -> None:
        self.progresses.append(progress)

    def log(self, line: str) -> None:
        self.lines.append(line)

    def mark(self, *_mark: object) -> None:
        pass


def make_image(path: Path, size: int = IMAGE_SIZE, seed: int = 1) -> bytes:
    """Write an image that would start a computer, with the mark of ISO 9660."""
    data = bytearray(random.Random(seed).randbytes(size))
    data[446:462] = (
        bytes([0x80, 0, 2, 0, 0x17, 0, 0, 0]) + (0).to_bytes(4, "little") + b"\0\x10\0\0"
    )
    data[462:510] = bytes(48)
    data[510:512] = b"\x55\xaa"
    data[32768:32775] = b"\x01CD001\x01"
    path.write_bytes(data)
    return bytes(data)


def stick_of(disk: Disk, **changes: object) -> StickTarget:
    fields = {
        "node": f"/dev/{disk.path.name}",
        "name": disk.path.name,
        "identity": Identity(disk.size, 1, "s", "8:16"),
        "logical_block": disk.block,
    }
    return StickTarget(**{**fields, **changes})


def plan_for(image: Path, disk: Disk, *, max_request: int = 0, **options: object) -> WritePlan:
    wanted = WriteOptions(**{"probe": False, "unbootable_ok": True, **options})
    plan = plan_write(survey_source(image), stick_of(disk, max_request=max_request), wanted)
    assert isinstance(plan, WritePlan), plan
    return plan


def write(image: Path, *disks: Disk, heard: Heard | None = None, cancel=None, **options: object):
    """Write the image to all disks; give the reports."""
    plans = [plan_for(image, disk, **options) for disk in disks]
    by_node = {plan.stick.node: disk for plan, disk in zip(plans, disks, strict=True)}
    return run_write(
        plans,
        heard or Heard(),
        cancel or CancelToken(),
        opener=lambda stick, say: by_node[stick.node].opener(stick, say),
    )


def block_map(path, ranges, data, *, block=4096, wrong=False):
    """Write a .bmap of format 2.0 beside an image."""
    lines = []
    for first, last in ranges:
        part = data[first * block : (last + 1) * block]
        digest = hashlib.sha256(part + (b"x" if wrong else b"")).hexdigest()
        lines.append(f'<Range chksum="{digest}">{first}-{last}</Range>')
    count = sum(last - first + 1 for first, last in ranges)
    text = (
        f'<?xml version="1.0" ?>\n<bmap version="2.0"><ImageSize>{len(data)}</ImageSize>'
        f"<BlockSize>{block}</BlockSize><BlocksCount>{-(-len(data) // block)}</BlocksCount>"
        f"<MappedBlocksCount>{count}</MappedBlocksCount><ChecksumType>sha256</ChecksumType>"
        f"<BmapFileChecksum>{'0' * 64}</BmapFileChecksum>"
        f"<BlockMap>{''.join(lines)}</BlockMap></bmap>"
    )
    own = hashlib.sha256(text.encode()).hexdigest()
    path.with_name(path.name + ".bmap").write_text(text.replace("0" * 64, own))


MAPPED = [(0, 9), (600, 700), (2000, 2000), (2600, 2621)]
"""Blocks of 4096 bytes that the sparse image uses, first and last."""
