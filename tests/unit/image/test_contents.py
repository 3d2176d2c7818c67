# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying files out of an image: every byte of every file, and no loss without a word."""

import io
import random
import shutil
import time
from pathlib import Path

import pycdlib
import pytest

from discwright.errors import ReadError
from discwright.image.contents import Contents, DiscFile, FileData, Run, read_contents
from discwright.image.volumes import FileSystem

from .conftest import run
from .readers import SECTOR, FileReader, MemoryReader
from .udf_maker import metadata_image


def content_of(reader: MemoryReader, file: DiscFile, buffer_size: int = 64 * SECTOR) -> bytes:
    data, buffer = FileData(reader, file), memoryview(bytearray(buffer_size))
    found = b""
    while count := data.read_into(buffer):
        found += bytes(buffer[:count])
    assert data.left == 0
    return found


def assert_same(reader: MemoryReader, contents: Contents, folder: Path) -> None:
    assert contents.damage == ()
    assert {file.path for file in contents.files} == {
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()
    }
    for file in contents.files:
        assert content_of(reader, file) == (folder / file.path).read_bytes()
    assert {"/".join(parts) for parts in contents.directories} == {
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_dir()
    }


@pytest.mark.parametrize(
    ("options", "system"),
    [
        (["-udf"], FileSystem.UDF),
        (["-R"], FileSystem.ROCK_RIDGE),
        (["-J", "-joliet-long"], FileSystem.JOLIET),
    ],
)
def test_all_files_come_out_as_they_went_in(options, system, content, tmp_path):
    content = shutil.copytree(content, tmp_path / "content")
    (content / "empty").touch()
    (content / "empty folder").mkdir()
    image = tmp_path / "image.iso"
    run("genisoimage", "-quiet", *options, "-o", image, content)
    contents = read_contents(FileReader(image))
    assert contents.file_system is system
    assert_same(FileReader(image), contents, content)


def test_plain_iso_9660_gives_its_short_names(plain_iso, content):
    contents = read_contents(FileReader(plain_iso))
    assert contents.file_system is FileSystem.ISO9660
    big = contents.find("big.bin")
    assert big is not None
    assert content_of(FileReader(plain_iso), big) == (content / "big.bin").read_bytes()


def test_files_that_are_in_udf_only_are_found(content, tmp_path):
    """As on Windows' discs, where ISO 9660 holds nothing or a note."""
    image = tmp_path / "windows.iso"
    run("genisoimage", "-quiet", "-udf", "-hide", "*", "-o", image, content)
    contents = read_contents(FileReader(image))
    assert contents.file_system is FileSystem.UDF
    assert_same(FileReader(image), contents, content)


def test_a_udf_image_of_pycdlib_is_read(tmp_path):
    iso = pycdlib.PyCdlib()
    iso.new(udf="2.60")
    iso.add_directory("/DIR", udf_path="/folder")
    iso.add_fp(io.BytesIO(b"some content"), 12, "/DIR/A.;1", udf_path="/folder/a file")
    iso.write(str(tmp_path / "udf.iso"))
    iso.close()
    reader = FileReader(tmp_path / "udf.iso")
    contents = read_contents(reader)
    assert contents.damage == ()
    (file,) = contents.files
    assert file.path == "folder/a file"
    assert content_of(reader, file) == b"some content"


def test_a_file_in_pieces_and_one_inside_its_own_entry_are_read():
    image = metadata_image()
    reader = MemoryReader(image)
    contents = read_contents(reader)
    assert contents.damage == ()
    movie, small = contents.find("movie.m2ts"), contents.find("ordner", "klein.txt")
    assert movie is not None
    assert small is not None
    whole = b"".join(image[run.offset : run.offset + run.length] for run in movie.runs)
    assert len(movie.runs) == 2
    assert content_of(reader, movie) == whole
    assert len(whole) == movie.size
    embedded = content_of(reader, small)
    assert len(embedded) == small.size > 0
    assert embedded in image


def test_a_hole_reads_as_zeros():
    reader = MemoryReader(bytes(range(256)) * 32)
    file = DiscFile(("x",), 2000, (Run(5, 500), Run(0, 1000, recorded=False), Run(2100, 500)))
    data = reader.data
    expected = data[5:505] + bytes(1000) + data[2100:2600]
    for size in (1, 7, 300, SECTOR, 5 * SECTOR):
        assert content_of(reader, file, size) == expected


def test_a_file_of_several_sections_is_one(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "A").write_bytes(b"a" * 3 * SECTOR)
    (tmp_path / "in" / "B").write_bytes(b"b" * (3 * SECTOR - 7))
    image = tmp_path / "two.iso"
    run("genisoimage", "-quiet", "-o", image, tmp_path / "in")
    data = bytearray(image.read_bytes())
    first, second = data.index(b"A.;1") - 33, data.index(b"B.;1") - 33
    data[first + 25] |= 0x80
    data[second + 33 : second + 37] = b"A.;1"
    reader = MemoryReader(bytes(data))
    (file,) = read_contents(reader).files
    assert content_of(reader, file) == b"a" * 3 * SECTOR + b"b" * (3 * SECTOR - 7)


