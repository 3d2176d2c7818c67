# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole sectors of a CD, music and data alike, as something to be read from."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

from discwright.errors import ReadError
from discwright.image.layout import RAW_SECTOR
from discwright.optical.commands import C2_BYTES
from discwright.optical.drive import DiscReadError, Drive
from discwright.optical.drive_source import DriveSource
from discwright.optical.frames import SYNC, Judged, judge
from discwright.optical.sense import Fault
from discwright.transfer.cancel import CancelToken
from discwright.transfer.reader import SectorReader
from discwright.wording import _

MOST_RAW = 24
"""Whole sectors in one READ CD: with their C2 error pointers they stay below 64 KiB."""

_NO_ERROR = bytes(C2_BYTES)


class RawSectors:
    """Sectors of 2352 bytes, read with READ CD."""

    sector_size = RAW_SECTOR

    def __init__(self, drive: Drive, sectors: int) -> None:
        self._drive = drive
        self.sectors = sectors

    def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
        """Read sectors; DiscReadError if not all of them come."""
        self._drive.read_raw_into(lba, count, buffer)


class RawSource:
    """A CD in an open drive, to be read in whole sectors; the drive stays its owner's."""

    def __init__(
        self, source: DriveSource, sectors: int, reader: SectorReader | None = None
    ) -> None:
        self._source = source
        self.reader = reader or RawSectors(source.reader, sectors)

    def wait_ready(self, cancel: CancelToken) -> None:
        """Wait until it can be read. Raises SourceError, Cancelled."""
        self._source.wait_ready(cancel)

    def fingerprint(self) -> str:
        """Give the signs of this disc. Raises SourceError."""
        return self._source.fingerprint()


class Content(StrEnum):
    """What the sectors of a stretch are by the table of contents."""

    MUSIC = "music"
    DATA = "data"
    PAUSE = "pause"
    """Before a track where data and music meet: either, or both one after the other."""


@dataclass(frozen=True)
class Stretch:
    """Sectors of one track that follow each other and are read alike."""

    lba: int
    count: int
    content: Content
    track: int

    @property
    def end(self) -> int:
        """The first LBA after it."""
        return self.lba + self.count


class Doubt(StrEnum):
    """Why a sector that the drive delivered is not believed."""

    WRONG = "wrong"
    """Its own address, mode or EDC says that it isn't what was recorded."""
    CONCEALED = "concealed"
    """Music whose errors the drive could not correct; it made up what was missing (C2)."""


class DoubtError(ReadError):
    """Sectors came, but at least one of them is not what is on the disc."""


