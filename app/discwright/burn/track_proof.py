# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading back a CD track by track, and comparing it with what the drive was given.

Data is compared sector by sector, music sample by sample: with one shift for all of it, for no
drive reads or writes music quite where it is asked to.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from discwright.burn.feed import BLOCK, PROOF, Feed
from discwright.burn.readback import MOST_RUNS, MOST_UNREADABLE, ReadBack
from discwright.burn.regions import (
    SAMPLE,
    Region,
    differing_sectors,
    most_likely,
    probes,
    regions_of,
    shifts_in,
    silent_pauses,
    user_bytes,
    window_of,
)
from discwright.burn.toc_proof import compare_toc
from discwright.errors import ReadError
from discwright.image.layout import RAW_SECTOR
from discwright.image.recording import Form, Recording
from discwright.optical.compact_disc import read_contents
from discwright.optical.differences import Differences, without
from discwright.optical.drive_source import DriveSource
from discwright.optical.patience import PatientReader
from discwright.optical.raw_sectors import RawSource
from discwright.transfer.cancel import CancelToken
from discwright.transfer.digests import DigestSet
from discwright.transfer.extents import Extent, Extents
from discwright.transfer.meter import Meter
from discwright.transfer.progress import Listener, Phase
from discwright.transfer.pump import pump
from discwright.transfer.reader import read_sectors
from discwright.wording import _, counted

_SAMPLES_PER_MS = 44.1
_MOST_DOUBTS = 200
"""Sectors of music that are read once more before they count as different; music has no checksum,
and a drive that had to repair it may have guessed."""


def read_tracks_back(
    source: DriveSource,
    feed: Feed,
    recording: Recording,
    *,
    hashes: Sequence[str],
    retries: int,
    listener: Listener,
    meter: Meter,
    cancel: CancelToken,
    hanging: list[threading.Thread],
) -> ReadBack:
    """Read the disc from LBA 0 to its lead-out and compare it, and its table of contents.

    A thread that hangs in the drive is put on ``hanging``: the source must stay open for it.
    Raises SourceError or ReadError if the drive or the disc is lost, or the image was changed, and
    Cancelled.
    """
    total = recording.sectors
    meter.start(Phase.VERIFYING, total * RAW_SECTOR)
    raw = RawSource(source, total)
    reader = PatientReader(
        raw, total, retries=retries, fingerprint=raw.fingerprint(), listener=listener, cancel=cancel
    )
    given = _Given(feed)
    regions = regions_of(recording)
    comparison = _Comparison(regions, given, DigestSet((PROOF, *hashes)))

    def fill(buffer: memoryview) -> int:
        if reader.bad.count > MOST_UNREADABLE or reader.position >= total:
            return 0
        if not reader.position:  # here, where a hanging drive holds nobody up
            comparison.shift = _find_shift(raw, regions, given, listener, cancel)
        # A request never reaches from data into music: drives refuse that.
        end = next(one.end for one in regions if reader.position < one.end)
        room = min(end - reader.position, BLOCK // RAW_SECTOR)
        length = reader.fill(buffer[: room * RAW_SECTOR])
        tell()
        return length

    def tell() -> None:
        position = reader.position
        meter.update(position * RAW_SECTOR, position=position, bad_sectors=reader.bad.count)

    moved = pump(fill, (comparison.take,), cancel=cancel, tick=tell, stuck=hanging.append)
    read, shift = moved // RAW_SECTOR, comparison.shift
    meter.finish()
    unreadable = without(reader.bad.runs, silent_pauses(recording, given))
    unread = reader.bad.count - sum(run.count for run in unreadable)
    recovered = reader.recovered + _look_again(raw, comparison, reader.bad.runs, retries)
    differing = without(comparison.differing.runs, reader.bad.runs)
    music = (region for region in regions if region.form is Form.AUDIO)
    lost = sum(_sounding(region, given, shift) for region in music) if shift else 0
    return ReadBack(
        Differences(total, differing, unreadable),
        comparison.digests.hexdigests()
        if _is_exact(recording, shift, read, reader.bad.runs)
        else {},
        read,
        ended_early=read < total,
        recovered=recovered,
        remarks=(*_shift_remarks(shift, lost), *_pause_remarks(unread)),
        uncompared=lost,
        contents=compare_toc(recording, *read_contents(source)),
        shift=shift if recording.music else None,
    )


def _is_exact(recording: Recording, shift: int, read: int, unreadable: tuple[Extent, ...]) -> bool:
    """Whether what was read can have the checksums of what was given.

    Not if music is shifted, nor with Mode 2, whose checksums the drive makes anew.
    """
    forms = {track.form for track in recording.tracks}
    return not shift and not unreadable and read == recording.sectors and Form.MODE2 not in forms


@dataclass
class _Given:
    """What the drive was given, by byte."""

    feed: Feed
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, offset: int, length: int) -> bytes:
        parts = []
        end = min(offset + length, self.feed.size)
        while offset < end:
            number, at = divmod(offset, BLOCK)
            part = self.feed.block(number)[at : at + end - offset]
            parts.append(part)
            offset += len(part)
        return b"".join(parts)