def test_a_section_that_ends_within_a_block_before_the_last_is_not_guessed_at(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "A").write_bytes(b"a" * (SECTOR - 1))
    (tmp_path / "in" / "B").write_bytes(b"b" * 2)
    image = tmp_path / "two.iso"
    run("genisoimage", "-quiet", "-o", image, tmp_path / "in")
    data = bytearray(image.read_bytes())
    first, second = data.index(b"A.;1") - 33, data.index(b"B.;1") - 33
    data[first + 25] |= 0x80
    data[second + 33 : second + 37] = b"A.;1"
    contents = read_contents(MemoryReader(bytes(data)))
    assert contents.files == ()
    assert contents.damage == ("Where the file A lies can't be told.",)


def test_what_a_cut_image_lacks_is_named(bridge_iso):
    whole = read_contents(FileReader(bridge_iso))
    last = max(whole.files, key=lambda file: file.offset)
    data = bridge_iso.read_bytes()[: last.offset + last.size - 1]
    cut = read_contents(MemoryReader(data[: len(data) // SECTOR * SECTOR]))
    assert last.path not in {file.path for file in cut.files}
    assert any(last.path in sentence for sentence in cut.damage)


@pytest.mark.parametrize("options", [["-udf"], ["-R"]])
def test_a_directory_that_cannot_be_read_is_no_empty_one(options, content, tmp_path):
    """Whichever sector of the file system's own is lost, files are missing or that is said."""
    image = tmp_path / "image.iso"
    run("genisoimage", "-quiet", *options, "-o", image, content)
    whole = {file.path for file in read_contents(FileReader(image)).files}
    data = min(file.offset for file in read_contents(FileReader(image)).files if file.size)
    for lba in range(16, data // SECTOR):
        found = read_contents(FileReader(image, bad=frozenset({lba})))
        names = {file.path for file in found.files}
        assert whole <= names or found.damage or not names, lba


def test_a_directory_that_makes_no_sense_is_no_short_one(plain_iso):
    data = plain_iso.read_bytes()
    at = data.index(b"BIG.BIN;1") - 33
    broken = data[:at] + b"\x05" + data[at + 1 :]
    assert "Parts of the directories make no sense." in read_contents(MemoryReader(broken)).damage
    reader = MemoryReader(metadata_image())
    at = reader.data.index(b"\x08MOVIE.M2TS") - 38
    reader.data = reader.data[:at] + bytes(16) + reader.data[at + 16 :]
    contents = read_contents(reader)
    assert "Parts of the directories make no sense." in contents.damage
    assert contents.find("MOVIE.M2TS") is None


@pytest.mark.parametrize("name", ["..", "a/b", "a\0b"])
def test_a_name_that_leads_elsewhere_is_no_file(name, tmp_path):
    (tmp_path / "in").mkdir()
    stand_in = "QQQ"[: len(name)]
    (tmp_path / "in" / stand_in).write_text("x")
    image = tmp_path / "image.iso"
    run("genisoimage", "-quiet", "-R", "-o", image, tmp_path / "in")
    data = image.read_bytes()
    field = b"NM" + bytes([5 + len(name), 1, 0]) + stand_in.encode()
    assert field in data
    evil = field[:5] + name.encode()
    contents = read_contents(MemoryReader(data.replace(field, evil)))
    assert contents.files == ()
    assert contents.damage == ("There is a file without a usable name.",)


def test_a_folder_that_contains_itself_ends_and_is_told(plain_iso):
    data = bytearray(plain_iso.read_bytes())
    at = data.index(b"\4DOCS") - 32
    data[at + 2 : at + 10] = data[16 * SECTOR + 158 : 16 * SECTOR + 166]
    contents = read_contents(MemoryReader(bytes(data)))
    assert any("contains itself" in sentence for sentence in contents.damage)


def test_a_place_that_cannot_be_read_can_be_tried_again(bridge_iso, content):
    good = FileReader(bridge_iso)
    big = read_contents(good).find("big.bin")
    assert big is not None
    bad = big.offset // SECTOR + 50
    reader = FileReader(bridge_iso, bad=frozenset({bad}))
    data, buffer = FileData(reader, big), memoryview(bytearray(20 * SECTOR))
    found = []

    def read_on() -> None:
        while count := data.read_into(buffer):
            found.append(bytes(buffer[:count]))

    for _attempt in range(2):
        with pytest.raises(ReadError):
            read_on()
    reader.bad = frozenset()
    read_on()
    assert b"".join(found) == (content / "big.bin").read_bytes()


def test_no_disc_gives_nothing():
    assert read_contents(MemoryReader(bytes(400 * SECTOR))) == Contents()
    assert read_contents(MemoryReader(b"")) == Contents()


@pytest.mark.parametrize("image", ["bridge_iso", "joliet_iso", "udf_image"])
def test_hostile_structures_end_and_raise_nothing(image, request):
    data = request.getfixturevalue(image).read_bytes()[: 600 * SECTOR]
    chance = random.Random(7)
    began = time.monotonic()
    for _round in range(60):
        broken = bytearray(data)
        for _change in range(chance.randrange(1, 40)):
            at = chance.randrange(16 * SECTOR, len(broken))
            broken[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        reader = MemoryReader(bytes(broken[: len(broken) // SECTOR * SECTOR]))
        for file in read_contents(reader).files[:20]:
            buffer = memoryview(bytearray(8 * SECTOR))
            FileData(reader, file).read_into(buffer)
            assert ".." not in file.parts
    assert time.monotonic() - began < 60