class CheckedSectors:
    """Whole sectors of known stretches that count as read only if nothing speaks against them.

    Data is checked by what its sectors say of themselves, and by the mode of those of their track
    whose EDC is right: a track has one mode (ECMA-130 20). Music has no such thing: there the C2
    error pointers tell, if the drive gives them (``c2``).
    """

    sector_size = RAW_SECTOR

    def __init__(self, drive: Drive, stretches: Sequence[Stretch], *, c2: bool) -> None:
        self._drive = drive
        self._stretches = stretches
        self._begins = [one.lba for one in stretches]
        self.sectors = stretches[-1].end if stretches else 0
        self.c2 = c2
        """Whether the drive told of errors in all music that was read."""
        self._asks_c2 = c2
        self._told_c2 = False
        self.doubts: dict[int, Doubt] = {}
        """The sectors that came the last time, and why they weren't believed."""
        self.unchecked: dict[int, set[int]] = {}
        """By track: the sectors of data without an EDC."""
        self._sure: dict[int, set[int]] = {}
        """By track: the modes of sectors whose EDC is right; then of those that have none."""
        self._unsure: dict[int, set[int]] = {}
        self.strict = True
        """Whether a sector in doubt is an error."""
        self._flagged = memoryview(bytearray(MOST_RAW * (RAW_SECTOR + C2_BYTES)))

    @property
    def modes(self) -> Mapping[int, Set[int]]:
        """By track: the modes that the headers of its good sectors tell."""
        return {**self._unsure, **self._sure}

    def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
        """Read sectors of one or several stretches. Raises DiscReadError, DoubtError."""
        done = 0
        while done < count:
            at = lba + done
            stretch = self.stretch_at(at)
            part = min(count - done, stretch.end - at, MOST_RAW)
            self._read(stretch, at, part, buffer[done * RAW_SECTOR : (done + part) * RAW_SECTOR])
            done += part

    def stretch_at(self, lba: int) -> Stretch:
        """Give the stretch that a sector belongs to."""
        return self._stretches[max(0, bisect_right(self._begins, lba) - 1)]

    def _read(self, stretch: Stretch, lba: int, count: int, buffer: memoryview) -> None:
        concealed: set[int] = set()
        if self._asks_c2 and stretch.content is not Content.DATA:
            concealed = self._read_flagged(stretch, lba, count, buffer)
        else:
            self._drive.read_raw_into(lba, count, buffer)
        doubts = self._judge(stretch, lba, buffer[: count * RAW_SECTOR], concealed)
        for at in range(lba, lba + count):
            self.doubts.pop(at, None)
        self.doubts.update(doubts)
        if doubts and self.strict:
            first, doubt = next(iter(doubts.items()))
            raise DoubtError(
                _("The drive delivered a sector that is not what is on the disc."),
                lba=lba,
                count=count,
                cause=f"LBA {first}: {doubt}; {len(doubts)} of {count} sectors",
            )

    def _read_flagged(self, stretch: Stretch, lba: int, count: int, buffer: memoryview) -> set[int]:
        """Read with C2 error pointers, or without where the drive refuses; give what has errors.

        Errors that it told of before don't go away by that it does not tell of them again.
        """
        try:
            self._drive.read_flagged_into(lba, count, self._flagged)
        except DiscReadError as error:
            pause = stretch.content is Content.PAUSE
            if error.fault is not Fault.UNSUPPORTED and not (
                pause and error.fault is Fault.ILLEGAL_MODE  # said of data, by some
            ):
                raise
            if stretch.content is Content.MUSIC:
                self.c2 = False
                self._asks_c2 = self._told_c2
            self._drive.read_raw_into(lba, count, buffer)
            told = range(lba, lba + count)
            return {at for at in told if self.doubts.get(at) is Doubt.CONCEALED}
        self._told_c2 = True
        concealed = set()
        width = RAW_SECTOR + C2_BYTES
        for number in range(count):
            one = self._flagged[number * width : (number + 1) * width]
            buffer[number * RAW_SECTOR : (number + 1) * RAW_SECTOR] = one[:RAW_SECTOR]
            if one[RAW_SECTOR:] != _NO_ERROR:
                concealed.add(lba + number)
        return concealed

    def _judge(
        self, stretch: Stretch, lba: int, raw: memoryview, concealed: Set[int]
    ) -> dict[int, Doubt]:
        if stretch.content is Content.MUSIC:
            return dict.fromkeys(sorted(concealed), Doubt.CONCEALED)
        doubts = {}
        found = judge(lba, raw)
        in_track = stretch.content is Content.DATA
        if in_track and (sure := {one.mode for one in found if one.checked and not one.flaw}):
            self._sure.setdefault(stretch.track, set()).update(sure)
        sure = self._sure.get(stretch.track, set()) if in_track else set()
        for at, judged in enumerate(found, start=lba):
            begin = (at - lba) * RAW_SECTOR
            if not in_track and raw[begin : begin + 12] != SYNC:
                if at in concealed:
                    doubts[at] = Doubt.CONCEALED
            elif judged.flaw is not None or _strays(judged, sure):
                doubts[at] = Doubt.WRONG
            elif not judged.checked:
                self.unchecked.setdefault(stretch.track, set()).add(at)
                if in_track:
                    self._unsure.setdefault(stretch.track, set()).add(judged.mode)
        return doubts


def _strays(judged: Judged, sure: Set[int]) -> bool:
    """Whether a sector without an EDC is not as those of its track whose EDC is right."""
    if judged.checked or not judged.mode or not sure:
        return False
    return judged.formless or judged.mode not in sure
