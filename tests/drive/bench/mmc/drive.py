# SPDX-License-Identifier: GPL-3.0-or-later
"""The drive: its state and what it does with a command. It knows no transport.

A command group is a module of functions registered with :func:`command`; the package imports
them all.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Condition

from drive.bench.codes import (
    BECOMING_READY,
    INVALID_OPCODE,
    NO_MEDIUM,
    NO_SENSE,
    TRAY_OPEN,
    Refused,
    Sense,
    op_name,
)
from drive.bench.faults import Fault, FaultScript
from drive.bench.medium import Disc
from drive.bench.sectors import SectorSource

from .commands import (
    HANDLERS,
    READER_PROFILES,
    WITHOUT_MEDIUM,
    WRITER_PROFILES,
    Answer,
    Command,
    Request,
    Traits,
    command,
    extent,
)
from .recorder import Recorder

__all__ = [
    "READER_PROFILES", "WRITER_PROFILES", "Answer", "Command", "DriveModel", "Request", "Traits",
    "command", "extent",
]  # fmt: skip


class DriveModel:
    """A drive and what it is doing. Commands come one at a time; the rest from any thread."""

    def __init__(
        self, traits: Traits, changed: Callable[[str], None] = lambda _why: None,
        spool: Path | None = None,
    ):  # fmt: skip
        self.traits = traits
        self.recorder = Recorder(self, spool or Path(tempfile.gettempdir()))
        self.source: SectorSource | None = None
        self.tray_open = False
        self.locked = False
        self.gone = False
        self.attention: list[Sense] = []
        self.last_sense: Sense = NO_SENSE
        self.read_speed = 0
        """kB/s asked for with SET CD SPEED; 0: as fast as it can."""
        self.write_speed = 0
        """kB/s asked for with SET CD SPEED or SET STREAMING; 0: the fastest."""
        self.media_event = 0
        """For GET EVENT STATUS NOTIFICATION: 1 eject asked, 2 new medium, 3 medium removed."""
        self.media_changes = 0
        self.kernel_sectors = -1
        """What the kernel takes for the size: that of the last time a medium was loaded."""
        self.faults = FaultScript()
        self.log: list[Command] = []
        self.logged = Condition()
        self._changed = changed
        self._gates = Condition()
        self._released: set[str] = set()
        self._held: list[str] = []
        self._retired: list[SectorSource] = []
        """Discs that were taken out, perhaps while a command still reads them."""

    def insert(self, disc: Disc | None) -> None:
        """Put a disc in and close the tray; None takes it out."""
        if self.source:
            self._retired.append(self.source)
        self.source = SectorSource(disc) if disc else None
        self.tray_open = False
        self.media_event = 2 if disc else 3
        self._medium_changed()

    def open_tray(self) -> None:
        """Open the tray; the disc lies on it."""
        if not self.tray_open:
            self.tray_open = True
            self.media_event = 3
            self._medium_changed()

    def close_tray(self) -> None:
        """Close the tray with what lies on it."""
        if self.tray_open:
            self.tray_open = False
            self.media_event = 2 if self.medium else 0
            self._medium_changed()

    def becomes(self, disc: Disc) -> None:
        """The medium that is in has changed by what was done to it; the kernel isn't told."""
        if self.source:
            self.source.becomes(disc)

    def press_eject(self) -> None:
        """Press the button at the front; a locked drive only reports it."""
        self.media_event = 1
        if self.locked:
            self._changed("eject-request")
        else:
            self.open_tray()

    def unplug(self) -> None:
        """Pull the cable: everything from now on fails with ENODEV."""
        if not self.gone:
            self.gone = True
            with self._gates:
                self._gates.notify_all()
            self._changed("unplugged")

    def plug(self) -> None:
        """Plug it in again."""
        if self.gone:
            self.gone = False
            self.locked = False
            self._changed("plugged")

    def release(self, gate: str) -> None:
        """Let commands that hang at a gate, now or later, go on; those of now are on their way."""
        with self._gates:
            self._released.add(gate)
            self._gates.notify_all()
            self._gates.wait_for(lambda: gate not in self._held)

    def wait_until_held(self, gate: str, timeout: float) -> bool:
        """Wait until a command hangs at a gate; give whether one does."""
        with self._gates:
            return self._gates.wait_for(lambda: gate in self._held, timeout)

    def script(self, faults: list[Fault]) -> None:
        """Replace the fault script; all gates are shut again."""
        with self._gates:
            self._released.clear()
        self.faults.replace(faults)

    @property
    def write_rate(self) -> int:
        """Bytes a second when writing; 0: no limit."""
        return self.traits.write_rate

    def set_write_rate(self, rate: int) -> None:
        """Limit writing to ``rate`` bytes a second; 0: no limit."""
        self.traits = replace(self.traits, write_rate=rate)

    def set_rate(self, rate: int) -> None:
        """Limit reading to ``rate`` bytes a second; 0: no limit."""
        self.traits = replace(self.traits, rate=rate)

    def execute(self, request: Request, via: str = "", pid: int = 0) -> Answer:
        """Execute a command, faults and all, and note it in the log."""
        lba, count = extent(request.cdb)
        answer = self._attempt(request, lba, count)
        if answer.sense:
            self.last_sense = answer.sense
        self.note(op_name(request.opcode), request.cdb, lba, count, answer, via, pid)
        return answer

    def note(
        self, name: str, cdb: bytes, lba: int | None, count: int, answer: Answer, via: str, pid: int
    ) -> None:  # fmt: skip
        """Add to the log."""
        with self.logged:
            entry = Command(
                len(self.log), time.monotonic(), name, bytes(cdb), lba, count, answer.sense,
                answer.errno, len(answer.data), via, pid,
            )  # fmt: skip
            self.log.append(entry)
            self.logged.notify_all()

    def strike(self, code: int, lba: int | None, count: int) -> tuple[Fault | None, int]:
        """Let the fault script act on a command; give the fault and the errno that it means."""
        fault = self.faults.strike(code, lba, count)
        if fault is not None:
            self._act(fault)
        if self.gone:
            return fault, 19
        return fault, fault.errno if fault else 0

    def ready(self) -> None:
        """Raise :class:`Refused` if there is no medium to work on."""
        if self.tray_open:
            raise Refused(TRAY_OPEN)
        if self.medium is None:
            raise Refused(NO_MEDIUM)

    @property
    def disc(self) -> Disc:
        """The medium of a drive that is ready."""
        self.ready()
        if self.medium is None:
            raise Refused(NO_MEDIUM)
        return self.medium

    @property
    def medium(self) -> Disc | None:
        """The disc in the drive or on its open tray."""
        source = self.source
        return source.disc if source else None

    @property
    def present(self) -> Disc | None:
        """The medium if it is loaded."""
        return None if self.tray_open else self.medium

    def pause(self, seconds: float) -> None:
        """Let time pass; being unplugged ends it."""
        with self._gates:
            self._gates.wait_for(lambda: self.gone, seconds)

    def _medium_changed(self) -> None:
        self.media_changes += 1
        self.recorder.forget()
        if self.present:
            self.recorder.busy.begin(BECOMING_READY, self.traits.spin_up)
        self.kernel_sectors = self.present.capacity if self.present else -1
        self._changed("medium")

    def _attempt(self, request: Request, lba: int | None, count: int) -> Answer:
        fault, errno = self.strike(request.opcode, lba, count)
        if errno:
            return Answer(errno=errno)
        if fault and fault.sense and not fault.done:
            where = lba if fault.lba is None or lba is None else max(lba, fault.lba.start)
            return Answer(sense=fault.sense, information=where)
        request.spoils = self.faults.spoiling(request.opcode, lba, count)
        try:
            data = self._handle(request)
        except Refused as refused:
            return Answer(
                sense=refused.sense, information=refused.information, progress=refused.progress
            )
        if fault and fault.later:
            self.attention.append(fault.later)
        if fault and fault.sense:
            return Answer(sense=fault.sense, information=lba)
        if len(data) > len(request.room):
            data = data[: len(request.room)]
        if fault and fault.corrupt and lba is not None and len(data):
            data = _corrupted(data, fault, lba, count)
        if fault and fault.short is not None:
            data = data[: fault.short]
        return Answer(data)

    def _handle(self, request: Request) -> bytes | memoryview:
        handler = HANDLERS.get(request.opcode)
        if handler is None:
            raise Refused(INVALID_OPCODE)
        if request.opcode not in WITHOUT_MEDIUM:
            self.recorder.busy.check()
            self._attend()
            self.ready()
        return handler(self, request)

    def _attend(self) -> None:
        if self.attention:
            raise Refused(self.attention.pop(0))

    def _act(self, fault: Fault) -> None:
        if fault.hold:
            with self._gates:
                self._held.append(fault.hold)
                self._gates.notify_all()
                self._gates.wait_for(lambda: self.gone or fault.hold in self._released)
                self._held.remove(fault.hold)
                self._gates.notify_all()
        if fault.delay:
            self.pause(fault.delay)
        match fault.then:
            case "open-tray":
                self.open_tray()
            case "remove-medium":
                self.insert(None)
            case "unplug":
                self.unplug()
            case "leave-open" if self.medium and self.medium.sessions:
                self.becomes(replace(self.medium, left_open=True))


def _corrupted(data: bytes | memoryview, fault: Fault, lba: int, count: int) -> bytes:
    size = len(data) // count
    broken = bytearray(data)
    for index in range(count):
        if fault.lba is None or lba + index in fault.lba:
            for place, bits in enumerate(fault.corrupt):
                broken[index * size + place] ^= bits
    return bytes(broken)
