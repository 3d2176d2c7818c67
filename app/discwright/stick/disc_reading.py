# SPDX-License-Identifier: GPL-3.0-or-later
"""A disc as the image that is written: read patiently, what can't be read filled and listed.

The first reading finds out what is bad. Later ones, for a stick that fell behind or a range that
is written a second time, hold to it, so that all give the same bytes.
"""

import threading

from discwright.errors import ReadError, SourceError
from discwright.image.affected import files_at
from discwright.optical.disc import Disc
from discwright.optical.fingerprint import same
from discwright.optical.patience import PatientReader
from discwright.optical.source import DiscSource, open_source
from discwright.stick.losses import Losses
from discwright.transfer.buffers import Ring
from discwright.transfer.cancel import CancelToken
from discwright.transfer.extents import Extents
from discwright.transfer.progress import Listener, Mark, Progress
from discwright.transfer.pump import pump
from discwright.transfer.reader import SECTOR, SectorReader
from discwright.wording import _


class DiscReading:
    """The readings of one disc. A thread each; the first one is opened before all others."""

    def __init__(self, disc: Disc, retries: int, listener: Listener, cancel: CancelToken) -> None:
        self._disc = disc
        self._retries = retries
        self._listener = listener
        self._cancel = cancel
        self._first: PatientReader | None = None
        self._first_source: DiscSource | None = None

    @property
    def bad_sectors(self) -> int:
        """How many sectors were found that can't be read, so far."""
        return 0 if self._first is None else self._first.bad.count

    @property
    def position(self) -> int | None:
        """The sector that the first reading has come to; None before it."""
        return None if self._first is None else self._first.position

    def open(self) -> "DiscBytes":
        """Open the disc anew, from its first sector. Raises SourceError, Cancelled."""
        source = self._opened()
        first = self._first
        reader = PatientReader(
            source,
            self._disc.length.sectors,
            retries=self._retries,
            fingerprint=self._disc.fingerprint,
            listener=self._listener if first is None else _Unmarked(self._listener),
            cancel=self._cancel,
            known_bad=None if first is None else Extents(first.bad.runs),
        )
        if first is None:
            self._first, self._first_source = reader, source
        return DiscBytes(source, reader, self._disc.length.sectors, first)

    def losses(self) -> Losses:
        """Tell what the first reading lost, and in which files. Call before it is closed."""
        wholeness = self._disc.wholeness
        cut = wholeness.truncated
        bad = Extents() if self._first is None else self._first.bad
        names: tuple[str, ...] = ()
        if bad.count and self._first_source is not None:
            around = _Around(
                self._first_source.reader, self._disc.length.sectors, bad, self._cancel
            )
            names = files_at(around, bad.runs)
        return Losses(
            bad=bad.runs,
            files=(*names, *(wholeness.files if cut else ())),
            recovered=0 if self._first is None else self._first.recovered,
            missing=wholeness.missing if cut else 0,
            missing_message=wholeness.message if cut else "",
        )

    def _opened(self) -> DiscSource:
        """Open it in another thread: a drive that hangs is not to keep a cancel waiting."""
        opened: list[DiscSource] = []

        def fill(_buffer: memoryview) -> int:
            opened.append(open_source(self._disc.source))
            opened[0].wait_ready(self._cancel)
            if not same(opened[0].fingerprint(), self._disc.fingerprint):
                raise SourceError(
                    _("Another disc is in the drive than the one that was looked at."),
                    remedy=_("Look at the disc again, then start the copy."),
                )
            return 0

        stuck: list[threading.Thread] = []
        try:
            pump(fill, (), cancel=self._cancel, ring=Ring(1, 1), stuck=stuck.append)
        except BaseException:
            threading.Thread(target=_close_later, args=(opened, stuck), daemon=True).start()
            raise
        return opened[0]


class DiscBytes:
    """The disc's sectors in order, as a feed takes them."""

    def __init__(
        self, source: DiscSource, reader: PatientReader, sectors: int, first: PatientReader | None
    ) -> None:
        self._source = source
        self._reader = reader
        self._sectors = sectors
        self._first = first

    @property
    def position(self) -> int:
        """Bytes of the disc taken so far."""
        return self._reader.position * SECTOR

    def read_into(self, view: memoryview, /) -> int:
        """Put the next sectors at the start of ``view``; give their bytes, 0 at the end.

        Raises SourceError when the reading can't go on, Cancelled.
        """
        try:
            count = self._reader.fill(view)
        except ReadError as error:
            raise SourceError(
                _("{what} This was at sector {lba} of {n}.").format(
                    what=error.message, lba=error.lba, n=self._sectors
                ),
                remedy=error.remedy,
                cause=error.cause,
            ) from error
        self._hold_to_first()
        return count

    def skip_to(self, offset: int) -> None:
        """Go on at this byte, the first of a sector."""
        self._reader.position = offset // SECTOR

    def close(self) -> None:
        """Let go of the disc."""
        self._source.close()

    def _hold_to_first(self) -> None:
        """See that nothing is filled that was read before."""
        first = self._first
        if first is None:
            return
        for run in self._reader.bad.runs:
            if run.lba < first.position and run.lba not in first.bad:
                raise SourceError(
                    _("Sector {lba} of the disc was read before and can't be read again.").format(
                        lba=run.lba
                    ),
                    remedy=_("Clean the disc and copy it again, or try another drive."),
                )


class _Around:
    """A disc without the sectors that are known to be bad: they aren't tried again."""

    sector_size = SECTOR

    def __init__(
        self, reader: SectorReader, sectors: int, bad: Extents, cancel: CancelToken
    ) -> None:
        self.sectors = sectors
        self._reader = reader
        self._bad = bad
        self._cancel = cancel

    def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
        """Read sectors. Raises ReadError, Cancelled."""
        self._cancel.raise_if_cancelled()
        if any(sector in self._bad for sector in range(lba, lba + count)):
            raise ReadError(_("This sector couldn't be read."), lba=lba, count=count)
        self._reader.read_into(lba, count, buffer)


class _Unmarked:
    """A listener for a later reading: the map shows the first."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def progress(self, progress: Progress) -> None:
        """Pass it on."""
        self._listener.progress(progress)

    def log(self, line: str) -> None:
        """Pass it on."""
        self._listener.log(line)

    def mark(self, lba: int, count: int, mark: Mark) -> None:
        """Hear nothing."""


def _close_later(opened: list[DiscSource], stuck: list[threading.Thread]) -> None:
    for thread in stuck:
        thread.join()
    for source in opened:
        source.close()
