# SPDX-License-Identifier: GPL-3.0-or-later
"""The SHA-256 of an image file that nobody has asked for, without holding anything up.

It is taken from the file itself, behind the writing, while the bytes are still in memory. A
stick that is faster than the digest doesn't wait for it.
"""

import os
import threading
from collections.abc import Callable
from pathlib import Path

from discwright.errors import DiscwrightError
from discwright.image.compression import open_stream
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.digests import new_digest

STEP = 1 << 20
"""Bytes that are read at once."""

NICE = 10
"""What it is less urgent than writing and reading back."""

PAUSE_S = 0.02
"""Seconds between two looks at how far the writing is."""


class Follower:
    """A thread that reads a plain file as far as ``reached()`` says, and takes its digest."""

    def __init__(self, path: Path, algorithm: str, reached: Callable[[], int]) -> None:
        self._path = path
        self._digest = new_digest(algorithm)
        self._reached = reached
        self._stopped = threading.Event()
        self._stop_token = CancelToken()
        self._found = ""
        self._thread = threading.Thread(target=self._run, name="stick-digest", daemon=True)
        self._whole = -1
        self.done = 0
        """Bytes that the digest is made of so far."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Give up; returns at once."""
        self._stopped.set()
        self._stop_token.cancel()

    def result(self, size: int, *, patience: float) -> str:
        """Give the digest of the whole file of ``size`` bytes, "" if it isn't known.

        ``patience``: seconds that it gets to come to its end.
        """
        if self._thread.ident is not None:
            self._thread.join(patience)
        return self._found if not self._thread.is_alive() and self._whole == size else ""

    def _run(self) -> None:
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
            before = self._fingerprint()
            self._whole = self._read()
            if self._whole == before[1] and before == self._fingerprint():
                self._found = self._digest.hexdigest()
        except (OSError, DiscwrightError, Cancelled):
            return  # whoever writes it will say what is wrong with it

    def _fingerprint(self) -> tuple[int, int, int]:
        status = os.stat(self._path)  # noqa: PTH116 - as the three belong together
        return status.st_ino, status.st_size, status.st_mtime_ns

    def _read(self) -> int:
        buffer = memoryview(bytearray(STEP))
        with open_stream(self._path, cancel=self._stop_token) as stream:
            while not self._stopped.is_set():
                ahead = self._reached() - self.done
                if ahead <= 0 and self.done < stream.compressed_size:
                    self._stopped.wait(PAUSE_S)
                    continue
                count = stream.read_into(buffer[: max(1, min(STEP, ahead))])
                if count == 0:
                    return self.done
                self._digest.update(buffer[:count])
                self.done += count
        return -1
