# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpacking stays within its memory, stops when asked, and leaves no process behind."""

import bz2
import lzma
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

import pytest

from discwright.errors import SourceError
from discwright.image import decoders
from discwright.image.child_decoder import ChildDecoder
from discwright.image.compression import Stream, open_stream
from discwright.transfer.cancel import Cancelled, CancelToken

from .packed import KINDS, image_bytes, pack, read_all, run, unpack

CONTENT = image_bytes(4_000_000)
MIB = 1 << 20
CHILDREN = ("xz", "zst", "lz4")


def packed_file(folder: Path, kind: str, content: bytes = CONTENT) -> Path:
    path = folder / f"disc.img.{kind}"
    path.write_bytes(pack(kind, content))
    return path


def process_of(stream: Stream) -> int:
    assert isinstance(stream._decoder, ChildDecoder)
    return stream._decoder._process.pid


def exists(pid: int) -> bool:
    """Tell whether there is such a process, be it a zombie."""
    return Path(f"/proc/{pid}").exists()


def feeders() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "feed-decoder"]


@pytest.fixture
def path_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing in it but what the test puts there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("sleep", "cat", "head"):
        found = shutil.which(tool)
        assert found
        (folder / tool).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))
    return folder


def fake(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f'#!/bin/sh\ncase "$*" in *--list*) exit 1;; esac\n{script}\n')
    path.chmod(0o755)


@pytest.mark.parametrize("kind", KINDS)
def test_closing_in_the_middle_leaves_nothing_behind(tmp_path: Path, kind: str) -> None:
    path = packed_file(tmp_path, kind)
    open_files = len(list(Path("/proc/self/fd").iterdir()))
    stream = open_stream(path)
    stream.read_into(memoryview(bytearray(1000)))
    pid = process_of(stream) if kind in CHILDREN else 0
    stream.close()
    stream.close()
    assert not pid or not exists(pid)
    assert not feeders()
    assert len(list(Path("/proc/self/fd").iterdir())) == open_files


@pytest.mark.parametrize("kind", ["plain", *KINDS])
def test_a_cancelled_stream_gives_nothing_more(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "disc.img"
    path.write_bytes(CONTENT if kind == "plain" else pack(kind, CONTENT))
    cancel = CancelToken()
    view = memoryview(bytearray(1000))
    with open_stream(path, cancel=cancel) as stream:
        assert stream.read_into(view) == 1000
        cancel.cancel()
        with pytest.raises(Cancelled):
            stream.read_into(view)
        with pytest.raises(Cancelled):
            stream.skip(10)
    with pytest.raises(Cancelled), open_stream(path, cancel=cancel) as stream:
        stream.read_into(view)


def test_a_decoder_that_hangs_is_killed_at_once_when_cancelled(
    tmp_path: Path, path_with: Path
) -> None:
    path = tmp_path / "disc.img.xz"
    path.write_bytes(lzma.compress(CONTENT))
    fake(path_with, "xz", "sleep 1000")  # a child of its own: the whole group has to go
    cancel = CancelToken()
    reading, ended = threading.Event(), threading.Event()
    result: list[object] = []

    def read(stream: Stream) -> None:
        reading.set()
        try:
            result.append(stream.read_into(memoryview(bytearray(1000))))
        except BaseException as error:
            result.append(error)
        ended.set()

    with open_stream(path, cancel=cancel) as stream:
        pid = process_of(stream)
        thread = threading.Thread(target=read, args=(stream,), daemon=True)
        thread.start()
        assert reading.wait(10)
        began = time.monotonic()
        cancel.cancel()
        assert ended.wait(5)
        thread.join()
    assert time.monotonic() - began < 2
    assert isinstance(result[0], Cancelled)
    assert not exists(pid)
    assert not feeders()


@pytest.mark.parametrize("kind", CHILDREN)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGPIPE])
def test_a_decoder_killed_in_the_middle_is_an_error(
    tmp_path: Path, kind: str, number: signal.Signals
) -> None:
    with open_stream(packed_file(tmp_path, kind, CONTENT * 5)) as stream:
        stream.read_into(memoryview(bytearray(1000)))
        os.kill(process_of(stream), number)
        with pytest.raises(SourceError, match="ended before it was done") as caught:
            read_all(stream)
        assert number.name in caught.value.cause


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit 0", "does not belong there"),
        ("head -c 5000 >/dev/null; echo content; exit 0", "does not belong there"),
        ("cat >/dev/null; echo some words >&2; exit 7", "some words (exit code 7)"),
        ("cat >/dev/null; exit 1", "(exit code 1)"),
        ("exec >&-; sleep 1000", "SIGKILL"),
    ],
)
def test_a_decoder_is_believed_only_if_it_has_read_everything_and_says_so(
    tmp_path: Path,
    path_with: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    words: str,
) -> None:
    monkeypatch.setattr("discwright.image.child_decoder._PATIENCE", 0.2)
    path = tmp_path / "disc.img.xz"
    path.write_bytes(lzma.compress(CONTENT))
    fake(path_with, "xz", script)
    began = time.monotonic()
    with open_stream(path) as stream, pytest.raises(SourceError) as caught:
        read_all(stream)
    assert time.monotonic() - began < 10
    assert words in f"{caught.value.message} {caught.value.cause}"


