# SPDX-License-Identifier: GPL-3.0-or-later
"""Another PC, that does nothing but start from a stick: with a BIOS (SeaBIOS) or UEFI (OVMF)."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from .cpio import archive
from .disk import System
from .machine import start_qemu
from .qmp import Qmp

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


def start_from(
    memory: Path, greeting: str, *, uefi: bool, block: int = 512, usb: bool = True
) -> str:
    """Start a PC with only this stick; give what firmware and programs wrote up to a greeting.

    With a BIOS it ends too if nothing starts. Without ``usb`` it is a disk inside the PC.
    """
    with ExitStack() as stack:
        pc = _Pc(memory, stack, uefi=uefi, block=block, usb=usb)
        return pc.until(lambda written: greeting in written)


def screen_of(memory: Path, shown: "Callable[[Screen], bool]", *, uefi: bool) -> "Screen":
    """Start a PC with a screen; give this when it shows what is waited for, or at the end."""
    with ExitStack() as stack:
        pc = _Pc(memory, stack, uefi=uefi, screen=True)
        qmp = Qmp(pc.folder / "qmp")
        stack.callback(qmp.close)
        seen = Screen(0, 0, b"", "")

        def look(_written: str) -> bool:
            nonlocal seen
            seen = _look(qmp, pc.folder)
            return shown(seen)

        pc.until(look)
        return seen


@dataclass(frozen=True)
class Screen:
    """What a PC's screen shows."""

    width: int
    height: int
    pixels: bytes
    """Red, green and blue of each."""
    text: str
    """What is in the text memory of a VGA; that is shown in text modes only, as a BIOS has them."""

    def share(self, colour: tuple[int, int, int]) -> float:
        """Give how much of it has a colour, 0 to 1."""
        points = list(zip(*(self.pixels[at::3] for at in range(3)), strict=True))
        return points.count(colour) / max(1, len(points))


VGA_TEXT, VGA_TEXT_SIZE = 0xB8000, 80 * 25 * 2
"""Where a VGA has its text: a character and its colours in two bytes."""


def _look(qmp: Qmp, folder: Path) -> Screen:
    picture, cells = folder / "screen.ppm", folder / "screen.text"
    qmp("screendump", filename=str(picture))
    qmp("pmemsave", val=VGA_TEXT, size=VGA_TEXT_SIZE, filename=str(cells))
    # netpbm's P6: "P6\n640 480\n255\n" and the points
    _kind, size, _depth, pixels = picture.read_bytes().split(b"\n", 3)
    width, height = map(int, size.split())
    return Screen(width, height, pixels, cells.read_bytes()[::2].decode("cp437"))


class _Pc:
    """A PC that starts from a stick, until the stack is closed."""

    def __init__(
        self, memory: Path, stack: ExitStack, *, uefi: bool, block: int = 512, usb: bool = True,
        screen: bool = False,
    ) -> None:  # fmt: skip
        self.folder = Path(tempfile.mkdtemp(prefix="dw-pc-"))
        stack.callback(shutil.rmtree, self.folder)
        firmware: list[str | Path] = ["-bios", OVMF] if uefi else ["-boot", "reboot-timeout=1"]
        blocks = f"logical_block_size={block},physical_block_size={block}"
        disk = ("-device", "qemu-xhci", "-device", f"usb-storage,drive=stick,removable=on,{blocks}")
        if not usb:
            disk = ("-device", "virtio-scsi-pci", "-device", f"scsi-hd,drive=stick,{blocks}")
        arguments = [
            *firmware,
            *(("-device", "VGA") if screen else ()),
            *disk,
            *("-drive", f"file={memory},if=none,id=stick,format=raw,snapshot=on"),
            *("-chardev", f"file,id=firmware,path={self.folder / 'firmware.log'}"),
            *("-device", "isa-debugcon,iobase=0x402,chardev=firmware"),
        ]
        self._process = start_qemu(arguments, self.folder, stack)

    def until(self, met: Callable[[str], bool]) -> str:
        """Give what firmware and programs wrote when a condition is true of it, or at the end."""
        end = time.monotonic() + PATIENCE
        while True:
            is_off = self._process.poll() is not None
            logs = (self.folder / name for name in ("firmware.log", "console.log"))
            written = "".join(log.read_text(errors="replace") for log in logs if log.exists())
            if is_off or met(written) or time.monotonic() > end:
                return written
            time.sleep(0.05)
