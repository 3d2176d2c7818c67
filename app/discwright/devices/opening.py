# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at a disc, with an explanation where its drive can't be opened."""

import stat
from contextlib import suppress
from pathlib import Path

from discwright.devices.access import explain_open_failure
from discwright.errors import SourceError
from discwright.optical.disc import Disc
from discwright.optical.source import examine
from discwright.transfer.cancel import CancelToken


def look_at(source: str, cancel: CancelToken | None = None) -> Disc:
    """Examine a drive or an image file.

    Raises SourceError, for a drive that can't be opened with the reason and what to do about
    it; Cancelled.
    """
    try:
        return examine(source, cancel)
    except SourceError as error:
        reason = error.__cause__
        if isinstance(reason, OSError) and reason.errno and _is_device(source):
            raise explain_open_failure(source, reason) from error
        raise


def _is_device(source: str) -> bool:
    with suppress(OSError):
        return stat.S_ISBLK(Path(source).stat().st_mode)
    return source.startswith("/dev/")
