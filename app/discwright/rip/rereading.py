# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a file of ours once more, from the disk."""

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from discwright.errors import TargetError
from discwright.wording import _, shown


class Rereading:
    """Gives a file's first ``most`` bytes in order; made for the pump. Raises TargetError."""

    def __init__(self, path: Path, most: int) -> None:
        self._path = path
        self.position = 0
        """Bytes given so far."""
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise self._unreadable(error) from error
        self.size = min(most, os.fstat(self._descriptor).st_size)
        with contextlib.suppress(OSError):  # a hint: what is on the disk counts
            os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_DONTNEED)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)

    def fill(self, buffer: memoryview) -> int:
        """Put the next bytes into the buffer; give their number, 0 at the end."""
        room = buffer[: min(len(buffer), self.size - self.position)]
        done = 0
        while done < len(room):
            try:
                got = os.preadv(self._descriptor, [room[done:]], self.position + done)
            except OSError as error:
                raise self._unreadable(error) from error
            if not got:
                raise self._unreadable(EOFError("end of file"))
            done += got
        self.position += done
        return done

    def _unreadable(self, error: Exception) -> TargetError:
        return TargetError(
            _("The image {name} can't be read back from the disk.").format(
                name=shown(self._path.name)
            ),
            remedy=_("Check the disk that it was written to."),
            cause=str(error),
        )
