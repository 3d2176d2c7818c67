# SPDX-License-Identifier: GPL-3.0-or-later
"""Checksum files that sha256sum reads, and those that others publish."""

import hashlib
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discwright.errors import TargetError
from discwright.image.checksums import (
    Checksum,
    algorithm_of,
    checksum_line,
    files_named_after,
    find_published,
    parse_checksums,
    read_checksums,
    write_checksum_file,
)

SHA256 = hashlib.sha256(b"disc").hexdigest()
MD5 = hashlib.md5(b"disc").hexdigest()


@pytest.mark.parametrize(
    "name",
    ["disc.iso", "My disc (1).iso", "größe.iso", "a\\b.iso", "two\nlines.iso", "c\rr.iso",
     "*star.iso", "-dash.iso", " blank.iso ", b"\xff\xfe.iso"],
)  # fmt: skip
def test_sha256sum_reads_what_we_write(tmp_path: Path, name: str | bytes) -> None:
    image = tmp_path / (name if isinstance(name, str) else name.decode("utf-8", "surrogateescape"))
    image.write_bytes(b"disc")
    written = write_checksum_file(image, "sha256", SHA256)
    assert written.name == image.name + ".sha256"
    check = subprocess.run(
        ["sha256sum", "-c", "--", written.name], cwd=tmp_path, capture_output=True, check=False
    )
    assert check.returncode == 0, check
    theirs = subprocess.run(
        ["sha256sum", "--", image.name], cwd=tmp_path, capture_output=True, check=True
    )
    assert written.read_bytes() == theirs.stdout


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_every_name_comes_back_as_it_was(name: str) -> None:
    (read,) = parse_checksums(checksum_line(name, SHA256))
    assert read == Checksum("sha256", SHA256, name)


def test_an_earlier_checksum_file_is_replaced_and_nothing_else_left(tmp_path: Path) -> None:
    image = tmp_path / "disc.iso"
    write_checksum_file(image, "md5", "0" * 32)
    write_checksum_file(image, "md5", MD5)
    assert [path.name for path in tmp_path.iterdir()] == ["disc.iso.md5"]
    assert MD5 in (tmp_path / "disc.iso.md5").read_text()


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(TargetError):
        write_checksum_file(tmp_path / "gone" / "disc.iso", "sha256", SHA256)


@pytest.mark.parametrize(
    ("line", "read"),
    [
        (f"{SHA256}  disc.iso", Checksum("sha256", SHA256, "disc.iso")),
        (f"{SHA256} *disc.iso", Checksum("sha256", SHA256, "disc.iso")),
        (f"{SHA256.upper()}  disc.iso\r", Checksum("sha256", SHA256, "disc.iso")),
        (f"{SHA256}  ./sub/disc.iso", Checksum("sha256", SHA256, "./sub/disc.iso")),
        (f"\\{SHA256}  a\\\\b\\nc", Checksum("sha256", SHA256, "a\\b\nc")),
        (f"{SHA256}  a\\nb", Checksum("sha256", SHA256, "a\\nb")),
        (f"SHA256 (disc (1).iso) = {SHA256}", Checksum("sha256", SHA256, "disc (1).iso")),
        (f"MD5 (disc.iso) = {MD5}", Checksum("md5", MD5, "disc.iso")),
        (f"SHA-256 (disc.iso) = {SHA256}", Checksum("sha256", SHA256, "disc.iso")),
        (f"BLAKE2b (disc.iso) = {'ab' * 64}", Checksum("blake2b", "ab" * 64, "disc.iso")),
        (f"\\MD5 (a\\nb) = {MD5}", Checksum("md5", MD5, "a\nb")),
        (f"MD5 (disc.iso) = {SHA256}", None),
        (SHA256, Checksum("sha256", SHA256, "")),
        (f"\ufeff{MD5} *disc.iso", Checksum("md5", MD5, "disc.iso")),
        ("-----BEGIN PGP SIGNED MESSAGE-----", None),
        ("Hash: SHA512", None),
        ("# disc.iso: 123 bytes", None),
        (f"{SHA256[:-1]}  disc.iso", None),
        (f"{SHA256} disc.iso", Checksum("sha256", SHA256, "disc.iso")),
        (f"{SHA256}\tdisc.iso", Checksum("sha256", SHA256, "disc.iso")),
        ("defaced1 disc.iso", None),
        ("", None),
    ],
)
def test_lines_of_every_common_kind_are_read(line: str, read: Checksum | None) -> None:
    assert list(parse_checksums(line + "\n")) == ([read] if read else [])


