# SPDX-License-Identifier: GPL-3.0-or-later
"""The real cdrdao, run in the bench, and small images for it."""

import random
import subprocess
from pathlib import Path

from .bench import Bench, Drive, media, raw
from .bench.medium import RAW, SECTOR, Profile


def cdrdao(bench: Bench, what: str, *words: str | Path) -> subprocess.CompletedProcess:
    """Run cdrdao with short naps; it finds its driver, generic-mmc, by itself.

    It takes music in files for big-endian, which that of a BIN is not: hence ``--swap``.
    """
    bench.hurry()
    return bench.run(["cdrdao", what, "-n", "--swap", "--device", "/dev/sr0", *words])


def burn(bench: Bench, image: Path, *words: str) -> Drive:
    """Burn an image onto a blank CD-R in a new drive and close the tray again."""
    drive = bench.add_drive(media.blank(Profile.CD_R))
    done = cdrdao(bench, "write", *words, image)
    assert done.returncode == 0, done.stderr
    drive.open_tray()
    drive.close_tray()
    return drive


def noise(path: Path, sectors: int, size: int = RAW) -> Path:
    """Make a file of sectors that are all different."""
    path.write_bytes(random.Random(path.name).randbytes(sectors * size))
    return path


def record(folder: Path) -> Path:
    """A cue sheet of two tracks with all that a cue sheet can tell of them; 900 sectors."""
    cue = folder / "music.cue"
    cue.write_text(
        f'CATALOG 1234567890123\nFILE "{noise(folder / "music.bin", 900)}" BINARY\n'
        "  TRACK 01 AUDIO\n    FLAGS DCP\n    ISRC USABC0112345\n"
        "    INDEX 01 00:00:00\n    INDEX 02 00:01:00\n"
        "  TRACK 02 AUDIO\n    FLAGS PRE\n    INDEX 00 00:05:00\n    INDEX 01 00:06:00\n"
    )
    return cue


def mode_2(path: Path, sectors: int, start: int = 0) -> Path:
    """Make a file of whole Mode 2 sectors, every third of them of Form 2."""
    some = random.Random(path.name)
    path.write_bytes(b"".join(
        raw.mode2_form1(lba, some.randbytes(SECTOR)) if lba % 3
        else raw.mode2_form2(lba, some.randbytes(2324))
        for lba in range(start, start + sectors)
    ))  # fmt: skip
    return path


def mixed(folder: Path, data: Path, size: int, song: Path) -> Path:
    """Make a cue sheet of a track of Mode 1, two seconds of silence and a track of music."""
    cue = folder / "mixed.cue"
    cue.write_text(
        f'FILE "{data}" BINARY\n  TRACK 01 MODE1/{size}\n    INDEX 01 00:00:00\n'
        f'FILE "{song}" BINARY\n  TRACK 02 AUDIO\n    PREGAP 00:02:00\n    INDEX 01 00:00:00\n'
    )
    return cue
