# SPDX-License-Identifier: GPL-3.0-or-later
"""An image file of 2048-byte sectors, taken as a disc."""

import os
from pathlib import Path

from discwright.errors import ReadError, SourceError
from discwright.transfer.reader import SECTOR
from discwright.wording import _, shown


class IsoFile:
    """Reads sectors straight from a file. Raises SourceError if it can't be opened."""

    sector_size = SECTOR

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = -1
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            size = os.fstat(self._fd).st_size
            os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_SEQUENTIAL)
        except OSError as error:
            self.close()
            raise SourceError(
                _("The file {name} can't be opened: {why}.").format(
                    name=shown(path.name), why=error.strerror
                ),
                cause=str(error),
            ) from error
        self.sectors = size // SECTOR

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
        """Read whole sectors; ReadError beyond the end, on an I/O error or a shortened file."""
        wanted, done = count * SECTOR, 0
        while done < wanted:
            try:
                got = os.preadv(self._fd, [buffer[done:wanted]], lba * SECTOR + done)
            except OSError as error:
                raise self._error(lba, count, str(error)) from error
            if not got:
                raise self._error(lba, count, "end of file")
            done += got

    def _error(self, lba: int, count: int, cause: str) -> ReadError:
        return ReadError(
            _("The file {name} can't be read at this place.").format(name=shown(self.path.name)),
            lba=lba,
            count=count,
            cause=cause,
        )
