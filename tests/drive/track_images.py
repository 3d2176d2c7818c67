# SPDX-License-Identifier: GPL-3.0-or-later
"""Small images with several tracks: music, data beside music, Mode 2."""

import random
from pathlib import Path

from .bench import raw
from .bench.medium import RAW, SECTOR

SONG = 400
"""Sectors of a track of music; a disc has to have 300 at least."""


def music(name: str, sectors: int) -> bytes:
    """Give music that never repeats."""
    return random.Random(name).randbytes(sectors * RAW)


def album(folder: Path) -> tuple[Path, bytes]:
    """A cue sheet of two songs with a pause before the second; and all of the disc's sectors."""
    one, two = music("one", SONG), music("two", SONG)
    (folder / "album.bin").write_bytes(one + two)
    (folder / "album.cue").write_text(
        'CATALOG 1234567890123\nTITLE "The \\ Album"\nFILE "album.bin" BINARY\n'
        "  TRACK 01 AUDIO\n    FLAGS DCP\n    TITLE \"Größe\"\n    INDEX 01 00:00:00\n"
        "  TRACK 02 AUDIO\n    FLAGS PRE\n    ISRC USABC1234567\n    PREGAP 00:02:00\n"
        f"    INDEX 01 00:05:{SONG - 375:02}\n    INDEX 02 00:07:00\n"
    )  # fmt: skip
    return folder / "album.cue", one + bytes(150 * RAW) + two


def mixed(folder: Path, iso: Path) -> tuple[Path, int, bytes]:
    """A game: data in raw sectors, a pause, music; the sectors of data, and the music with it."""
    data = iso.read_bytes()
    count = len(data) // SECTOR
    sectors = (raw.mode1(lba, data[lba * SECTOR : (lba + 1) * SECTOR]) for lba in range(count))
    song = music("game", SONG)
    (folder / "game.bin").write_bytes(b"".join(sectors))
    (folder / "song.bin").write_bytes(song)
    (folder / "game.cue").write_text(
        'FILE "game.bin" BINARY\n  TRACK 01 MODE1/2352\n    INDEX 01 00:00:00\n'
        'FILE "song.bin" BINARY\n  TRACK 02 AUDIO\n    PREGAP 00:02:00\n    INDEX 01 00:00:00\n'
    )
    return folder / "game.cue", count, bytes(150 * RAW) + song


def mode_2(folder: Path, sectors: int = 500) -> Path:
    """A disc of Mode 2 sectors, every third of them of Form 2, as players of films want it."""
    some = random.Random("mode 2")
    (folder / "film.bin").write_bytes(
        b"".join(
            raw.mode2_form1(lba, some.randbytes(SECTOR))
            if lba % 3
            else raw.mode2_form2(lba, some.randbytes(2324))
            for lba in range(sectors)
        )
    )
    (folder / "film.cue").write_text(
        'FILE "film.bin" BINARY\n  TRACK 01 MODE2/2352\n    INDEX 01 00:00:00\n'
    )
    return folder / "film.cue"
