# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords: how many are told before, and who asks for them on a terminal."""

import os
import pty
import signal
import stat
import sys
import termios
import time
from dataclasses import replace
from pathlib import Path

import pytest

from discwright.cli import text_agent
from discwright.cli.passwords import passwords_to_erase, passwords_to_write
from discwright.cli.text_agent import TextAgent
from discwright.devices.asking import asked_by, asker
from discwright.devices.identity import Identity
from discwright.devices.targets import StickTarget
from discwright.errors import DiscwrightError

STICK = StickTarget("/dev/sdb", "A stick", Identity(), may_open=False)
OWN = replace(STICK, mounts=("/run/media/me/PHOTOS",))
FOREIGN = replace(STICK, mounts=("/media/mean/PHOTOS",))
OPEN = replace(FOREIGN, may_open=True)


@pytest.mark.parametrize(
    ("sticks", "said"),
    [
        ([OPEN], ""),
        ([STICK], "password, once:"),
        ([OWN], "password, once:"),
        ([FOREIGN], "password twice: to unmount what another user"),
        ([STICK, OWN], "once for each stick"),
        ([STICK, FOREIGN], "and before, to unmount"),
    ],
)
def test_it_is_told_how_many_passwords_may_come(sticks, said):
    found = passwords_to_write(sticks, "me")
    assert said in found
    assert bool(found) is bool(said)


def test_erasing_asks_only_for_what_another_user_has_mounted():
    assert not passwords_to_erase(STICK, "me", remote=False)
    assert not passwords_to_erase(OWN, "me", remote=False)
    assert "another user" in passwords_to_erase(FOREIGN, "me", remote=False)


def test_erasing_from_elsewhere_asks_for_each_step():
    assert "three times" in passwords_to_erase(STICK, "me", remote=True)
    assert not passwords_to_erase(OPEN, "me", remote=True)


def test_who_asks_is_there_for_the_time_of_a_job():
    assert asker() is None
    with asked_by(TextAgent):
        assert asker() is TextAgent
    assert asker() is None


@pytest.fixture
def terminal(monkeypatch):
    """A terminal as stdin; give our end of it."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs) as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        yield ours
    os.close(ours)


def agent_program(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "agent"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(text_agent, "PROGRAM", str(program))


def test_a_missing_program_is_named_with_its_package(monkeypatch):
    monkeypatch.setattr(text_agent, "PROGRAM", "no-such-agent")
    with pytest.raises(DiscwrightError) as caught, TextAgent():
        pass
    assert "no-such-agent" in caught.value.remedy
    assert "polkitd" in caught.value.remedy


def test_an_agent_that_will_not_end_is_ended_and_the_terminal_put_in_order(
    terminal, tmp_path, monkeypatch
):
    pid = tmp_path / "pid"
    script = f'trap \'\' TERM; echo $$ >{pid}; echo "$@" >{pid}.words; eval "exec $4>&-"; sleep 60'
    agent_program(tmp_path, monkeypatch, script)
    monkeypatch.setattr(text_agent, "END_S", 0.2)
    before = termios.tcgetattr(sys.stdin)
    began = time.monotonic()
    with TextAgent():
        mute = termios.tcgetattr(sys.stdin)
        mute[3] &= ~termios.ECHO
        termios.tcsetattr(sys.stdin, termios.TCSANOW, mute)
    assert time.monotonic() - began < 8
    assert termios.tcgetattr(sys.stdin) == before
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), signal.SIG_DFL)
    words = Path(f"{pid}.words").read_text().split()
    assert words[0] == "--process"
    assert words[1].startswith(f"{os.getpid()},")
