# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at a disc, with an explanation where its drive can't be opened."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from discwright.devices.access import explain_open_failure
from discwright.devices.holders import holders
from discwright.errors import SourceError
from discwright.optical.disc import Disc
from discwright.optical.source import examine
from discwright.transfer.cancel import CancelToken
from discwright.wording import _, shown


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
    for holder in holders(os.path.realpath(source)):
        if holder.writing and not holder.own:
            raise SourceError(
                _("{node} is in use by {names}.").format(
                    node=shown(source),
                    names=_("{program} (process {pid})").format(
                        program=holder.program, pid=holder.pid
                    ),
                ),
                remedy=_("Wait until it has finished, or close it, then try again."),
            )


def _is_device(source: str) -> bool:
    with suppress(OSError):
        return stat.S_ISBLK(Path(source).stat().st_mode)
    return source.startswith("/dev/")
