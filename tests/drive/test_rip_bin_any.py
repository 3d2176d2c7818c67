# SPDX-License-Identifier: GPL-3.0-or-later
"""CDs put together at random: whatever is on them is in image and sheet."""

import random

import pytest

from discwright.image.cue import read_cue
from drive.bench import raw
from drive.bench.medium import RAW, SECTOR, Disc, Mode, Profile, Session, Store, Track
from drive.cds import PAUSE, rip_bin, sectors_of, stored

KINDS = (Mode.AUDIO, Mode.MODE1, Mode.MIXED)


def sector(some, kind, lba):
    if kind is Mode.AUDIO:
        return some.randbytes(RAW)
    if kind is Mode.MODE1:
        return raw.mode1(lba, some.randbytes(SECTOR))
    if some.random() < 0.5:
        return raw.mode2_form1(lba, some.randbytes(SECTOR))
    return raw.mode2_form2(lba, some.randbytes(2324))


def any_disc(folder, some):
    """Tracks of all kinds and orders, pauses of all lengths, indices anywhere, marks."""
    tracks, at, before = [], 0, None
    for number in range(1, some.randint(2, 5)):
        kind = some.choice(KINDS)
        pause = some.choice((0, PAUSE, some.randint(1, 400)))
        if before not in {None, kind}:
            pause = max(pause, PAUSE)  # ECMA-130 20.1
        start, length = at + pause, some.randint(300, 600)
        data = b"".join(sector(some, kind, lba) for lba in range(at, start + length))
        tracks.append(
            Track(
                number, start, length, kind,
                Store(str(stored(folder, f"track {number}", data)), RAW, pause), pregap=pause,
                indexes=tuple(sorted(some.sample(range(start + 1, start + length), 2))),
                copy=some.random() < 0.5,
                isrc="USABC0112345" if kind is Mode.AUDIO and some.random() < 0.5 else "",
            )
        )  # fmt: skip
        at, before = start + length, kind
    return Disc(Profile.CD_ROM, (Session(tuple(tracks), at),))


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_on_a_cd_is_in_image_and_sheet(bench, tmp_path, seed):
    some = random.Random(seed)
    disc = any_disc(tmp_path, some)
    bench.add_drive(
        disc, one_kind=True, sub_channels=some.choice(((1,), (1, 2))),
        c2_pointers=some.random() < 0.5,
    )  # fmt: skip
    done = rip_bin(bench, tmp_path, "--format", "bin")
    assert (done.code, done.report["warnings"]) == (0, []), done.report
    assert done.target.read_bytes() == sectors_of(disc)
    layout = read_cue(done.target.with_suffix(".cue"))
    assert [
        (track.start, track.pregap, tuple(track.start + one for one in track.indices))
        for track in layout.tracks
    ] == [(track.start, track.pregap, track.indexes) for track in disc.tracks]
    assert [(track.marks.copy, track.marks.isrc) for track in layout.tracks] == [
        (track.copy, track.isrc) for track in disc.tracks
    ]
