# SPDX-License-Identifier: GPL-3.0-or-later
"""How a command that unpacks gets its file: as it is, or through here so that it can be hashed.

Either way the command sees an open file, never a name from outside.
"""

import contextlib
import fcntl
import struct
import subprocess
import termios
import threading
from typing import IO, Protocol

from discwright.image.stream_source import SourceFile

_PIECE = 64 * 1024
_PATIENCE_S = 1


class ChildInput(Protocol):
    """What a command reads from. Begins when the command runs."""

    stdin: int
    """For :class:`subprocess.Popen`."""

    @property
    def position(self) -> int:
        """Bytes of the file that the command has taken."""

    def begin(self, stdin: IO[bytes] | None) -> None:
        """The command runs now; ``stdin``: our end, if it reads from a pipe."""

    def finish(self) -> bool:
        """Tell, when the command has left, whether it took all. Raises what the file raised."""

    def close(self) -> None:
        """Let go of the file; the command is dead."""


def input_for(source: SourceFile) -> ChildInput:
    """Give what suits the file: nobody else hears its bytes, or somebody does."""
    return Fed(source) if source.heard else Handed(source)


class Handed:
    """The command reads the open file itself, which spares two copies of each byte.

    They share the offset of the file, so it says how far the command is.
    """

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self.stdin = source.rewound()

    @property
    def position(self) -> int:
        """Bytes of the file that the command has taken."""
        return self._source.offset

    def begin(self, stdin: IO[bytes] | None) -> None:
        """Nothing to do."""

    def finish(self) -> bool:
        """Tell whether it took all. Raises SourceError if it couldn't, or the file was changed."""
        self._source.check_handed()
        return self._source.offset >= self._source.size

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()


class Fed:
    """A thread reads the file and writes it into a pipe; others hear each byte on its way."""

    def __init__(self, source: SourceFile) -> None:
        self.stdin = subprocess.PIPE
        self._source = source
        self._fed = False
        self._written = 0
        self._taken = 0
        self._error: BaseException | None = None
        self._lock = threading.Lock()
        self._pipe: IO[bytes] | None = None
        self._thread: threading.Thread | None = None

    @property
    def position(self) -> int:
        """Bytes of the file that the command has taken."""
        waiting = 0
        with self._lock:
            if self._pipe is not None and not self._pipe.closed:
                answer = fcntl.ioctl(self._pipe.fileno(), termios.FIONREAD, bytes(4))
                waiting = struct.unpack("i", answer)[0]
            # What is being written this moment waits already but isn't counted yet.
            self._taken = max(self._taken, self._written - waiting)
            return self._taken

    def begin(self, stdin: IO[bytes] | None) -> None:
        """Start feeding."""
        self._pipe = stdin
        self._thread = threading.Thread(target=self._feed, name="feed-decoder", daemon=True)
        self._thread.start()

    def finish(self) -> bool:
        """Tell whether it took all. Raises what the reading of the file raised."""
        if self._thread is not None:
            self._thread.join(_PATIENCE_S)
        if self._error is not None:
            raise self._error
        return self._fed

    def close(self) -> None:
        """Wait for the thread; if it hangs in the kernel, it closes the file when it returns."""
        if self._thread is not None:
            self._thread.join(_PATIENCE_S)

    def _feed(self) -> None:
        assert self._pipe is not None  # noqa: S101 - for the type checker
        try:
            while piece := self._source.chunk():
                while piece:
                    count = self._pipe.write(piece[:_PIECE])
                    self._written += count
                    piece = piece[count:]
            self._fed = True
        except BrokenPipeError:
            pass  # it has left: its exit code says why
        except BaseException as error:  # raised in the reading thread
            self._error = error
        finally:
            with self._lock, contextlib.suppress(OSError):
                self._pipe.close()
            self._source.close()
