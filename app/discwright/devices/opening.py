# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at a disc, with an explanation where its drive can't be opened."""

import os
import stat
import time
from contextlib import suppress
from pathlib import Path

from discwright.devices.access import explain_open_failure
from discwright.devices.holders import holders
from discwright.errors import SourceError
from discwright.optical.disc import Disc
from discwright.optical.source import examine
from discwright.transfer.cancel import CancelToken
from discwright.wording import _, shown

PASSING_S = 0.5
"""How long a program is waited for that opens the drive just for a moment."""

_LOOK_S = 0.1


def look_at(source: str, cancel: CancelToken | None = None) -> Disc:
    """Examine a drive or an image file.

    Raises SourceError, for a drive that can't be opened with the reason and what to do about
    it; Cancelled.
    """
    refuse_written(source)
    try:
        return examine(source, cancel)
    except SourceError as error:
        reason = error.__cause__
        if isinstance(reason, OSError) and reason.errno and _is_device(source):
            raise explain_open_failure(source, reason) from error
        raise


def refuse_written(source: str) -> None:
    """Raise SourceError if another program writes to the drive just now.

    Each question from outside can spoil the disc that it burns.
    """
    if not _is_device(source):
        return
    deadline = time.monotonic() + PASSING_S
    while True:
        found = [one for one in holders(os.path.realpath(source)) if one.writing and not one.own]
        if not found:
            return
        if time.monotonic() >= deadline:
            break
        time.sleep(_LOOK_S)
    name = _("{program} (process {pid})").format(program=found[0].program, pid=found[0].pid)
    raise SourceError(
        _("{node} is in use by {names}.").format(node=shown(source), names=name),
        remedy=_("Wait until it has finished, or close it, then try again."),
    )


def _is_device(source: str) -> bool:
    with suppress(OSError):
        return stat.S_ISBLK(Path(source).stat().st_mode)
    return source.startswith("/dev/")
