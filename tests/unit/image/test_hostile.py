# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever lies on a disc, it is read in bounded time and never ends in a traceback."""

import struct
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discwright.errors import DiscwrightError
from discwright.image import tree
from discwright.image.affected import files_at
from discwright.image.boot import boot_sentence, read_boot
from discwright.image.formats import identify
from discwright.image.volumes import read_volumes
from discwright.image.wholeness import read_wholeness
from discwright.transfer.extents import Extent

from .readers import SECTOR, FileReader, MemoryReader, SparseReader
from .test_affected import many_files
from .udf_maker import START, entry, fid, long_ad, metadata_image

SECONDS = 20

edits = st.lists(
    st.tuples(
        st.integers(0, 2**32),
        st.one_of(
            st.sampled_from([b"\xff" * 4, b"\0" * 4, b"\xff\xff\xff\x7f", b"\0\0\0\x80",
                             b"\1\0\0\0", b"\xff", b"\0" * 2048, b"\xff" * 8]),
            st.binary(min_size=1, max_size=16),
        ),
    ),
    max_size=12,
)  # fmt: skip


def survive(reader: MemoryReader) -> None:
    """Call everything that looks at an image."""
    began = time.monotonic()
    for session in (0, 20, reader.sectors):
        try:
            volumes = read_volumes(reader, session)
        except DiscwrightError:
            continue
        assert volumes.label.isprintable()
        assert all(end.sectors > 0 for end in volumes.ends)
        try:
            assert boot_sentence(read_boot(reader))
            for name in files_at(reader, [Extent(0, 40), Extent(300, 2), Extent(500, 1 << 40)]):
                assert name.isprintable()
            read_wholeness(reader, volumes)
        except DiscwrightError:
            continue
    assert time.monotonic() - began < SECONDS


@pytest.fixture(scope="module")
def originals(
    bridge_iso: Path, hybrid_iso: Path, hfs_iso: Path, udf_image: Path
) -> tuple[tuple[bytes, tuple[int, ...]], ...]:
    """Images, each with the sectors that are not empty: there a change does something."""
    images = [path.read_bytes() for path in (bridge_iso, hybrid_iso, hfs_iso, udf_image)]
    images.append(metadata_image())
    return tuple(
        (
            image,
            tuple(
                at
                for at in range(0, len(image), SECTOR)
                if any(image[at : at + SECTOR]) and image[at : at + 3] != b"\0\1\2"
            ),
        )
        for image in images
    )


@settings(max_examples=400, deadline=None, database=None)
@given(
    which=st.integers(0, 4),
    edits=edits,
    bad=st.frozensets(st.integers(0, 600), max_size=6),
    cut=st.one_of(st.none(), st.floats(0, 1)),
)
def test_a_changed_image_is_survived(
    originals: tuple[tuple[bytes, tuple[int, ...]], ...],
    which: int,
    edits: list[tuple[int, bytes]],
    bad: frozenset[int],
    cut: float | None,
) -> None:
    image, places = originals[which]
    data = bytearray(image)
    for where, what in edits:
        # Most that matters lies in the first bytes of a sector.
        at = places[where % len(places)] + (where >> 16) % (512 if where & 1 else SECTOR)
        data[at : at + len(what)] = what
    survive(MemoryReader(bytes(data[: len(data) if cut is None else int(len(data) * cut)]), bad))


@settings(max_examples=100, deadline=None, database=None)
@given(st.binary(max_size=3000), st.integers(0, 40))
def test_random_bytes_are_survived(data: bytes, blanks: int) -> None:
    survive(MemoryReader(bytes(blanks * SECTOR) + data + bytes(-len(data) % SECTOR)))


@pytest.mark.parametrize("data", [b"", b"abc", b"\xff" * 40 * SECTOR, bytes(600 * SECTOR)])
def test_no_disc_at_all_is_survived(data: bytes, tmp_path: Path) -> None:
    survive(MemoryReader(data))
    (tmp_path / "x.iso").write_bytes(data)
    assert identify(tmp_path / "x.iso").path.name == "x.iso"


def test_every_size_at_its_greatest_is_survived(bridge_iso: Path) -> None:
    data = bytearray(bridge_iso.read_bytes())
    for pvd in (16, 17):
        base = pvd * SECTOR
        for at in (80, 84, 132, 136, 140, 148, 166, 170):
            data[base + at : base + at + 4] = b"\xff" * 4
    survive(MemoryReader(bytes(data)))


def test_a_huge_directory_of_garbage_is_given_up() -> None:
    image, _last = many_files(10)
    data = bytearray(image)
    struct.pack_into("<I", data, 16 * SECTOR + 166, 0xFFFFFFFF)
    record = bytes(data[20 * SECTOR + 68 : 20 * SECTOR + 68 + 46])
    sector = record * (SECTOR // 46)
    sectors = {lba: bytes(data[lba * SECTOR : (lba + 1) * SECTOR]) for lba in range(18)}
    reader = SparseReader(sectors, 2_000_000)

    class Endless(SparseReader):
        def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
            super().read_into(lba, count, buffer)
            for n in range(count):
                if lba + n >= 20:
                    buffer[n * SECTOR : n * SECTOR + len(sector)] = sector

    began = time.monotonic()
    files_at(Endless(reader.some, reader.sectors), [Extent(1_999_999, 1)])
    assert time.monotonic() - began < SECONDS


def test_folders_that_contain_each_other_end() -> None:
    image = bytearray(metadata_image())
    names = fid("", 1, parent=True) + b"".join(
        fid(f"loop{n}", 1 if n % 2 else 3, folder=True) for n in range(20)
    )
    place = START + 20
    image[(START + 11) * SECTOR : (START + 12) * SECTOR] = entry(
        1, kind=4, size=len(names), allocation=long_ad(len(names), 2, 1), how=1
    ).ljust(SECTOR, b"\0")
    image[place * SECTOR : place * SECTOR + len(names)] = names
    survive(MemoryReader(bytes(image)))


def test_a_metadata_file_that_lies_in_itself_ends() -> None:
    image = bytearray(metadata_image())
    runs = struct.pack("<II", 0xC0000800, 0) * 200
    image[START * SECTOR : (START + 1) * SECTOR] = entry(
        0, kind=250, size=1 << 60, allocation=runs, how=0
    ).ljust(SECTOR, b"\0")
    survive(MemoryReader(bytes(image)))


def test_a_fat_whose_chain_never_ends_is_given_up(hybrid_iso: Path) -> None:
    data = bytearray(hybrid_iso.read_bytes())
    lba = read_boot(FileReader(hybrid_iso)).el_torito[1].lba
    data[lba * SECTOR + 512 : lba * SECTOR + 512 + 3072] = bytes([2, 0, 0]) * 1024
    survive(MemoryReader(bytes(data)))


def test_a_walk_gives_no_more_than_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MOST_NODES", 50)
    image, last = many_files(100)
    assert files_at(MemoryReader(image), [Extent(last - 99, 1)]) == ("F0000000.DAT",)
    assert files_at(MemoryReader(image), [Extent(last, 1)]) == ()
