# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a job to stop reaches it at once, from anywhere."""

import signal
import threading
import time

import pytest

from discwright.transfer.cancel import Cancelled, CancelToken


def test_a_token_that_nobody_set_lets_the_job_go_on():
    token = CancelToken()
    token.raise_if_cancelled()
    token.wait(0.001)
    token.wait(-1)
    assert not token.cancelled


def test_a_cancel_ends_the_waiting_of_every_thread():
    token, ended = CancelToken(), []

    def wait():
        try:
            token.wait(60)
        except Cancelled:
            ended.append(True)

    threads = [threading.Thread(target=wait) for _ in range(4)]
    for thread in threads:
        thread.start()
    token.cancel()
    token.cancel()
    for thread in threads:
        thread.join(10)
    assert ended == [True] * 4


def test_ctrl_c_while_the_job_waits_stops_it():
    token = CancelToken()
    before = signal.signal(signal.SIGALRM, lambda *_: token.cancel())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        began = time.monotonic()
        with pytest.raises(Cancelled):
            token.wait(60)
        assert time.monotonic() - began < 30
    finally:
        signal.signal(signal.SIGALRM, before)


def test_whoever_wants_to_be_called_is_called_also_when_it_was_before():
    token, calls = CancelToken(), []
    with token.calling(lambda: calls.append("while inside")):
        token.cancel()
    with token.calling(lambda: calls.append("before")):
        pass
    token.cancel()
    assert calls == ["while inside", "before"]