def test_xz_is_unpacked_without_the_command(tmp_path: Path, path_with: Path) -> None:
    whole = lzma.compress(CONTENT)
    path = tmp_path / "disc.img.xz"
    path.write_bytes(whole + bytes(8) + whole)
    assert unpack(path) == CONTENT * 2
    for damage in (whole[:-1], whole[: len(whole) // 2], whole + b"x", whole + whole[:20]):
        path.write_bytes(damage)
        with pytest.raises(SourceError):
            unpack(path)


@pytest.mark.parametrize(("kind", "package"), [("zst", "zstd"), ("lz4", "lz4")])
def test_what_is_missing_is_told_by_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, package: str
) -> None:
    path = packed_file(tmp_path, kind)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(decoders, "_ZSTD_MODULES", ("absent:Thing",))
    monkeypatch.setattr(decoders, "_LZ4_MODULES", ("absent:Thing",))
    with pytest.raises(SourceError) as caught:
        open_stream(path)
    assert f"“{package}”" in caught.value.remedy
    assert not feeders()


@pytest.mark.parametrize("kind", ["zst", "lz4"])
def test_a_module_serves_where_the_command_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path = packed_file(tmp_path, kind)
    monkeypatch.setenv("PATH", str(tmp_path))
    # All these modules have the manners of bz2, so bz2 can stand for them.
    path.write_bytes(path.read_bytes()[:4] + bz2.compress(CONTENT))

    class Strange:
        def __init__(self) -> None:
            self._bz2 = bz2.BZ2Decompressor()
            self._rest = 4

        def __getattr__(self, name: str) -> object:
            return getattr(self._bz2, name)

        def decompress(self, data: memoryview, max_length: int) -> bytes:
            skipped, self._rest = self._rest, 0
            return self._bz2.decompress(data[skipped:], max_length)

    monkeypatch.setattr(
        decoders.library_decoder, "find_module_decompressor", lambda _names: Strange
    )
    assert unpack(path) == CONTENT


def test_the_exit_code_is_not_believed_where_it_can_not_be_learned(tmp_path: Path) -> None:
    # A program that ignores SIGCHLD never learns how its children ended.
    whole = packed_file(tmp_path, "xz")
    cut = tmp_path / "cut.img.xz"
    cut.write_bytes(whole.read_bytes()[:-300_000])
    script = (
        "import signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        "from pathlib import Path\n"
        "from discwright.image.compression import open_stream\n"
        "view = memoryview(bytearray(1 << 20)); n = 0\n"
        "with open_stream(Path(sys.argv[1])) as stream:\n"
        "    while count := stream.read_into(view): n += count\n"
        "print(n)\n"
    )
    good = subprocess.run([sys.executable, "-c", script, whole], capture_output=True, check=False)
    bad = subprocess.run([sys.executable, "-c", script, cut], capture_output=True, check=False)
    assert good.stdout.strip() == str(len(CONTENT)).encode()
    assert bad.returncode != 0
    assert b"SourceError" in bad.stderr


def with_dictionary(size_code: int) -> bytes:
    """Give an .xz file that claims a dictionary of that size (xz format 5.3.1: 40 is 4 GiB)."""
    data = bytearray(lzma.compress(CONTENT[:5000], check=lzma.CHECK_CRC32))
    assert data[12:16] == b"\x02\0\x21\x01"
    data[16] = size_code
    data[20:24] = zlib.crc32(data[12:20]).to_bytes(4, "little")
    return bytes(data)


@pytest.mark.parametrize("command", [True, False])
def test_an_absurd_dictionary_is_refused_and_a_large_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: bool
) -> None:
    if not command:
        monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "disc.img.xz"
    path.write_bytes(with_dictionary(40))
    with pytest.raises(SourceError, match="memory") as caught:
        unpack(path)
    assert "Unpack it to a file" in caught.value.remedy
    path.write_bytes(with_dictionary(30))  # 128 MiB
    assert unpack(path) == CONTENT[:5000]


