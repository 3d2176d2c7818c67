# SPDX-License-Identifier: GPL-3.0-or-later
"""Checksum files: writing the one beside an image, reading those that others publish."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from discwright.transfer.partfile import write_file

_MOST_BYTES = 16 * 1024 * 1024
_MOST_LINES = 500_000
_MOST_LINE = 8192

_DIGITS = {
    8: "crc32", 32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512",
}  # fmt: skip
"""By the number of hexadecimal digits, where the line and the file's name don't tell."""

_NAMED = {
    "md5": "md5", "sha1": "sha1", "sha224": "sha224", "sha256": "sha256", "sha384": "sha384",
    "sha512": "sha512", "b2": "blake2b", "blake2b": "blake2b", "blake3": "blake3", "b3": "blake3",
    "crc32": "crc32", "sfv": "crc32",
}  # fmt: skip
_LENGTHS = {
    "crc32": 8, "md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128,
    "blake2b": 128, "blake3": 64,
}  # fmt: skip
_SUMS = (
    "SHA256SUMS", "SHA256SUM", "sha256sum.txt", "sha256sums.txt", "SHA256SUMS.txt", "sha256sum",
    "SHA512SUMS", "SHA512SUM", "sha512sum.txt", "sha512sums.txt", "SHA512SUMS.txt",
    "SHA1SUMS", "sha1sum.txt", "sha1sums.txt", "MD5SUMS", "md5sum.txt", "md5sums.txt",
    "B2SUMS", "b2sums.txt", "CHECKSUM", "CHECKSUMS", "checksums.txt",
)  # fmt: skip
_SUFFIXES = (
    ".sha", ".sha256", ".sha256sum", ".sha256.txt", ".sha512", ".sha512sum", ".sha512.txt", ".b2",
    ".blake2b", ".blake3", ".b3", ".sha1", ".sha1sum", ".md5", ".md5sum", ".md5.txt", ".sfv",
    ".crc32",
)  # fmt: skip

_GNU = re.compile(r"(\\?)([0-9A-Fa-f]{8,128}) [ *](.+)")
_BSD = re.compile(r"(\\?)([A-Za-z0-9-]{2,12}) ?\((.+)\) ?= ?([0-9A-Fa-f]{8,128})")
_LOOSE = re.compile(r"()([0-9A-Fa-f]{32,128})[ \t]\*?([^ \t*].*)")
"""With one blank, which GNU's tools read too, or a tab: not for digests of 8 digits, which may be
words."""
_SFV = re.compile(r"([^;].*?)[ \t]+([0-9A-Fa-f]{8})")
_BARE = re.compile(r"[0-9A-Fa-f]{8,128}")
_UNESCAPED = {"\\": "\\", "n": "\n", "r": "\r"}


@dataclass(frozen=True)
class Checksum:
    """A line of a checksum file."""

    algorithm: str
    digest: str
    """Hexadecimal, lower case."""
    name: str
    """The file that it is of, as written there (neither checked nor safe to show); "" if the
    line bears none."""


@dataclass(frozen=True)
class Published:
    """A checksum of an image, and the file beside it that says so."""

    checksum: Checksum
    source: Path


def checksum_line(name: str, hexdigest: str) -> str:
    """Give the line that ``sha256sum -c`` and its like read, with its line end.

    Backslashes and line ends in the name are escaped, and the line marked by a leading
    backslash, as GNU coreutils do.
    """
    escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    mark = "" if escaped == name else "\\"
    return f"{mark}{hexdigest}  {escaped}\n"


def write_checksum_file(image: Path, algorithm: str, hexdigest: str) -> Path:
    """Write NAME.iso.sha256 (or .md5 ...) beside an image and give its path.

    It names the image without its folder, and replaces an earlier one in one step. Raises
    TargetError if it can't be written.
    """
    path = image.with_name(f"{image.name}.{algorithm}")
    line = checksum_line(image.name, hexdigest)
    write_file(path, os.fsencode(line), overwrite=True)
    return path


def parse_checksums(text: str, algorithm: str = "") -> Iterator[Checksum]:
    """Give the checksums of a GNU (plain, binary, escaped), BSD-style, SFV or bare-digest file.

    ``algorithm``: what the file's name says (see :func:`algorithm_of`), for lines that don't.
    Other lines (comments, signatures) are passed over.
    """
    for number, line in enumerate(re.split(r"\r\n|\n", text)):
        if number >= _MOST_LINES:
            return
        if line and len(line) <= _MOST_LINE:
            found = _checksum(line.rstrip("\r").removeprefix("\ufeff"), algorithm)
            if found is not None:
                yield found


def read_checksums(path: Path) -> tuple[Checksum, ...]:
    """Read a checksum file; empty if it can't be read, is too large or holds none."""
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return ()
        raw = path.read_bytes()
    except OSError:
        return ()
    text = raw.decode("utf-8", "surrogateescape")
    return tuple(parse_checksums(text, algorithm_of(path.name)))


