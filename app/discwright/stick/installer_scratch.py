# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder for install.wim on its way to the sticks; what a killed program left goes first."""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "discwright-wim-"

_FRESH_S = 60.0
"""Seconds for which a folder is left alone in any case: its maker may not hold it yet."""


@contextlib.contextmanager
def scratch_folder(place: Path) -> Iterator[Path]:
    """Make a folder below ``place``, held by a lock as long as this is. Raises OSError."""
    _sweep(place)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
    try:
        with _held(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(place: Path) -> None:
    """Remove folders of ours that nobody holds any more: an install.wim has several GB."""
    for folder in place.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            status = folder.lstat()
            if status.st_uid == os.geteuid() and time.time() - status.st_mtime > _FRESH_S:
                with _held(folder):
                    shutil.rmtree(folder)


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a folder. Raises OSError if somebody does, or if it is none."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