def test_an_absurd_zstd_window_is_refused(tmp_path: Path) -> None:
    if shutil.which("zstd") is None:
        pytest.skip("zstd is not installed")
    path = tmp_path / "disc.img.zst"
    # A frame with a window of 2 TiB and one raw block of one byte (RFC 8878 3.1.1).
    path.write_bytes(b"\x28\xb5\x2f\xfd\x00" + bytes([31 << 3]) + b"\x09\0\0x")
    with pytest.raises(SourceError, match="memory"):
        unpack(path)
    path.write_bytes(b"\x28\xb5\x2f\xfd\x00" + bytes([17 << 3]) + b"\x09\0\0x")  # 128 MiB
    assert unpack(path) == b"x"


BOMB = 200 * MIB
MEASURE = f"""
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, ({1024 * MIB}, {1024 * MIB}))
from discwright.image.compression import open_stream
def most():  # getrusage also knows what the process was before it was this program
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])
view = memoryview(bytearray(1 << 20))
before = most()
total = 0
with open_stream(Path(sys.argv[1])) as stream:
    while count := stream.read_into(view):
        total += count
own = most() - before
print(total, own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.parametrize("kind", KINDS)
def test_a_bomb_does_not_eat_the_memory(tmp_path: Path, kind: str) -> None:
    packed = pack(kind, bytes(BOMB // 4)) if kind != "zip" else pack(kind, bytes(BOMB))
    path = tmp_path / f"bomb.{kind}"
    path.write_bytes(packed * (1 if kind == "zip" else 4))
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, path], capture_output=True, check=True, timeout=60
    )
    total, own, child = map(int, done.stdout.split())
    assert total == BOMB
    assert own * 1024 < 48 * MIB
    assert child * 1024 < 96 * MIB


def test_a_bomb_of_one_bzip2_block_does_not_eat_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.bz2"
    path.write_bytes(run(("bzip2", "-9c"), bytes(BOMB)))
    assert path.stat().st_size < 1000
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, path], capture_output=True, check=True, timeout=60
    )
    total, own, _child = map(int, done.stdout.split())
    assert total == BOMB
    assert own * 1024 < 64 * MIB


def test_the_memory_of_a_child_is_limited_whatever_it_reckons(tmp_path: Path) -> None:
    with open_stream(packed_file(tmp_path, "zst")) as stream:
        limits = Path(f"/proc/{process_of(stream)}/limits").read_text(encoding="ascii")
    data = next(line.split() for line in limits.splitlines() if line.startswith("Max data size"))
    assert int(data[3]) <= 2048 * MIB


def test_the_child_has_a_process_group_of_its_own(tmp_path: Path) -> None:
    with open_stream(packed_file(tmp_path, "xz")) as stream:
        assert os.getpgid(process_of(stream)) == process_of(stream) != os.getpgrp()
