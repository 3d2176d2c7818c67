# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual optical drive for the unmodified program; see README.md one folder up."""

from . import faults, media
from .bench import Bench, umockdev_missing
from .codes import Op, Sense
from .faults import Fault
from .handle import Drive
from .mmc.drive import READER_PROFILES, WRITER_PROFILES, Command, Traits
from .sectors import SectorSource

__all__ = [
    "READER_PROFILES", "WRITER_PROFILES", "Bench", "Command", "Drive", "Fault", "Op",
    "SectorSource", "Sense", "Traits", "faults", "media", "umockdev_missing",
]  # fmt: skip
