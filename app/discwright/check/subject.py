# SPDX-License-Identifier: GPL-3.0-or-later
"""What is checked: an image file, or a disc in a drive. Plain data."""

from dataclasses import dataclass
from pathlib import Path

from discwright.optical.disc import Disc
from discwright.transfer.reader import SECTOR
from discwright.wording import shown

MOST_LENGTHS = 64
"""A checksum for each is kept on the way; more would only be guessing."""


@dataclass(frozen=True)
class Subject:
    """One file or disc, and the lengths at which what it holds may end."""

    source: str
    """Path or node."""
    size: int
    """Bytes."""
    lengths: tuple[int, ...]
    """Bytes, ascending; the last is the size. Where a disc ends is an opinion (see
    ``optical/length.py``): an image that was published may be shorter than the disc it is on."""
    disc: Disc | None = None

    @property
    def name(self) -> str:
        """What to call it; safe to show."""
        if self.disc is None:
            return shown(Path(self.source).name)
        return self.disc.label or self.source

    @property
    def sectors(self) -> int:
        """Whole sectors."""
        return self.size // SECTOR


def file_subject(path: Path) -> Subject:
    """Take a file as what is checked. Raises OSError."""
    length = path.stat().st_size
    return Subject(str(path), length, (length,))


def disc_subject(disc: Disc, sizes: tuple[int, ...] = ()) -> Subject:
    """Take an examined disc as what is checked; ``sizes``: bytes that are published."""
    opinions = {candidate.sectors * SECTOR for candidate in disc.length.candidates}
    published = {one for one in sizes if one % SECTOR == 0}
    shorter = sorted(one for one in opinions | published if 0 < one < disc.size)
    return Subject(disc.source, disc.size, (*shorter[-MOST_LENGTHS:], disc.size), disc)
