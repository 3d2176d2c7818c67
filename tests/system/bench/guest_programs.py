# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs run in the machine: the tests' end of the line to guest/agent.py."""

import itertools
import json
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import recipe
from .qmp import connected

PATIENCE = 90.0
"""Seconds for a program to end, or to say what is waited for."""


@dataclass(frozen=True)
class Ended:
    """How a program ended."""

    code: int
    out: str
    err: str


class Program:
    """A program that runs in the machine."""

    def __init__(self, line: "Line", identity: int) -> None:
        self._line, self._identity = line, identity
        self.output = {"out": b"", "err": b""}
        self.code: int | None = None
        self.pid = 0

    @property
    def out(self) -> str:
        return self.output["out"].decode("utf-8", "replace")

    @property
    def err(self) -> str:
        return self.output["err"].decode("utf-8", "replace")

    def until(self, condition: Callable[["Program"], object], what: str) -> "Program":
        """Wait until its output makes a condition true; it must not end before."""
        with self._line.news:
            met = self._line.news.wait_for(
                lambda: condition(self) or self.code is not None or self._line.gone, PATIENCE
            )
        assert met, f"waited in vain for {what}\n{self.out[-3000:]}{self.err}"
        assert condition(self), f"it ended before {what}\n{self.out[-3000:]}{self.err}"
        return self

    def says(self, text: str) -> "Program":
        """Wait until it has said a text."""
        return self.until(lambda one: text in one.out or text in one.err, repr(text))

    def type(self, text: str) -> None:
        """Give it input."""
        self._line.send({"do": "input", "id": self._identity}, text.encode())

    def signal(self, number: int) -> None:
        """Send a signal to it and its children."""
        self._line.send({"do": "signal", "id": self._identity, "number": number})

    def wait(self, patience: float = PATIENCE) -> Ended:
        """Wait until it has ended."""
        with self._line.news:
            ended = self._line.news.wait_for(
                lambda: self.code is not None or self._line.gone, patience
            )
        assert ended, f"it does not end\n{self.out[-3000:]}{self.err}"
        assert self.code is not None, "the machine is gone"
        return Ended(self.code, self.out, self.err)


class Line:
    """A line to one agent; its programs run as the agent's user, or as ``words`` make them."""

    def __init__(self, path: Path) -> None:
        self._socket = connected(path)
        self._programs: dict[int, Program] = {}
        self._numbers = itertools.count(1)
        self.news = threading.Condition()
        self.ready = False
        self.gone = False
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def wait_until_ready(self, patience: float) -> None:
        """Wait until the agent speaks for the first time."""
        with self.news:
            self.news.wait_for(lambda: self.ready or self.gone, patience)
        if not self.ready:
            raise TimeoutError("the machine does not start")

    def start(
        self, argv: Sequence[str | Path], *, env: Mapping[str, str] | None = None,
        terminal: bool = False, keep_input: bool = False, cwd: str | None = None,
    ) -> Program:  # fmt: skip
        """Start a program; ``terminal``: it finds one, where both outputs come from."""
        program = Program(self, next(self._numbers))
        self._programs[program._identity] = program
        order = {
            "do": "start", "id": program._identity, "argv": [str(word) for word in argv],
            "env": dict(env or {}), "terminal": terminal, "cwd": cwd,
        }  # fmt: skip
        self.send(order)
        if not keep_input:
            self.send({"do": "close", "id": program._identity})
        with self.news:
            self.news.wait_for(lambda: program.pid or program.code is not None or self.gone, 30)
        return program

    def run(
        self, argv: Sequence[str | Path], *, patience: float = PATIENCE,
        env: Mapping[str, str] | None = None, terminal: bool = False,
    ) -> Ended:  # fmt: skip
        """Run a program to its end."""
        return self.start(argv, env=env, terminal=terminal).wait(patience)

    def done(self, *argv: str | Path, patience: float = PATIENCE) -> str:
        """Run a program that must succeed; give what it wrote."""
        ended = self.run(argv, patience=patience)
        assert ended.code == 0, f"{argv}: {ended}"
        return ended.out

    def shell(self, script: str, patience: float = PATIENCE) -> str:
        """Run a script that must succeed; give what it wrote."""
        return self.done("sh", "-ec", script, patience=patience)

    def send(self, message: Mapping[str, object], data: bytes = b"") -> None:
        line = json.dumps({**message, "size": len(data)}).encode() + b"\n"
        self._socket.sendall(line + data)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _listen(self) -> None:
        with self._socket.makefile("rb") as file:
            try:
                while line := file.readline():
                    message = json.loads(line)
                    self._take(message, file.read(message["size"]))
            except (OSError, ValueError):
                pass
        with self.news:
            self.gone = True
            self.news.notify_all()

    def _take(self, message: dict[str, object], data: bytes) -> None:
        with self.news:
            program = self._programs.get(message["id"])  # type: ignore[call-overload]
            if message["is"] == "ready":
                self.ready = True
            elif program is None:
                pass
            elif message["is"] == "started":
                program.pid = message["pid"]
            elif message["is"] == "output":
                program.output[str(message["stream"])] += data
            elif message["is"] == "end":
                program.code = message["code"]
            self.news.notify_all()


class Elsewhere:
    """Like a line, but its programs are those of a user without a session at the machine.

    So it is for who comes over the network, and for what runs by itself.
    """

    def __init__(self, root: Line, user: str = recipe.VISITOR) -> None:
        self._root = root
        self._words = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]
        self._place = f"/home/{user}"
        self._env = {"HOME": self._place, "USER": user}

    def start(self, argv: Sequence[str | Path], *, terminal: bool = False) -> Program:
        return self._root.start(
            [*self._words, *argv], env=self._env, terminal=terminal, cwd=self._place
        )

    def run(self, argv: Sequence[str | Path], *, terminal: bool = False) -> Ended:
        return self.start(argv, terminal=terminal).wait()
