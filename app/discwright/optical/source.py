# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening what a disc is read from: a drive, or an image file taken as a disc."""

import os
import stat
from pathlib import Path
from typing import Protocol

from discwright.errors import SourceError
from discwright.optical.disc import Disc
from discwright.transfer.cancel import CancelToken
from discwright.transfer.reader import SectorReader
from discwright.wording import _, shown


class DiscSource(Protocol):
    """A disc that is open for reading."""

    @property
    def reader(self) -> SectorReader:
        """Its sectors of 2048 bytes."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that it is stored in; none for a drive."""

    def examine(self, cancel: CancelToken | None = None) -> Disc:
        """Ask for everything that a plan needs. Raises SourceError, Cancelled."""

    def wait_ready(self, cancel: CancelToken) -> None:
        """Wait until it can be read. Raises SourceError, Cancelled."""

    def fingerprint(self) -> str:
        """Give what :func:`discwright.optical.fingerprint.same` tells discs apart by.

        Raises SourceError.
        """

    def set_speed(self, kilobytes: int, sectors: int) -> str:
        """Ask for a reading speed in kB/s for so many sectors; give "" or why that can't be."""

    def eject(self) -> None:
        """Open the tray; nothing for a file. Raises SourceError."""

    def close(self) -> None:
        """Let go of it. Safe to call twice."""


def open_source(source: str | Path, *, control: bool = False) -> DiscSource:
    """Open a drive's node or an image file; with ``control`` so that speeds can be set.

    Raises SourceError with a sentence for whatever can't serve as a disc.
    """
    path = Path(source)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise SourceError(
            _("{name} can't be opened: {why}.").format(
                name=shown(str(source)), why=error.strerror or str(error)
            ),
            cause=str(error),
        ) from error
    if stat.S_ISBLK(mode):
        from discwright.optical.drive_source import DriveSource  # noqa: PLC0415 - loads libcdio

        return DriveSource(os.fspath(path), control=control)
    if not stat.S_ISREG(mode):
        raise SourceError(
            _("{name} is neither a disc drive nor an image file.").format(name=shown(str(source)))
        )
    from discwright.optical.image_source import open_image  # noqa: PLC0415 - may load libcdio

    return open_image(path)


def examine(source: str | Path, cancel: CancelToken | None = None) -> Disc:
    """Open, examine and close. Raises SourceError, Cancelled."""
    opened = open_source(source)
    try:
        return opened.examine(cancel)
    finally:
        opened.close()
