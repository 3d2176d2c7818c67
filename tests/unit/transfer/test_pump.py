# SPDX-License-Identifier: GPL-3.0-or-later
"""The pump loses no byte, hides no error, and always stops when asked."""

import ctypes
import gc
import mmap
import os
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discwright.transfer.buffers import Ring
from discwright.transfer.cancel import Cancelled, CancelToken
from discwright.transfer.pump import pump

PAGE = mmap.PAGESIZE
calm = settings(deadline=None, max_examples=80)


class Source:
    """Gives pieces of the asked lengths; breaks at one of them if told so."""

    def __init__(self, lengths, *, breaks_at=None, error=None):
        self.lengths = list(lengths)
        self.given = bytearray()
        self.calls = 0
        self.breaks_at = breaks_at
        self.error = error

    def fill(self, buffer):
        number, self.calls = self.calls, self.calls + 1
        if number == self.breaks_at:
            raise self.error
        if number >= len(self.lengths):
            return 0
        length = self.lengths[number]
        piece = os.urandom(length)
        buffer[:length] = piece
        self.given += piece
        return length


class Sink:
    """Keeps what it gets; breaks at a piece if told so."""

    def __init__(self, *, breaks_at=None, error=None):
        self.got = bytearray()
        self.calls = 0
        self.breaks_at = breaks_at
        self.error = error

    def __call__(self, piece):
        number, self.calls = self.calls, self.calls + 1
        if number == self.breaks_at:
            raise self.error
        self.got += piece


def pump_threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("pump-")]


lengths = st.lists(st.integers(1, PAGE), max_size=30)


@calm
@given(lengths, st.integers(0, 4), st.integers(1, 5))
def test_every_consumer_gets_every_byte_in_order(lengths, consumers, buffers):
    source = Source(lengths)
    sinks = [Sink() for _ in range(consumers)]
    moved = pump(source.fill, sinks, cancel=CancelToken(), ring=Ring(PAGE, buffers))
    assert moved == sum(lengths)
    assert all(sink.got == source.given for sink in sinks)
    assert pump_threads() == []


@calm
@given(lengths, st.integers(1, 4), st.integers(1, 5), st.data())
def test_the_error_of_any_thread_ends_the_pump_and_is_the_one_raised(
    lengths, consumers, buffers, data
):
    error = OSError("broken")
    source, sinks = Source(lengths), [Sink() for _ in range(consumers)]
    victim = data.draw(st.sampled_from([source, *sinks]))
    victim.error = error
    calls = len(lengths) + (1 if victim is source else 0)
    victim.breaks_at = data.draw(st.integers(0, max(0, calls - 1)))
    if calls == 0:
        pump(source.fill, sinks, cancel=CancelToken(), ring=Ring(PAGE, buffers))
        return
    with pytest.raises(OSError, match="broken") as told:
        pump(source.fill, sinks, cancel=CancelToken(), ring=Ring(PAGE, buffers))
    assert told.value is error
    assert pump_threads() == []
    assert all(source.given.startswith(sink.got) for sink in sinks)


@calm
@given(st.integers(0, 40), st.integers(0, 3), st.integers(1, 5), st.data())
def test_a_cancel_at_any_moment_stops_all_threads(moment, consumers, buffers, data):
    token, countdown, lock = CancelToken(), iter(range(moment + 1)), threading.Lock()

    def step():
        with lock:
            if next(countdown, None) == moment or moment == 0:
                token.cancel()

    def fill(buffer):
        step()
        return len(buffer)

    with pytest.raises(Cancelled):
        pump(fill, [lambda _piece: step()] * consumers, cancel=token, ring=Ring(PAGE, buffers))
    assert pump_threads() == []


def test_a_pump_cancelled_before_it_began_reads_nothing():
    token, source = CancelToken(), Source([10])
    token.cancel()
    with pytest.raises(Cancelled):
        pump(source.fill, [], cancel=token)
    assert source.calls == 0


def test_a_drive_that_hangs_in_the_kernel_does_not_hold_up_a_cancel():
    token, released = CancelToken(), threading.Event()
    hanging, arrived = threading.Event(), threading.Event()
    calls, got, left, moments = [], [], [], []

    def fill(buffer):
        calls.append(True)
        if len(calls) == 2:
            hanging.set()
            released.wait(60)
        buffer[:4] = b"data"
        return 4

    def write(piece):
        got.append(bytes(piece))
        arrived.set()

    def cancel_when_hanging():
        assert hanging.wait(30)
        assert arrived.wait(30)
        moments.append(time.monotonic())
        token.cancel()

    canceller = threading.Thread(target=cancel_when_hanging)
    canceller.start()
    with pytest.raises(Cancelled):
        pump(fill, [write], cancel=token, stuck=left.append)
    moments.append(time.monotonic())
    try:
        assert moments[1] - moments[0] < 1.0
        assert [thread.name for thread in left] == ["pump-fill"]
        assert pump_threads() == left
    finally:
        released.set()
        canceller.join(30)
        left[0].join(30)
    assert pump_threads() == []
    assert got == [b"data"]  # what arrived too late went nowhere
    assert len(calls) == 2


