# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files a loss hits."""

import io
import time
from pathlib import Path

import pycdlib
import pytest

from discwright.image.affected import files_at
from discwright.image.iso9660 import descriptors, iso_volumes
from discwright.image.isotree import IsoTree
from discwright.image.sectors import Sectors
from discwright.image.tree import walk
from discwright.image.udf import read_udf
from discwright.image.udftree import UdfTree
from discwright.transfer.extents import Extent

from .conftest import run
from .readers import SECTOR, FileReader, MemoryReader
from .udf_maker import MOVIE, START, metadata_image

STRUCTURES = "(file system structures)"
README = "docs/a readme with a long name.txt"
SIZE = "docs/deeper/Größe.dat"


def place_of(path: Path, content: bytes) -> int:
    return path.read_bytes().index(content) // SECTOR


@pytest.mark.parametrize("image", ["bridge_iso", "joliet_iso"])
def test_the_file_on_a_sector_is_named_as_people_know_it(
    image: str, request: pytest.FixtureRequest
) -> None:
    path = request.getfixturevalue(image)
    assert files_at(FileReader(path), [Extent(place_of(path, b"hello\n"), 1)]) == (README,)
    assert files_at(FileReader(path), [Extent(place_of(path, b"xxxxx"), 1)]) == (SIZE,)


def test_without_long_names_the_short_ones_serve(plain_iso: Path) -> None:
    lba = place_of(plain_iso, b"hello\n")
    (name,) = files_at(FileReader(plain_iso), [Extent(lba, 1)])
    assert name.startswith("DOCS/A_README")
    assert ";" not in name


