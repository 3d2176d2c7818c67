# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading back what was burned, and comparing it with what was fed to the burner.

Exactly the image's length is read: what follows on the disc is padding, or old data on discs that
are overwritten in place. A drive is read by its own commands, not through the system's cache.
"""

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from discwright.burn.feed import BLOCK, PROOF, Feed, mark_of
from discwright.errors import DiscwrightError, ReadError, SourceError
from discwright.optical import answers, commands
from discwright.optical.differences import Differences, without
from discwright.optical.drive import CommandError, Drive
from discwright.optical.iso_file import IsoFile
from discwright.optical.patience import PatientReader, Readable
from discwright.transfer.cancel import CancelToken
from discwright.transfer.digests import DigestSet
from discwright.transfer.extents import Extent, Extents
from discwright.transfer.meter import Meter
from discwright.transfer.progress import Listener, Phase
from discwright.transfer.pump import pump
from discwright.transfer.reader import SECTOR, SectorReader, read_sectors
from discwright.wording import _, shown

MOST_UNREADABLE = 400
"""Unreadable sectors after which it is clear that the disc is bad: each takes seconds."""

MOST_RUNS = 10_000
"""Separate differences that are listed to the sector; further ones by whole blocks."""


@dataclass(frozen=True)
class ReadBack:
    """What came back."""

    differences: Differences
    digests: Mapping[str, str] = field(default_factory=dict)
    """Of what was read; {} if some of it couldn't be."""
    read: int = 0
    """Sectors that were read."""
    ended_early: bool = False
    """Too much was unreadable: the rest was not looked at."""
    recovered: int = 0
    """Sectors that were read, but not at the first try."""
    remarks: tuple[str, ...] = ()
    """What is usual and no reason to worry, but should be said."""
    contents: tuple[str, ...] = ()
    """Where the disc's table of contents differs, in sentences."""
    uncompared: int = 0
    """Samples at the edge of shifted music that no drive reads."""
    shift: int | None = None
    """By how many samples its music lies behind the image's; None if it has none."""

    @property
    def whole(self) -> bool:
        """Whether every sector came back as it was written."""
        return not self.differences.count and not self.ended_early and not self.contents


class WrittenFile:
    """A file taken as a disc, read from the disk rather than from the cache."""

    def __init__(self, path: Path) -> None:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise SourceError(
                _("The file {name} can't be read back: {why}.").format(
                    name=shown(path.name), why=error.strerror
                ),
                cause=str(error),
            ) from error
        self.reader = IsoFile(path)

    def wait_ready(self, cancel: CancelToken) -> None:
        """Return at once: a file is always ready."""
        cancel.raise_if_cancelled()

    def fingerprint(self) -> str:
        """Give a word for the file."""
        return str(self.reader.path)

    def close(self) -> None:
        """Close the file."""
        self.reader.close()


def read_back(
    target: Readable,
    feed: Feed,
    *,
    hashes: Sequence[str],
    retries: int,
    listener: Listener,
    meter: Meter,
    cancel: CancelToken,
    hanging: list[threading.Thread],
) -> ReadBack:
    """Read the image's length from the disc and compare.

    A thread that hangs in the drive is put on ``hanging``: the target must stay open for it.
    Raises SourceError or ReadError if the drive or the disc is lost, Cancelled.
    """
    total = feed.size // SECTOR
    there = _reaches(target.reader, total)
    meter.start(Phase.VERIFYING, there * SECTOR)
    reader = PatientReader(
        target,
        there,
        retries=retries,
        fingerprint=target.fingerprint(),
        listener=listener,
        cancel=cancel,
    )
    comparison = _Comparison(feed)
    digests = DigestSet((PROOF, *hashes))

    def fill(buffer: memoryview) -> int:
        if reader.bad.count > MOST_UNREADABLE:
            return 0
        length = reader.fill(buffer[:BLOCK])
        tell()
        return length

    def tell() -> None:
        position = reader.position
        meter.update(position * SECTOR, position=position, bad_sectors=reader.bad.count)

    consumers = (comparison.take, *digests.consumers())
    moved = pump(fill, consumers, cancel=cancel, tick=tell, stuck=hanging.append)
    meter.finish()
    unreadable = reader.bad.add(Extent(there, total - there)).runs
    found = digests.hexdigests() if moved == feed.size and not unreadable else {}
    differing = without(comparison.differing.runs, unreadable)
    if found and not differing and found != feed.hexdigests():
        differing = (Extent(0, total),)  # no block's checksum shows where
    differences = Differences(total, differing, unreadable, _content_end(feed, differing))
    return ReadBack(
        differences,
        found,
        moved // SECTOR,
        ended_early=moved // SECTOR < there,
        recovered=reader.recovered,
    )


def _reaches(reader: SectorReader, total: int) -> int:
    """Give how many of ``total`` sectors the disc has; its own word is put to the test."""
    capacity = reader.sectors
    if isinstance(reader, Drive):
        capacity = _capacity(reader)
    if not 0 < capacity < total:
        return total
    try:
        read_sectors(reader, capacity, 1)
    except ReadError:
        return capacity
    return total


def _capacity(drive: Drive) -> int:
    try:
        return answers.parse_capacity(drive.run(commands.read_capacity())) or 0
    except CommandError:
        return 0


def _content_end(feed: Feed, differing: Sequence[Extent]) -> int | None:
    """Give the end of the last difference, if the image holds only zeros from there on."""
    if not differing:
        return None
    end = differing[-1].end
    at = end * SECTOR
    while at < feed.size:
        number, offset = divmod(at, BLOCK)
        try:
            rest = feed.block(number)[offset:]
        except DiscwrightError:
            return None
        if bytes(rest[:SECTOR]).strip(b"\0") or bytes(rest).strip(b"\0"):
            return None
        at += len(rest)
    return end


class _Comparison:
    """Compares what passes by, block by block, with what was fed."""

    def __init__(self, feed: Feed) -> None:
        self.differing = Extents()
        self._feed = feed
        self._number = 0

    def take(self, data: memoryview) -> None:
        number, self._number = self._number, self._number + 1
        fed = self._feed.mark(number)
        if fed is None:
            fed = mark_of(self._feed.block(number))
        if mark_of(data) != fed:
            self._list(number, data)

    def _list(self, number: int, data: memoryview) -> None:
        first = number * (BLOCK // SECTOR)
        sectors = len(data) // SECTOR
        try:
            original = self._feed.block(number)
        except DiscwrightError:  # the image is gone or changed: what was fed can't be had again
            self.differing.add(Extent(first, sectors))
            return
        if len(self.differing.runs) > MOST_RUNS:
            self.differing.add(Extent(first, sectors))
            return
        for at in range(0, len(data), SECTOR):
            if data[at : at + SECTOR] != original[at : at + SECTOR]:
                self.differing.add(Extent(first + at // SECTOR, 1))
