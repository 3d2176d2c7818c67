# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual optical drive for the unmodified program; see README.md one folder up.

CDs of several tracks: cdrdao and cdrskin run as they are, on ``/dev/sr0``, and see the drive as
an ordinary user does. cdrdao takes its driver generic-mmc for it without being told. What they
burnt is ``drive.medium``: its ``sessions`` and ``tracks`` with mode, control bits, pregap, indexes
and ISRC, its ``mcn``; ``drive.burnt_raw(sectors, lba)`` gives whole sectors of 2352 bytes,
``drive.burnt`` the user data. A WRITE brings 2048 bytes for Mode 1, 2336 for Mode 2, 2352 for
music, as the cue sheet says; the drive makes sync, header, EDC and ECC (of Form 2 only where
``form2_edc=True``). cdrdao takes music in files for big-endian (``--swap`` for that of a BIN),
and so does cdrskin (``-swab``) except for the BINARY of a cue sheet. cdrdao strips whole sectors of
Mode 1 to 2048 bytes. cdrskin knows no session at once of data and music, and only cue sheets of one
file.
"""

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
