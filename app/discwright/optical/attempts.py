# SPDX-License-Identifier: GPL-3.0-or-later
"""One reading of some sectors, through whatever only interrupts it.

A drive that needs a moment or was reset is waited for. A disc that was taken out, or another one,
ends the reading. Sectors that can't be read are the caller's business.
"""

import time
from typing import Protocol

from discwright.errors import ReadError, SourceError
from discwright.optical.drive import CommandError, DiscReadError
from discwright.optical.fingerprint import UNKNOWN, same
from discwright.optical.sense import ENDING, PASSING, Fault
from discwright.transfer.cancel import CancelToken
from discwright.transfer.progress import Listener
from discwright.transfer.reader import SectorReader
from discwright.wording import _

INTERRUPTIONS = 8
"""How often one request may be interrupted by resets and changes before it is given up."""

CRASHES = 8
"""How many requests in a row may be given up so: a sector that makes the drive crash is as good as
bad, but a drive that never reads again is at fault itself."""

_HOPELESS = frozenset({Fault.SCRAMBLED, Fault.ILLEGAL_MODE, Fault.OUT_OF_RANGE})
"""Failures that are an answer, not bad luck: trying again would only wear the drive."""


class Readable(Protocol):
    """What is needed of a disc to read it."""

    @property
    def reader(self) -> SectorReader:
        """Its sectors."""

    def wait_ready(self, cancel: CancelToken) -> None:
        """Wait until it can be read. Raises SourceError, Cancelled."""

    def fingerprint(self) -> str:
        """Give what discs are told apart by (see the module of that name). Raises SourceError."""


PAUSE_S = 4.0
"""A disc can't be changed and recognised in less time than this without a request."""


def _now() -> float:
    """Give seconds that go on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class _ChangedError(DiscReadError):
    """Another disc is in the drive."""

    def __init__(self, lba: int, count: int) -> None:
        super().__init__(lba, count, CommandError("READ", Fault.MEDIUM_CHANGED, None, 0))


class OtherDiscError(SourceError):
    """What was read may be another disc's: it was changed, and nobody told when."""


class Attempts:
    """Reads of one disc; knows whether it is still the same."""

    def __init__(
        self,
        source: Readable,
        *,
        fingerprint: str,
        listener: Listener,
        cancel: CancelToken,
        watchful: bool = False,
    ) -> None:
        """Prepare.

        ``watchful``: look at the disc again after each pause that it may have been changed in,
        before anything that is read of it counts. Not if its first descriptor is damaged: each
        look would cost the drive more than a sector.
        """
        self._source = source
        self._watchful = watchful and UNKNOWN not in fingerprint.split()
        self._last = _now()
        self._unsure = False
        self._fingerprint = fingerprint
        self._listener = listener
        self._cancel = cancel
        self._crashes = 0

    @property
    def sector_size(self) -> int:
        """Bytes of the sectors that are read."""
        return self._source.reader.sector_size

    def read(self, lba: int, count: int, buffer: memoryview) -> ReadError | None:
        """Read once; give the error of unreadable sectors. What only interrupts is waited out.

        The error of a request that is interrupted each time has a fault of PASSING. Raises
        ReadError and SourceError when the reading can't go on, Cancelled.
        """
        self._cancel.raise_if_cancelled()
        for _interruption in range(INTERRUPTIONS):
            try:
                self._source.reader.read_into(lba, count, buffer)
                self._look_after_a_pause(lba, count)
            except ReadError as error:
                fault = fault_of(error)
                if fault in ENDING or isinstance(error, _ChangedError):
                    raise
                if fault not in PASSING:
                    if isinstance(error, DiscReadError) and error.sense is None:
                        self._source.wait_ready(self._cancel)  # bare EIO: is the drive still there?
                    return error
                self._listener.log(f"LBA {lba}: {error.cause}; waiting for the drive")
                self._source.wait_ready(self._cancel)
                if not same(self._source.fingerprint(), self._fingerprint):
                    raise _ChangedError(lba, count) from error
            else:
                self._crashes = 0
                return None
        broken = CommandError("READ", Fault.BECOMING_READY, None, 0)
        return DiscReadError(lba, count, broken)

    def _look_after_a_pause(self, lba: int, count: int) -> None:
        """Take another disc for what it is even if nobody told of it: changing one takes seconds.

        A change is told to one program only: another one, or the system, may have heard of it.
        """
        before, self._last = self._last, _now()
        self._unsure = self._unsure or self._last - before > PAUSE_S
        if self._watchful and self._unsure:
            if not same(self._source.fingerprint(), self._fingerprint):
                raise _ChangedError(lba, count)
            self._unsure = False
            self._last = _now()

    def hopeless(self, error: ReadError) -> bool:
        """Whether trying again makes no sense: the answer was clear, or the drive crashed of it.

        Raises the error if it was the drive that failed again and again, not its sectors.
        """
        if fault_of(error) in PASSING:
            self._crashes += 1
            if self._crashes >= CRASHES:
                raise error
            return True
        return fault_of(error) in _HOPELESS

    def ensure_same_disc(self) -> None:
        """Make sure that it was one disc. Raises OtherDiscError.

        A change is told to one program only: another one, or the system, may have heard of it.
        """
        try:
            changed = not same(self._source.fingerprint(), self._fingerprint)
        except SourceError as error:  # taken out after its last sector was read
            self._listener.log(f"After the last sector: {error} {error.cause}".rstrip())
            return
        if changed:
            raise OtherDiscError(
                _("The disc, or the image file that stands for it, was changed meanwhile."),
                remedy=_("Leave it alone until the job has ended, and start again."),
            )


def fault_of(error: ReadError) -> Fault:
    """Say what kind of failure it was; that of an image file is a bad sector."""
    return error.fault if isinstance(error, DiscReadError) else Fault.BAD_SECTOR