class _Comparison:
    """Compares what passes by with what was given."""

    def __init__(self, regions: tuple[Region, ...], given: _Given, digests: DigestSet) -> None:
        self.differing = Extents()
        self.digests = digests
        self.regions = regions
        self.given = given
        self.shift = 0
        """Samples by which music lies behind; known before the first sector comes."""
        self._lba = 0

    def take(self, data: memoryview) -> None:
        lba, self._lba = self._lba, self._lba + len(data) // RAW_SECTOR
        region = self.region_at(lba)
        for piece in user_bytes(region.form, data):
            self.digests.update(piece)
        for sector in differing_sectors(region, lba, data, self.given, self.shift):
            if len(self.differing.runs) > MOST_RUNS:
                self.differing.add(Extent(lba, len(data) // RAW_SECTOR))
                return
            self.differing.add(Extent(sector, 1))

    def region_at(self, lba: int) -> Region:
        return next(one for one in self.regions if lba < one.end)


def _look_again(
    raw: RawSource, comparison: _Comparison, unreadable: tuple[Extent, ...], retries: int
) -> int:
    """Read sectors of music once more that came back different; give how many are right after all.

    A sector that still differs, or can't be read now, stays different.
    """
    doubts = [
        lba
        for run in without(comparison.differing.runs, unreadable)
        for lba in range(run.lba, min(run.end, run.lba + _MOST_DOUBTS + 1))
        if comparison.region_at(lba).form is Form.AUDIO
    ]
    if not 0 < len(doubts) <= _MOST_DOUBTS:
        return 0
    right = [lba for lba in doubts if any(_is_right(raw, comparison, lba) for _n in range(retries))]
    still = without(comparison.differing.runs, [Extent(lba, 1) for lba in right])
    comparison.differing = Extents(still)
    return len(right)


def _is_right(raw: RawSource, comparison: _Comparison, lba: int) -> bool:
    try:
        data = memoryview(read_sectors(raw.reader, lba, 1))
    except ReadError:
        return False
    region = comparison.region_at(lba)
    return not list(differing_sectors(region, lba, data, comparison.given, comparison.shift))


def _find_shift(
    raw: RawSource,
    regions: tuple[Region, ...],
    given: _Given,
    listener: Listener,
    cancel: CancelToken,
) -> int:
    """Give by how many samples the disc's music lies behind the image's."""
    votes = []
    for region in regions:
        if region.form is not Form.AUDIO:
            continue
        for sector, samples in probes(region, given):
            cancel.raise_if_cancelled()
            lba, count = window_of(region, sector)
            try:
                window = read_sectors(raw.reader, lba, count)
            except ReadError:
                continue
            votes.append(shifts_in(window, samples))
    shift = most_likely(votes)
    if votes:
        listener.log(f"Music is shifted by {shift} samples; found at {len(votes)} places")
    return shift


def _shift_remarks(shift: int, lost: int) -> tuple[str, ...]:
    """Say that music is shifted, and what lies past the edges because of it."""
    if not shift:
        return ()
    n = abs(shift)
    said = (
        counted(
            "The music starts {n} sample later than in the image",
            "The music starts {n} samples later than in the image",
            n,
        )
        if shift > 0
        else counted(
            "The music starts {n} sample earlier than in the image",
            "The music starts {n} samples earlier than in the image",
            n,
        )
    )
    usual = _("({ms} ms), as is usual for drives; nothing is missing in between.")
    remarks = [f"{said} {usual.format(ms=f'{n / _SAMPLES_PER_MS:.1f}')}"]
    if lost:
        remarks.append(
            counted(
                "{n} sample at the very edge of the music lies where drives don't read: it was "
                "not compared.",
                "{n} samples at the very edge of the music lie where drives don't read: they were "
                "not compared.",
                lost,
            )
        )
    return tuple(remarks)


def _pause_remarks(unread: int) -> tuple[str, ...]:
    if not unread:
        return ()
    return (
        counted(
            "{n} sector of the pause between data and music can't be read by this drive; it holds "
            "nothing.",
            "{n} sectors of the pause between data and music can't be read by this drive; they "
            "hold nothing.",
            unread,
        ),
    )


def _sounding(region: Region, given: _Given, shift: int) -> int:
    """Give how many samples beyond the edge of a region are no silence."""
    length = min(abs(shift) * SAMPLE, region.size)
    start = region.size - length if shift > 0 else 0
    edge = given(region.offset + start, length)
    return sum(any(edge[at : at + SAMPLE]) for at in range(0, len(edge), SAMPLE))
