# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpacking by the field's own commands, which use all processor cores where the format allows.

The file is fed to the command here, so that its bytes can be counted and hashed on the way; the
command never sees a name from outside.
"""

import contextlib
import fcntl
import os
import resource
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Sequence

from discwright.errors import DiscwrightError
from discwright.image import stream_errors
from discwright.image.stream_source import SourceFile

_PIPE = 1 << 20
_PIECE = 64 * 1024
_PATIENCE = 10
"""Seconds that a command gets to exit after it has closed its output."""
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
        self._source = source
        self._limit = limit
        self._fed = False
        self._written = 0
        self._taken = 0
        self._feeding_error: BaseException | None = None
        self._ended = False
        self._lock = threading.Lock()
        self._errors = os.memfd_create("decoder-errors", os.MFD_CLOEXEC)
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                bufsize=0,
                cwd="/",
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
                process_group=0,
            )
        except OSError:
            os.close(self._errors)
            raise
        with contextlib.suppress(OSError):  # gone already: its exit code will tell
            resource.prlimit(self._process.pid, resource.RLIMIT_DATA, (memory, memory))
            resource.prlimit(self._process.pid, resource.RLIMIT_CORE, (0, 0))
        assert self._process.stdin is not None  # noqa: S101 - for the type checker
        assert self._process.stdout is not None  # noqa: S101
        self._input = self._process.stdin
        self._output = self._process.stdout.fileno()
        with contextlib.suppress(OSError):  # the user's share of pipe buffers is used up
            fcntl.fcntl(self._output, fcntl.F_SETPIPE_SZ, _PIPE)
        self._feeder = threading.Thread(target=self._feed, name="feed-decoder", daemon=True)
        self._feeder.start()

    @property
    def position(self) -> int:
        """Bytes of the source that the command has taken."""
        waiting = 0
        with self._lock:
            if not self._input.closed:
                answer = fcntl.ioctl(self._input.fileno(), termios.FIONREAD, bytes(4))
                waiting = struct.unpack("i", answer)[0]
            # What is being written this moment waits already but isn't counted yet.
            self._taken = max(self._taken, self._written - waiting)
            return self._taken

    def read_into(self, view: memoryview) -> int:
        """Fill ``view``; gives less only at the end, and 0 after it."""
        got = 0
        while got < len(view) and not self._ended:
            count = os.readv(self._output, [view[got:]])
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
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._feeder.join(1)  # if it hangs in the kernel, it closes the source when it returns
        if self._errors >= 0:
            os.close(self._errors)
            self._errors = -1

    def _feed(self) -> None:
        try:
            while piece := self._source.chunk():
                while piece:
                    count = self._input.write(piece[:_PIECE])
                    self._written += count
                    piece = piece[count:]
            self._fed = True
        except BrokenPipeError:
            pass  # it has left: its exit code says why
        except BaseException as error:  # raised in the reading thread
            self._feeding_error = error
            self.stop()
        finally:
            with self._lock, contextlib.suppress(OSError):
                self._input.close()
            self._source.close()

    def _judge(self) -> None:
        """Raise unless the command has taken everything and found it in order."""
        try:
            status = self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.stop()
            status = self._process.wait()
        self._feeder.join()
        if isinstance(self._feeding_error, DiscwrightError):
            raise self._feeding_error
        if self._feeding_error is not None:
            raise RuntimeError("Feeding the decoder failed") from self._feeding_error
        name = self._source.name
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
        if not self._fed:
            raise stream_errors.followed(name, f"{self._command} did not read to the end")

    def _words(self) -> str:
        text = os.pread(self._errors, _WORDS, 0).decode("utf-8", "replace")
        return " ".join(text.split())
