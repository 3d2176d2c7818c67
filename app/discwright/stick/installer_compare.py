# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading files back from a stick and comparing them with what was read from the disc."""

import contextlib
import hashlib
import os
from collections import deque

from discwright.image.contents import DiscFile
from discwright.stick.faults import GONE, Doing, stick_error
from discwright.stick.installer_copy import Digests
from discwright.stick.installer_watch import Tell, Watch
from discwright.wording import shown


class Comparison:
    """Reads files back from a stick and finds those that differ."""

    def __init__(
        self,
        root: int,
        digests: Digests,
        *,
        stick: str,
        tell: Tell,
    ) -> None:
        self._root = root
        self._digests = digests
        self._stick = stick
        self._tell = tell
        self._files = deque(digests)
        self._descriptor = -1
        self._left = 0
        self._pieces: deque[tuple[DiscFile, int]] = deque()
        self._states: dict[DiscFile, hashlib._Hash] = {}
        self.causes: dict[DiscFile, str] = {}

    def fill(self, buffer: memoryview) -> int:
        """Read the next bytes; 0 at the end. Raises TargetError if the stick is gone."""
        while True:
            if self._descriptor < 0 and not self._open_next():
                return 0
            file = self._files[0]
            try:
                count = os.readv(self._descriptor, [buffer])
            except OSError as error:
                self._note(file, error)
                count = 0
            if not count:
                self._tell(self._left)  # of a file that is too short, or stopped by an error
                self._close()
                self._files.popleft()
                continue
            self._tell(min(count, self._left))
            self._left -= min(count, self._left)
            self._pieces.append((file, count))
            return count

    def take(self, piece: memoryview) -> None:
        """Hash what was read."""
        file, _count = self._pieces.popleft()
        self._states[file].update(piece)

    def differing(self) -> tuple[DiscFile, ...]:
        """Give the files that are not on the stick as they were on the disc."""
        return tuple(
            file
            for file, digest in self._digests.items()
            if file in self.causes
            or file not in self._states
            or self._states[file].digest() != digest
        )

    def _open_next(self) -> bool:
        while self._files:
            file = self._files[0]
            self._left = file.size
            try:
                self._descriptor = os.open(
                    file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self._root
                )
                os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            except OSError as error:
                self._note(file, error)
                self._close()
                self._files.popleft()
                continue
            self._states[file] = hashlib.sha256()
            return True
        return False

    def _note(self, file: DiscFile, error: OSError) -> None:
        if error.errno in GONE:
            raise stick_error(error, self._stick, Doing.READ) from error
        self.causes[file] = f"{shown(file.path)}: {error.strerror}"

    def _close(self) -> None:
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            with contextlib.suppress(OSError):
                os.close(descriptor)

    def abandon(self) -> None:
        """Close what is open; raises nothing."""
        self._close()


def compare_files(
    root: int,
    digests: Digests,
    *,
    stick: str,
    watch: Watch,
) -> Comparison:
    """Read files back from the directory ``root``. Raises TargetError, Cancelled."""
    comparison = Comparison(root, digests, stick=stick, tell=watch.tell)
    watch.pump(comparison.fill, (comparison.take,), comparison.abandon)
    return comparison
