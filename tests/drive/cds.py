# SPDX-License-Identifier: GPL-3.0-or-later
"""CDs with all that can stand beside their sectors, and what ``discwright rip`` makes of them."""

from dataclasses import replace
from pathlib import Path

from .bench import Bench, media, raw
from .bench.medium import RAW, SECTOR, Disc, Mode, Profile, Session, Store, Track
from .bench.sectors import SectorSource
from .ripping import Ripped, rip
from .track_images import music

PAUSE = 150


def stored(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def record(folder: Path, **changes: object) -> Disc:
    """A record of three songs: music hidden before the first, pauses of several lengths, indices,
    numbers and marks."""
    data = music("record", 2100)
    file = str(stored(folder, "record.raw", data))
    starts, pauses = (300, 800, 1500), (300, 150, 37)
    ends = (*starts[1:], 2100)
    tracks = tuple(
        Track(n, start, end - start, Mode.AUDIO, Store(file, RAW, start), pregap=pause)
        for n, (start, pause, end) in enumerate(zip(starts, pauses, ends, strict=True), 1)
    )
    one, two, three = tracks
    tracks = (
        replace(one, copy=True, isrc="USABC0112345"),
        replace(two, indexes=(900, 1100, 1462)),
        replace(three, preemphasis=True, isrc="GBXYZ9900001"),
    )
    disc = Disc(Profile.CD_ROM, (Session(tracks, 2100),), mcn="1234567890123")
    return replace(disc, **changes)  # type: ignore[arg-type]


def game(folder: Path, iso: Path, **changes: object) -> Disc:
    """Data, then two songs, after a pause that every drive reads: an old game."""
    data = iso.read_bytes()
    count = len(data) // SECTOR
    whole = b"".join(
        raw.mode1(lba, data[lba * SECTOR : (lba + 1) * SECTOR]) for lba in range(count)
    ) + b"".join(raw.mode1(lba, bytes(SECTOR)) for lba in range(count, count + PAUSE))
    one = count + PAUSE  # the end of the data track: sectors of nothing
    songs = str(stored(folder, "songs.raw", bytes(PAUSE * RAW) + music("songs", 800)))
    tracks = (
        Track(1, 0, one + PAUSE, Mode.MODE1, Store(str(stored(folder, "data.raw", whole)), RAW)),
        Track(2, one + PAUSE, 400, Mode.AUDIO, Store(songs, RAW, PAUSE), pregap=PAUSE),
        Track(3, one + PAUSE + 400, 400, Mode.AUDIO, Store(songs, RAW, PAUSE + 400)),
    )
    disc = Disc(Profile.CD_ROM, (Session(tracks, tracks[-1].end),))
    return replace(disc, **changes)  # type: ignore[arg-type]


def film(folder: Path, sectors: int = 700) -> Disc:
    """A disc of Mode 2, both forms in turn."""
    data = b"".join(
        raw.mode2_form1(lba, music(f"film {lba}", 1)[:SECTOR])
        if lba % 3
        else raw.mode2_form2(lba, music(f"film {lba}", 1)[:2324])
        for lba in range(sectors)
    )
    return media.video_cd(stored(folder, "film.raw", data), 300)


def extra(folder: Path, iso: Path, **changes: object) -> Disc:
    """Music, and data in a second session, all of it different from sector to sector."""
    songs = [stored(folder, f"{name}.raw", music(name, 400)) for name in ("one", "two")]
    return media.cd_extra(iso, songs, **changes)


def sectors_of(disc: Disc, *spans: range) -> bytes:
    """Give what is on the disc there, past drive and faults; all of its first session's."""
    with SectorSource(disc) as source:
        return b"".join(
            source.raw_sector(lba)[1]
            for span in spans or (range(disc.sessions[0].leadout),)
            for lba in span
        )


def rip_bin(bench: Bench, folder: Path, *options: str, name: str = "out") -> Ripped:
    """Rip the disc in /dev/sr0 to ``out.bin`` and ``out.cue`` in a folder of their own."""
    place = folder / "ripped"
    place.mkdir(exist_ok=True)
    return rip(bench, place / f"{name}.bin", *options)


def sheet(done: Ripped) -> str:
    return done.target.with_suffix(".cue").read_text()
