# SPDX-License-Identifier: GPL-3.0-or-later
"""Empties a stick when the program that copies files to it is killed.

A killed program can't unmount anything. So a small program of its own stands by: this module,
run by the interpreter. It reads from a pipe whose other end only the copying has. A byte says
that the copying has ended in order. The end of the pipe without one says that it was killed.
After a power cut nobody stands by: then the partition's type keeps the stick from being mounted.
"""

import contextlib
import os
import subprocess
import sys
import threading
import time

from discwright.devices import udisks, udisks_format
from discwright.errors import DiscwrightError

_PATIENCE_S = 120.0
"""Seconds in which what still holds the stick, such as a write on its way, lets go of it."""

_PAUSE_S = 0.25
_GRACE_S = 5.0
_DONE = b"."


class Guard:
    """Stands by for one stick, from its making to :meth:`dismiss`. Raises OSError."""

    def __init__(self, node: str, part: str, uuid: str) -> None:
        """``node``: the stick; ``part``: its partition; ``uuid``: of the new file system.

        By the UUID only what this copying has made is ever emptied.
        """
        places = os.pathsep.join(os.path.abspath(one) for one in sys.path if one)  # noqa: PTH100
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, node, part, uuid],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": places},
            cwd="/",
            start_new_session=True,  # what ends a terminal's programs doesn't end this one
        )

    def dismiss(self) -> None:
        """Send it away, whatever it does. Raises nothing."""
        process = self._process
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            process.communicate(_DONE, timeout=_GRACE_S)
            return
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            process.kill()
            process.wait(_GRACE_S)

    def hand_over(self) -> None:
        """Leave it to the guard to empty the stick, as soon as that can be done. Raises nothing."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        threading.Thread(target=self._process.wait, name="installer-guard", daemon=True).start()


def main() -> None:
    """Wait for the end of the copying; empty the stick if it was killed."""
    node, part, uuid = sys.argv[1:]
    if os.read(sys.stdin.fileno(), 1) == _DONE:
        return
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        try:
            if udisks_format.make_void_if(node, part, uuid):
                return
        except DiscwrightError as error:  # still in use, or gone: then it isn't found either
            if udisks.was_not_allowed(error):
                return  # nobody is to be asked for a password again and again
        time.sleep(_PAUSE_S)


if __name__ == "__main__":
    main()