def test_a_full_disk_is_reported_even_while_the_drive_hangs():
    hanging, released, left = threading.Event(), threading.Event(), []

    def fill(buffer):
        if hanging.is_set():
            released.wait(60)
        hanging.set()
        return len(buffer)

    def write(_piece):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        pump(fill, [write], cancel=CancelToken(), ring=Ring(PAGE, 2), stuck=left.append)
    released.set()
    for thread in left:
        thread.join(30)
    assert pump_threads() == []


def test_a_writer_that_hangs_is_reported_and_never_called_again():
    token, hanging, released, left, calls = (
        CancelToken(),
        threading.Event(),
        threading.Event(),
        [],
        [],
    )

    def write(_piece):
        calls.append(True)
        hanging.set()
        token.cancel()
        released.wait(60)

    with pytest.raises(Cancelled):
        pump(len, [write], cancel=token, stuck=left.append)
    assert [thread.name for thread in left] == ["pump-0"]
    released.set()
    left[0].join(30)
    assert len(calls) == 1


def test_the_pump_ticks_while_the_drive_takes_its_time():
    ticked = threading.Event()

    def fill(_buffer):
        assert ticked.wait(30)
        return 0

    pump(fill, [], cancel=CancelToken(), tick=ticked.set, tick_seconds=0.01)


def test_an_error_of_the_tick_leaves_no_thread_behind():
    token = CancelToken()

    def fill(_buffer):
        token.wait(60)
        return 0

    def tick():
        token.cancel()  # lets fill go
        raise RuntimeError("listener broke")

    with pytest.raises((RuntimeError, Cancelled)):
        pump(fill, [], cancel=token, tick=tick, tick_seconds=0.01)
    assert pump_threads() == []


@pytest.mark.parametrize("length", [-1, PAGE + 1])
def test_a_length_that_cannot_be_is_an_error_not_garbage(length):
    with pytest.raises(ValueError, match="bytes can't be"):
        pump(lambda _buffer: length, [Sink()], cancel=CancelToken(), ring=Ring(PAGE, 2))


def test_a_buffer_is_not_filled_again_before_the_slowest_has_had_it():
    seen = []
    slow = threading.Semaphore(0)

    def fill(buffer):
        number = len(filled)
        if number == 12:
            return 0
        filled.append(number)
        buffer[:1] = bytes([number])
        slow.release()
        return 1

    filled = []

    def slowly(piece):
        slow.acquire()
        first = piece[0]
        for _ in range(200):
            assert piece[0] == first
        seen.append(first)

    pump(fill, [Sink(), slowly], cancel=CancelToken(), ring=Ring(PAGE, 3))
    assert seen == list(range(12))


def test_buffers_begin_on_pages_and_hold_whole_pages():
    ring = Ring(PAGE + 1, 3)
    assert [len(buffer) for buffer in ring.buffers] == [2 * PAGE] * 3
    for buffer in ring.buffers:
        address = ctypes.addressof(ctypes.c_char.from_buffer(buffer))
        assert address % PAGE == 0


@pytest.mark.parametrize(("size", "count"), [(0, 1), (1, 0), (-5, 2)])
def test_a_ring_without_buffers_is_refused(size, count):
    with pytest.raises(ValueError, match="needs buffers"):
        Ring(size, count)


def test_the_memory_of_a_pump_is_given_back():
    def mapped():
        return int(Path("/proc/self/statm").read_text().split()[0]) * PAGE

    size = 64 << 20
    gc.collect()
    before = mapped()
    source = Source([10, 20])
    pump(source.fill, [Sink()], cancel=CancelToken(), ring=Ring(size, 2))
    broken = Source([10], breaks_at=1, error=OSError("broken"))
    with pytest.raises(OSError, match="broken"):
        pump(broken.fill, [Sink()], cancel=CancelToken(), ring=Ring(size, 2))
    del broken  # its error has a traceback, and that the buffers
    gc.collect()
    assert mapped() - before < size
