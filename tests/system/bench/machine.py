# SPDX-License-Identifier: GPL-3.0-or-later
"""A running machine: QEMU without help from the processor, its lines and its control socket."""

import shutil
import subprocess
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

from . import recipe
from .disk import System
from .guest_programs import Elsewhere, Line
from .qmp import PATIENCE, Qmp

CODE_SIZE = 128 << 20
"""Bytes of the disk on which the program comes in: it must not change while the machine sleeps."""

STARTING = 240.0
"""Seconds for a cold start on a busy computer."""


class Machine:
    """A machine from power on, or from a saved state, until it is left.

    ``root``, ``user`` and ``elsewhere`` run programs in it: as root, as the ordinary user who is
    logged in at the machine, and as the same user from elsewhere.
    """

    def __init__(
        self, system: System, overlay: Path, code: Path, state: Path | None = None, *,
        kept: bool = False,
    ) -> None:  # fmt: skip
        """Start it; ``kept``: what it writes is kept in ``overlay``, and not lost with it."""
        self._stack = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="dw-vm-"))  # socket addresses must be short
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.console = self.folder / "console.log"
        try:
            self._start(system, overlay, code, state, kept=kept or state is None)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Machine":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _start(
        self, system: System, overlay: Path, code: Path, state: Path | None, *, kept: bool
    ) -> None:
        arguments = [
            *("-kernel", system.kernel, "-initrd", system.initrd),
            *("-append", recipe.KERNEL_LINE),
            *("-drive", f"file={overlay},if=none,id=root,discard=unmap"
              + ("" if kept else ",snapshot=on")),
            *("-device", "virtio-blk-pci,drive=root"),
            *("-drive", f"file={code},if=none,id=code,format=raw,readonly=on"),
            *("-device", "virtio-blk-pci,drive=code"),
            *("-device", "virtio-serial-pci"),
            *(word for name in ("root", "user") for word in (
                "-chardev", f"socket,id={name},path={self.folder / name},server=on,wait=off",
                "-device", f"virtserialport,chardev={name},name={name}")),
            *("-device", "virtio-scsi-pci,id=scsi"),
            *("-device", "scsi-cd,id=drive,bus=scsi.0"),
            *("-device", "qemu-xhci,id=usb,p3=15"),
            *(("-incoming", "defer") if state else ()),
        ]  # fmt: skip
        self.process = start_qemu(arguments, self.folder, self._stack)
        self.qmp = Qmp(self.folder / "qmp")
        self._stack.callback(self.qmp.close)
        self.root, self.user = (Line(self.folder / name) for name in ("root", "user"))
        self._stack.callback(self.root.close)
        self._stack.callback(self.user.close)
        self.elsewhere = Elsewhere(self.root)
        if state is None:
            self.root.wait_until_ready(STARTING)
            self.user.wait_until_ready(STARTING)
            return
        self._tell_of_migration()
        self.qmp("migrate-incoming", uri=f"exec:cat {state}")
        self.qmp.wait("MIGRATION", status="completed")
        self.qmp("cont")

    def save(self, state: Path) -> None:
        """Put the machine to sleep in a file; it can be woken any number of times."""
        self.root.done("sync")
        self._tell_of_migration()
        self.qmp("stop")
        self.qmp("migrate", uri=f"exec:cat >{state}")
        self.qmp.wait("MIGRATION", status="completed")
        self.qmp("quit")
        self.process.wait(PATIENCE)

    def _tell_of_migration(self) -> None:
        self.qmp("migrate-set-capabilities", capabilities=[{"capability": "events", "state": True}])
        self.qmp("migrate-set-parameters", **{"max-bandwidth": 1 << 40})

    def close(self) -> None:
        """End it, whatever it does."""
        self._stack.close()


def start_qemu(
    arguments: list[str | Path], folder: Path, stack: ExitStack
) -> "subprocess.Popen[bytes]":
    """Start QEMU; it is killed when the stack is closed, or when this process ends in any way.

    In ``folder`` are then the control socket ``qmp`` and, of the serial line, ``console.log``.
    """
    command = [
        *("setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64"),
        *("-accel", "tcg", "-cpu", "Nehalem", "-m", str(recipe.MEMORY), "-smp", "2"),
        *("-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"),
        *("-serial", f"file:{folder / 'console.log'}"),
        *("-qmp", f"unix:{folder / 'qmp'},server=on,wait=off"),
        *(str(argument) for argument in arguments),
    ]  # fmt: skip
    log = stack.enter_context((folder / "qemu.log").open("wb"))
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def end() -> None:
        process.kill()
        process.wait()

    stack.callback(end)
    _await_socket(process, folder)
    return process


def _await_socket(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Return when the control socket is there: QEMU makes it last."""
    while not (folder / "qmp").exists():
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
            raise OSError(f"QEMU ended: {(folder / 'qemu.log').read_text(errors='replace')}")
