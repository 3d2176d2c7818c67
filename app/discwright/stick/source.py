# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be written, as plain data for plans."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from discwright.image.bmap import Bmap
from discwright.image.boot import BootReport
from discwright.image.expected import Expected
from discwright.optical.disc import Disc
from discwright.wording import shown


class Table(StrEnum):
    """For which logical blocks the partition table in an image was made."""

    NONE = "none"
    BLOCKS_512 = "512"
    BLOCKS_4096 = "4096"


@dataclass(frozen=True)
class WriteSource:
    """An image file, or a disc."""

    path: Path
    """Of the file; of a disc in a drive the node."""
    file_size: int
    """Bytes of the file as it lies there."""
    size: int | None
    """Bytes of the image; None if that is known only when it is unpacked."""
    method: str = "plain"
    """How it is compressed: "plain", "xz", "zip" ..."""
    boot: BootReport | None = None
    """None if it could not be looked into."""
    empty: bool = False
    """It begins with nothing but zeros."""
    table: Table = Table.NONE
    block_map: Bmap | None = None
    """What of it is in use, by the .bmap file beside it."""
    expected: tuple[Expected, ...] = ()
    """Checksums found in files beside it."""
    devices: frozenset[str] = frozenset()
    """The devices that it lies on; see :func:`discwright.devices.targets.judge_target`."""
    remarks: tuple[str, ...] = ()
    """What was found to be odd, in sentences."""

    disc: Disc | None = None
    """What is read sector by sector, if it isn't an image file that is taken as it lies there."""

    @property
    def name(self) -> str:
        """What to call it: the name of the file or the label of the disc; safe to show."""
        if self.disc is not None and not self.disc.virtual:
            return shown(self.disc.label) or self.disc.kind
        return shown(self.path.name)

    @property
    def packed(self) -> bool:
        """Whether it is unpacked on the way."""
        return self.method != "plain"
