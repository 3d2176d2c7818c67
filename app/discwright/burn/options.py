# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user asks for when a disc is to be burned or erased."""

from dataclasses import dataclass
from enum import StrEnum


class Blank(StrEnum):
    """What may be done to a disc that isn't blank."""

    AUTO = "auto"
    """What is needed, the quick way."""
    FAST = "fast"
    """Erase a rewritable disc quickly, even where it could be overwritten."""
    FULL = "full"
    """Erase or format all of it, which takes as long as writing it."""
    NEVER = "never"
    """Write blank discs only."""


@dataclass(frozen=True)
class BurnOptions:
    """The wishes for one burn."""

    speed: float | None = None
    """A factor (4 for 4x of the disc's family); None: a middle one of those that it offers."""
    simulate: bool = False
    """Go through all of it with the laser at low power; the disc stays as it is."""
    blank: Blank = Blank.AUTO
    verify: bool = True
    """Read the disc back and compare."""
    eject: bool = True
    """Leave the tray open at the end."""
    overburn: bool = False
    """Try to write more than the disc says that it holds."""
    copies: int = 1
    spare: bool = False
    """Format a blank BD-R so that it replaces bad sectors: slower, and less room."""
    streaming: bool = False
    """Write BD and DVD-RAM at full speed, without replacing bad sectors."""
    hashes: tuple[str, ...] = ("sha256",)
    retries: int = 2
    """Further tries for a sector that can't be read back."""
    sidecar: bool = False
    """Write a record beside the image."""
