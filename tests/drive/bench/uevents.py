# SPDX-License-Identifier: GPL-3.0-or-later
"""Uevents as udevd sends them, to the programs that follow libudev's monitor on the bench."""

import socket
import struct
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

_MAGIC = 0xFEEDCAFE
_HEADER = struct.Struct("=8sIIIIIIII")


def murmur2(text: str) -> int:
    """Give MurmurHash2 of a string, seed 0; libudev filters by it."""
    mix, data = 0x5BD1E995, text.encode()
    value = len(data)
    while len(data) >= 4:
        word = int.from_bytes(data[:4], "little") * mix & 0xFFFFFFFF
        word = (word ^ word >> 24) * mix & 0xFFFFFFFF
        value = (value * mix & 0xFFFFFFFF) ^ word
        data = data[4:]
    if data:
        value = (value ^ int.from_bytes(data, "little")) * mix & 0xFFFFFFFF
    value = (value ^ value >> 13) * mix & 0xFFFFFFFF
    return value ^ value >> 15


def datagram(action: str, properties: Mapping[str, str]) -> bytes:
    """Give the message of an event (systemd, libudev-monitor's format)."""
    everything = {"ACTION": action, "SEQNUM": str(time.monotonic_ns() // 1000), **properties}
    body = b"".join(f"{key}={value}".encode() + b"\0" for key, value in everything.items())
    header = _HEADER.pack(
        b"libudev\0", socket.htonl(_MAGIC), _HEADER.size, _HEADER.size, len(body),
        socket.htonl(murmur2(everything["SUBSYSTEM"])),
        socket.htonl(murmur2(everything["DEVTYPE"])) if "DEVTYPE" in everything else 0, 0, 0,
    )  # fmt: skip
    return header + body


def send(root: Path, action: str, properties: Mapping[str, str]) -> int:
    """Send an event to every monitor of the bench; give how many there are."""
    message = datagram(action, properties)
    reached = 0
    for path in root.glob("event[0-9]*"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_RAW | socket.SOCK_CLOEXEC) as sender:
            sender.settimeout(5)
            with suppress(FileNotFoundError):
                try:
                    sender.connect(str(path))
                    sender.send(message)
                    reached += 1
                except ConnectionRefusedError:
                    path.unlink(missing_ok=True)
    return reached
