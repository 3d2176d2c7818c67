# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying files from a disc to a mounted stick.

One reading serves two ends: each file's digest is taken from the very bytes that are written, so
what is read back from the stick is compared with what came from the disc.
"""

import contextlib
import errno
import hashlib
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from discwright.errors import ReadError, SourceError, TargetError
from discwright.image.contents import DiscFile, FileData
from discwright.stick.faults import Doing, stick_error
from discwright.stick.installer_loaders import directories_of
from discwright.stick.installer_watch import Tell, Watch
from discwright.transfer import kernel
from discwright.transfer.cancel import CancelToken
from discwright.transfer.reader import SectorReader
from discwright.wording import _, shown

RETRIES = 2
"""How often a place of a disc that can't be read is tried again."""

RETRY_S = 0.5

WRITE_BACK = 8 << 20
"""Bytes after which the kernel is told to bring them to the stick."""

SYNC = 32 << 20
"""Bytes after which they are waited for: a cancel takes no longer than what is still in memory."""

Digests = dict[DiscFile, bytes]


class Source:
    """The bytes of files, one file after the other; a piece never holds those of two."""

    def __init__(
        self, reader: SectorReader, files: Iterable[DiscFile], cancel: CancelToken, tell: Tell
    ) -> None:
        self._reader = reader
        self._files = deque(file for file in files if file.size)
        self._cancel = cancel
        self._tell = tell
        self._file: DiscFile | None = None
        self._data: FileData | None = None

    def fill(self, buffer: memoryview) -> int:
        """Give the next bytes; 0 at the end. Raises SourceError with the file's name."""
        if self._data is None or self._file is None or not self._data.left:
            if not self._files:
                return 0
            self._file = self._files.popleft()
            self._data = FileData(self._reader, self._file)
        count = self._read(self._data, self._file, buffer)
        self._tell(count)
        return count

    def _read(self, data: FileData, file: DiscFile, buffer: memoryview) -> int:
        for attempt in range(RETRIES + 1):
            try:
                return data.read_into(buffer)
            except ReadError as error:
                if attempt == RETRIES:
                    raise unreadable(file, error) from error
                self._cancel.wait(RETRY_S)
        raise AssertionError("unreachable")


def unreadable(file: DiscFile, error: ReadError) -> SourceError:
    """Say which file can't be read."""
    return SourceError(
        _("The file {name} can't be read from the source: {why}").format(
            name=shown(file.path), why=error.message
        ),
        remedy=error.remedy or _("Get the image again, or clean the disc and try another drive."),
        cause=f"sectors {error.lba}+{error.count}: {error.cause}",
    )


class Writer:
    """Takes the bytes of files in turn and writes them below a directory, each to the medium."""

    def __init__(self, root: int, files: Iterable[DiscFile], stick: str) -> None:
        self._root = root
        self._files = deque(file for file in files if file.size)
        self._stick = stick
        self._file: DiscFile | None = None
        self._descriptor = -1
        self._written = 0
        self._synced = 0
        self._sent = 0

    def take(self, piece: memoryview) -> None:
        """Write the next bytes. Raises TargetError."""
        if self._file is None:
            self._file = self._files.popleft()
            self._written = self._sent = self._synced = 0
            with explained(self._stick, self._file):
                self._descriptor = create(self._root, self._file)
        with explained(self._stick, self._file):
            try:
                self._write(piece)
                if self._written == self._file.size:
                    bring_to_medium(self._descriptor)
            except OSError:
                self._close()
                raise
        if self._written == self._file.size:
            self._close()
            self._file = None

    def _write(self, piece: memoryview) -> None:
        while piece:
            count = os.write(self._descriptor, piece)
            if not count:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            piece = piece[count:]
            self._written += count
        if self._written - self._sent >= WRITE_BACK:
            self._push()

    def _push(self) -> None:
        """Have the latest bytes brought to the stick; now and then wait, so that few are left."""
        with contextlib.suppress(OSError):  # only a hint; fsync reports what is wrong
            kernel.begin_write_back(self._descriptor, self._sent, self._written - self._sent)
        self._sent = self._written
        if self._written - self._synced >= SYNC:
            os.fdatasync(self._descriptor)
            self._synced = self._written

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)

    def abandon(self) -> None:
        """Close what is open; raises nothing."""
        if self._descriptor >= 0:
            with contextlib.suppress(OSError):
                self._close()


