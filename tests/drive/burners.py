# SPDX-License-Identifier: GPL-3.0-or-later
"""The real burning programs, run in the bench."""

import subprocess
from pathlib import Path

from .asking import ask, read_10
from .bench import Bench, Drive
from .bench.medium import SECTOR, Profile

KINDS = (
    Profile.CD_R, Profile.CD_RW, Profile.DVD_R, Profile.DVD_RW, Profile.DVD_R_DL,
    Profile.DVD_PLUS_R, Profile.DVD_PLUS_R_DL, Profile.DVD_PLUS_RW, Profile.DVD_RAM,
    Profile.BD_R, Profile.BD_RE,
)  # fmt: skip
"""Every kind of blank disc."""
WRITE_ONCE = tuple(kind for kind in KINDS if not kind.is_erasable)


def xorriso(bench: Bench, *words: str | Path, **options: object) -> subprocess.CompletedProcess:
    """Run ``xorriso -as cdrecord`` with short naps."""
    bench.hurry()
    return bench.run(["xorriso", "-as", "cdrecord", "-v", "dev=/dev/sr0", *words], **options)  # type: ignore[arg-type]


def cdrskin(bench: Bench, *words: str | Path, **options: object) -> subprocess.CompletedProcess:
    """Run cdrskin with short naps."""
    bench.hurry()
    return bench.run(["cdrskin", "-v", "dev=/dev/sr0", *words], **options)  # type: ignore[arg-type]


def read_back(bench: Bench, drive: Drive, sectors: int, lba: int = 0) -> bytes:
    """Close the tray and read through the drive, as libcdio does; fails at an unreadable sector."""
    drive.close_tray()
    wanted = [read_10(at, min(32, lba + sectors - at)) for at in range(lba, lba + sectors, 32)]
    replies = ask(bench, drive, *wanted)
    assert all(reply.ok for reply in replies), [reply.sense for reply in replies if not reply.ok]
    return b"".join(reply.data for reply in replies)


def whole(image: Path) -> int:
    """Give how many sectors an image has."""
    return image.stat().st_size // SECTOR
