# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an image reaches as far as the file systems in it need."""

from dataclasses import dataclass

from discwright.image.affected import files_at, knows_files
from discwright.image.volumes import Volumes
from discwright.transfer.extents import Extent
from discwright.transfer.reader import SECTOR, SectorReader
from discwright.wording import _, size


@dataclass(frozen=True)
class Wholeness:
    """The length of an image beside the length that its descriptors claim."""

    known: bool
    """Whether there is any file system that says how long it is."""
    needed: int = 0
    """Sectors that the longest file system claims."""
    missing: int = 0
    """How many of them the image lacks at its end."""
    truncated: bool = False
    """Whether content is lost: padding may be missing without harm."""
    files: tuple[str, ...] = ()
    """What lies in the missing part, as from ``files_at``."""
    message: str = ""
    """What that means, in a sentence; "" if nothing is missing."""


def missing_sectors(volumes: Volumes, sectors: int) -> int:
    """Give how many sectors an image of ``sectors`` lacks by its descriptors; 0 if none.

    A longer image is in order: padding, hybrid partitions and error correction data follow.
    """
    return max(0, max((end.sectors for end in volumes.ends), default=0) - sectors)


def read_wholeness(reader: SectorReader, volumes: Volumes) -> Wholeness:
    """Judge the image by its descriptors and, if its end is missing, by where its files lie.

    Mastering programs count padding at the end that rips and downloads often lack, so a
    short image is called truncated only if something lies in the missing part, or if its
    directories can't tell.
    """
    needed = max((end.sectors for end in volumes.ends), default=0)
    missing = missing_sectors(volumes, reader.sectors)
    if not missing:
        return Wholeness(known=bool(volumes.ends), needed=needed)
    files = files_at(reader, (Extent(reader.sectors, missing),))
    truncated = bool(files) or not knows_files(reader)
    amount = size(missing * SECTOR)
    names = ", ".join(files[:3]) + (" …" if len(files) > 3 else "")
    if files:
        message = _("The image is cut off: its last {size} are missing, and with them {names}.")
    elif truncated:
        message = _("The image is cut off: by its own descriptors {size} are missing at its end.")
    else:
        message = _("The last {size} of padding are missing from the image; no file lies there.")
    return Wholeness(
        True, needed, missing, truncated, files, message.format(size=amount, names=names)
    )
