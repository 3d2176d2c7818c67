# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a program as a child process that can always be got rid of, and leaves no zombie."""

import contextlib
import errno
import fcntl
import io
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from discwright.errors import TargetError
from discwright.transfer.cancel import CancelToken
from discwright.transfer.keeper import dying_with_us
from discwright.wording import _

STOPPING_S = 60.0
"""How long a child may take to stop cleanly: it lets the drive finish what it is doing."""

STARVING_S = 2.0
"""How long a child that was told to stop may wait for input; then there is no more of it."""

KILLED_S = 5.0
"""How long a killed child may take to go; it can't while a command hangs in the drive."""

_PIPE_SIZE = 1 << 20

Pieces = Callable[[], Iterator[memoryview]]
"""Gives what goes to the child's standard input."""


@dataclass(frozen=True)
class Exit:
    """How a child ended."""

    code: int | None
    """None: it hangs in the kernel and was left behind; it is reaped when it ends."""
    stopped: bool = False
    """It was told to stop."""
    killed: bool = False
    """It had to be killed."""
    failure: Exception | None = None
    """Why the input couldn't be given."""


def run_child(
    arguments: list[str],
    hear: Callable[[str], None],
    cancel: CancelToken,
    *,
    pieces: Pieces | None = None,
    surroundings: Mapping[str, str] | None = None,
    stopping: Callable[[], None] = lambda: None,
    stopping_s: float = STOPPING_S,
    killed_s: float = KILLED_S,
) -> Exit:
    """Run a program to its end; ``hear`` is called in this thread for each line that it says.

    ``stopping`` is called in it as well, when the program was told to stop. ``surroundings`` are
    further variables of its environment.

    A cancel stops it: SIGTERM to its process group, then the end of its input, for it may wait for
    a source that hangs, and SIGKILL if that takes too long. If its
    input fails, it is stopped as well, for at the end of input it would close the disc. Raises
    TargetError if it can't be started.
    """
    child = _Child(arguments, pieces, surroundings or {})
    return child.run(hear, stopping, cancel, stopping_s, killed_s)


class _Child:
    def __init__(
        self,
        arguments: list[str],
        pieces: Pieces | None,
        surroundings: Mapping[str, str],
    ) -> None:
        self._told: queue.SimpleQueue[str | _End | None] = queue.SimpleQueue()
        self._failure: Exception | None = None
        self._pieces = pieces
        try:
            self._process = subprocess.Popen(
                [*dying_with_us(arguments[0]), *arguments],
                stdin=subprocess.DEVNULL if pieces is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=os.environ | {"LC_ALL": "C"} | dict(surroundings),
                process_group=0,
            )
        except OSError as error:
            raise TargetError(
                _("The program {name} can't be started.").format(name=arguments[0]),
                remedy=_("Install the package {name}.").format(name=arguments[0]),
                cause=str(error),
            ) from error
        self._reader = threading.Thread(target=self._read, name="burn-hear", daemon=True)
        self._writing = threading.Lock()
        """Held while something is written to its input; and for good when there is no more."""
        self._feeder = threading.Thread(target=self._feed, name="burn-feed", daemon=True)

    def run(
        self,
        hear: Callable[[str], None],
        stopping: Callable[[], None],
        cancel: CancelToken,
        stopping_s: float,
        killed_s: float,
    ) -> Exit:
        self._reader.start()
        self._feeder.start()
        stopped = starved = killed = False
        with cancel.calling(lambda: self._told.put(None)):
            deadline: float | None = None
            while True:
                told = self._next(deadline)
                if isinstance(told, str):
                    hear(told)
                    continue
                if isinstance(told, _End):
                    break
                if deadline is not None and time.monotonic() >= deadline:
                    if not starved:
                        starved = True
                        self._end_input()
                        deadline += max(0.0, stopping_s - STARVING_S)
                        continue
                    if killed:
                        return self._left_behind()
                    killed = True
                    self._signal(signal.SIGKILL)
                    deadline = time.monotonic() + killed_s
                elif deadline is None and (cancel.cancelled or self._failure is not None):
                    stopped = True
                    self._signal(signal.SIGTERM)
                    stopping()
                    deadline = time.monotonic() + min(STARVING_S, stopping_s)
        code = self._process.wait()
        self._feeder.join(STARVING_S if stopped else killed_s)
        return Exit(code, stopped, killed, self._failure)

    def _next(self, deadline: float | None) -> "str | _End | None":
        if deadline is None:
            return self._told.get()
        try:
            return self._told.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return None

    def _left_behind(self) -> Exit:
        """Give up waiting; a thread of its own reaps the child when the drive lets go of it."""
        threading.Thread(target=self._process.wait, name="burn-reap", daemon=True).start()
        return Exit(None, stopped=True, killed=True, failure=self._failure)

    def _end_input(self) -> None:
        """Close its input, unless something is just being written: then it isn't waiting for it.

        The lock is kept: a descriptor of this number could be another file's soon.
        """
        entry = self._process.stdin
        if entry is not None and self._writing.acquire(blocking=False):
            with contextlib.suppress(OSError):
                entry.close()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _read(self) -> None:
        output = self._process.stdout
        if output is not None:
            with io.TextIOWrapper(output, "utf-8", "replace", newline=None) as lines:
                for line in lines:
                    self._told.put(line.rstrip("\n"))
        self._process.wait()
        self._told.put(_End())

    def _feed(self) -> None:
        entry = self._process.stdin
        if entry is None or self._pieces is None:
            return
        try:
            self._write(entry, self._pieces())
        except BrokenPipeError:
            pass  # it has ended: its exit code says why
        except Exception as error:  # whatever the source raises, a cancel too
            self._failure = error
            self._told.put(None)
            self._reader.join()  # its input stays open until it has ended
        if self._writing.acquire(blocking=False):
            with contextlib.suppress(OSError):
                entry.close()

    def _write(self, entry: IO[bytes], pieces: Iterator[memoryview]) -> None:
        descriptor = entry.fileno()
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
        for piece in pieces:
            done = 0
            while done < len(piece):
                if not self._writing.acquire(blocking=False):
                    raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
                try:
                    done += os.write(descriptor, piece[done:])
                finally:
                    self._writing.release()


class _End:
    """The child has ended and said its last word."""