class Hasher:
    """Takes the bytes of files in turn and notes each file's SHA-256."""

    def __init__(self, files: Iterable[DiscFile]) -> None:
        self._files = deque(file for file in files if file.size)
        self._state = hashlib.sha256()
        self._left = 0
        self.digests: Digests = {}

    def take(self, piece: memoryview) -> None:
        """Hash the next bytes."""
        if not self._left:
            self._state = hashlib.sha256()
            self._left = self._files[0].size
        self._state.update(piece)
        self._left -= len(piece)
        if not self._left:
            self.digests[self._files.popleft()] = self._state.digest()


def copy_files(
    reader: SectorReader,
    files: Sequence[DiscFile],
    root: int,
    *,
    stick: str,
    watch: Watch,
    again: bool = False,
) -> Digests:
    """Copy files below the directory ``root``; give their digests.

    ``again``: they were copied before. Raises SourceError, TargetError, Cancelled.
    """
    for file in files:
        with explained(stick, file):
            make_directories(root, file.parts[:-1])
            if again:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(file.path, dir_fd=root)
            if not file.size:
                descriptor = create(root, file)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
    source, writer, hasher = (
        Source(reader, files, watch.cancel, watch.tell),
        Writer(root, files, stick),
        Hasher(files),
    )
    watch.pump(source.fill, (writer.take, hasher.take), writer.abandon)
    empty = hashlib.sha256().digest()
    return {file: hasher.digests.get(file, empty) for file in files}


def make_directories(root: int, parts: Sequence[str]) -> None:
    """Make a directory and those that it is in. Raises OSError."""
    for depth in range(1, len(parts) + 1):
        with contextlib.suppress(FileExistsError):
            os.mkdir("/".join(parts[:depth]), dir_fd=root)


def create(root: int, file: DiscFile) -> int:
    """Make a file. Raises OSError, also if there is one.

    FAT may know a name as the short one of another file (~1), which would be overwritten.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(file.path, flags, 0o644, dir_fd=root)


@contextlib.contextmanager
def inside(root: int, folder: str, stick: str, *, make: bool = True) -> Iterator[int]:
    """Give a descriptor of a directory in ``root``, made if need be; ``root`` itself for "".

    Raises TargetError.
    """
    if not folder:
        yield root
        return
    with explained(stick, DiscFile((folder,), 0, ())):
        if make:
            make_directories(root, (folder,))
        place = os.open(
            folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=root
        )
    try:
        yield place
    finally:
        os.close(place)


def move_files(place: int, root: int, files: Iterable[DiscFile], stick: str) -> None:
    """Move files from one directory to the same paths below another, and tidy up behind them.

    Raises TargetError.
    """
    files = tuple(files)
    for file in files:
        with explained(stick, file):
            make_directories(root, file.parts[:-1])
            os.rename(file.path, file.path, src_dir_fd=place, dst_dir_fd=root)
    for parts in reversed(directories_of(files)):
        with explained(stick, DiscFile(parts, 0, ())):
            os.rmdir("/".join(parts), dir_fd=place)


def bring_to_medium(descriptor: int) -> None:
    """Return when a file is on the medium and no longer in the kernel's cache. Raises OSError."""
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


@contextlib.contextmanager
def explained(stick: str, file: DiscFile) -> Iterator[None]:
    """Turn what the system says of a file on the stick into a TargetError."""
    try:
        yield
    except OSError as error:
        told = stick_error(error, stick, Doing.WRITE)
        cause = f"{told.cause} ({shown(file.path)})"
        if error.errno == errno.ENOSPC:
            raise TargetError(
                _("{name} is full: {file} doesn't fit any more.").format(
                    name=stick, file=shown(file.path)
                ),
                remedy=_("Use a larger stick."),
                cause=cause,
            ) from error
        if error.errno == errno.EEXIST:
            raise TargetError(
                _("{file} has the same name on FAT32 as another file.").format(
                    file=shown(file.path)
                ),
                remedy=_("An installer from Microsoft has no such names: get the image again."),
                cause=cause,
            ) from error
        raise TargetError(told.message, remedy=told.remedy, cause=cause) from error


def sync_tree(root: int, directories: Iterable[tuple[str, ...]], stick: str) -> None:
    """Bring the names in all directories to the medium. Raises TargetError."""
    for parts in ((), *directories):
        with explained(stick, DiscFile(parts, 0, ())):
            descriptor = os.open(
                "/".join(parts) or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=root
            )
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
