# SPDX-License-Identifier: GPL-3.0-or-later
"""A child process is fed, heard, stopped in bounded time, and never left as a zombie."""

import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from discwright.burn import child
from discwright.burn.child import run_child
from discwright.errors import SourceError, TargetError
from discwright.transfer.cancel import CancelToken


def python(code):
    return [sys.executable, "-u", "-c", code]


def run(code, *, pieces=None, cancel=None, hear=None, **limits):
    said = []
    ended = run_child(
        python(code), hear or said.append, cancel or CancelToken(), pieces=pieces, **limits
    )
    return ended, said


def test_lines_exit_code_and_input():
    code = (
        "import sys; print(len(sys.stdin.buffer.read())); print('x\\ry', file=sys.stderr); exit(5)"
    )
    ended, said = run(code, pieces=lambda: iter([memoryview(bytes(300_000))] * 9))
    assert (ended.code, ended.stopped, ended.failure) == (5, False, None)
    assert said == ["2700000", "x", "y"]


def test_a_child_that_reads_nothing_and_ends_is_no_error_of_the_feed():
    ended, _ = run("exit(5)", pieces=lambda: iter([memoryview(bytes(1 << 20))] * 20))
    assert (ended.code, ended.failure) == (5, None)


def test_it_speaks_english_and_has_a_process_group_of_its_own():
    ended, said = run("import os; print(os.environ['LC_ALL'], os.getpgrp() == os.getpid())")
    assert (ended.code, said) == (0, ["C True"])


def test_a_program_that_is_missing_is_told():
    with pytest.raises(TargetError, match="can't be started"):
        run_child(["discwright-no-such-program"], print, CancelToken())


WAIT = "import signal, sys, time; print('there'); time.sleep(60)"
POLITE = (
    "import signal, sys\n"
    "signal.signal(signal.SIGTERM, lambda *_: (print('bye'), sys.exit(1)))\n"
    "print('there'); sys.stdin.read(); signal.pause()"
)
DEAF = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('there'); time.sleep(60)"
)


def cancel_at(word, cancel, said):
    def hear(line):
        said.append(line)
        if line == word:
            cancel.cancel()

    return hear


def test_a_cancel_lets_it_end_cleanly_and_hears_its_last_words():
    cancel, said = CancelToken(), []
    hear = cancel_at("there", cancel, said)
    ended, _ = run(POLITE, cancel=cancel, hear=hear, pieces=lambda: iter([memoryview(b"x")]))
    assert (ended.code, ended.stopped, ended.killed) == (1, True, False)
    assert said == ["there", "bye"]


def test_a_child_that_does_not_listen_is_killed_in_time():
    cancel, said = CancelToken(), []
    began = time.monotonic()
    hear = cancel_at("there", cancel, said)
    ended, _ = run(DEAF, cancel=cancel, hear=hear, stopping_s=0.3)
    assert (ended.code, ended.killed) == (-signal.SIGKILL, True)
    assert time.monotonic() - began < 10


def test_a_cancel_from_another_thread_wakes_the_waiting():
    cancel = CancelToken()
    timer = threading.Timer(0.3, cancel.cancel)
    timer.start()
    ended, said = run(WAIT, cancel=cancel)
    timer.join()
    assert (ended.code, ended.stopped, said) == (-signal.SIGTERM, True, ["there"])


TELLS_HOW_IT_ENDS = """
import os, select, signal, sys
def stop(*_):
    ended = select.select([0], [], [], 0.5)[0] and not os.read(0, 1)
    print("input ended" if ended else "stopped")
    os._exit(1)
signal.signal(signal.SIGTERM, stop)
os.read(0, 4)
print("ready")
signal.pause()
"""


def test_a_source_that_fails_stops_the_child_instead_of_ending_its_input():
    """At the end of input a burner would fill up with zeros and close the disc."""
    ready, said = threading.Event(), []

    def pieces():
        yield memoryview(b"some")
        assert ready.wait(20)
        raise SourceError("The image is gone.")

    def hear(line):
        said.append(line)
        ready.set()

    ended, _ = run(TELLS_HOW_IT_ENDS, pieces=pieces, hear=hear)
    assert (ended.code, ended.stopped, said) == (1, True, ["ready", "stopped"])
    assert isinstance(ended.failure, SourceError)


def test_a_child_that_waits_for_a_source_that_hangs_gets_no_more_input(monkeypatch):
    monkeypatch.setattr(child, "STARVING_S", 0.2)
    cancel, hanging, said = CancelToken(), threading.Event(), []

    def pieces():
        yield memoryview(b"some")
        hanging.wait(60)

    waits = (
        "import signal, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: None)\n"
        "print('there'); sys.stdin.read(); print('bye'); sys.exit(1)"
    )
    hear = cancel_at("there", cancel, said)
    ended, _ = run(waits, cancel=cancel, hear=hear, pieces=pieces, stopping_s=5)
    hanging.set()
    for thread in threading.enumerate():
        if thread.name == "burn-feed":
            thread.join(20)
    assert (ended.code, ended.stopped, ended.killed) == (1, True, False)
    assert said == ["there", "bye"]


def children():
    """The processes, dead ones too, that this one has started and not yet taken leave of."""
    return {pid for task in Path("/proc/self/task").iterdir()
            for pid in (task / "children").read_text().split()}  # fmt: skip


def test_nothing_is_left_behind():
    before = children()
    run("print('x')")
    assert children() <= before
