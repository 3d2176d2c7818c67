# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing what passes by with a file on the disk."""

import contextlib
import os
from pathlib import Path

from discwright.errors import TargetError
from discwright.transfer.extents import Extent, Extents
from discwright.transfer.reader import SECTOR
from discwright.wording import _, shown


class Comparison:
    """Compares what passes by with a file, from its beginning on; made for the pump.

    ``differing`` are the sectors that are not the same. Those in ``known_bad`` are left out:
    the file holds the fill pattern there. Raises TargetError if the file can't be opened.
    """

    def __init__(self, path: Path, known_bad: Extents) -> None:
        self.differing = Extents()
        self._known_bad = known_bad
        self._path = path
        self._position = 0
        self._buffer = bytearray()
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise self._unreadable(str(error)) from error
        with contextlib.suppress(OSError):  # a hint: what is on the disk counts
            os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_DONTNEED)

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)

    def take(self, data: memoryview) -> None:
        """Compare the next bytes. Raises TargetError if the file can't be read back."""
        if len(self._buffer) < len(data):
            self._buffer = bytearray(len(data))
        there = memoryview(self._buffer)[: len(data)]
        self._read_back(there)
        if there != data:
            self._list_differences(data, there)
        self._position += len(data)

    def _read_back(self, there: memoryview) -> None:
        done = 0
        while done < len(there):
            try:
                got = os.preadv(self._fd, [there[done:]], self._position + done)
            except OSError as error:
                raise self._unreadable(str(error)) from error
            if not got:
                raise self._unreadable("end of file")
            done += got

    def _unreadable(self, cause: str) -> TargetError:
        return TargetError(
            _("The image {name} can't be read back from the disk.").format(
                name=shown(self._path.name)
            ),
            remedy=_("Check the disk that it was written to."),
            cause=cause,
        )

    def _list_differences(self, data: memoryview, there: memoryview) -> None:
        first = self._position // SECTOR
        for at in range(0, len(data), SECTOR):
            lba = first + at // SECTOR
            same = data[at : at + SECTOR] == there[at : at + SECTOR]
            if not same and lba not in self._known_bad:
                self.differing.add(Extent(lba, 1))
