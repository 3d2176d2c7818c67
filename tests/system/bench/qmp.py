# SPDX-License-Identifier: GPL-3.0-or-later
"""QEMU's control socket: commands, their answers, and what QEMU tells by itself."""

import json
import socket
import time
from pathlib import Path
from typing import Any

PATIENCE = 60
"""Seconds for any answer or event."""


class QmpError(Exception):
    """QEMU refused a command."""


class Qmp:
    """A connection; each command waits for its answer, events are kept until asked for."""

    def __init__(self, path: Path) -> None:
        self._socket = connected(path)
        self._socket.settimeout(PATIENCE)
        self._file = self._socket.makefile("rwb")
        self._events: list[dict[str, Any]] = []
        self._receive()
        self("qmp_capabilities")

    def __call__(self, command: str, **arguments: Any) -> Any:
        """Have a command done."""
        self._send({"execute": command, "arguments": arguments})
        while True:
            answer = self._receive()
            if "error" in answer:
                raise QmpError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def wait(self, name: str, **data: Any) -> dict[str, Any]:
        """Wait for an event with these data and give it; earlier ones count."""
        end = time.monotonic() + PATIENCE
        while True:
            for event in self._events:
                found = event.get("data", {})
                if event["event"] == name and data.items() <= found.items():
                    self._events.remove(event)
                    return event
            if time.monotonic() > end:
                raise TimeoutError(f"no event {name} {data}")
            self._receive()

    def forget(self, name: str) -> None:
        """Let earlier events of this name not count any more."""
        self._events = [event for event in self._events if event["event"] != name]

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def _send(self, message: dict[str, Any]) -> None:
        self._file.write(json.dumps(message).encode() + b"\n")
        self._file.flush()

    def _receive(self) -> dict[str, Any]:
        line = self._file.readline()
        if not line:
            raise ConnectionError("QEMU is gone")
        message: dict[str, Any] = json.loads(line)
        if "event" in message:
            self._events.append(message)
        return message


def connected(path: Path) -> socket.socket:
    """Connect to a socket of QEMU, which makes it some moments before it listens."""
    end = time.monotonic() + PATIENCE
    while True:
        made = socket.socket(socket.AF_UNIX)
        try:
            made.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            made.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return made