def test_the_last_sector_of_a_file_is_still_its_own_and_the_next_is_not(bridge_iso: Path) -> None:
    first = place_of(bridge_iso, bytes(range(250)))
    last = first + -(-300_000 // SECTOR) - 1
    reader = FileReader(bridge_iso)
    assert files_at(reader, [Extent(last, 1)]) == ("big.bin",)
    assert "big.bin" not in files_at(reader, [Extent(last + 1, 1)])


def test_a_run_over_several_files_names_all_of_them_once(bridge_iso: Path) -> None:
    names = files_at(FileReader(bridge_iso), [Extent(0, 10_000), Extent(5, 10_000)])
    assert set(names) == {"big.bin", README, SIZE, STRUCTURES, "(boot area)"}
    assert len(names) == 5


def test_descriptors_directories_and_path_tables_are_structures(bridge_iso: Path) -> None:
    reader = FileReader(bridge_iso)
    for lba in (16, 17, 32, 64, 256, 257):
        assert files_at(reader, [Extent(lba, 1)]) == (STRUCTURES,)
    root = int.from_bytes(reader.data[16 * SECTOR + 158 :][:4], "little")
    table = int.from_bytes(reader.data[16 * SECTOR + 140 :][:4], "little")
    assert files_at(reader, [Extent(root, 1), Extent(table, 1)]) == (STRUCTURES,)


def test_sectors_of_no_file_name_nothing(bridge_iso: Path) -> None:
    reader = FileReader(bridge_iso)
    assert files_at(reader, []) == ()
    assert files_at(reader, [Extent(5_000_000, 3)]) == ()


def test_the_boot_image_is_named(hybrid_iso: Path) -> None:
    names = files_at(FileReader(hybrid_iso), [Extent(place_of(hybrid_iso, b"B" * 2048), 1)])
    assert names == ("boot/bios.img",)


def test_with_its_directories_lost_the_files_are_found_by_the_other_trees(
    bridge_iso: Path,
) -> None:
    reader = FileReader(bridge_iso)
    sectors = Sectors(FileReader(bridge_iso))
    primary = iso_volumes(list(descriptors(sectors)))[0]
    lost = {
        lba
        for _path, node in walk(IsoTree(sectors, primary))
        if node.directory
        for extent in node.extents
        for lba in range(extent.lba, extent.end)
    }
    hit = place_of(bridge_iso, b"hello\n")
    reader = FileReader(bridge_iso, bad=frozenset({*lost, hit}))
    names = files_at(reader, [Extent(lba, 1) for lba in sorted({*lost, hit})])
    assert names == (README, STRUCTURES)


def test_a_udf_disc_of_metadata_and_pieces_is_walked() -> None:
    reader = MemoryReader(metadata_image())
    assert files_at(reader, [Extent(MOVIE[0] + 9, 1)]) == ("MOVIE.M2TS",)
    assert files_at(reader, [Extent(MOVIE[1] + 4, 1)]) == ("MOVIE.M2TS",)
    assert files_at(reader, [Extent(MOVIE[1] + 5, 1)]) == ()
    assert files_at(reader, [Extent(START + 23, 1)]) == ("ordner/klein.txt", STRUCTURES)
    assert files_at(reader, [Extent(START + 11, 1)]) == (STRUCTURES,)


def test_the_udf_tree_of_a_bridge_names_what_the_iso_tree_names(
    bridge_iso: Path, content: Path
) -> None:
    sectors = Sectors(FileReader(bridge_iso))
    volume = read_udf(sectors)
    assert volume is not None
    nodes = dict(walk(UdfTree(sectors, volume)))
    files = {name: node.size for name, node in nodes.items() if not node.directory}
    assert files == {
        str(path.relative_to(content)): path.stat().st_size
        for path in content.rglob("*")
        if path.is_file()
    }


def test_a_udf_image_of_pycdlib_is_walked(tmp_path: Path) -> None:
    iso = pycdlib.PyCdlib()
    iso.new(udf="2.60")
    iso.add_directory("/DIR", udf_path="/folder")
    iso.add_fp(io.BytesIO(b"some content"), 12, "/DIR/A.;1", udf_path="/folder/a file")
    iso.write(str(tmp_path / "udf.iso"))
    iso.close()
    lba = place_of(tmp_path / "udf.iso", b"some content")
    assert files_at(FileReader(tmp_path / "udf.iso"), [Extent(lba, 1)]) == ("folder/a file",)


def test_deep_rock_ridge_folders_keep_their_place(tmp_path: Path) -> None:
    deep = Path(*(f"level {n}" for n in range(1, 13)))
    (tmp_path / "in" / deep).mkdir(parents=True)
    (tmp_path / "in" / deep / ("n" * 250)).write_text("deep down\n")
    image = tmp_path / "deep.iso"
    run("genisoimage", "-quiet", "-R", "-o", image, tmp_path / "in")
    lba = place_of(image, b"deep down\n")
    assert files_at(FileReader(image), [Extent(lba, 1)]) == (f"{deep}/{'n' * 250}",)


def test_a_file_of_several_extents_is_one_file(tmp_path: Path) -> None:
    """Files over 4 GiB: here the second record is written by hand."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "A").write_bytes(b"a" * 3 * SECTOR)
    (tmp_path / "in" / "B").write_bytes(b"b" * 3 * SECTOR)
    image = tmp_path / "two.iso"
    run("genisoimage", "-quiet", "-o", image, tmp_path / "in")
    data = bytearray(image.read_bytes())
    first = data.index(b"A.;1") - 33
    second = data.index(b"B.;1") - 33
    data[first + 25] |= 0x80
    data[second + 33 : second + 37] = b"A.;1"
    reader = MemoryReader(bytes(data))
    for content in (b"a" * SECTOR, b"b" * SECTOR):
        assert files_at(reader, [Extent(data.index(content) // SECTOR, 1)]) == ("A",)
    sectors = Sectors(reader)
    tree = IsoTree(sectors, iso_volumes(list(descriptors(sectors)))[0])
    assert {name: node.size for name, node in walk(tree)}["A"] == 6 * SECTOR


def test_names_from_a_disc_are_safe_to_show(plain_iso: Path) -> None:
    data = plain_iso.read_bytes().replace(b"BIG.BIN;1", b"\x1b[2J\xff\x00N;1")
    lba = data.index(bytes(range(250))) // SECTOR
    (name,) = files_at(MemoryReader(data), [Extent(lba, 1)])
    assert name.isprintable()


def test_many_names_are_cut_and_counted(bridge_iso: Path) -> None:
    names = files_at(FileReader(bridge_iso), [Extent(0, 10_000)], most=1)
    assert len([name for name in names if not name.startswith("(")]) == 1
    assert "(and 2 more)" in names


def test_a_folder_that_contains_itself_ends(plain_iso: Path) -> None:
    data = bytearray(plain_iso.read_bytes())
    root = bytes(data[16 * SECTOR + 158 : 16 * SECTOR + 166])
    at = data.index(b"\4DOCS") - 32
    data[at + 2 : at + 10] = root
    names = files_at(MemoryReader(bytes(data)), [Extent(place_of(plain_iso, b"hello\n"), 1)])
    assert names == ()


def test_a_hundred_thousand_files_take_seconds(tmp_path: Path) -> None:
    image, lba = many_files(100_000)
    began = time.monotonic()
    names = files_at(MemoryReader(image), [Extent(lba, 1)])
    assert names == ("F0099999.DAT",)
    assert time.monotonic() - began < 10


def many_files(count: int) -> tuple[bytes, int]:
    """Give an ISO 9660 image with one huge directory, and where its last file lies."""
    per_sector = SECTOR // 46
    directory_sectors = -(-(count + 2) // per_sector)
    root = 20
    first_file = root + directory_sectors
    records = [_record(b"\0", root, directory_sectors * SECTOR, 2),
               _record(b"\1", root, directory_sectors * SECTOR, 2)]  # fmt: skip
    records += [_record(b"F%07d.DAT" % n, first_file + n, 1, 0) for n in range(count)]
    body = bytearray()
    for at in range(0, len(records), per_sector):
        body += b"".join(records[at : at + per_sector]).ljust(SECTOR, b"\0")
    pvd = bytearray(SECTOR)
    pvd[:7] = b"\1CD001\1"
    total = first_file + count
    pvd[80:88] = total.to_bytes(4, "little") + total.to_bytes(4, "big")
    pvd[128:132] = b"\0\x08\x08\0"
    pvd[156:190] = records[0]
    end = b"\xffCD001\1".ljust(SECTOR, b"\0")
    head = bytes(16 * SECTOR) + bytes(pvd) + end
    return head.ljust(root * SECTOR, b"\0") + bytes(body) + bytes(SECTOR), total - 1


def _record(name: bytes, lba: int, size: int, flags: int) -> bytes:
    length = 33 + len(name) + (len(name) + 1) % 2
    record = bytearray(length)
    record[0] = length
    record[2:10] = lba.to_bytes(4, "little") + lba.to_bytes(4, "big")
    record[10:18] = size.to_bytes(4, "little") + size.to_bytes(4, "big")
    record[25] = flags
    record[28:32] = b"\1\0\0\1"
    record[32] = len(name)
    record[33 : 33 + len(name)] = name
    return bytes(record)