@pytest.mark.parametrize(
    ("name", "algorithm"),
    [
        ("disc.iso.sha256", "sha256"), ("SHA256SUMS", "sha256"), ("sha512sum.txt", "sha512"),
        ("disc.md5", "md5"), ("MD5SUMS", "md5"), ("disc.iso.md5sum", "md5"),
        ("disc.b2", "blake2b"), ("B2SUMS", "blake2b"), ("disc.iso.blake3", "blake3"),
        ("disc.sfv", "crc32"), ("CHECKSUM", ""), ("readme.txt", ""),
    ],
)  # fmt: skip
def test_a_files_name_tells_the_algorithm(name: str, algorithm: str) -> None:
    assert algorithm_of(name) == algorithm


def test_digests_of_one_length_are_told_apart_by_the_files_name(tmp_path: Path) -> None:
    for name, algorithm in (("x.sha512", "sha512"), ("x.b2", "blake2b"), ("x", "sha512")):
        (tmp_path / name).write_text("ab" * 64 + "  x.iso\n")
        assert read_checksums(tmp_path / name)[0].algorithm == algorithm


def test_published_checksums_beside_an_image_are_found(tmp_path: Path) -> None:
    image = tmp_path / "disc.iso"
    image.write_bytes(b"disc")
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  other.iso\n{SHA256} *disc.iso\n")
    (tmp_path / "disc.iso.md5").write_text(MD5)
    (tmp_path / "disc.sha1").write_text(f"{'1' * 40}  somebody-elses.iso\n")
    (tmp_path / "Fedora-40-CHECKSUM").write_text(f"SHA256 (disc.iso) = {SHA256}\n")
    (tmp_path / "MD5SUMS").write_text("2" * 32)
    (tmp_path / "notes.txt").write_text(f"{'0' * 64}  disc.iso\n")
    found = {(one.source.name, one.checksum.digest) for one in find_published(image)}
    assert found == {
        ("SHA256SUMS", SHA256), ("disc.iso.md5", MD5), ("Fedora-40-CHECKSUM", SHA256),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "counts"),
    [
        (["0 ./disc.iso", "1 gtk/disc.iso"], "0"),
        (["0 disc.iso", "1 gtk/disc.iso"], "0"),
        (["0 netboot/disc.iso", "1 pool/netboot/disc.iso"], "1"),
        (["0 netboot/disc.iso", "1 /pool/other/disc.iso"], "0"),
        (["0 gtk/disc.iso"], "0"),
        (["0 gtk/disc.iso", "1 qt/disc.iso"], ""),
        (["0 gtk/disc.iso", "0 qt/disc.iso"], "00"),
        (["0 disc.iso", "1 disc.iso"], "01"),
    ],
)
def test_of_files_of_one_name_the_nearest_counts(lines, counts, tmp_path: Path) -> None:
    image = tmp_path / "pool/netboot/disc.iso"
    image.parent.mkdir(parents=True)
    text = "".join(f"{line[0] * 64}  {line[2:]}\n" for line in lines)
    (image.parent / "SHA256SUMS").write_text(text)
    assert "".join(one.checksum.digest[0] for one in find_published(image)) == counts


def test_checksum_files_that_bear_the_images_name_are_known(tmp_path: Path) -> None:
    image = tmp_path / "disc.iso"
    for name in ("disc.iso.sha256", "disc.md5", "SHA256SUMS", "other.iso.sha256"):
        (tmp_path / name).touch()
    assert [path.name for path in files_named_after(image)] == ["disc.iso.sha256", "disc.md5"]
    assert files_named_after(tmp_path / "gone" / "disc.iso") == ()


def test_a_folder_named_like_a_checksum_file_harms_nothing(tmp_path: Path) -> None:
    (tmp_path / "SHA256SUMS").mkdir()
    assert find_published(tmp_path / "disc.iso") == ()
    assert find_published(tmp_path / "gone" / "disc.iso") == ()


@given(st.binary(max_size=300))
def test_any_bytes_are_parsed_without_a_fuss(raw: bytes) -> None:
    for checksum in parse_checksums(raw.decode("utf-8", "surrogateescape"), "md5"):
        assert checksum.digest


def test_a_huge_line_does_not_hang() -> None:
    assert list(parse_checksums("SHA256 (" + "a) = " * 2_000_000)) == []
    assert list(parse_checksums("x" + " " * 8000 + "y\n" * 3, "crc32")) == []
