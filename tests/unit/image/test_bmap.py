# SPDX-License-Identifier: GPL-3.0-or-later
"""Block maps are read as bmaptool reads them, and hostile ones do no harm."""

import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from discwright.errors import SourceError
from discwright.image.bmap import Bmap, MappedRange, RangeCheck, find_bmap, read_bmap

BLOCK = 4096
SIZE = 3_000_001
USED = ((0, 3), (7, 1), (100, 50), (732, 1))
"""Blocks in use: the last one is the odd end of the image."""


def image_content() -> bytes:
    data = bytearray(SIZE)
    noise = random.Random(1)
    for first, count in USED:
        end = min(SIZE, (first + count) * BLOCK)
        data[first * BLOCK : end] = noise.randbytes(end - first * BLOCK)
    return bytes(data)


CONTENT = image_content()


def map_text(
    *,
    version: str = "2.0",
    image_size: object = SIZE,
    block_size: object = BLOCK,
    blocks: object = 733,
    mapped: object = 55,
    algorithm: str = "sha256",
    ranges: str | None = None,
    sums: bool = True,
) -> str:
    """Give a map as bmaptool writes it, its own checksum not yet filled in."""
    attribute = "sha1" if version == "1.3" else "chksum"
    lines = []
    for first, count in USED:
        content = CONTENT[first * BLOCK : (first + count) * BLOCK]
        digest = hashlib.new(algorithm, content).hexdigest()
        text = f"{first}-{first + count - 1}" if count > 1 else f"{first}"
        lines.append(f'<Range {attribute}="{digest}"> {text} </Range>' if sums
                     else f"<Range> {text} </Range>")  # fmt: skip
    zeros = "0" * hashlib.new(algorithm).digest_size * 2
    own = {"1.3": f"<BmapFileSHA1> {zeros} </BmapFileSHA1>"}.get(
        version,
        f"<ChecksumType> {algorithm} </ChecksumType>\n"
        f"<BmapFileChecksum> {zeros} </BmapFileChecksum>" if sums else "",
    )  # fmt: skip
    return (
        f'<?xml version="1.0" ?>\n<!-- a map -->\n<bmap version="{version}">\n'
        f"<ImageSize> {image_size} </ImageSize>\n<BlockSize> {block_size} </BlockSize>\n"
        f"<BlocksCount> {blocks} </BlocksCount>\n"
        f"<MappedBlocksCount> {mapped}    </MappedBlocksCount>\n{own}\n"
        f"<BlockMap>\n{chr(10).join(lines) if ranges is None else ranges}\n</BlockMap>\n</bmap>\n"
    )


def sealed(text: str, algorithm: str = "sha256") -> str:
    """Fill in the map's own checksum."""
    digest = hashlib.new(algorithm, text.encode()).hexdigest()
    return re.sub(r"(<BmapFile\w+> )0+", rf"\g<1>{digest}", text, count=1)