def algorithm_of(file_name: str) -> str:
    """Give the algorithm that a checksum file's name tells (SHA256SUMS, x.iso.md5), else ""."""
    name = file_name.casefold().removesuffix(".txt").removesuffix(".asc")
    stem = re.sub(r"sums?$", "", name.rpartition(".")[2])
    return _NAMED.get(stem, _NAMED.get(re.sub(r"sums?$", "", name), ""))


def find_published(image: Path) -> tuple[Published, ...]:
    """Look beside an image for checksums of it: NAME.iso.sha256, NAME.sha256, SHA256SUMS ...

    A line counts if it names the image; a bare digest if its file is named after the image.
    """
    own = _named_after(image)
    common = {name.casefold() for name in _SUMS}
    try:
        beside = sorted(
            entry.name
            for entry in os.scandir(image.parent)
            if entry.name.casefold() in own
            or entry.name.casefold() in common
            or entry.name.casefold().endswith(("-checksum", "-sha256sum", "-sha256sums"))
        )
    except OSError:
        return ()
    found: list[Published] = []
    for name in beside:
        path = image.parent / name
        matching = [
            checksum
            for checksum in read_checksums(path)
            if _parts(checksum)[-1:] == [image.name]
            or (not checksum.name and name.casefold() in own)
        ]
        found += (Published(checksum, path) for checksum in _closest(matching, image))
    return tuple(found)


def files_named_after(image: Path) -> tuple[Path, ...]:
    """Give the checksum files beside an image that bear its name (NAME.iso.sha256, NAME.md5)."""
    own = _named_after(image)
    try:
        beside = sorted(e.name for e in os.scandir(image.parent) if e.name.casefold() in own)
    except OSError:
        return ()
    return tuple(image.with_name(name) for name in beside)


def _named_after(image: Path) -> set[str]:
    own = {f"{image.name}{suffix}".casefold() for suffix in _SUFFIXES}
    return own | {f"{image.stem}{suffix}".casefold() for suffix in _SUFFIXES}


def _closest(found: list[Checksum], image: Path) -> list[Checksum]:
    """Of the lines for files of the image's name, give those for the nearest path to its own.

    A publisher's list may name netboot/mini.iso and gtk/mini.iso. Where it can't be told which of
    them the image is, no line counts.
    """
    folders = image.absolute().parts[:-1]

    def far(checksum: Checksum) -> tuple[bool, int]:
        wanted = _parts(checksum)[:-1]
        foreign = (
            len(wanted) > len(folders) or tuple(wanted) != folders[len(folders) - len(wanted) :]
        )
        return foreign, 0 if foreign else -len(wanted)

    nearest = min(map(far, found), default=(False, 0))
    kept = [checksum for checksum in found if far(checksum) == nearest]
    paths = {tuple(_parts(checksum)) for checksum in kept}
    digests = {(checksum.algorithm, checksum.digest) for checksum in kept}
    ambiguous = len(paths) > 1 and len(digests) > len({algorithm for algorithm, _ in digests})
    return [] if ambiguous else kept


def _parts(checksum: Checksum) -> list[str]:
    """Give the path of the file that a line is of, without what says nothing."""
    parts = checksum.name.replace("\\", "/").split("/")
    return [part for part in parts if part not in {"", "."}]


def _checksum(line: str, algorithm: str) -> Checksum | None:
    match = _BSD.fullmatch(line)
    if match is not None:
        escaped, kind, name, digest = match.groups()
        known = _NAMED.get(kind.casefold().replace("-", ""), "")
        if _LENGTHS.get(known) != len(digest):
            return None
        return Checksum(known, digest.lower(), _unescaped(name) if escaped else name)
    match = _GNU.fullmatch(line) or _LOOSE.fullmatch(line)
    if match is not None:
        escaped, digest, name = match.groups()
        return _of(digest, _unescaped(name) if escaped else name, algorithm)
    if _BARE.fullmatch(line.strip()):
        return _of(line.strip(), "", algorithm)
    match = _SFV.fullmatch(line) if algorithm == "crc32" else None
    return None if match is None else _of(match[2], match[1], algorithm)


def _of(digest: str, name: str, algorithm: str) -> Checksum | None:
    if _LENGTHS.get(algorithm) != len(digest):
        algorithm = _DIGITS.get(len(digest), "")
    return Checksum(algorithm, digest.lower(), name) if algorithm else None


def _unescaped(name: str) -> str:
    return re.sub(r"\\([\\nr])", lambda found: _UNESCAPED[found[1]], name)
