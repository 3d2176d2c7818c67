# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpacking by the field's own commands, which use all processor cores where the format allows.

What comes from the command comes by a socket: unlike a pipe it fills a whole buffer in one call,
while a command that writes 8 KiB at a time wakes the reader of a pipe for each of them.
"""

import contextlib
import os
import resource
import signal
import socket
import subprocess
from collections.abc import Sequence

from discwright.errors import DiscwrightError
from discwright.image import stream_errors
from discwright.image.child_input import input_for
from discwright.image.stream_source import SourceFile

_AHEAD = 1 << 20
"""Bytes of content that may wait for being read; the system may allow less."""
_PATIENCE = 10
"""Seconds that a command gets to exit after it has closed its output."""
_DYING = 1
"""Seconds that a killed command gets: it may hang in the kernel, with the file's file system."""
_WORDS = 4096
_SHORT = (
    "unexpected end", "premature end", "unfinished stream", "truncated",
    "could not complete", "magic number unreadable",  # lz4 from 1.10 on
)  # fmt: skip
_MEMORY = ("memory usage limit", "requires too much memory", "cannot allocate memory",
           "too large", "too much memory", "larger than maximum", "not enough memory")  # fmt: skip


class ChildDecoder:
    """A command that unpacks its input to its output, and is believed only if it says so.

    ``memory``: bytes of data that it may take. It runs in a process group of its own, without
    the environment variables by which its behaviour could be changed.
    """

    def __init__(
        self, command: Sequence[str], source: SourceFile, *, memory: int, limit: int
    ) -> None:
        self._command = os.path.basename(command[0])  # noqa: PTH119 - a command, not a path
        self._name = source.name
        self._limit = limit
        self._ended = False
        self._output, theirs = socket.socketpair()
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _AHEAD)
        self._errors = os.memfd_create("decoder-errors", os.MFD_CLOEXEC)
        try:
            with theirs:
                self._input = input_for(source)
                self._process = subprocess.Popen(
                    list(command),
                    stdin=self._input.stdin,
                    stdout=theirs.fileno(),
                    stderr=self._errors,
                    bufsize=0,
                    cwd="/",
                    env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
                    process_group=0,
                )
        except BaseException:
            self._output.close()
            os.close(self._errors)
            raise
        with contextlib.suppress(OSError):  # gone already: its exit code will tell
            resource.prlimit(self._process.pid, resource.RLIMIT_DATA, (memory, memory))
            resource.prlimit(self._process.pid, resource.RLIMIT_CORE, (0, 0))
        self._input.begin(self._process.stdin)

    @property
    def position(self) -> int:
        """Bytes of the source that the command has taken."""
        return self._input.position

    def read_into(self, view: memoryview) -> int:
        """Fill ``view``; gives less only at the end, and 0 after it."""
        got = 0
        while got < len(view) and not self._ended:
            count = self._output.recv_into(view[got:], 0, socket.MSG_WAITALL)
            if count == 0:
                self._judge()
                self._ended = True
            got += count
        return got

    def stop(self) -> None:
        """Kill it; returns at once, safe in a signal handler."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kill it if it still runs, reap it, and let go of the file."""
        self.stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_DYING)
        self._output.close()
        self._input.close()
        if self._errors >= 0:
            os.close(self._errors)
            self._errors = -1

    def _judge(self) -> None:
        """Raise unless the command has taken everything and found it in order."""
        try:
            status = self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.stop()
            try:
                status = self._process.wait(_DYING)
            except subprocess.TimeoutExpired:
                status = -signal.SIGKILL
        try:
            fed = self._input.finish()
        except DiscwrightError:
            raise
        except BaseException as error:
            raise RuntimeError("Feeding the decoder failed") from error
        name = self._name
        if status < 0:
            number = -status
            with contextlib.suppress(ValueError):
                number = signal.Signals(-status)
            raise stream_errors.stopped(name, f"{self._command} was ended by signal {number!r}")
        words = self._words()
        cause = f"{self._command}: {words} (exit code {status})"
        if status != 0:
            lower = words.casefold()
            if any(word in lower for word in _MEMORY):
                raise stream_errors.too_much_memory(name, self._limit, cause)
            if any(word in lower for word in _SHORT):
                raise stream_errors.cut_off(name, cause)
            raise stream_errors.damaged(name, cause)
        if not fed:
            raise stream_errors.followed(name, f"{self._command} did not read to the end")

    def _words(self) -> str:
        text = os.pread(self._errors, _WORDS, 0).decode("utf-8", "replace")
        return " ".join(text.split())
