# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole sectors as a drive reads them, beside what it was given to write. Pure.

Music has no sync and no header, and every drive shifts it by some samples: it reads a little early
or late, and it wrote so too. Data lies where it lies.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from discwright.image.layout import RAW_SECTOR
from discwright.image.recording import Form, Recording
from discwright.transfer.extents import Extent

SAMPLE = 4
"""Bytes of both channels."""

MOST_SHIFT = 5 * RAW_SECTOR // SAMPLE
"""Samples that music may be shifted. Reading known drives are off by -1164 to +1858 (AccurateRip's
list), writing ones by as much the other way; five sectors hold the sum of both with a margin, and
are too short to hide a missing piece of music."""

_PROBES = 8
_LONGEST_SILENCE = 3000
"""Sectors in which the first sound is looked for."""
_MODE = 15
"""The byte of a raw sector that tells its mode (ECMA-130 14.2)."""
_HEAD, _SUBHEAD = 16, 8
_SUBMODE = 2
"""The byte of a subheader that tells the form by bit 5 (CD-ROM XA II 4.3)."""

Given = Callable[[int, int], bytes | memoryview]
"""Gives bytes that the drive was given, from an offset on."""


@dataclass(frozen=True)
class Region:
    """Sectors that are read alike: a track of data, or all music between two of them."""

    lba: int
    sectors: int
    form: Form
    offset: int
    """Where they begin in what the drive was given, in bytes."""

    @property
    def end(self) -> int:
        """The first LBA after it."""
        return self.lba + self.sectors

    @property
    def size(self) -> int:
        """Bytes that the drive was given."""
        return self.sectors * self.form.size


def regions_of(recording: Recording) -> tuple[Region, ...]:
    """Give the regions of a disc in their order."""
    found: list[Region] = []
    for track in recording.tracks:
        before = found[-1] if found else None
        if before is not None and before.form is track.form:
            found[-1] = Region(
                before.lba, before.sectors + track.sectors, track.form, before.offset
            )
        else:
            found.append(Region(track.lba, track.sectors, track.form, track.offset))
    return tuple(found)


def silent_pauses(recording: Recording, given: Given) -> tuple[Extent, ...]:
    """Give the pauses between data and music that hold nothing: not every drive reads them."""
    found = []
    for before, track in zip(recording.tracks, recording.tracks[1:], strict=False):
        length = track.pregap * track.form.size
        if before.form is not track.form and not bytes(given(track.offset, length)).strip(b"\0"):
            found.append(Extent(track.lba, track.pregap))
    return tuple(one for one in found if one.count)


def differing_sectors(
    region: Region, lba: int, raw: memoryview, given: Given, shift: int
) -> Iterator[int]:
    """Give the LBA of each sector of ``raw``, read from ``lba`` on, that isn't as it was given."""
    if region.form is Form.AUDIO:
        yield from _music(region, lba, raw, given, shift)
        return
    width = region.form.size
    count = len(raw) // RAW_SECTOR
    wanted = memoryview(given(region.offset + (lba - region.lba) * width, count * width))
    for n in range(count):
        sector = raw[n * RAW_SECTOR : (n + 1) * RAW_SECTOR]
        if not _same(region.form, sector, wanted[n * width : (n + 1) * width]):
            yield lba + n


def _music(region: Region, lba: int, raw: memoryview, given: Given, shift: int) -> Iterator[int]:
    first = (lba - region.lba) * RAW_SECTOR - shift * SAMPLE
    start, end = max(0, first), min(region.size, first + len(raw))
    if start >= end:
        return
    wanted = memoryview(given(region.offset + start, end - start))
    if raw[start - first : end - first] == wanted:
        return
    for at in range(0, len(raw), RAW_SECTOR):
        low, high = max(start, first + at), min(end, first + at + RAW_SECTOR)
        if low < high and raw[low - first : high - first] != wanted[low - start : high - start]:
            yield lba + at // RAW_SECTOR


def _same(form: Form, sector: memoryview, wanted: memoryview) -> bool:
    """Compare mode and user bytes; Mode 2 with its subheader, if the drive was given one.

    Checksums and error correction behind them are the drive's business, and it made them anew.
    """
    if sector[_MODE] != (1 if form is Form.MODE1 else 2):
        return False
    if form is Form.MODE1:
        return sector[_HEAD : _HEAD + len(wanted)] == wanted
    if form is not Form.MODE2:
        start = _HEAD + _SUBHEAD
        return sector[start : start + len(wanted)] == wanted
    is_form2 = wanted[_SUBMODE] & 0x20
    length = _SUBHEAD + (Form.MODE2_FORM2.size if is_form2 else Form.MODE2_FORM1.size)
    return sector[_HEAD : _HEAD + length] == wanted[:length]


def user_bytes(form: Form, raw: memoryview) -> Iterator[memoryview]:
    """Give what a drive would have been given to write such sectors."""
    if form is Form.AUDIO:
        yield raw
        return
    start = _HEAD if form in {Form.MODE1, Form.MODE2} else _HEAD + _SUBHEAD
    for at in range(start, len(raw), RAW_SECTOR):
        yield raw[at : at + form.size]


def probes(region: Region, given: Given) -> Iterator[tuple[int, bytes]]:
    """Give a few sectors of music, spread over a region, by which its shift can be told.

    As pairs of the sector, counted from the region's start, and its samples. Silence, and tones
    that repeat within a sector, tell nothing.
    """
    margin = MOST_SHIFT * SAMPLE // RAW_SECTOR + 1
    room = region.sectors - 2 * margin
    if room < 1:
        return

    def samples_of(sector: int) -> bytes:
        return bytes(given(region.offset + sector * RAW_SECTOR, RAW_SECTOR))

    # Where the first sound begins even a steady tone tells.
    for sector in range(margin, margin + min(room, _LONGEST_SILENCE)):
        samples = samples_of(sector)
        if samples.strip(b"\0"):
            yield sector, samples
            break
    for zone in range(_PROBES):
        for attempt in range(_PROBES):
            sector = margin + (zone * _PROBES + attempt) * room // (_PROBES * _PROBES)
            samples = samples_of(sector)
            if _is_telling(samples):
                yield sector, samples
                break


def window_of(region: Region, sector: int) -> tuple[int, int]:
    """Give LBA and count of the sectors in which a probe may be found."""
    margin = MOST_SHIFT * SAMPLE // RAW_SECTOR
    return region.lba + sector - margin, 2 * margin + 1


def shifts_in(window: bytes, samples: bytes) -> tuple[int, ...]:
    """Give each shift, in samples, at which a probe is found in its window."""
    middle = len(window) // 2 // RAW_SECTOR * RAW_SECTOR
    found = []
    at = window.find(samples)
    while at >= 0:
        if at % SAMPLE == 0:
            found.append((at - middle) // SAMPLE)
        at = window.find(samples, at + 1)
    return tuple(found)


def most_likely(votes: Iterable[tuple[int, ...]]) -> int:
    """Give the shift on which most probes agree, the smallest of several; 0 if none was found."""
    count: dict[int, int] = {}
    for shifts in votes:
        for shift in shifts:
            count[shift] = count.get(shift, 0) + 1
    return min(count, key=lambda shift: (-count[shift], abs(shift)), default=0)


def _is_telling(samples: bytes) -> bool:
    whole = samples + samples
    return whole.find(samples, SAMPLE) == len(samples)
