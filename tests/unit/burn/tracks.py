# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of several tracks as plain data, for tables."""

from pathlib import Path

from discwright.burn.image import BurnImage
from discwright.image.layout import CUE_FORMATS, ImageTrack, Layout, Marks, Piece
from discwright.image.recording import Recording, record

STORE = Path("/home/me/disc.bin")


def track(number=1, kind="AUDIO", sectors=1000, *, pregap=0, pieces=None, **more):
    """Give a track whose sectors lie in one file."""
    form = CUE_FORMATS[kind]
    stored = (Piece(STORE, 0, (pregap + sectors) * form.sector_size),)
    return ImageTrack(
        number, more.pop("session", 1), form, STORE, 0, 0, sectors, pregap=pregap,
        pieces=stored if pieces is None else pieces, **more,
    )  # fmt: skip


def recording(*tracks, **more) -> Recording:
    """Give a disc of tracks."""
    return record(Layout(tracks, (STORE,), **more))


ALBUM = recording(track(1), track(2, pregap=150, marks=Marks(copy=True)))
MIXED = recording(track(1, "MODE1/2352"), track(2, pregap=150))
PLAIN = recording(track(1, "MODE1/2048"))
MODE_2 = recording(track(1, "MODE2/2352"))


def image(disc: Recording = ALBUM, **more) -> BurnImage:
    """Give the image of such a disc."""
    plain = disc.plain or (len(disc.tracks) == 1 and bool(disc.data) and more.pop("plain", False))
    return BurnImage(
        "/home/me/disc.cue", disc.sectors, recording=disc, as_sectors=plain, device="8:1", **more
    )
