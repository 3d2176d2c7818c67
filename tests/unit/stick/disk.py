# SPDX-License-Identifier: GPL-3.0-or-later
"""A stick played by a file: it counts, remembers and fails on command."""

import errno
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from discwright.devices.access import explain_open_failure
from discwright.devices.identity import Identity
from discwright.devices.targets import StickTarget
from discwright.errors import TargetError

MIB = 1 << 20


@dataclass
class Fault:
    """What goes wrong: the ``nth`` call (from 1 on; None: each) of ``op``, or each at ``at``."""

    op: str
    effect: str | int
    nth: int | None = None
    at: int | None = None
    lasting: bool = False
    """It goes wrong for all later calls as well."""
    gone: bool = False
    """Everything fails from then on."""

    def hits(self, op: str, count: int, offset: int, length: int) -> bool:
        if op != self.op:
            return False
        if self.at is not None:
            return offset <= self.at < offset + max(1, length)
        return self.nth is None or count == self.nth or (self.lasting and count > self.nth)


@dataclass
class Disk:
    """A stick in a file. ``capacity``: what it really holds, from where on it wraps or forgets."""

    path: Path
    size: int = 32 * MIB
    block: int = 512
    faults: list[Fault] = field(default_factory=list)
    wraps_at: int | None = None
    forgets_from: int | None = None
    before: Callable[[str, int, int], None] | None = None
    """Called before each request with its kind, its number of that kind and its offset."""

    def __post_init__(self) -> None:
        self.calls: list[tuple[str, int, int]] = []
        self._lock = threading.Lock()
        self._gone = False
        self.open = False
        if not self.path.exists():
            self.path.write_bytes(OLD)
            os.truncate(self.path, self.size)
        self._fd = os.open(self.path, os.O_RDWR)

    # What a BlockTarget has

    def pwrite(self, data: memoryview, offset: int) -> int:
        assert self.open
        assert offset % self.block == 0
        assert len(data) % self.block == 0
        effect = self._enter("write", offset, len(data))
        count = len(data)
        match effect:
            case "lost":
                return count
            case "nothing":
                return 0
            case "short":
                count = max(self.block, count // 2 - count // 2 % self.block)
            case "odd":
                count = min(count, self.block + 200)
            case "elsewhere":
                offset = (offset + 5 * MIB) % self.size
            case "flip":
                data = memoryview(flipped(bytes(data)))
            case "and elsewhere":
                self._put(data, (offset + 5 * MIB) % self.size)
        self._put(data[:count], offset)
        return count

    def pread(self, buffer: memoryview, offset: int) -> int:
        assert self.open
        assert offset % self.block == 0
        assert len(buffer) % self.block == 0
        effect = self._enter("read", offset, len(buffer))
        count = len(buffer)
        match effect:
            case "nothing":
                return 0
            case "short":
                count = max(self.block, count // 2 - count // 2 % self.block)
        if self.wraps_at is not None:
            offset %= self.wraps_at
        buffer[:count] = os.pread(self._fd, count, offset).ljust(count, b"\0")
        if effect == "flip":
            buffer[:count] = flipped(bytes(buffer[:count]))
        return count

    def flush(self) -> None:
        assert self.open
        self._enter("flush", 0, 0)

    def check(self, chosen: Identity, name: str) -> None:
        self._enter("check", 0, 0)
        if chosen.size != self.size:
            raise TargetError(f"{name} is another device now")

    def close(self) -> None:
        self._enter("close", 0, 0)
        self.abandon()

    def abandon(self) -> None:
        self.open = False

    # What a test looks at

    def content(self) -> bytes:
        return self.path.read_bytes()

    def count(self, op: str) -> int:
        return sum(call[0] == op for call in self.calls)

    def opener(self, _stick: StickTarget, _say: Callable[[str], None]) -> "Disk":
        try:
            self._enter("open", 0, 0)
        except OSError as error:
            raise explain_open_failure("/dev/" + self.path.name, error) from error
        self.open = True
        return self

    def dispose(self) -> None:
        os.close(self._fd)

    def _put(self, data: memoryview, offset: int) -> None:
        if self.forgets_from is not None:
            data = data[: max(0, self.forgets_from - offset)]
        if self.wraps_at is None:
            os.pwrite(self._fd, data, offset)
            return
        while data:
            place = offset % self.wraps_at
            part = data[: self.wraps_at - place]
            os.pwrite(self._fd, part, place)
            data, offset = data[len(part) :], offset + len(part)

    def _enter(self, op: str, offset: int, length: int) -> str:
        with self._lock:
            self.calls.append((op, offset, length))
            count = self.count(op)
            if self._gone:
                raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
            fault = next((one for one in self.faults if one.hits(op, count, offset, length)), None)
            if fault is not None and fault.gone:
                self._gone = True
        if self.before is not None:
            self.before(op, count, offset)
        if fault is None:
            return ""
        if isinstance(fault.effect, int):
            raise OSError(fault.effect, os.strerror(fault.effect))
        return fault.effect


OLD = (b"\xeb\x3c\x90OLD BOOT CODE".ljust(510, b"\x90") + b"\x55\xaa").ljust(8192, b"o")
"""What was on the stick before: it starts a computer."""


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0x10]) + data[middle + 1 :]


def starts(content: bytes) -> bool:
    """Tell whether a computer would start from it, or a system mount it."""
    return (
        content[510:512] == b"\x55\xaa"
        or content[32769:32774] == b"CD001"
        or content[512:520] == b"EFI PART"
        or content[0x438:0x43A] == b"\x53\xef"
    )
