# SPDX-License-Identifier: GPL-3.0-or-later
"""From nothing to a machine that sleeps with the program in it, each step made once and kept.

The disk and a machine that has just started are kept in the user's cache folder, under a
fingerprint of the recipe; the program changes from run to run and is added to a copy.
"""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from . import program, recipe
from .disk import System, make
from .machine import Machine


class Ground:
    """Machines that wake with the program in them, for as long as ``folder`` is there."""

    def __init__(self, folder: Path, files: Callable[[System], Mapping[str, Path]]) -> None:
        """Make everything; a minute and a half the first time, some seconds later on.

        ``files``: what is to lie beside the program, by its names there.
        """
        self._folder = folder
        with _kept() as kept:
            self.system = System(kept)
            self._overlay, self._state = folder / "ready.qcow2", folder / "ready.state"
            self._code = folder / "code.img"
            program.lay_out(self._code, folder, files(self.system))
            _overlay_on(kept / "started.qcow2", self._overlay, "qcow2")
            with Machine(
                self.system, self._overlay, self._code, kept / "started.state", kept=True
            ) as machine:
                machine.root.shell(ARRIVAL)
                machine.user.run(["discwright", "devices"])
                machine.save(self._state)

    def wake(self) -> Machine:
        """Give a machine in the state in which all begin."""
        return Machine(self.system, self._overlay, self._code, self._state)


ARRIVAL = f"""
blockdev --flushbufs /dev/vdb
mkdir -p {program.PLACE}
mount -o ro /dev/vdb {program.PLACE}
modprobe -a sr_mod sd_mod usb_storage uas isofs udf vfat nls_ascii nls_cp437
"""


def why_not() -> str:
    """Say why there can be no machine here, "" if there can."""
    reason = recipe.missing_to_run()
    if not reason and not (_place() / "started.state").exists():
        reason = recipe.missing_to_make()
    return reason


def _place() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "discwright-tests" / f"machine-{recipe.fingerprint()}"


@contextmanager
def _kept() -> Iterator[Path]:
    """Give the folder of what is kept, made if it isn't there; older ones are removed."""
    place = _place()
    place.parent.mkdir(parents=True, exist_ok=True)
    with (place.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another run may be making it
        if not (place / "started.state").exists():
            for old in place.parent.glob("machine-*"):
                shutil.rmtree(old)
            _make_all(place)
        yield place


def _make_all(place: Path) -> None:
    system = System(place)
    place.mkdir()
    make(system)
    nothing, overlay = place / "nothing.img", place / "started.qcow2"
    program.empty(nothing)
    _overlay_on(system.disk, overlay, "raw")
    with Machine(system, overlay, nothing) as machine:
        machine.save(place / "being.state")
    nothing.unlink()
    (place / "being.state").rename(place / "started.state")


def _overlay_on(base: Path, overlay: Path, kind: str) -> None:
    subprocess.run(
        ["qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", kind, overlay], check=True
    )
