# SPDX-License-Identifier: GPL-3.0-or-later
"""The tracks of an image come as a drive takes them: from all files, in order, byte by byte."""

import hashlib
import os
import random

import pytest

from discwright.burn.feed import BLOCK
from discwright.burn.image import read_image
from discwright.burn.opening import open_feed
from discwright.burn.options import BurnOptions
from discwright.burn.plan import BurnPlan, plan_burn
from discwright.errors import SourceError
from discwright.optical.profile import Profile
from unit.burn.media import AROUND, medium

SECTORS = 500


def noise(name, size):
    return random.Random(name).randbytes(size)


def opened(path):
    plan = plan_burn(read_image(path), medium(Profile.CD_R), BurnOptions(), AROUND)
    assert isinstance(plan, BurnPlan), plan
    return open_feed(plan)


def through(feed):
    try:
        return b"".join(bytes(feed.block(n)) for n in range(feed.blocks))
    finally:
        feed.close()


def raw(mode, body):
    sectors = (body[at : at + 2336] for at in range(0, len(body), 2336))
    return b"".join(bytes(15) + bytes([mode]) + one for one in sectors)


def test_data_is_taken_out_of_raw_sectors_and_music_as_it_is(tmp_path):
    body, song = noise("b", SECTORS * 2336), noise("s", SECTORS * 2352)
    (tmp_path / "x.bin").write_bytes(raw(1, body) + song)
    (tmp_path / "x.cue").write_text(
        'FILE "x.bin" BINARY\nTRACK 01 MODE1/2352\nINDEX 01 00:00:00\n'
        "TRACK 02 AUDIO\nPREGAP 00:02:00\nINDEX 01 00:06:50\n"
    )
    feed = opened(tmp_path / "x.cue")
    data = b"".join(body[at : at + 2048] for at in range(0, len(body), 2336))
    wanted = data + bytes(150 * 2352) + song
    assert feed.size == len(wanted)
    assert through(feed) == wanted
    assert feed.hexdigests() == {"sha256": hashlib.sha256(wanted).hexdigest()}
    assert feed.track_digests() == {
        1: {"sha256": hashlib.sha256(data).hexdigest()},
        2: {"sha256": hashlib.sha256(song).hexdigest()},
    }


def test_mode_2_keeps_its_subheaders(tmp_path):
    body = noise("m", SECTORS * 2336)
    (tmp_path / "x.bin").write_bytes(raw(2, body))
    (tmp_path / "x.cue").write_text('FILE "x.bin" BINARY\nTRACK 01 MODE2/2352\nINDEX 01 0:0:0\n')
    assert through(opened(tmp_path / "x.cue")) == body


@pytest.mark.parametrize("odd", [0, 2, 1000])
def test_music_with_its_high_bytes_first_is_turned_around(tmp_path, odd):
    song = noise("s", SECTORS * 2352 + odd)
    (tmp_path / "x.bin").write_bytes(song)
    (tmp_path / "x.cue").write_text('FILE "x.bin" MOTOROLA\nTRACK 01 AUDIO\nINDEX 01 0:0:0\n')
    feed = opened(tmp_path / "x.cue")
    padded = song + bytes(-len(song) % 2352)
    turned = bytearray(padded)
    turned[0::2], turned[1::2] = padded[1::2], padded[0::2]
    found = bytearray(7)
    feed.read_at(10_001, memoryview(found))
    assert bytes(found) == turned[10_001:10_008]
    assert through(feed) == turned


def test_every_part_is_the_same_wherever_it_is_cut(tmp_path):
    body = noise("b", SECTORS * 2336)
    (tmp_path / "x.bin").write_bytes(raw(1, body))
    (tmp_path / "y.bin").write_bytes(noise("y", SECTORS * 2352 + 9))
    (tmp_path / "x.cue").write_text(
        'FILE "x.bin" BINARY\nTRACK 01 MODE1/2352\nINDEX 01 0:0:0\nPOSTGAP 0:1:0\n'
        'FILE "y.bin" BINARY\nTRACK 02 AUDIO\nPREGAP 0:2:0\nINDEX 01 0:0:0\n'
    )
    feed = opened(tmp_path / "x.cue")
    whole = bytearray(feed.size)
    feed.read_at(0, memoryview(whole))
    some = random.Random(1)
    for _attempt in range(300):
        first = some.randrange(feed.size)
        length = min(some.choice((1, 7, 2048, 2352, 100_000)), feed.size - first)
        part = bytearray(length)
        feed.read_at(first, memoryview(part))
        assert part == whole[first : first + length]
    assert through(feed) == whole


@pytest.fixture
def song(tmp_path):
    store = tmp_path / "x.bin"
    store.write_bytes(noise("s", 2352 * 1000))
    path = tmp_path / "x.cue"
    path.write_text('FILE "x.bin" BINARY\nTRACK 01 AUDIO\nINDEX 01 0:0:0\n')
    return path, store


def test_an_image_that_was_changed_since_it_was_looked_at_is_not_opened(song):
    path, store = song
    plan = plan_burn(read_image(path), medium(Profile.CD_R), BurnOptions(), AROUND)
    os.utime(store, ns=(1, 1))
    with pytest.raises(SourceError, match="changed"):
        open_feed(plan)


def test_an_image_that_is_changed_while_it_is_read_is_an_error(song):
    path, store = song
    feed = opened(path)
    feed.block(0)
    os.utime(store, ns=(1, 1))
    with pytest.raises(SourceError, match="changed"):
        feed.read_through()
    feed.close()
    feed.close()


def test_an_image_that_shrinks_is_an_error(song):
    path, store = song
    feed = opened(path)
    feed.block(0)
    os.truncate(store, BLOCK // 2)
    with pytest.raises(SourceError, match="shorter"):
        feed.read_through()
    feed.close()


def test_a_file_that_vanished_is_an_error_with_a_sentence(song):
    path, store = song
    plan = plan_burn(read_image(path), medium(Profile.CD_R), BurnOptions(), AROUND)
    store.unlink()
    with pytest.raises(SourceError):
        open_feed(plan)


def test_no_checksum_of_a_track_is_told_before_all_went_by(song):
    feed = opened(song[0])
    feed.block(0)
    assert feed.track_digests() == {}
    feed.close()
