# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rip will do, or why it will not."""

from dataclasses import dataclass
from pathlib import Path

from discwright.optical.disc import Disc


@dataclass(frozen=True)
class RipOptions:
    """What the user asks for."""

    hashes: tuple[str, ...] = ("sha256",)
    retries: int = 3
    """Further tries for a sector that can't be read."""
    speed: float | None = None
    """Reading speed as a factor (4 for 4x of the disc's family); None: as the drive likes."""
    verify: bool = False
    """Read the disc a second time and compare."""
    eject: bool = False
    overwrite: bool = False
    """Replace an existing target."""
    map_file: Path | None = None
    """Write a GNU ddrescue map of what was read here."""


@dataclass(frozen=True)
class RipPlan:
    """What will happen."""

    disc: Disc
    target: Path
    options: RipOptions
    warnings: tuple[str, ...] = ()
    """What the user should know before; sentences."""

    @property
    def sectors(self) -> int:
        """How many sectors will be read."""
        return self.disc.length.sectors

    @property
    def size(self) -> int:
        """Bytes of the image."""
        return self.disc.size