def write(folder: Path, text: str) -> Path:
    path = folder / "disc.bmap"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A sparse image and the map that bmaptool makes of it."""
    if shutil.which("bmaptool") is None:
        pytest.skip("bmaptool is not installed")
    folder = tmp_path_factory.mktemp("made")
    image = folder / "disc.img"
    with image.open("wb") as file:
        file.truncate(SIZE)
        for first, count in USED:
            file.seek(first * BLOCK)
            file.write(CONTENT[first * BLOCK : (first + count) * BLOCK])
        os.fsync(file.fileno())
    done = subprocess.run(
        ["bmaptool", "create", "-o", "disc.img.bmap", "disc.img"],
        cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip("bmaptool can't tell holes on this file system")
    return image, folder / "disc.img.bmap"


def test_the_map_that_bmaptool_makes_is_read(made: tuple[Path, Path]) -> None:
    image, path = made
    assert find_bmap(image) == path
    bmap = read_bmap(path)
    assert (bmap.image_size, bmap.block_size, bmap.algorithm) == (SIZE, BLOCK, "sha256")
    for first, count in USED:
        offset = first * BLOCK
        length = min(SIZE, (first + count) * BLOCK) - offset
        assert sum(part for _start, part in bmap.mapped(offset, length)) == length
    check = RangeCheck(bmap)
    check.take(0, memoryview(CONTENT))
    check.finish(SIZE)


def test_what_was_left_out_are_zeros(made: tuple[Path, Path]) -> None:
    bmap = read_bmap(made[1])
    copy = bytearray(SIZE)
    for offset, length in bmap.mapped(0, SIZE):
        copy[offset : offset + length] = CONTENT[offset : offset + length]
    assert copy == CONTENT


def test_bmaptool_reads_the_maps_that_these_tests_write(
    made: tuple[Path, Path], tmp_path: Path
) -> None:
    image, _path = made
    for version, algorithm in (("2.0", "sha256"), ("2.0", "sha512"), ("1.3", "sha1")):
        path = write(tmp_path, sealed(map_text(version=version, algorithm=algorithm), algorithm))
        done = subprocess.run(
            ["bmaptool", "copy", "--bmap", path, image, tmp_path / "copy"],
            capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "copy").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("version", "algorithm", "sums"),
    [("1.0", "", False), ("1.1", "", False), ("1.2", "", False), ("1.3", "sha1", True),
     ("1.4", "sha256", True), ("2.0", "sha256", True), ("2.0", "sha512", True),
     ("2.1", "md5", True)],
)  # fmt: skip
def test_all_versions_are_read(tmp_path: Path, version: str, algorithm: str, sums: bool) -> None:
    kind = algorithm or "sha256"
    text = sealed(map_text(version=version, algorithm=kind, sums=sums), kind)
    bmap = read_bmap(write(tmp_path, text))
    assert bmap.algorithm == algorithm
    assert [run.offset for run in bmap.ranges] == [first * BLOCK for first, _count in USED]
    assert bmap.ranges[-1].end == SIZE
    assert bmap.mapped_size == 54 * BLOCK + SIZE % BLOCK
    assert all(bool(run.digest) == sums for run in bmap.ranges)


@pytest.mark.parametrize(
    "change",
    [
        {"version": "3.0"}, {"version": "0.9"}, {"version": "two"}, {"version": ""},
        {"image_size": SIZE + BLOCK}, {"image_size": -1}, {"image_size": "1e9"},
        {"image_size": "9" * 5000}, {"block_size": 0}, {"block_size": 4095},
        {"block_size": 1 << 30}, {"blocks": 734}, {"mapped": 54}, {"mapped": 0},
        {"algorithm": "shake_128"}, {"algorithm": "blake2s"},
        {"ranges": ""}, {"ranges": "", "mapped": 0},
        {"ranges": "<Range>0-54</Range><Range>54</Range>"},
        {"ranges": "<Range>700-733</Range>", "mapped": 33}, {"ranges": "<Range>733</Range>"},
        {"ranges": "<Range>9-0</Range>"}, {"ranges": "<Range>100-153</Range><Range>0</Range>"},
        {"ranges": "<Range>0-</Range>"}, {"ranges": "<Range>-5-54</Range>"},
        {"ranges": "<Range>0x0-54</Range>"}, {"ranges": "<Range/>"},
        {"ranges": '<Range chksum="abc">0-54</Range>'},
        {"ranges": f'<Range chksum="{"g" * 64}">0-54</Range>'},
    ],
    ids=str,
)  # fmt: skip
def test_a_map_that_contradicts_itself_is_refused(
    tmp_path: Path, change: dict[str, object]
) -> None:
    algorithm = str(change.pop("algorithm", "sha256"))
    if algorithm == "sha256":
        text = sealed(map_text(**change))  # type: ignore[arg-type]
    else:
        text = sealed(map_text()).replace("> sha256 <", f"> {algorithm} <")
    with pytest.raises(SourceError) as caught:
        read_bmap(write(tmp_path, text))
    assert "disc.bmap is not in order" in caught.value.message
    assert caught.value.cause
    assert len(caught.value.cause) < 300


def test_a_map_with_a_wrong_checksum_of_its_own_is_refused(tmp_path: Path) -> None:
    text = sealed(map_text())
    for wrong in (text.replace("a map", "a nap"), map_text(), text + "\n",
                  text.replace("> 7 <", "> 8 <")):  # fmt: skip
        with pytest.raises(SourceError) as caught:
            read_bmap(write(tmp_path, wrong))
        assert "checksum" in caught.value.cause


BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE bmap [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + ']><bmap version="2.0"><ImageSize>&j;</ImageSize></bmap>'
)


@pytest.mark.parametrize(
    "text",
    [
        BILLION_LAUGHS,
        '<!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]><bmap version="2.0">&x;</bmap>',
        '<!DOCTYPE bmap SYSTEM "http://example.org/x.dtd"><bmap version="2.0"/>',
        "<bmap>" * 100_000,
        "<a/>", "", "not xml at all", "<bmap version='2.0'>", "\0" * 1000,
        "<?xml version='1.0' encoding='nonsense'?><bmap version='2.0'/>",
        "-----BEGIN PGP SIGNED MESSAGE-----\n\n<bmap/>",
    ],
    ids=lambda text: repr(text[:30]),
)  # fmt: skip
def test_hostile_xml_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_bmap(write(tmp_path, text))
    assert "root:" not in f"{caught.value} {caught.value.cause}"


def test_a_document_type_is_refused_even_in_a_sound_map(tmp_path: Path) -> None:
    text = map_text().replace("<!-- a map -->", "<!DOCTYPE bmap SYSTEM 'http://example.org/'>")
    with pytest.raises(SourceError) as caught:
        read_bmap(write(tmp_path, sealed(text)))
    assert "DTDForbidden" in caught.value.cause


def test_a_huge_map_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "disc.bmap"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(SourceError):
        read_bmap(path)
    with pytest.raises(SourceError):
        read_bmap(tmp_path / "absent.bmap")
    with pytest.raises(SourceError):
        read_bmap(tmp_path)


def test_deeply_nested_xml_does_not_crash(tmp_path: Path) -> None:
    path = write(tmp_path, "<bmap version='2.0'>" + "<a>" * 2_000_000)
    script = "import sys\nfrom pathlib import Path\nfrom discwright.image.bmap import read_bmap\n"
    script += "from discwright.errors import SourceError\n"
    script += "try: read_bmap(Path(sys.argv[1]))\nexcept SourceError: print('refused')\n"
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, check=False)
    assert done.stdout == b"refused\n", done


@settings(max_examples=300, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(edits=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), min_size=1, max_size=3),
       version=st.sampled_from(["1.2", "2.0"]))  # fmt: skip
def test_a_damaged_map_is_an_error_or_still_a_sound_map(
    tmp_path: Path, edits: list[tuple[float, bytes]], version: str
) -> None:
    data = bytearray(sealed(map_text(version=version, sums=version != "1.2")).encode())
    for where, new in edits:
        at = int(where * len(data))
        data[at : at + len(new)] = new
    path = tmp_path / "disc.bmap"
    path.write_bytes(data)
    try:
        bmap = read_bmap(path)
    except SourceError:
        return
    end = 0
    for run in bmap.ranges:
        assert end <= run.offset < run.end <= bmap.image_size
        assert run.offset % bmap.block_size == 0
        end = run.end
    if version == "2.0":
        assert (bmap.image_size, len(bmap.ranges)) == (SIZE, len(USED))


@pytest.mark.parametrize("buffer", [1000, 4096, 99_991, 1 << 20, SIZE])
def test_good_content_passes_however_it_is_cut(tmp_path: Path, buffer: int) -> None:
    check = RangeCheck(read_bmap(write(tmp_path, sealed(map_text()))))
    for offset in range(0, SIZE, buffer):
        check.take(offset, memoryview(CONTENT)[offset : offset + buffer])
    check.finish(SIZE)


def test_only_what_is_in_use_needs_to_come(tmp_path: Path) -> None:
    bmap = read_bmap(write(tmp_path, sealed(map_text())))
    check = RangeCheck(bmap)
    for offset, length in bmap.mapped(0, SIZE):
        half = length // 2
        check.take(offset, memoryview(CONTENT)[offset : offset + half])
        check.take(offset + half, memoryview(CONTENT)[offset + half : offset + length])
    check.finish()


@pytest.mark.parametrize(
    "place", [0, 3 * BLOCK - 1, 7 * BLOCK, 149 * BLOCK, SIZE - 1], ids=lambda place: f"byte {place}"
)
def test_a_wrong_byte_in_a_range_is_told_with_its_place(tmp_path: Path, place: int) -> None:
    bmap = read_bmap(write(tmp_path, sealed(map_text())))
    content = bytearray(CONTENT)
    content[place] ^= 1
    run = bmap.ranges[bmap.index(place)]
    check = RangeCheck(bmap)
    with pytest.raises(SourceError, match=f"from byte {run.offset} on"):
        check.take(0, memoryview(content))


def test_a_wrong_byte_in_a_hole_does_not_matter(tmp_path: Path) -> None:
    check = RangeCheck(read_bmap(write(tmp_path, sealed(map_text()))))
    content = bytearray(CONTENT)
    content[4 * BLOCK] ^= 1
    check.take(0, memoryview(content))
    check.finish(SIZE)


def test_an_image_of_another_length_is_told(tmp_path: Path) -> None:
    check = RangeCheck(read_bmap(write(tmp_path, sealed(map_text()))))
    check.take(0, memoryview(CONTENT)[: 200 * BLOCK])
    with pytest.raises(SourceError, match=r"long, but by disc\.bmap it should be"):
        check.finish()
    with pytest.raises(SourceError, match=r"long, but by disc\.bmap it should be"):
        check.finish(SIZE - 1)


def test_a_writer_that_leaves_out_what_is_in_use_is_caught(tmp_path: Path) -> None:
    check = RangeCheck(read_bmap(write(tmp_path, sealed(map_text()))))
    check.take(0, memoryview(CONTENT)[:BLOCK])
    with pytest.raises(ValueError, match="should come"):
        check.take(2 * BLOCK, memoryview(CONTENT)[2 * BLOCK :])


@given(offset=st.integers(0, 120), length=st.integers(0, 120))
def test_parts_in_use_are_what_the_ranges_say(offset: int, length: int) -> None:
    ranges = (MappedRange(0, 10), MappedRange(20, 1), MappedRange(21, 9), MappedRange(90, 10))
    bmap = Bmap(Path("x"), 100, 1, ranges)
    used = {at for run in ranges for at in range(run.offset, run.end)}
    found = [
        at for start, count in bmap.mapped(offset, length) for at in range(start, start + count)
    ]
    assert found == sorted(used & set(range(offset, offset + length)))


@pytest.mark.parametrize(
    ("image", "name", "found"),
    [("a.img", "a.img.bmap", True), ("a.img", "a.bmap", True), ("a.img.xz", "a.img.xz.bmap", True),
     ("a.img.xz", "a.img.bmap", True), ("a.img.xz", "a.bmap", True), ("a.iso", "b.bmap", False),
     ("disc-12.5.0.iso", "disc-12.bmap", False)],
)  # fmt: skip
def test_a_map_is_found_beside_its_image(
    tmp_path: Path, image: str, name: str, found: bool
) -> None:
    (tmp_path / name).write_text("x")
    assert find_bmap(tmp_path / image) == (tmp_path / name if found else None)
