# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that plays one drive: umockdev's ioctl protocol on one side, the test on the other.

A process of its own, because the program under test may hold its interpreter's lock during an
ioctl. It ends when the test's end of the control connection closes, however the test ends.
"""

import errno
import os
import shutil
import socket
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from .codes import Op
from .ioctls import answer_ioctl
from .medium import SECTOR
from .mmc.drive import Answer, DriveModel, Traits
from .sectors import Unreadable
from .sysfs import DriveNode

_IOCTL, _DONE, _READ_MEM, _WRITE_MEM, _READ, _WRITE = 1, 3, 5, 6, 7, 8
_RUN_FOR_REAL = -100
_WORDS = struct.Struct("<QQQ")
_DONE_WORDS = struct.Struct("<Qqq")
_ACCESS_MODE = 3
_PATIENCE = 2.0


class Player:
    """One drive: the model, its place in the trees, and its connections."""

    def __init__(self, root: Path, name: str, index: int, traits: Traits):
        self.model = DriveModel(traits, self._changed, root / "burnt")
        self.node = DriveNode(root, name, index, traits)
        self.turn = Lock()
        self._socket: socket.socket | None = None
        self._taken: dict[int, set[int]] = {}

    def appear(self) -> None:
        """Plug in: socket, node and tree, then the uevent."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        path = self.node.socket_path
        path.unlink(missing_ok=True)
        self._socket.bind(str(path))
        self._socket.listen(64)
        Thread(target=self._accept, args=(self._socket,), daemon=True).start()
        self.node.appear(self.model.present, self.model.tray_open)

    def disappear(self) -> None:
        """Unplug: uevent, and nothing can be opened any more."""
        if self._socket:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._socket = None
        self.node.disappear()

    def _changed(self, why: str) -> None:
        match why:
            case "unplugged":
                self.disappear()
            case "plugged":
                self.appear()
            case "eject-request":
                self.node.eject_requested()
            case _:
                if not self.model.gone and self._socket:
                    self.node.medium_changed(self.model.present, self.model.tray_open)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            descriptor = Descriptor(self, connection)
            Thread(target=descriptor.serve, daemon=True).start()

    def claim(self, pid: int) -> int | None:
        """Find the descriptor that a new connection stands for: the lowest nobody claimed yet.

        Connections come in the order of the opens, and so do the numbers, but a program may have
        closed or opened others before its connection is looked at: see :meth:`Descriptor.fd`.
        """
        taken = self._taken.setdefault(pid, set())
        free = []
        with suppress(OSError):
            for entry in os.scandir(f"/proc/{pid}/fd"):
                number = int(entry.name)
                if number not in taken and self.is_mine(pid, number):
                    free.append(number)
        if not free:
            return None
        taken.add(min(free))
        return min(free)

    def is_mine(self, pid: int, fd: int | None) -> bool:
        """Whether a program's descriptor is one of this drive."""
        try:
            return Path(f"/proc/{pid}/fd/{fd}").readlink() == self.node.device_path
        except OSError:
            return False

    def give_back(self, pid: int, fd: int | None) -> None:
        """The connection of a descriptor ended."""
        if fd is not None:
            self._taken.get(pid, set()).discard(fd)


