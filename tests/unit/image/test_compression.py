# SPDX-License-Identifier: GPL-3.0-or-later
"""A compressed image gives its content to the last byte, or an error: never a silent early end."""

import bz2
import contextlib
import os
import random
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from discwright.errors import SourceError
from discwright.image import decoders
from discwright.image.compression import name_of_content, open_stream, read_head
from discwright.image.stream_source import CHUNK

from .packed import KINDS, TOOLS, image_bytes, pack, read_all, run, unpack, zipped

CONTENT = image_bytes(1_500_001)
SMALL = image_bytes(20_000, seed=2)

Write = Callable[[str, bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.fixture(scope="module")
def packed() -> dict[tuple[str, bool], bytes]:
    return {(kind, big): pack(kind, CONTENT if big else SMALL)
            for kind in KINDS for big in (True, False)}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("buffer", [1 << 20, 4096 * 3, 77_777])
def test_the_content_comes_whole(
    write: Write, packed: dict[tuple[str, bool], bytes], kind: str, buffer: int
) -> None:
    assert unpack(write(f"disc.img.{kind}", packed[kind, True]), buffer) == CONTENT


def test_a_plain_image_comes_as_it_is(write: Write) -> None:
    assert unpack(write("disc.img", CONTENT), 77_777) == CONTENT


@pytest.mark.parametrize("kind", KINDS)
def test_content_decides_not_the_name(
    write: Write, packed: dict[tuple[str, bool], bytes], kind: str
) -> None:
    assert unpack(write("disc.iso", packed[kind, False])) == SMALL
    other = "gz" if kind != "gz" else "xz"
    assert unpack(write(f"disc.iso.{other}", packed[kind, False])) == SMALL


@pytest.mark.parametrize("kind", TOOLS)
def test_several_members_in_a_row_are_one_image(
    write: Write, packed: dict[tuple[str, bool], bytes], kind: str
) -> None:
    both = packed[kind, True] + packed[kind, False] + pack(kind, b"end")
    assert unpack(write(f"disc.img.{kind}", both)) == CONTENT + SMALL + b"end"


@pytest.mark.parametrize("kind", TOOLS)
def test_the_users_settings_of_the_tools_do_not_matter(
    write: Write,
    packed: dict[tuple[str, bool], bytes],
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("XZ_OPT", "XZ_DEFAULTS", "BZIP2", "GZIP"):
        monkeypatch.setenv(name, "--single-stream --ignore-check -v")
    path = write(f"disc.img.{kind}", packed[kind, False] * 2)
    assert unpack(path) == SMALL * 2


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zip"])
@pytest.mark.parametrize("zeros", [4, 512, 700_000])
def test_zeros_after_the_end_are_padding(
    write: Write, packed: dict[tuple[str, bool], bytes], kind: str, zeros: int
) -> None:
    if kind == "zip" and zeros > 60_000:
        pytest.skip("too far for the search for the end of an archive")
    path = write(f"disc.img.{kind}", packed[kind, False] + bytes(zeros))
    assert unpack(path) == SMALL


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("big", [True, False])
def test_a_file_that_is_cut_off_is_an_error_wherever_it_was_cut(
    write: Write, packed: dict[tuple[str, bool], bytes], kind: str, big: bool
) -> None:
    whole = packed[kind, big]
    places = {*range(1, 12), *(len(whole) - n for n in range(1, 14))}
    places |= {len(whole) * n // 12 for n in range(1, 12)}
    for place in sorted(places):
        path = write(f"disc.img.{kind}", whole[:place])
        with pytest.raises(SourceError) as caught:
            unpack(path)
        assert "disc.img" in caught.value.message, place
        if place > 20:
            assert "is incomplete" in caught.value.message, place
        assert caught.value.remedy, place


@pytest.mark.parametrize("kind", TOOLS)
def test_a_last_member_that_is_cut_off_is_an_error(
    write: Write, packed: dict[tuple[str, bool], bytes], kind: str
) -> None:
    whole = packed[kind, False]
    for place in (1, 2, 3, 4, 5, 8, 9, 10, 14, 18, len(whole) // 2, len(whole) - 1):
        with pytest.raises(SourceError):
            unpack(write(f"disc.img.{kind}", whole + whole[:place]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "garbage",
    [b"x", b"BZ", b"BZh9", b"BZi91AY&SY", b"garbage", b"\0\0\0\0x", b"\0" * 1000 + b"1",
     random.Random(7).randbytes(300_000), b"<html>Not found</html>"],
    ids=lambda garbage: repr(garbage[:6]),
)  # fmt: skip
def test_what_does_not_belong_after_the_end_is_an_error(
    write: Write, packed: dict[tuple[str, bool], bytes], kind: str, garbage: bytes
) -> None:
    with pytest.raises(SourceError):
        unpack(write(f"disc.img.{kind}", packed[kind, False] + garbage))


@pytest.mark.parametrize("kind", TOOLS)
def test_garbage_between_two_members_is_an_error(
    write: Write, packed: dict[tuple[str, bool], bytes], kind: str
) -> None:
    whole = packed[kind, False]
    for garbage in (b"x", b"garbage!", whole[:6], random.Random(3).randbytes(5000)):
        with pytest.raises(SourceError):
            unpack(write(f"disc.img.{kind}", whole + garbage + whole))


edits = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from(["flip", "delete", "insert", "zero"]),
              st.integers(1, 255)),
    min_size=1, max_size=4,
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(edits=edits)
def test_damage_is_an_error_or_does_not_touch_the_content(
    write: Write,
    packed: dict[tuple[str, bool], bytes],
    kind: str,
    edits: list[tuple[float, str, int]],
) -> None:
    data = bytearray(packed[kind, False])
    for where, how, value in edits:
        at = min(len(data) - 1, int(where * len(data)))
        match how:
            case "flip":
                data[at] ^= value
            case "delete":
                del data[at : at + value]
            case "insert":
                data[at:at] = bytes(data[at // 2 : at // 2 + value])
            case _zero:
                data[at : at + value] = bytes(len(data[at : at + value]))
    with contextlib.suppress(SourceError):
        assert unpack(write(f"disc.img.{kind}", bytes(data))) == SMALL


@pytest.mark.parametrize("false", [(0x3141, 0x5926, 0x5359), (0x1772, 0x4538, 0x5090)])
@pytest.mark.parametrize("streams", [1, 3])
def test_a_bzip2_block_with_a_magic_number_inside_is_whole(
    write: Write, false: tuple[int, ...], streams: int
) -> None:
    # The table at a block's start says which bytes occur: so it can be made to hold the number.
    values = [
        group * 16 + bit
        for group, bits in enumerate(false, 4)
        for bit in range(16)
        if bits >> (15 - bit) & 1
    ]
    content = bytes(random.Random(5).choices(values, k=250_000))
    whole = run(("bzip2", "-1c"), content)
    everything = format(int.from_bytes(whole, "big"), "b")
    assert format(int("".join(f"{part:04x}" for part in false), 16), "048b") in everything
    assert unpack(write("disc.img.bz2", whole * streams)) == content * streams


@pytest.mark.parametrize("threads", [1, 3, 8])
def test_bzip2_comes_in_order_however_many_threads_unpack_it(
    write: Write, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    monkeypatch.setattr(decoders, "threads", lambda: threads)
    content = image_bytes(3_000_000, seed=9) + bytes(50_000_000)
    assert unpack(write("disc.img.bz2", run(("bzip2", "-9c"), content))) == content


def test_wrong_checksums_in_a_bzip2_file_are_an_error(write: Write) -> None:
    whole = run(("bzip2", "-1c"), CONTENT)
    for at in (10, 13, -2, -4):  # of the first block, of the whole stream
        changed = bytearray(whole)
        changed[at] ^= 1
        with pytest.raises(SourceError):
            unpack(write("disc.img.bz2", bytes(changed)))


def test_a_bzip2_block_may_end_wherever_the_file_is_read_in_pieces(write: Write) -> None:
    empty = run(("bzip2", "-c"), b"")
    noise = random.Random(4)
    tried = 0
    for length in range(200, 230):
        content = noise.randbytes(length)
        whole = bz2.compress(content)
        copies = (CHUNK - 3 - (len(whole) - 10)) // len(empty)
        if -6 < copies * len(empty) + len(whole) - 10 - CHUNK <= 0:
            assert unpack(write("disc.img.bz2", empty * copies + whole)) == content
            tried += 1
    assert tried > 3


def test_the_last_bytes_of_a_match_are_not_forgotten(tmp_path: Path) -> None:
    for length in range(100, 160):  # in some, all input is taken before all output was given
        content = bytes(random.Random(length).choices(b"ab", k=length))
        assert unpack(zipped(tmp_path / "disc.zip", ("disc.img", content)), 1) == content


@pytest.mark.parametrize("kind", KINDS)
def test_a_byte_at_a_time_is_enough(write: Write, kind: str) -> None:
    content = bytes(512) + b"a" * 1000
    assert unpack(write(f"disc.img.{kind}", pack(kind, content)), 1) == content


@pytest.mark.parametrize(
    ("kind", "size"),
    [("gz", None), ("bz2", None), ("xz", len(SMALL) * 2), ("zst", None), ("lz4", None)],
)
def test_the_size_is_told_before_only_where_the_format_tells_it(
    write: Write, packed: dict[tuple[str, bool], bytes], kind: str, size: int | None
) -> None:
    with open_stream(write("disc.img", packed[kind, False] * 2)) as stream:
        assert stream.size == size  # from a pipe, zstd and lz4 don't know it


@pytest.mark.parametrize(
    "command",
    [("zstd", "-qkc"), ("zstd", "-qkc", "--no-check", "-19"), ("zstd", "-qkc", "-T2", "-B64K"),
     ("lz4", "-qkcB4", "--content-size"), ("lz4", "-qkcBD", "--content-size", "-BX"),
     ("lz4", "-qkc", "--content-size", "--no-frame-crc")],
)  # fmt: skip
@pytest.mark.parametrize("length", [1, 255, 256, 65_791, 65_792, len(CONTENT)])
def test_zstd_and_lz4_tell_the_size_of_files(
    write: Write, command: tuple[str, ...], length: int
) -> None:
    content = CONTENT[-length:]
    plain = write("plain", content)
    whole = run((*command, str(plain)), b"")
    skippable = b"\x50\x2a\x4d\x18\5\0\0\0hello"
    path = write("disc.img", skippable + whole + skippable + whole)
    with open_stream(path) as stream:
        assert stream.size == length * 2
        assert read_all(stream) == content * 2


def test_zstd_tells_the_size_of_nothing_but_zeros(write: Write) -> None:
    plain = write("plain", bytes(1_000_000))
    with open_stream(write("disc.img.zst", run(("zstd", "-qkc", str(plain)), b""))) as stream:
        assert stream.size == 1_000_000


def test_gzip_gives_no_more_than_a_hint(write: Write) -> None:
    two = run(("gzip", "-c"), SMALL) + run(("gzip", "-c"), b"end")
    with open_stream(write("disc.img.gz", two)) as stream:
        assert (stream.size, stream.hint) == (None, 3)


def test_a_zip_archive_that_lies_about_the_size_is_an_error(tmp_path: Path) -> None:
    path = zipped(tmp_path / "disc.zip", ("disc.img", SMALL))
    for wrong in (len(SMALL) - 1, len(SMALL) + 1, 0, 1):
        data = bytearray(path.read_bytes())
        directory = data.rindex(b"PK\1\2")
        data[directory + 24 : directory + 28] = wrong.to_bytes(4, "little")
        lying = tmp_path / "lying.zip"
        lying.write_bytes(data)
        with pytest.raises(SourceError, match="long, as it says itself"):
            unpack(lying)


def test_a_zip_archive_with_a_wrong_checksum_is_an_error(tmp_path: Path) -> None:
    path = zipped(tmp_path / "disc.zip", ("disc.img", SMALL), method=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[len(SMALL) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(SourceError) as caught:
        unpack(path)
    assert "CRC" in caught.value.cause


@pytest.mark.parametrize(("junk", "good"), [(b"", True), (b"junk", False), (bytes(4), False)])
def test_junk_behind_the_packed_data_of_an_archives_file_is_an_error(
    tmp_path: Path, junk: bytes, good: bool
) -> None:
    packer = zlib.compressobj(wbits=-15)
    path = zipped(
        tmp_path / "disc.zip",
        ("disc.img", packer.compress(SMALL) + packer.flush() + junk),
        method=zipfile.ZIP_STORED,
    )
    data = bytearray(path.read_bytes())
    for header in (0, data.rindex(b"PK\1\2") + 2):
        data[header + 8 : header + 10] = (8).to_bytes(2, "little")  # deflated, after all
        data[header + 14 : header + 18] = zlib.crc32(SMALL).to_bytes(4, "little")
        data[header + 22 : header + 26] = len(SMALL).to_bytes(4, "little")
    path.write_bytes(data)
    if good:
        assert unpack(path) == SMALL
        return
    with pytest.raises(SourceError, match="does not belong there"):
        unpack(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_the_one_image_in_a_zip_archive_is_found_among_what_comes_with_images(
    tmp_path: Path, method: int
) -> None:
    path = zipped(
        tmp_path / "download.zip",
        ("README.txt", b"hello"),
        ("dir/", b""),
        ("dir/Disc.IMG", CONTENT),
        ("__MACOSX/Disc.IMG", b"x"),
        ("dir/._Disc.IMG", b"x"),
        ("dir/Disc.IMG.sha256", b"x"),
        method=method,
    )
    assert unpack(path) == CONTENT
    with open_stream(path) as stream:
        assert stream.inside == "Disc.IMG"
        assert stream.size == len(CONTENT)


def test_a_single_file_without_a_known_suffix_is_taken_for_the_image(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", ("disc-2024.05", SMALL), ("readme.md", b"x"))
    assert unpack(path) == SMALL


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ((("a.img", b"x" * 99), ("b.iso", b"y")), ("more than one", "a.img (99 B)", "b.iso")),
        ((("readme.txt", b"x"), ("setup.exe", b"x")), ("no image", "readme.txt", "setup.exe")),
        ((("one", b"x"), ("two", b"y")), ("more than one", "one", "two")),
        ((("dir/", b""),), ("no file",)),
        ((), ("no file",)),
        (tuple((f"{n}.img", b"") for n in range(99)), ("more than one", "4.img", "…")),
    ],
)
def test_a_zip_archive_without_exactly_one_image_is_refused_with_what_is_in_it(
    tmp_path: Path, members: tuple[tuple[str, bytes], ...], words: tuple[str, ...]
) -> None:
    with pytest.raises(SourceError) as caught:
        open_stream(zipped(tmp_path / "a.zip", *members))
    for word in words:
        assert word in caught.value.message
    assert len(caught.value.message) < 600


def test_a_password_is_told(tmp_path: Path) -> None:
    (tmp_path / "disc.img").write_bytes(SMALL)
    if shutil.which("zip") is None:
        pytest.skip("zip is not installed")
    subprocess.run(["zip", "-q", "-P", "secret", "a.zip", "disc.img"], cwd=tmp_path, check=True)
    with pytest.raises(SourceError, match="password"):
        open_stream(tmp_path / "a.zip")


def test_a_zip_method_that_is_not_known_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", ("disc.img", SMALL), method=zipfile.ZIP_LZMA)
    with pytest.raises(SourceError) as caught:
        open_stream(path)
    assert caught.value.cause == "zip compression method 14"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("disc.img.xz", b"<html>404 Not found</html>"),
        ("disc.zip", bytes(4096)),
        ("disc.7z", b"7z\xbc\xaf\x27\x1c" + bytes(40)),
        ("disc.iso", b"Rar!\x1a\x07\x01\0" + bytes(40)),
        ("disc.img.lz4", b"\x02\x21\x4c\x18" + bytes(40)),
        ("disc.img", b""),
    ],
)
def test_what_is_no_image_is_refused_with_a_remedy(write: Write, name: str, data: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        open_stream(write(name, data))
    assert name in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_in_an_archive_is_refused_before_a_byte_is_given(
    write: Write, tmp_path: Path, kind: str
) -> None:
    (tmp_path / "etc").write_bytes(SMALL)
    tar = run(("tar", "-cf", "-", "-C", str(tmp_path), "etc"), b"")
    for inner in (run(("gzip", "-c"), SMALL), run(("xz", "-c"), SMALL), tar):
        with pytest.raises(SourceError, match="another archive"):
            unpack(write(f"disc.{kind}", pack(kind, inner)))


def test_paths_that_are_no_files_are_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "absent", tmp_path / "pipe"):
        with pytest.raises(SourceError) as caught:
            open_stream(path)
        assert path.name in caught.value.message


@pytest.mark.parametrize("kind", ["plain", *KINDS])
def test_a_file_that_shrinks_while_it_is_read_is_an_error(
    write: Write, packed: dict[tuple[str, bool], bytes], kind: str
) -> None:
    # More than a decoder with many threads takes ahead.
    data = CONTENT * 4 if kind == "plain" else packed[kind, True] * (1 if kind == "zip" else 40)
    path = write("disc.img", data)
    view = memoryview(bytearray(10_000))
    with open_stream(path) as stream:
        stream.read_into(view)
        with path.open("r+b") as file:
            file.truncate(len(data) - 100)
        with pytest.raises(SourceError, match="changed while"):
            read_all(stream)


def test_a_file_that_grows_is_read_as_long_as_it_was(write: Write) -> None:
    path = write("disc.img", SMALL)
    with open_stream(path) as stream, path.open("ab") as file:
        file.write(b"more")
        file.flush()
        assert read_all(stream) == SMALL


@pytest.mark.parametrize("kind", ["xz", "zst", "lz4"])
def test_a_packed_file_that_grows_is_an_error(
    write: Write, packed: dict[tuple[str, bool], bytes], kind: str
) -> None:
    whole = packed[kind, True] * 40
    with open_stream(write("disc.img", whole)) as stream:
        stream.read_into(memoryview(bytearray(10_000)))
        with stream.path.open("ab") as file:
            file.write(bytes(4))
        with pytest.raises(SourceError, match="changed while"):
            read_all(stream)


@pytest.mark.parametrize("kind", KINDS)
def test_it_makes_no_difference_whether_somebody_hears_the_packed_file(
    write: Write, packed: dict[tuple[str, bool], bytes], kind: str
) -> None:
    path, heard = write("disc.img", packed[kind, True]), bytearray()
    with open_stream(path) as stream:
        assert read_all(stream) == CONTENT
        assert stream.position == stream.compressed_size
    with open_stream(path, raw=heard.extend) as stream:
        assert read_all(stream) == CONTENT
        assert stream.position == stream.compressed_size
    assert heard == packed[kind, True]


@pytest.mark.parametrize("kind", ["plain", *KINDS])
def test_content_can_be_passed_over(
    write: Write, packed: dict[tuple[str, bool], bytes], kind: str
) -> None:
    path = write("disc.img", CONTENT if kind == "plain" else packed[kind, True])
    view = memoryview(bytearray(100_000))
    with open_stream(path) as stream:
        assert stream.skip(123_456) == 123_456
        assert stream.read_into(view) == len(view)
        assert view == CONTENT[123_456:223_456]
        assert stream.skip(10**9) == len(CONTENT) - 223_456
        assert stream.read_into(view) == 0


def test_what_is_passed_over_in_a_plain_image_is_only_read_for_who_hears_it(write: Write) -> None:
    path = write("disc.img", CONTENT)
    heard = bytearray()
    with open_stream(path, raw=heard.extend) as stream:
        stream.skip(1_000_000)
        assert heard == CONTENT[:1_000_000]
    with path.open("r+b") as file, open_stream(path) as stream:
        stream.skip(len(CONTENT) - 10)
        file.truncate(0)
        with pytest.raises(SourceError):
            read_all(stream)


@pytest.mark.parametrize("kind", ["plain", *KINDS])
def test_the_head_of_an_image_can_be_looked_at(
    write: Write, packed: dict[tuple[str, bool], bytes], kind: str
) -> None:
    path = write("disc.img", CONTENT if kind == "plain" else packed[kind, True])
    assert read_head(path, 70_000) == CONTENT[:70_000]
    assert read_head(path, 10**7) == CONTENT


@pytest.mark.parametrize(
    ("name", "kind", "inside"),
    [("a.img.xz", "xz", "a.img"), ("a.img", "xz", "a.img"), ("a.iso", "plain", "a.iso"),
     ("A.IMG.GZ", "gz", "A.IMG"), ("a.1.zst", "zst", "a.1")],
)  # fmt: skip
def test_the_name_of_the_content_is_known(write: Write, name: str, kind: str, inside: str) -> None:
    path = write(name, SMALL if kind == "plain" else pack(kind, SMALL))
    assert name_of_content(path) == inside
    with open_stream(path) as stream:
        assert stream.inside == inside
