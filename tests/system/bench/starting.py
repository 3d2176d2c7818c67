# SPDX-License-Identifier: GPL-3.0-or-later
"""Another PC, that does nothing but start from a stick: with a BIOS (SeaBIOS) or UEFI (OVMF)."""

import shutil
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from .cpio import archive
from .disk import System
from .machine import start_qemu

OVMF = Path("/usr/share/ovmf/OVMF.fd")
"""Debian's package ovmf."""

PATIENCE = 180.0
"""Seconds until it is told that a PC hangs."""

NOTHING = "No bootable device."
"""What SeaBIOS says then."""

GREETING = "Linux has started its first program."

_INIT = f"""#!/bin/busybox sh
busybox echo '{GREETING}'
busybox poweroff -f
"""

_GRUB = """serial --unit=0
terminal_output serial
linux /boot/linux console=ttyS0 quiet panic=-1
initrd /boot/initrd
boot
"""


def make_linux_image(path: Path, system: System) -> None:
    """Make a hybrid image with GRUB, for BIOS and UEFI, and with the machine's own kernel.

    Its only program greets and switches off. A loader's greeting would prove less: it comes from
    the first part of an image, the kernel and its archive are the rest of it.
    """
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        boot = Path(scratch) / "boot"
        (boot / "grub").mkdir(parents=True)
        (boot / "grub" / "grub.cfg").write_text(_GRUB)
        shutil.copy(system.kernel, boot / "linux")
        files = {"bin/busybox": system.busybox.read_bytes(), "init": _INIT.encode()}
        (boot / "initrd").write_bytes(archive(files))
        command = ["grub-mkrescue", "--install-modules=linux normal serial iso9660 part_msdos",
                   "--fonts=", "--locales=", "--themes=", "-o", path, scratch]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)


def start_from(memory: Path, greeting: str, *, uefi: bool) -> str:
    """Start a PC with only this stick; give what firmware and programs wrote up to a greeting.

    With a BIOS it ends too if nothing starts.
    """
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="dw-pc-"))
        stack.callback(shutil.rmtree, folder)
        firmware: list[str | Path] = ["-bios", OVMF] if uefi else ["-boot", "reboot-timeout=1"]
        arguments = [
            *firmware,
            *("-device", "qemu-xhci", "-device", "usb-storage,drive=stick,removable=on"),
            *("-drive", f"file={memory},if=none,id=stick,format=raw,snapshot=on"),
            *("-chardev", f"file,id=firmware,path={folder / 'firmware.log'}"),
            *("-device", "isa-debugcon,iobase=0x402,chardev=firmware"),
        ]
        pc = start_qemu(arguments, folder, stack)
        end = time.monotonic() + PATIENCE
        while True:
            is_off = pc.poll() is not None
            logs = (folder / name for name in ("firmware.log", "console.log"))
            written = "".join(log.read_text(errors="replace") for log in logs if log.exists())
            if is_off or greeting in written or time.monotonic() > end:
                return written
            time.sleep(0.05)