class Descriptor:
    """One open descriptor of the program; its memory, for the ioctls."""

    def __init__(self, player: Player, connection: socket.socket):
        self._player = player
        self._model = player.model
        self._connection = connection
        self._buffer = bytearray(64 << 10)
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        self.pid = struct.unpack("<iII", credentials)[0]
        self._fd = player.claim(self.pid)

    @property
    def writable(self) -> bool:
        """Whether the descriptor was opened for writing."""
        return self._fdinfo("flags:", 8) & _ACCESS_MODE != os.O_RDONLY

    @property
    def fd(self) -> int | None:
        """The number of the descriptor in the program.

        If the one claimed is gone, another connection's end is still on its way to us.
        """
        deadline = time.monotonic() + _PATIENCE
        while not self._player.is_mine(self.pid, self._fd) and time.monotonic() < deadline:
            self._player.give_back(self.pid, self._fd)
            self._fd = self._player.claim(self.pid)
            if self._fd is None:
                time.sleep(0.002)
        return self._fd

    def serve(self) -> None:
        """Answer until the program closes the descriptor."""
        with self._connection:
            try:
                while words := self._receive(_WORDS.size):
                    kind, first, second = _WORDS.unpack(words)
                    result, error = self._answer(kind, first, second)
                    self._connection.sendall(_DONE_WORDS.pack(_DONE, result, error))
            except (BrokenPipeError, ConnectionResetError, EOFError):
                pass
            finally:
                self._player.give_back(self.pid, self._fd)

    def _answer(self, kind: int, first: int, second: int) -> tuple[int, int]:
        if self._fd is None:
            _ = self.fd  # else the next descriptor that the program opens would claim ours
        with self._player.turn:
            try:
                if kind == _IOCTL:
                    return answer_ioctl(self._model, self, first & 0xFFFFFFFF, second), 0
                if kind == _READ:
                    return self._block_read(second)
            except OSError as error:
                if isinstance(error, (BrokenPipeError, ConnectionResetError)):
                    raise
                return -1, error.errno or errno.EIO
            return -1, errno.EROFS if kind == _WRITE else errno.ENOSYS

    def read(self, address: int, size: int) -> bytes:
        """Read the program's memory."""
        self._connection.sendall(_WORDS.pack(_READ_MEM, address, size))
        return bytes(self._receive(size))

    def write(self, address: int, data: bytes | memoryview) -> None:
        """Write the program's memory."""
        head = _WORDS.pack(_WRITE_MEM, address, len(data))
        sent = self._connection.sendmsg([head, data])
        while sent < len(head) + len(data):
            sent += self._connection.send(memoryview(data)[sent - len(head) :])

    def room(self, size: int) -> memoryview:
        """Lend a buffer for an answer."""
        if len(self._buffer) < size:
            self._buffer = bytearray(size)
        return memoryview(self._buffer)[:size]

    def _receive(self, size: int) -> bytes:
        data = self._connection.recv(size, socket.MSG_WAITALL)
        if 0 < len(data) < size:
            raise EOFError
        return data

    def _fdinfo(self, name: str, base: int = 10) -> int:
        with suppress(OSError, ValueError):
            for line in Path(f"/proc/{self.pid}/fdinfo/{self.fd}").read_text().splitlines():
                if line.startswith(name):
                    return int(line.split()[1], base)
        return 0

    def _block_read(self, size: int) -> tuple[int, int]:
        """read(): lay what it asks for into the backing file, then let it happen for real."""
        model = self._model
        if self.fd is None:
            raise OSError(errno.EBADF, "the bench doesn't know the descriptor")
        start = self._fdinfo("pos:")
        lba = start // SECTOR
        count = -(-(start + size) // SECTOR) - lba
        capacity = max(model.kernel_sectors, 0)
        count = max(min(count, capacity - lba), 0)
        fault, error = model.strike(Op.BLOCK_READ, lba, count)
        if fault and fault.sense:
            error = errno.EIO
        if model.present is None or model.source is None:
            error = error or errno.ENOMEDIUM
        if not error and count:
            try:
                assert model.source is not None
                self._player.node.lay(lba, model.source.data(lba, count))
            except Unreadable:
                error = errno.EIO
        answer = Answer(errno=error)
        model.note("read", b"", lba, count, answer, "read", self.pid)
        return (-1, error) if error else (_RUN_FOR_REAL, 0)


def _operations(player: Player) -> dict[str, Callable[..., Any]]:
    model = player.model

    def commands(since: int, timeout: float) -> list[tuple[Any, ...]]:
        with model.logged:
            model.logged.wait_for(lambda: len(model.log) > since, timeout)
            return [tuple(entry) for entry in model.log[since:]]

    def state() -> dict[str, Any]:
        return {"tray_open": model.tray_open, "locked": model.locked, "gone": model.gone,
                "read_speed": model.read_speed, "write_speed": model.write_speed,
                "medium": model.medium}  # fmt: skip

    return {
        "insert": model.insert, "open_tray": model.open_tray, "close_tray": model.close_tray,
        "press_eject": model.press_eject, "unplug": model.unplug, "plug": model.plug,
        "faults": model.script, "add_faults": model.faults.add, "appear": player.appear,
        "wait_until_held": model.wait_until_held, "release": model.release,
        "set_rate": model.set_rate, "set_write_rate": model.set_write_rate,
        "attention": model.attention.append, "commands": commands, "state": state,
    }  # fmt: skip


def main(control_fd: int) -> None:
    """Play a drive until the test says goodbye; if it died instead, tidy up for it."""
    control = Connection(control_fd)
    root, name, index, traits = control.recv()
    player = Player(Path(root), name, index, traits)
    operations = _operations(player)
    with suppress(EOFError, ConnectionError):
        while True:
            operation, arguments = control.recv()
            if operation == "goodbye":
                os._exit(0)
            try:
                control.send((True, operations[operation](*arguments)))
            except Exception as error:
                control.send((False, f"{type(error).__name__}: {error}"))
    shutil.rmtree(root, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
