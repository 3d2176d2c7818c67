# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command says: results on stdout, messages on stderr, or JSON lines on stdout."""

import contextlib
import json
import math
import os
import sys
import threading
from collections.abc import Mapping
from typing import TextIO

from discwright.wording import _, shown


class Streams:
    """The two outputs of a command; writing to a closed one is no error.

    With ``as_json`` stdout carries JSON lines only and stderr stays for what can't wait.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.lost = ""
        """Why results did not reach stdout; "" if they did, or if nobody reads there any more."""
        self._lock = threading.Lock()

    @property
    def can_ask(self) -> bool:
        """Whether somebody sits at the terminal to answer a question."""
        return not self.as_json and _is_terminal(sys.stdin) and _is_terminal(sys.stderr)

    @property
    def has_terminal(self) -> bool:
        """Whether messages go to a terminal."""
        return _is_terminal(sys.stderr)

    def result(self, line: str) -> None:
        """Write a line of the result to stdout; file names in it keep their bytes in a pipe."""
        if not self.as_json:
            terminal = _is_terminal(sys.stdout)
            self._write(sys.stdout, (shown(line, 4000) if terminal else line) + "\n")

    def message(self, text: str) -> None:
        """Write a message to stderr; with JSON it is left to the events."""
        if not self.as_json:
            self._write(sys.stderr, f"{shown(text, 4000)}\n")

    def draw(self, text: str) -> None:
        """Write to stderr as it is: the progress line."""
        self._write(sys.stderr, text)

    def event(self, event: Mapping[str, object]) -> None:
        """Write a JSON line to stdout: ASCII only, no surrogates, no NaN."""
        if self.as_json:
            self._write(sys.stdout, json.dumps(plain(event), allow_nan=False) + "\n")

    def ask(self, question: str) -> bool:
        """Ask for a yes on the terminal; anything else is a no."""
        self._write(sys.stderr, f"{shown(question, 4000)} {_('[y/N]')} ")
        answer = sys.stdin.readline().strip().lower()
        return answer in {"y", "yes", _("y"), _("yes")}

    def _write(self, stream: TextIO | None, text: str) -> None:
        if stream is None or stream.closed:
            return
        with self._lock:
            try:
                stream.flush()
                # Not print(): names of files keep their bytes, whatever the locale.
                stream.buffer.write(_encoded(text, stream.encoding))
                stream.buffer.flush()
            except BrokenPipeError:
                _silence(stream)
            except (OSError, ValueError) as error:
                if stream is sys.stdout and not self.lost:
                    self.lost = str(error)
                _silence(stream)


def plain(value: object) -> object:
    """Give ``value`` as JSON can hold it everywhere: lone surrogates and NaN are replaced."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case Mapping():
            return {str(plain(str(key))): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in value]
        case float() if not math.isfinite(value):
            return None
        case None | bool() | int() | float():
            return value
        case _:
            return plain(str(value))


def _encoded(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding, "surrogateescape")
    except UnicodeEncodeError:
        return text.encode(encoding, "backslashreplace")


def _is_terminal(stream: TextIO | None) -> bool:
    with contextlib.suppress(ValueError, OSError):
        return stream is not None and stream.isatty()
    return False


def _silence(stream: TextIO) -> None:
    """Send to nowhere what is still to come, so that the end of the program is quiet too."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
