# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual optical drive for the unmodified program; see README.md one folder up.

CDs of several tracks: cdrdao and cdrskin run as they are, on ``/dev/sr0``, and see the drive as
an ordinary user does. What they burnt is ``drive.medium``: its ``sessions`` and ``tracks`` with
mode, control bits, pregap, indexes and ISRC, its ``mcn`` and ``cd_text``.
``drive.burnt_raw(sectors, lba)`` gives whole sectors of 2352 bytes, ``drive.burnt`` the user
data; a pregap is recorded as the track that it precedes. A WRITE brings 2048 bytes for Mode 1,
2336 for Mode 2, 2352 for music, as the cue sheet says; the drive makes sync, header, EDC and ECC,
those of Form 2 only with the trait ``form2_edc``. The traits ``overburn`` (sectors),
``read_offset`` and ``write_offset`` (samples, for music only) are keywords of ``add_drive``. All
faults of writing work on tracks too; ``faults.session_stays_open()`` leaves out the lead-out.

cdrdao takes its driver generic-mmc without being told; ``--driver generic-mmc:0x10`` burns
CD-TEXT; the drive refuses raw writing (generic-mmc-raw). It takes music in files for big-endian
(``--swap`` for that of a BIN) and strips whole sectors of Mode 1 to 2048 bytes. It calls a
session finished that failed to close. During the burn it ignores SIGINT and stops at SIGTERM,
with status 1. On a disc that is full it opens and closes the tray. cdrskin takes music for
big-endian too (``-swab``), except for the BINARY of a cue sheet; it knows no session at once of
data and music, and only cue sheets of one file.
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
