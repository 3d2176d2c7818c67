# SPDX-License-Identifier: GPL-3.0-or-later
"""Child processes that don't outlive this one."""

import errno
import functools
import os
import shutil
import subprocess

_KEEPER = ("setpriv", "--pdeathsig", "TERM")


def dying_with_us(program: str) -> list[str]:
    """Give the words before a command that have it stopped if this process is killed.

    A burner would take the end of its input for the end of the image, and fill and close the
    disc: one that looks whole. util-linux 2.33 and newer (2018) can arrange for the signal;
    without, the program is started as it is. Raises FileNotFoundError.
    """
    if shutil.which(program) is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), program)
    return list(_KEEPER) if _keeper_works() else []


@functools.cache
def _keeper_works() -> bool:
    """Whether this system's setpriv knows the option: BusyBox has a smaller one."""
    try:
        done = subprocess.run([*_KEEPER, "true"], capture_output=True, check=False, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
