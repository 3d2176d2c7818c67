# SPDX-License-Identifier: GPL-3.0-or-later
"""Compressed images, made by the tools that people use."""

import hashlib
import random
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from discwright.image.compression import Stream, open_stream
from discwright.transfer.cancel import CancelToken

TOOLS = {
    "gz": ("gzip", "-nc"),
    "bz2": ("bzip2", "-1c"),
    "xz": ("xz", "-cT2", "--block-size=262144"),
    "zst": ("zstd", "-qcT1"),
    "lz4": ("lz4", "-qcB4"),
}
KINDS = (*TOOLS, "zip")


def image_bytes(size: int, seed: int = 1) -> bytes:
    """Give what looks like an image: zeros, text and noise in turn; the same every time."""
    draw = random.Random(seed)
    parts = [bytes(512)]
    while sum(map(len, parts)) < size:
        length = draw.randrange(1, size // 6 + 2)
        parts.append(
            draw.choice(
                (bytes(length), draw.randbytes(length), b"boot the system; " * (length // 17 + 1))
            )
        )
    return b"".join(parts)[:size]


def run(command: tuple[str, ...], data: bytes) -> bytes:
    """Run a tool over data, or skip where it isn't installed."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def pack(kind: str, content: bytes) -> bytes:
    """Compress content as a member, stream or frame of its own."""
    if kind == "zip":
        return run(("zip", "-q", "-", "-"), content)
    return run(TOOLS[kind], content)


def zipped(path: Path, *members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Make an archive of these files."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def read_all(stream: Stream, buffer: int = 1 << 20) -> bytes:
    """Read a stream to its end, as a writer would, and look at its progress."""
    view = memoryview(bytearray(buffer))
    parts = []
    before = 0
    while count := stream.read_into(view):
        parts.append(bytes(view[:count]))
        assert before <= stream.position <= stream.compressed_size
        before = stream.position
    assert stream.read_into(view) == 0
    assert stream.produced == sum(map(len, parts))
    return b"".join(parts)


def unpack(path: Path, buffer: int = 1 << 20, cancel: CancelToken | None = None) -> bytes:
    """Give the content of a file, having checked that all its bytes were heard."""
    heard = hashlib.sha256()
    with open_stream(path, raw=heard.update, cancel=cancel) as stream:
        content = read_all(stream, buffer)
        assert stream.position == stream.compressed_size
        assert stream.size in {None, len(content)}
    assert heard.digest() == hashlib.sha256(path.read_bytes()).digest()
    return content
