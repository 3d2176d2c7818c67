# SPDX-License-Identifier: GPL-3.0-or-later
"""A signal stops what runs, whichever thread the kernel gives it to."""

import signal
import sys
import threading
import time
from collections.abc import Callable

import pytest

from discwright.cli.interruption import Interruption
from discwright.errors import SourceError
from discwright.jobs import Job
from discwright.transfer.cancel import Cancelled, CancelToken

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def until_main_waits() -> None:
    """Wait until the main thread waits for the bell, or for whatever it waits for instead."""
    main = threading.main_thread().ident
    deadline = time.monotonic() + 10
    while sys._current_frames()[main].f_code.co_name in {"start", "look", "follow", "_start"}:
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)
    threading.Event().wait(0.05)


def here(number: int) -> None:
    """Send a signal to the calling thread, which is not the main one."""
    until_main_waits()
    signal.pthread_kill(threading.get_ident(), number)


def in_main(number: int) -> None:
    signal.pthread_kill(threading.main_thread().ident, number)


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("send", [here, in_main])
def test_a_look_is_cancelled(number: int, send: Callable[[int], None]) -> None:
    def act(cancel: CancelToken) -> None:
        send(number)
        cancel.wait(20)

    began = time.monotonic()
    with pytest.raises(Cancelled), Interruption() as interruption:
        interruption.look(act)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("send", [here, in_main])
def test_a_job_is_cancelled_and_its_end_is_waited_for(send: Callable[[int], None]) -> None:
    job = Job(1, type("Work", (), {"devices": frozenset()}))
    story = []

    def act() -> None:
        send(signal.SIGTERM)
        send(signal.SIGINT)
        try:
            job.token.wait(20)
        except Cancelled:
            story.append("cancelled")
        job.told_all()

    thread = threading.Thread(target=act)
    with Interruption() as interruption:
        thread.start()
        interruption.follow(job)
        story.append("over")
    thread.join()
    assert story == ["cancelled", "over"]


def test_a_drive_that_never_answers_is_left_behind() -> None:
    release = threading.Event()

    def act(_cancel: CancelToken) -> None:
        here(signal.SIGTERM)
        release.wait(20)

    began = time.monotonic()
    with pytest.raises(Cancelled), Interruption() as interruption:
        interruption.look(act)
    assert time.monotonic() - began < 2
    release.set()


def test_what_a_look_finds_or_raises_comes_back() -> None:
    def fail(_cancel: CancelToken) -> None:
        raise SourceError("No.")

    with Interruption() as interruption:
        assert interruption.look(lambda _cancel: 7) == 7
        with pytest.raises(SourceError, match="No"):
            interruption.look(fail)


def test_handlers_are_as_before_afterwards() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with Interruption():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before
    assert signal.set_wakeup_fd(-1) == -1


def test_a_program_under_nohup_survives_its_terminal() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interruption():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
