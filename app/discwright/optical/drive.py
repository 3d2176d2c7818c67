# SPDX-License-Identifier: GPL-3.0-or-later
"""A disc drive as a reader of sectors and a runner of MMC commands, on libcdio's open handle."""

import errno
import os
import secrets
from typing import Self

from discwright.errors import ReadError, SourceError
from discwright.optical import commands, libcdio
from discwright.optical.commands import Command
from discwright.optical.sense import Fault, Sense, SenseKey, fault_sentence
from discwright.transfer.reader import SECTOR
from discwright.wording import _, shown

COMMAND_TIMEOUT_MS = 30_000
"""For questions; the kernel's own default for optical drives."""

READ_TIMEOUT_MS = 60_000
"""For reading: drives try a damaged sector for tens of seconds before they give up."""

MAX_REQUEST = 32
"""Sectors in one READ: 64 KiB pass every host adapter and USB bridge."""

_CANARY = 16
_GONE = frozenset({errno.ENODEV, errno.ENXIO, errno.ESHUTDOWN})


class CommandError(Exception):
    """A command failed; ``fault`` says what that means, ``sense`` and ``errno`` why."""

    def __init__(self, command: str, fault: Fault, sense: Sense | None, number: int) -> None:
        why = str(sense) if sense else os.strerror(number) if number else fault.value
        super().__init__(f"{command}: {why}")
        self.fault = fault
        self.sense = sense
        self.errno = number


class DiscReadError(ReadError):
    """Sectors of a disc couldn't be read; ``fault`` says what kind of failure it was."""

    def __init__(self, lba: int, count: int, error: CommandError) -> None:
        super().__init__(fault_sentence(error.fault), lba=lba, count=count, cause=str(error))
        self.fault = error.fault
        self.sense = error.sense


class Drive:
    """An open drive. Raises SourceError if the node can't be opened; errno is its cause."""

    sector_size = SECTOR

    def __init__(self, node: str, *, control: bool = False) -> None:
        """Open ``node``; with ``control`` for writing too, so that speeds can be set."""
        self.node = node
        self.sectors = 0
        self._read_cdb = commands.read_10
        self._handle: int | None = None
        try:
            os.close(os.open(node, (os.O_RDWR if control else os.O_RDONLY) | os.O_NONBLOCK))
            mode = "MMC_RDWR" if control else "IOCTL"
            with libcdio.messages() as said:
                self._handle = libcdio.open_drive(node, mode)
                if self._handle is None:
                    raise OSError(errno.EIO, "; ".join(said) or os.strerror(errno.EIO))
        except OSError as error:
            raise SourceError(
                _("The drive {node} can't be opened: {why}.").format(
                    node=shown(node), why=error.strerror
                ),
                cause=str(error),
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the drive. Safe to call twice."""
        handle, self._handle = self._handle, None
        if handle is not None:
            libcdio.close_drive(handle)

    def run(self, command: Command, *, timeout_ms: int = COMMAND_TIMEOUT_MS) -> bytes:
        """Run a command; give the bytes of its answer (zeros where the drive sent fewer).

        Raises CommandError.
        """
        if command.data:
            buffer, direction = bytearray(command.data), libcdio.DIRECTION_WRITE
        else:
            buffer = bytearray(max(1, command.length))
            direction = libcdio.DIRECTION_READ if command.length else libcdio.DIRECTION_NONE
        length = len(command.data) or command.length
        self._run(command.name, command.cdb, direction, memoryview(buffer), length, timeout_ms)
        return bytes(buffer) if direction == libcdio.DIRECTION_READ else b""

    def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
        """Read sectors of 2048 bytes with READ(10), or READ(12) where the drive knows only that.

        One command, so ``count`` is at most 65535 and better at most MAX_REQUEST. Raises
        DiscReadError, also when the drive reports success but sends less than was asked for:
        libcdio doesn't tell how much came, so the last bytes of the buffer hold a random
        canary before each read.
        """
        _refuse_before_zero(lba)
        try:
            self._read("READ", self._read_cdb(lba, count), lba, count, buffer[: count * SECTOR])
        except DiscReadError as error:
            if error.fault is Fault.UNSUPPORTED and self._read_cdb is commands.read_10:
                self._read_cdb = commands.read_12
                self.read_into(lba, count, buffer)
                return
            raise

    def read_raw_into(self, lba: int, count: int, buffer: memoryview) -> None:
        """Read whole sectors of 2352 bytes, of any kind, with READ CD; else as read_into()."""
        _refuse_before_zero(lba)
        command = commands.read_cd_raw(lba, count)
        self._read(command.name, command.cdb, lba, count, buffer[: command.length])

    def read_flagged_into(self, lba: int, count: int, buffer: memoryview) -> None:
        """Read whole sectors, each followed by its C2 error pointers; else as read_into()."""
        _refuse_before_zero(lba)
        command = commands.read_cd_raw(lba, count, c2=True)
        self._read(command.name, command.cdb, lba, count, buffer[: command.length])

    def _read(self, name: str, cdb: bytes, lba: int, count: int, buffer: memoryview) -> None:
        tail = buffer[-_CANARY:]
        canary = secrets.token_bytes(_CANARY)
        tail[:] = canary
        try:
            self._run(name, cdb, libcdio.DIRECTION_READ, buffer, len(buffer), READ_TIMEOUT_MS)
        except CommandError as error:
            raise DiscReadError(lba, count, error) from error
        if tail == canary:
            raise DiscReadError(lba, count, CommandError(name, Fault.SHORT, None, 0))

    def _run(  # noqa: PLR0917
        self, name: str, cdb: bytes, direction: int, buffer: memoryview, length: int, timeout: int
    ) -> None:
        if self._handle is None:
            raise CommandError(name, Fault.GONE, None, errno.EBADF)
        address = libcdio.address_of(buffer)
        code, number, data = libcdio.run_command(
            self._handle, cdb, direction, address, length, timeout
        )
        if code == 0:
            return
        sense = Sense.parse(data)
        if sense is not None and sense.key == SenseKey.RECOVERED_ERROR:
            return  # done, with some effort (SPC-4 4.5.6); Linux takes it as success too
        raise CommandError(name, _fault(sense, number), sense, number)

    def set_speed(self, kilobytes: int, sectors: int) -> None:
        """Ask for a reading speed in kB/s (1000 bytes) for a disc of so many sectors.

        The drive takes the nearest it can. Needs one opened with ``control``. Raises CommandError.
        """
        try:
            self.run(commands.set_streaming(kilobytes, max(0, sectors - 1)))
        except CommandError:
            self.run(commands.set_cd_speed(kilobytes))

    def eject(self) -> None:
        """Open the tray. Raises CommandError."""
        self.run(commands.start_stop_unit(start=False, load_eject=True))


def _refuse_before_zero(lba: int) -> None:
    if lba < 0:
        raise ValueError("sectors before 0 are never read: it can wedge a drive")


def _fault(sense: Sense | None, number: int) -> Fault:
    if number in _GONE:
        return Fault.GONE
    if sense is not None and sense.key:
        return sense.fault
    match number:
        case errno.ENOMEDIUM:
            return Fault.NO_MEDIUM
        case errno.EPERM | errno.EACCES:
            return Fault.NOT_PERMITTED
        case errno.EIO | errno.ETIMEDOUT | errno.EILSEQ:
            return Fault.BAD_SECTOR
    return Fault.OTHER
