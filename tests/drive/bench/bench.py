# SPDX-License-Identifier: GPL-3.0-or-later
"""The face for tests: a place with drives and sticks, and the program run in it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from .handle import Drive
from .medium import Disc, Profile
from .mmc.drive import WRITER_PROFILES, Traits
from .shim import Shim, compile_library
from .sysfs import StickNode, write_cdrom_info

_LIBRARY = "libumockdev-preload.so.0"
_CHECKOUT = Path(__file__).parents[3]
MISSING = (
    "The virtual drive needs umockdev: install the package that brings "
    f"{_LIBRARY} (Debian, Ubuntu, Fedora: umockdev)."
)


def umockdev_missing() -> str:
    """Give the sentence that says what to install, "" if the bench can run."""
    probe = subprocess.run(
        [sys.executable, "-S", "-E", "-c", f"import ctypes; ctypes.CDLL({_LIBRARY!r})"],
        capture_output=True, check=False,
    )  # fmt: skip
    return MISSING if probe.returncode else ""


class Bench:
    """A place of its own: nothing of the machine's drives and sticks is seen in it.

    The preload library's socket addresses must be short, so it lies in the system's directory for
    temporary files, not in a test's; leaving it removes it and ends the drives' processes.
    """

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="dw-bench-"))
        self.shim = Shim(self.root)
        self.drives: list[Drive] = []
        self.sticks: dict[str, StickNode] = {}
        self._hurry = self.root / "hurry.so"
        self._divisor = 1
        self._children: list[subprocess.Popen[str]] = []
        for folder in ("sys/class/block", "sys/bus/scsi", "sys/bus/usb", "sys/block",
                       "sys/dev/block", "sys/dev/char", "dev/.node", "ioctl/dev"):  # fmt: skip
            (self.root / folder).mkdir(parents=True)
        write_cdrom_info(self.root)

    def __enter__(self) -> "Bench":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def close(self) -> None:
        """End the programs that still run, then the drives; remove everything."""
        for child in self._children:
            if child.poll() is None:
                child.kill()
            with child:
                pass
        for drive in self.drives:
            drive.close()
        shutil.rmtree(self.root, ignore_errors=True)

    def add_drive(
        self, disc: Disc | None = None, *, name: str = "", traits: Traits | None = None,
        profiles: Sequence[Profile] = WRITER_PROFILES, **changes: object,
    ) -> Drive:  # fmt: skip
        """Plug in a drive; programs that listen get the uevent. ``changes`` are its traits."""
        index = len(self.drives)
        base = traits or Traits(serial=f"BENCH{index:04d}", profiles=tuple(profiles))
        drive = Drive(self.root, name or f"sr{index}", index, replace(base, **changes), disc)  # type: ignore[arg-type]
        self.drives.append(drive)
        return drive

    def add_stick(self, name: str = "sda", size: int = 8 << 30, **changes: object) -> StickNode:
        """Plug in a stick, for the list of devices; see :class:`StickNode`."""
        stick = StickNode(self.root, name, ord(name[-1]) - ord("a"), size, **changes)  # type: ignore[arg-type]
        stick.plug()
        self.sticks[name] = stick
        return stick

    def refuse_open(self, name: str, error: int, when: str = "any") -> None:
        """Let open("/dev/NAME") fail: EBUSY, EACCES, ENOMEDIUM ...; 0 lets it succeed again.

        ``when``: "any", "excl" (only with O_EXCL), "write" (only for writing), "block" (only
        without O_NONBLOCK). The first call must come before the program starts.
        """
        self.shim.refuse(name, error, when)

    def hurry(self, divisor: int = 50) -> None:
        """Divide the naps of xorriso and cdrskin, so that a burn takes a second and not seven."""
        compile_library("hurry.c", self._hurry)
        self._divisor = divisor

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Give the environment that makes a program see the bench instead of the machine.

        Its own settings, state and locks too, and no message bus: two test runs at the same time
        don't meet. ``extra`` wins over everything.
        """
        made = dict(os.environ)
        ours = [str(each) for each in (self.shim.library, self._hurry) if each.exists()]
        preload = [*ours, _LIBRARY, *made.get("LD_PRELOAD", "").split()]
        made |= {
            "UMOCKDEV_DIR": str(self.root), "LD_PRELOAD": " ".join(preload),
            "PYTHONPATH": str(_CHECKOUT / "app"), "PYTHONUNBUFFERED": "1",
            "BENCH_HURRY": str(self._divisor),
        }  # fmt: skip
        for purpose in ("RUNTIME_DIR", "STATE_HOME", "CONFIG_HOME", "CACHE_HOME", "DATA_HOME"):
            place = self.root / "home" / purpose
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            made[f"XDG_{purpose}"] = str(place)
        for bus in ("SESSION", "SYSTEM"):
            made[f"DBUS_{bus}_BUS_ADDRESS"] = f"unix:path={self.root}/no-bus"
        return made | dict(extra or {})

    def command(self, argv: Sequence[str | Path]) -> list[str]:
        """Give the command line: "discwright" and "python" stand for this checkout and Python."""
        words = [str(word) for word in argv]
        own = {"discwright": [sys.executable, "-m", "discwright"], "python": [sys.executable]}
        return [*own.get(words[0], [words[0]]), *words[1:]]

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        timeout: float = 60,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in the bench and wait for it."""
        return subprocess.run(
            self.command(argv), env=self.environment(env), timeout=timeout, check=False,
            capture_output=True, text=True, errors="backslashreplace", stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def popen(
        self, argv: Sequence[str | Path], *, env: Mapping[str, str] | None = None, **options: object
    ) -> subprocess.Popen[str]:
        """Start a program in the bench; it is killed at the end if it still runs."""
        child: subprocess.Popen[str] = subprocess.Popen(
            self.command(argv), env=self.environment(env), text=True, errors="backslashreplace",
            **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
               **options},
        )  # type: ignore[call-overload] # fmt: skip
        self._children.append(child)
        return child
