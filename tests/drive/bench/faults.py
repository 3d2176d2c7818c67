# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripted misbehaviour: which command, where, how often, and what goes wrong."""

import errno as errnos
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock

from .codes import (
    BECOMING_READY,
    CALIBRATION_ERROR,
    INCOMPLETE_TRACK,
    L_EC_UNCORRECTABLE,
    LOSS_OF_STREAMING,
    MEDIUM_CHANGED,
    READS,
    WRITE_ERROR,
    WRITES,
    Op,
    Sense,
)


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong. All conditions must hold; all consequences happen.

    Conditions: ``commands`` (empty: any), ``lba`` (the command's sectors overlap the range), the
    first ``skip`` matching commands pass unharmed, then ``times`` commands are hit (None: all).
    """

    commands: frozenset[int] = frozenset()
    lba: range | None = None
    skip: int = 0
    times: int | None = None

    sense: Sense | None = None
    """CHECK CONDITION with this sense; the buffer of the program stays as it was."""
    done: bool = False
    """The command does its work all the same, and only then claims the sense."""
    later: Sense | None = None
    """The command succeeds; the next one that needs the medium gets this sense."""
    errno: int = 0
    """The ioctl itself fails with this errno."""
    delay: float = 0.0
    """Seconds that the command takes before anything else happens."""
    hold: str = ""
    """The command hangs until the test calls ``drive.release(hold)``, or the drive is unplugged."""
    short: int | None = None
    """The command succeeds but transfers only so many bytes; the rest stays untouched."""
    corrupt: bytes = b""
    """The command succeeds with these bytes XORed over the start of each hit sector; those of a
    WRITE are recorded so."""
    recorded: str = ""
    """What a WRITE, which succeeds, makes of the hit sectors: "old" (what was there stays) or
    "unreadable"."""
    then: str = ""
    """What happens to the drive as the command arrives: "open-tray", "remove-medium", "unplug", and
    "leave-open": the CD's session at once gets no lead-out."""

    @property
    def spoils(self) -> bool:
        """Whether a WRITE records something else than it was given."""
        return bool(self.corrupt or self.recorded)

    def wants(self, code: int, lba: int | None, count: int) -> bool:
        """Whether a command meets the conditions, apart from how often."""
        if self.commands and code not in self.commands:
            return False
        if self.lba is None:
            return True
        if lba is None:
            return False
        return lba < self.lba.stop and self.lba.start < lba + max(count, 1)


@dataclass
class FaultScript:
    """The faults of one drive, in order; the first that applies wins.

    Those that spoil what a WRITE records all apply, beside the one that wins.
    """

    faults: list[Fault] = field(default_factory=list)
    _seen: dict[int, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def replace(self, faults: Iterable[Fault]) -> None:
        """Forget the old faults and how often they struck; take these."""
        with self._lock:
            self.faults = list(faults)
            self._seen = {}

    def add(self, faults: Iterable[Fault]) -> None:
        """Add faults after those that are there."""
        with self._lock:
            self.faults.extend(faults)

    def strike(self, code: int, lba: int | None, count: int) -> Fault | None:
        """Give the fault that hits this command, counting it, or None."""
        if not self.faults:
            return None
        with self._lock:
            for index, fault in enumerate(self.faults):
                spoils = fault.spoils and code in WRITES
                if not spoils and fault.wants(code, lba, count) and self._hits(index, fault):
                    return fault
            return None

    def spoiling(self, code: int, lba: int | None, count: int) -> list[Fault]:
        """Give all faults that spoil what this WRITE records, counting them."""
        if not self.faults or code not in WRITES:
            return []
        with self._lock:
            return [
                fault
                for index, fault in enumerate(self.faults)
                if fault.spoils and fault.wants(code, lba, count) and self._hits(index, fault)
            ]

    def _hits(self, index: int, fault: Fault) -> bool:
        seen = self._seen.get(index, 0)
        if fault.times is not None and seen >= fault.skip + fault.times:
            return False
        self._seen[index] = seen + 1
        return seen >= fault.skip


def on(*commands: int) -> frozenset[int]:
    """Give the set of commands for a fault."""
    return frozenset(commands)


def bad_sectors(
    first: int, count: int = 1, *, times: int | None = None, sense: Sense = L_EC_UNCORRECTABLE
) -> Fault:
    """Sectors that can't be read, or only after ``times`` failures."""
    return Fault(READS, range(first, first + count), times=times, sense=sense)


def unit_attention(sense: Sense = MEDIUM_CHANGED, *, times: int = 1) -> Fault:
    """The next command (of those that report it) fails with a unit attention."""
    quiet = {Op.INQUIRY, Op.REQUEST_SENSE, Op.GET_CONFIGURATION, Op.GET_EVENT_STATUS_NOTIFICATION}
    return Fault(frozenset(set(Op) - quiet), times=times, sense=sense)


def becoming_ready(commands: int) -> Fault:
    """The drive is not ready for so many commands that need the medium."""
    quiet = {Op.INQUIRY, Op.REQUEST_SENSE, Op.GET_CONFIGURATION, Op.GET_EVENT_STATUS_NOTIFICATION,
             Op.MODE_SENSE_10, Op.MECHANISM_STATUS}  # fmt: skip
    return Fault(frozenset(set(Op) - quiet), times=commands, sense=BECOMING_READY)


def tray_opens_at_read(number: int) -> Fault:
    """The tray opens as the ``number``-th read (from 1) arrives."""
    return Fault(READS, skip=number - 1, times=1, then="open-tray")


def unplugged_at_read(number: int) -> Fault:
    """The drive is pulled out as the ``number``-th read (from 1) arrives."""
    return Fault(READS, skip=number - 1, times=1, then="unplug")


def slow_sectors(first: int, count: int, seconds: float) -> Fault:
    """Each read that touches these sectors takes so long."""
    return Fault(READS, range(first, first + count), delay=seconds)


def read_fails_with(number: int, errno: int = errnos.EIO) -> Fault:
    """The ``number``-th read (from 1) fails in the kernel, without sense."""
    return Fault(READS, skip=number - 1, times=1, errno=errno)


def short_read(number: int, transferred: int) -> Fault:
    """The ``number``-th read (from 1) succeeds but brings only so many bytes."""
    return Fault(READS, skip=number - 1, times=1, short=transferred)


def hang_at_read(number: int, gate: str = "read") -> Fault:
    """The ``number``-th read (from 1) hangs until ``drive.release(gate)``."""
    return Fault(READS, skip=number - 1, times=1, hold=gate)


def silent_corruption(first: int, count: int = 1, *, times: int | None = None) -> Fault:
    """Sectors that read without an error but with wrong bytes."""
    return Fault(READS, range(first, first + count), times=times, corrupt=b"\xff\x01")


def write_error(first: int, count: int = 1, *, sense: Sense = WRITE_ERROR) -> Fault:
    """Writing fails at these sectors; with :func:`loss_of_streaming` the other usual sense."""
    return Fault(WRITES, range(first, first + count), sense=sense)


def loss_of_streaming(first: int, count: int = 1) -> Fault:
    """Writing fails at these sectors because data came too slowly."""
    return write_error(first, count, sense=LOSS_OF_STREAMING)


def calibration_fails(sense: Sense = CALIBRATION_ERROR) -> Fault:
    """The laser's power can't be calibrated: the first write, or SEND OPC, says so."""
    return Fault(WRITES | {Op.SEND_OPC_INFORMATION}, sense=sense)


def close_fails(sense: Sense = INCOMPLETE_TRACK, *, skip: int = 0, done: bool = False) -> Fault:
    """Closing fails, after ``skip`` CLOSE commands that went well (DVD+R and BD-R close the track,
    then the disc); ``done``: the drive only says so, the work is done."""
    return Fault(on(Op.CLOSE_TRACK_SESSION), skip=skip, sense=sense, done=done)


def synchronize_fails(sense: Sense = INCOMPLETE_TRACK, *, done: bool = False) -> Fault:
    """The end of a session or disc at once fails, which has no CLOSE."""
    return Fault(on(Op.SYNCHRONIZE_CACHE), sense=sense, done=done)


def session_stays_open(sense: Sense | None = INCOMPLETE_TRACK) -> Fault:
    """The end of a CD's session at once fails so that it has no lead-out: READ DISC INFORMATION
    calls its last session incomplete. ``sense`` None: the drive says nothing else of it."""
    return Fault(on(Op.SYNCHRONIZE_CACHE), sense=sense, then="leave-open")


def tray_opens_at_write(number: int) -> Fault:
    """The tray opens as the ``number``-th WRITE (from 1) arrives."""
    return Fault(WRITES, skip=number - 1, times=1, then="open-tray")


def unplugged_at_write(number: int) -> Fault:
    """The drive is pulled out as the ``number``-th WRITE (from 1) arrives."""
    return Fault(WRITES, skip=number - 1, times=1, then="unplug")


def hang_at_write(number: int, gate: str = "write") -> Fault:
    """The ``number``-th WRITE (from 1) hangs until ``drive.release(gate)``."""
    return Fault(WRITES, skip=number - 1, times=1, hold=gate)


def burnt_wrong(first: int, count: int = 1, *, bits: bytes = b"\x01") -> Fault:
    """These sectors are burnt without an error, with bits of their first bytes flipped."""
    return Fault(WRITES, range(first, first + count), corrupt=bits)


def burnt_unreadable(first: int, count: int = 1) -> Fault:
    """These sectors are burnt without an error, and nothing can read them."""
    return Fault(WRITES, range(first, first + count), recorded="unreadable")


def not_burnt(first: int, count: int = 1) -> Fault:
    """These sectors keep what was there, zeros on a fresh disc, and the drive reports no error.

    With a great ``count`` the tail is missing.
    """
    return Fault(WRITES, range(first, first + count), recorded="old")
