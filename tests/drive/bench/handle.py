# SPDX-License-Identifier: GPL-3.0-or-later
"""The test's hand on a drive: insert, eject, unplug, script faults, look at what it was asked."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Any

from .codes import READS, WRITES, Op, Sense, op_name
from .faults import Fault
from .medium import Disc
from .mmc.drive import Command, Traits
from .sectors import SectorSource

_PACKAGES = Path(__file__).parents[2]
_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from drive.bench import server; server.main(int(sys.argv[1]))"  # noqa: E501
_LONG_POLL = 0.25
_WRITE_NAMES = frozenset(op_name(code) for code in WRITES)
_READ_NAMES = frozenset(op_name(code) for code in READS) | {"read"}


class Drive:
    """A plugged-in drive. Its process ends with :meth:`close`, or with the test's process."""

    def __init__(self, root: Path, name: str, index: int, traits: Traits, disc: Disc | None):
        self.name = name
        self.node = f"/dev/{name}"
        self._lock = Lock()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-S", "-E", "-c", _START, str(_PACKAGES), str(theirs.fileno())],
                pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL,
            )  # fmt: skip
        self._control = Connection(ours.detach())
        self._control.send((str(root), name, index, traits))
        if disc is not None:
            self._ask("insert", disc)
        self._ask("appear")

    def close(self) -> None:
        """End the drive's process."""
        with self._lock, suppress(OSError):
            self._control.send(("goodbye", ()))
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def insert(self, disc: Disc | None) -> None:
        """Put a disc in (None: take it out) and close the tray."""
        self._ask("insert", disc)

    def open_tray(self) -> None:
        """Open the tray; the disc lies on it."""
        self._ask("open_tray")

    def close_tray(self) -> None:
        """Close the tray with what lies on it."""
        self._ask("close_tray")

    def press_eject(self) -> None:
        """Press the button: the tray opens, or, locked, the drive only says so."""
        self._ask("press_eject")

    def unplug(self) -> None:
        """Pull the cable: ENODEV for whoever has it open, and it vanishes from the trees."""
        self._ask("unplug")

    def plug(self) -> None:
        """Plug it in again, with the disc that was in it."""
        self._ask("plug")

    def faults(self, *script: Fault) -> None:
        """Replace the fault script and start counting anew."""
        self._ask("faults", list(script))

    def add_faults(self, *script: Fault) -> None:
        """Add to the fault script."""
        self._ask("add_faults", list(script))

    def release(self, gate: str = "read") -> None:
        """Let the commands go on that hang at a gate (``Fault(hold=gate)``)."""
        self._ask("release", gate)

    def wait_until_held(self, gate: str = "read", timeout: float = 20) -> None:
        """Wait until a command hangs at a gate."""
        deadline = time.monotonic() + timeout
        while not self._ask("wait_until_held", gate, _LONG_POLL):
            if time.monotonic() > deadline:
                raise TimeoutError(f"nothing hangs at {gate!r} after {timeout} s")

    def unit_attention(self, sense: Sense) -> None:
        """Let the next command that needs the medium fail with this sense, once."""
        self._ask("attention", sense)

    def limit_rate(self, bytes_per_second: int) -> None:
        """Make reading slow; 0: as fast as the machine can."""
        self._ask("set_rate", bytes_per_second)

    def limit_write_rate(self, bytes_per_second: int) -> None:
        """Make writing slow, behind the drive's buffer; 0: as fast as the machine can."""
        self._ask("set_write_rate", bytes_per_second)

    @property
    def medium(self) -> Disc | None:
        """The disc in the drive or on its tray, as it is now: burnt, it has become another."""
        disc: Disc | None = self._ask("state")["medium"]
        return disc

    def burnt(self, sectors: int, lba: int = 0) -> bytes:
        """Give what is recorded on the medium, past drive and faults; raises ``Unreadable``."""
        disc = self.medium
        if disc is None:
            raise RuntimeError("no medium")
        with SectorSource(disc) as source:
            return source.data(lba, sectors)

    def burnt_raw(self, sectors: int, lba: int = 0) -> bytes:
        """Give whole CD sectors of 2352 bytes, as :meth:`burnt`; music has no others."""
        disc = self.medium
        if disc is None:
            raise RuntimeError("no medium")
        with SectorSource(disc) as source:
            return b"".join(source.raw_sector(at)[1] for at in range(lba, lba + sectors))

    @property
    def tray_is_open(self) -> bool:
        """Whether the tray is open now."""
        return bool(self._ask("state")["tray_open"])

    @property
    def is_locked(self) -> bool:
        """Whether the tray is locked now (PREVENT ALLOW MEDIUM REMOVAL)."""
        return bool(self._ask("state")["locked"])

    @property
    def read_speed(self) -> int:
        """The read speed that the program chose, kB/s; 0: the fastest."""
        return int(self._ask("state")["read_speed"])

    @property
    def write_speed(self) -> int:
        """The write speed that the program chose, kB/s; 0: the fastest."""
        return int(self._ask("state")["write_speed"])

    def commands(self, *names: int | str) -> list[Command]:
        """Give what the drive was asked so far; with ``names`` (Op or text) only those."""
        wanted = {op_name(name) if isinstance(name, int) else name for name in names}
        entries = [Command(*entry) for entry in self._ask("commands", 0, 0.0)]
        return [entry for entry in entries if not wanted or entry.name in wanted]

    def reads(self) -> list[Command]:
        """Give the commands and calls that read sectors."""
        return [entry for entry in self.commands() if entry.name in _READ_NAMES]

    def writes(self) -> list[Command]:
        """Give the commands that record sectors."""
        return [entry for entry in self.commands() if entry.name in _WRITE_NAMES]

    def wait_for(
        self, wanted: Callable[[Command], bool] | Op | int, *, count: int = 1, timeout: float = 20
    ) -> Command:  # fmt: skip
        """Wait until ``count`` commands that fit were answered; give the last of them.

        ``wanted`` is an operation code or a function of the :class:`Command`. A command that hangs
        at a gate is not answered yet: wait for the one before it, or use :meth:`wait_until_held`.
        """
        if isinstance(wanted, int):
            name = op_name(wanted)
            fits: Callable[[Command], bool] = lambda entry: entry.name == name  # noqa: E731
        else:
            fits = wanted
        deadline = time.monotonic() + timeout
        seen, found = 0, 0
        while True:
            for raw in self._ask("commands", seen, _LONG_POLL):
                entry = Command(*raw)
                seen += 1
                if fits(entry):
                    found += 1
                    if found == count:
                        return entry
            if time.monotonic() > deadline:
                raise TimeoutError(f"{found} of {count} awaited commands in {timeout} s")

    def _ask(self, operation: str, *arguments: Any) -> Any:
        with self._lock:
            self._control.send((operation, arguments))
            fine, answer = self._control.recv()
        if not fine:
            raise RuntimeError(answer)
        return answer


def lbas(commands: Iterable[Command]) -> list[tuple[int | None, int]]:
    """Give address and length of each command, for comparing."""
    return [(entry.lba, entry.count) for entry in commands]
