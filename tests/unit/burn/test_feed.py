# SPDX-License-Identifier: GPL-3.0-or-later
"""One image for several burners is read once, in bounded memory, and a changed one is noticed."""

import hashlib
import random
import threading

import pytest

from discwright.burn import feed as feeds
from discwright.burn.feed import BLOCK, KEPT, Feed, ImageFileFeed, mark_of
from discwright.burn.image import read_image
from discwright.burn.opening import open_feed
from discwright.burn.options import BurnOptions
from discwright.burn.plan import BurnPlan, plan_burn
from discwright.errors import SourceError
from discwright.transfer.reader import SECTOR
from unit.burn.media import AROUND, medium

BLOCKS = KEPT + 8


def planned(image):
    plan = plan_burn(image, medium(), BurnOptions(), AROUND)
    assert isinstance(plan, BurnPlan)
    return plan


class Memory:
    """Bytes that count how often they are read."""

    def __init__(self, data):
        self.data, self.at, self.fills, self.again = bytearray(data), 0, 0, []

    def fill(self, buffer):
        self.fills += 1
        piece = self.data[self.at : self.at + min(len(buffer), 300_000)]
        buffer[: len(piece)] = piece
        self.at += len(piece)
        return len(piece)

    def read_again(self, offset, buffer):
        self.again.append(offset // BLOCK)
        buffer[:] = self.data[offset : offset + len(buffer)]


@pytest.fixture(scope="module")
def content():
    return random.Random(1).randbytes(BLOCKS * BLOCK - 5 * SECTOR)


def feed_of(memory, hashes=("sha256",)):
    return Feed(len(memory.data), memory.fill, memory.read_again, hashes)


def through(feed):
    return b"".join(feed.block(number) for number in range(feed.blocks))


def test_the_blocks_are_the_image(content):
    feed = feed_of(Memory(content))
    assert feed.hexdigests() == {}
    assert through(feed) == content
    assert feed.hexdigests() == {"sha256": hashlib.sha256(content).hexdigest()}
    assert feed.mark(0) == mark_of(memoryview(content)[:BLOCK])
    assert feed.mark(feed.blocks) is None


def test_burners_side_by_side_read_the_image_once(content):
    memory = Memory(content)
    feed = feed_of(memory)
    for number in range(feed.blocks):
        for _burner in range(3):
            assert len(feed.block(number)) == feed.length(number)
    assert memory.again == []


def test_a_burner_far_behind_reads_by_itself_and_holds_nobody_up(content):
    memory = Memory(content)
    feed = feed_of(memory)
    feed.read_through()
    fills = memory.fills
    assert through(feed) == content
    assert memory.fills == fills
    assert memory.again == list(range(BLOCKS - KEPT)) + list(range(BLOCKS - KEPT, BLOCKS))


def test_memory_does_not_grow_with_the_image(content):
    feed = feed_of(Memory(content))
    feed.read_through()
    assert len(feed._kept) == KEPT


def test_an_image_that_changes_is_noticed(content):
    memory = Memory(content)
    feed = feed_of(memory)
    feed.read_through()
    memory.data[17] ^= 1
    with pytest.raises(SourceError, match="changed"):
        feed.block(0)


def test_an_image_that_ends_early_is_noticed_by_every_burner(content):
    memory = Memory(content[:BLOCK])
    feed = Feed(3 * BLOCK, memory.fill, memory.read_again)
    assert feed.block(0)
    for _burner in range(2):
        with pytest.raises(SourceError, match="shorter"):
            feed.block(1)


def test_several_threads_get_the_same(content):
    feed = feed_of(Memory(content))
    found = {}

    def take(name):
        found[name] = hashlib.sha256(through(feed)).hexdigest()

    threads = [threading.Thread(target=take, args=(name,)) for name in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert set(found.values()) == {hashlib.sha256(content).hexdigest()}


def test_a_file_is_fed_as_it_was_looked_at(tmp_path, content):
    path = tmp_path / "disc.iso"
    path.write_bytes(content)
    image = read_image(path)
    feed = open_feed(planned(image))
    try:
        assert through(feed) == content
        assert feed.block(0)[:10] == content[:10]
    finally:
        feed.close()
        feed.close()
    path.write_bytes(content + bytes(SECTOR))
    with pytest.raises(SourceError, match="changed"):
        open_feed(planned(image))


def test_a_file_that_is_gone_or_shrinks_is_an_error_with_a_sentence(tmp_path, content):
    with pytest.raises(SourceError, match="can't be read"):
        ImageFileFeed(tmp_path / "none.iso", 5)
    path = tmp_path / "disc.iso"
    path.write_bytes(content)
    feed = ImageFileFeed(path, len(content) // SECTOR)
    feed.read_through()
    path.write_bytes(b"")
    with pytest.raises(SourceError, match="shorter"):
        feed.block(0)
    feed.close()


def test_a_file_that_is_written_to_behind_the_reading_is_noticed(tmp_path, content):
    path = tmp_path / "disc.iso"
    path.write_bytes(content)
    feed = ImageFileFeed(path, len(content) // SECTOR)
    feed.block(0)
    with path.open("r+b") as file:
        file.write(b"new")
    with pytest.raises(SourceError, match="changed while it was burned"):
        feed.read_through()
    assert feed.hexdigests() == {}
    feed.close()


def test_a_source_that_hangs_does_not_keep_a_burn_from_ending():
    inside, go = threading.Event(), threading.Event()

    def hang(_buffer):
        inside.set()
        go.wait(30)
        return 0

    feed = Feed(BLOCK, hang, hang)

    def read():
        with pytest.raises(SourceError):
            feed.block(0)

    reader = threading.Thread(target=read)
    reader.start()
    assert inside.wait(30)
    asker = threading.Thread(target=feed.hexdigests, daemon=True)
    asker.start()
    asker.join(5)
    waited = asker.is_alive()
    go.set()
    reader.join(30)
    assert not waited


def test_a_block_is_whole_sectors():
    assert feeds.BLOCK % SECTOR == 0
