# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of one job: what was done, in lines with the time, to be read, saved and sent."""

import contextlib
import errno
import os
import platform
import re
import stat
import threading
from collections import deque
from datetime import datetime
from pathlib import Path
from typing import TextIO

from discwright import __version__
from discwright.wording import _, shown

KEPT = 20
"""How many logs stay in the folder."""

HEAD, TAIL = 1000, 9000
"""Lines kept of a long log: the first and the last."""

_LONGEST = 2000
"""Characters in a line."""


class JobLog:
    """A log that grows in memory, within bounds, and in a file of its own if it has a folder.

    Safe to use from several threads. A file that can't be written changes nothing: the lines
    in memory can still be saved elsewhere.
    """

    def __init__(self) -> None:
        self.path: Path | None = None
        """The automatic copy, None before :meth:`open` or where it can't be written."""
        self._head: list[str] = []
        self._tail: deque[str] = deque(maxlen=TAIL)
        self._left_out = 0
        self._file: TextIO | None = None
        self._lock = threading.Lock()

    def open(self, directory: Path, name: str) -> None:
        """Keep a copy in ``directory`` from now on, and only the newest copies there."""
        stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
        stem = f"{stamp}-{re.sub(r'[^a-z0-9]+', '-', name.lower())}-{os.getpid()}"
        with contextlib.suppress(OSError), self._lock:
            directory.mkdir(parents=True, exist_ok=True)
            for attempt in range(100):
                path = directory / f"{stem}{f'-{attempt}' if attempt else ''}.log"
                with contextlib.suppress(FileExistsError):
                    self._file = path.open("x", encoding="utf-8", buffering=1)
                    self.path = path
                    self._file.write("".join(f"{line}\n" for line in self._lines()))
                    break
            _prune(directory)

    def write(self, text: str) -> tuple[str, ...]:
        """Add ``text``, made safe to show, and give the lines that it became."""
        now = datetime.now().astimezone().isoformat(sep=" ", timespec="milliseconds")
        lines = tuple(f"{now}  {_clean(line)}" for line in text.splitlines() or [""])
        with self._lock:
            for line in lines:
                if len(self._head) < HEAD:
                    self._head.append(line)
                else:
                    self._left_out += len(self._tail) == TAIL
                    self._tail.append(line)
                # The copy stops where lines begin to be left out; close() completes it.
                if self._file is not None and not self._left_out:
                    self._put(line)
        return lines

    @property
    def lines(self) -> tuple[str, ...]:
        """The log, with one line in the place of those that were too many to keep."""
        with self._lock:
            return self._lines()

    def save(self, path: Path) -> None:
        """Write the log to ``path``, over nothing but an earlier log. Raises OSError."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
        with os.fdopen(os.open(path, flags, 0o666), "r+b") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode) or not _is_log(file.read(100)):
                raise FileExistsError(errno.EEXIST, _("something else is there"), str(path))
            file.seek(0)
            file.write("".join(f"{line}\n" for line in self.lines).encode("utf-8", "replace"))
            file.truncate()

    def close(self) -> None:
        """Complete the copy. What is written later is in memory only."""
        with self._lock:
            file, self._file = self._file, None
            if file is not None:
                with contextlib.suppress(OSError):
                    if self._left_out:
                        file.seek(0)
                        file.truncate()
                        file.write("".join(f"{line}\n" for line in self._lines()))
                with contextlib.suppress(OSError):
                    file.close()

    def _put(self, line: str) -> None:
        file = self._file
        if file is None:
            return
        try:
            file.write(f"{line}\n")
        except OSError:
            # A full disk: the copy ends here.
            self._file = None
            with contextlib.suppress(OSError):
                file.close()

    def _lines(self) -> tuple[str, ...]:
        gap = (f"… {self._left_out} lines left out …",) if self._left_out else ()
        return (*self._head, *gap, *self._tail)


def versions() -> tuple[str, ...]:
    """Give what the log begins with: the program and what it stands on."""
    return (
        f"Discwright {__version__}",
        f"libcdio {_libcdio_version()}, Python {platform.python_version()}",
        f"{platform.system()} {platform.release()} {platform.machine()}",
    )


def _libcdio_version() -> str:
    try:
        from discwright.optical import libcdio  # noqa: PLC0415 - a copy without drives works too

        return libcdio.version()
    except (ImportError, OSError, ValueError):
        return "missing"


def _clean(line: str) -> str:
    text = line.lstrip(" ")
    return " " * min(len(line) - len(text), 40) + shown(text, _LONGEST)


def _prune(directory: Path) -> None:
    logs = sorted(directory.glob("[0-9]*.log"), key=lambda path: path.name)
    for old in logs[:-KEPT]:
        with contextlib.suppress(OSError):
            old.unlink()


def _is_log(start: bytes) -> bool:
    """Tell a log, or an empty file, by its beginning: the time and two blanks."""
    return not start or re.match(rb"\d{4}-\d\d-\d\d [0-9:.+-]+  ", start) is not None
