# SPDX-License-Identifier: GPL-3.0-or-later
"""polkit's own text agent: asks for a password on the terminal where no desktop does."""

import contextlib
import os
import select
import shutil
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any, Self

from discwright.cli.streams import Streams
from discwright.errors import DiscwrightError
from discwright.transfer.keeper import dying_with_us
from discwright.wording import _

PROGRAM = "pkttyagent"

START_S = 10.0
"""Seconds that it gets to register with polkit."""

END_S = 2.0
"""Seconds that it gets to end when nothing is left to ask."""


def may_ask(streams: Streams) -> bool:
    """Whether a password can be asked for here: on a terminal, in its foreground."""
    if not streams.can_ask or not sys.stdout.isatty():
        return False
    try:
        # A program in the background is stopped by the kernel when it uses the terminal.
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except OSError:  # somebody else's terminal
        return False


class TextAgent:
    """Inside a ``with`` on this, polkit asks on the terminal. Raises DiscwrightError.

    It is wanted only after polkit has found nobody to ask, so a desktop's dialog goes before it.
    (Its own --fallback is of no use: polkit 122 passes it over where there is no login session.)

    It stays in our process group, without which the terminal is not its own: so it hears a
    Ctrl-C with us, and its end is the end of the question.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._settings: list[Any] = []

    def __enter__(self) -> Self:
        program = shutil.which(PROGRAM)
        if program is None:
            raise DiscwrightError(
                _("A password is needed, and the program that asks for it here is missing."),
                remedy=_("Install {program}: it is in the package polkitd or polkit.").format(
                    program=PROGRAM
                ),
                cause=f"not found: {PROGRAM}",
            )
        try:
            self._settings = termios.tcgetattr(sys.stdin)
        except termios.error as error:
            raise DiscwrightError(
                _("The program that asks for a password here can't be started."), cause=str(error)
            ) from error
        registered, registering = os.pipe()
        try:
            self._process = subprocess.Popen(
                [
                    *dying_with_us(program),
                    program,
                    *("--process", f"{os.getpid()},{_start_time()}"),
                    *("--notify-fd", str(registering)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(registering,),
            )
        except OSError as error:
            os.close(registered)
            raise DiscwrightError(
                _("The program that asks for a password here can't be started."), cause=str(error)
            ) from error
        finally:
            os.close(registering)
        try:
            select.select([registered], [], [], START_S)
        except BaseException:  # a Ctrl-C: then __exit__ is not called
            self.__exit__()
            raise
        finally:
            os.close(registered)
        return self

    def __exit__(self, *_error: object) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with contextlib.suppress(termios.error):  # the terminal has gone
            if termios.tcgetattr(sys.stdin) != self._settings:
                # Half a password that was typed goes, too: it is not for the shell.
                termios.tcsetattr(sys.stdin, termios.TCSAFLUSH, self._settings)


def _start_time() -> str:
    """Give when this process began, which tells it from a later one of its number (proc(5))."""
    return Path("/proc/self/stat").read_text("utf-8").rpartition(")")[2].split()[19]
