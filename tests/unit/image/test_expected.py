# SPDX-License-Identifier: GPL-3.0-or-later
"""Published checksums: which of them count for an image, and what they are of."""

import gzip
import hashlib
import zipfile
from pathlib import Path

import pytest

from discwright.errors import SourceError
from discwright.image.compression import open_stream
from discwright.image.expected import (
    Expected,
    Where,
    content_algorithms,
    expected_for,
    file_algorithms,
    parse_expectation,
    wrong,
)

CONTENT = bytes(512) + b"an image" * 100
OTHER = hashlib.sha256(b"other").hexdigest()


def digest(data: bytes, algorithm: str = "sha256") -> str:
    return hashlib.new(algorithm, data).hexdigest()


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "disc.img"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    path = tmp_path / "disc.img.gz"
    path.write_bytes(gzip.compress(CONTENT))
    return path


def publish(image: Path, name: str, *lines: str) -> None:
    (image.parent / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_without_anyones_word_nothing_is_expected(plain: Path, packed: Path) -> None:
    assert expected_for(plain) == ()
    assert expected_for(packed) == ()


def test_a_checksum_of_a_plain_image_is_of_its_content(plain: Path) -> None:
    publish(plain, "SHA256SUMS", f"{digest(CONTENT)} *disc.img", f"{OTHER} *other.img")
    found = expected_for(plain)
    assert found == (Expected("sha256", digest(CONTENT), Where.CONTENT, "SHA256SUMS"),)
    assert (file_algorithms(found), content_algorithms(found)) == ((), ("sha256",))


def test_a_checksum_of_the_compressed_file_is_of_the_file(packed: Path) -> None:
    of_file = digest(packed.read_bytes())
    publish(packed, "SHA256SUMS", f"{of_file}  ./images/disc.img.gz")
    found = expected_for(packed)
    assert found == (Expected("sha256", of_file, Where.FILE, "SHA256SUMS"),)
    assert (file_algorithms(found), content_algorithms(found)) == (("sha256",), ())


def test_checksums_of_the_file_and_of_its_content_both_count(packed: Path) -> None:
    of_file = digest(packed.read_bytes())
    publish(packed, "SHA256SUMS", f"{of_file}  disc.img.gz", f"{digest(CONTENT)}  disc.img")
    found = expected_for(packed)
    assert {(one.digest, one.where) for one in found} == {
        (of_file, Where.FILE), (digest(CONTENT), Where.CONTENT),
    }  # fmt: skip
    assert (file_algorithms(found), content_algorithms(found)) == (("sha256",), ("sha256",))


@pytest.mark.parametrize(
    ("name", "bare", "where"),
    [
        ("disc.img.gz.sha256", True, Where.FILE),
        ("disc.img.sha256", True, Where.EITHER),
        ("disc.sha256", True, Where.EITHER),
        ("disc.img.sha256", False, Where.CONTENT),
    ],
)
def test_a_bare_checksum_whose_file_could_be_of_both_is_of_either(
    packed: Path, name: str, bare: bool, where: Where
) -> None:
    publish(packed, name, digest(CONTENT) + ("" if bare else "  disc.img"))
    assert expected_for(packed) == (Expected("sha256", digest(CONTENT), where, name),)


def test_the_image_in_a_zip_archive_is_known_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "download.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("folder/disc.img", CONTENT)
    publish(path, "SHA256SUMS", f"{digest(CONTENT)}  disc.img")
    assert expected_for(path) == (Expected("sha256", digest(CONTENT), Where.CONTENT, "SHA256SUMS"),)


def test_the_strongest_algorithm_counts_and_no_other_is_computed(plain: Path) -> None:
    for name, algorithm in (("MD5SUMS", "md5"), ("SHA512SUMS", "sha512"), ("SHA1SUMS", "sha1")):
        publish(plain, name, f"{digest(CONTENT, algorithm)}  disc.img")
    assert content_algorithms(expected_for(plain)) == ("sha512",)
    publish(plain, "SHA256SUMS", f"{digest(CONTENT)}  disc.img")
    assert content_algorithms(expected_for(plain)) == ("sha256",)


def test_files_that_agree_count_once_and_files_that_differ_both(plain: Path) -> None:
    publish(plain, "SHA256SUMS", f"{digest(CONTENT)}  disc.img")
    publish(plain, "disc.img.sha256", digest(CONTENT))
    assert len(expected_for(plain)) == 1
    publish(plain, "disc.sha256", OTHER)
    found = expected_for(plain)
    assert len(found) == 2
    failed = wrong(found, file={}, content={"sha256": digest(CONTENT)})
    assert [(one.digest, one.source) for one in failed] == [(OTHER, "disc.sha256")]


def test_an_algorithm_that_is_not_computed_here_is_not_expected(plain: Path) -> None:
    publish(plain, "disc.img.sha384", f"SHA384 (disc.img) = {digest(CONTENT, 'sha384')}")
    publish(plain, "CHECKSUM", f"SHA384 (disc.img) = {digest(CONTENT, 'sha384')}")
    assert expected_for(plain) == ()


@pytest.mark.parametrize("text", ["sha256:{}", "SHA256:{}", " sha-256: {} ", "{}"])
def test_the_users_word_counts_and_the_files_do_not(plain: Path, packed: Path, text: str) -> None:
    publish(plain, "SHA256SUMS", f"{OTHER}  disc.img", f"{OTHER}  disc.img.gz")
    expect = text.format(digest(CONTENT).upper())
    assert expected_for(plain, expect) == (Expected("sha256", digest(CONTENT), Where.CONTENT),)
    assert expected_for(packed, expect) == (Expected("sha256", digest(CONTENT), Where.EITHER),)


@pytest.mark.parametrize(
    "text",
    ["", "sha256:", "sha256:abc", f"md5:{OTHER}", f"sha3:{OTHER}", f"{OTHER}x", f"{OTHER} name",
     f"sha384:{'a' * 96}", "sha256", f"sha256:{OTHER}\nsha256:{OTHER}"],
)  # fmt: skip
def test_a_word_that_makes_no_sense_is_told(plain: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"checksum"):
        expected_for(plain, text)


def test_md5_and_sha1_are_read_too() -> None:
    assert parse_expectation("md5:" + "a" * 32) == ("md5", "a" * 32)
    assert parse_expectation("b" * 40) == ("sha1", "b" * 40)


@pytest.mark.parametrize(
    ("where", "file", "content", "right"),
    [
        (Where.FILE, "a", "b", True),
        (Where.FILE, "b", "a", False),
        (Where.CONTENT, "a", "b", False),
        (Where.CONTENT, "b", "a", True),
        (Where.EITHER, "a", "b", True),
        (Where.EITHER, "b", "a", True),
        (Where.EITHER, "b", "b", False),
        (Where.EITHER, None, None, False),
        (Where.FILE, None, "a", False),
        (Where.CONTENT, "a", None, False),
    ],
)
def test_a_checksum_is_right_only_if_what_it_is_of_has_it(
    where: Where, file: str | None, content: str | None, right: bool
) -> None:
    one = Expected("sha256", "a", where)
    found = wrong(
        [one],
        file={} if file is None else {"sha256": file},
        content={} if content is None else {"sha256": content},
    )
    assert found == (() if right else (one,))


def test_a_broken_image_still_has_the_checksums_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "disc.zip"
    path.write_bytes(b"PK\3\4 and then nothing")
    publish(path, "SHA256SUMS", f"{OTHER}  disc.zip")
    assert [one.digest for one in expected_for(path)] == [OTHER]
    assert expected_for(tmp_path / "absent.img") == ()


@pytest.mark.parametrize("name", [".", "..", "//", "a/.."])
def test_a_nameless_file_in_an_archive_is_no_image(name: str, tmp_path: Path) -> None:
    path = tmp_path / "disc.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, CONTENT)
    assert expected_for(path) == ()
    with pytest.raises(SourceError):
        open_stream(path)
