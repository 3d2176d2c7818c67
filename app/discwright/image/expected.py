# SPDX-License-Identifier: GPL-3.0-or-later
"""The checksums that an image should have, by its publisher's files or by the user's word.

They tell a writer which digests to compute in its one pass, of the file as it lies there and of
its content, and afterwards which of them are wrong.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from discwright.errors import SourceError
from discwright.image.checksums import Published, find_published, parse_checksums
from discwright.image.compression import name_of_content
from discwright.transfer.digests import ALGORITHMS
from discwright.wording import _, shown

_STRENGTH = ("sha256", "blake3", "sha512", "blake2b", "sha1", "md5", "crc32")
"""Which one is computed if several are published: the first strong one, all are fast enough."""


class Where(StrEnum):
    """What a checksum is of."""

    FILE = "file"
    """The file as it lies there, compressed."""
    CONTENT = "content"
    """The image itself: the decoded content, or the file if it isn't compressed."""
    EITHER = "either"
    """Whoever gave it didn't say: it is right if one of the two has it."""


@dataclass(frozen=True)
class Expected:
    """A checksum that an image should have."""

    algorithm: str
    digest: str
    """Hexadecimal, lower case."""
    where: Where
    source: str = ""
    """The name of the file that says so, safe to show; "" if the user does."""


def expected_for(image: Path, expect: str | None = None) -> tuple[Expected, ...]:
    """Give the checksums that an image should have; () if nobody says anything.

    ``expect``: what the user says ("sha256:HEX"); then the files beside the image don't count.
    Otherwise for the file and for its content the strongest algorithm that is published counts,
    and each different value of it. Raises ValueError with a sentence if ``expect`` makes no sense.
    """
    try:
        inside = name_of_content(image)
        packed = inside != image.name
    except SourceError:  # whoever opens it will say why
        inside, packed = image.name, False
    if expect is not None:
        algorithm, digest = parse_expectation(expect)
        return (Expected(algorithm, digest, Where.EITHER if packed else Where.CONTENT),)
    if not packed:
        return _strongest(_expected(one, Where.CONTENT) for one in find_published(image))
    of_file = [_expected(one, _where(one, image.name)) for one in find_published(image)]
    content = image.with_name(inside)
    of_content = [
        _expected(one, Where.CONTENT if one.checksum.name else Where.EITHER)
        for one in find_published(content)
    ]
    return _strongest((*of_file, *of_content))


def parse_expectation(text: str) -> tuple[str, str]:
    """Read "sha256:HEX" or "HEX"; gives algorithm and digest. Raises ValueError with a sentence."""
    algorithm, colon, digest = text.strip().rpartition(":")
    algorithm = algorithm.strip().casefold().replace("-", "")
    found = next(parse_checksums(digest.strip(), algorithm), None)
    if found is None or found.name or (colon and found.algorithm != algorithm):
        raise ValueError(
            _("“{text}” is not a checksum. It is given as sha256: and 64 digits.").format(
                text=shown(text)
            )
        )
    if found.algorithm not in ALGORITHMS:
        raise ValueError(
            _("There is no checksum called “{name}” here. There are: {names}.").format(
                name=shown(found.algorithm), names=", ".join(ALGORITHMS)
            )
        )
    return found.algorithm, found.digest


def file_algorithms(expected: Iterable[Expected]) -> tuple[str, ...]:
    """Give the digests that have to be computed of the file as it lies there."""
    return _algorithms(expected, Where.FILE)


def content_algorithms(expected: Iterable[Expected]) -> tuple[str, ...]:
    """Give the digests that have to be computed of the content."""
    return _algorithms(expected, Where.CONTENT)


def wrong(
    expected: Iterable[Expected], *, file: Mapping[str, str], content: Mapping[str, str]
) -> tuple[Expected, ...]:
    """Give which checksums the image does not have. ``file``, ``content``: digests by algorithm.

    One that wasn't computed is wrong too.
    """
    return tuple(
        one
        for one in expected
        if not (
            (one.where is not Where.CONTENT and file.get(one.algorithm) == one.digest)
            or (one.where is not Where.FILE and content.get(one.algorithm) == one.digest)
        )
    )


def _where(published: Published, name: str) -> Where:
    """A bare digest in x.img.sha256 may be of x.img or of x.img.xz."""
    named = published.checksum.name or published.source.name.casefold().startswith(
        f"{name.casefold()}."
    )
    return Where.FILE if named else Where.EITHER


def _expected(published: Published, where: Where) -> Expected:
    checksum = published.checksum
    return Expected(checksum.algorithm, checksum.digest, where, shown(published.source.name))


def _strongest(found: Iterable[Expected]) -> tuple[Expected, ...]:
    usable = [one for one in found if one.algorithm in ALGORITHMS]
    kept: dict[tuple[str, str, Where], Expected] = {}
    for where in Where:
        best = min(
            (_STRENGTH.index(one.algorithm) for one in usable if one.where is where), default=None
        )
        for one in usable:
            if one.where is where and _STRENGTH.index(one.algorithm) == best:
                kept.setdefault((one.algorithm, one.digest, where), one)
    return tuple(kept.values())


def _algorithms(expected: Iterable[Expected], where: Where) -> tuple[str, ...]:
    wanted = [one.algorithm for one in expected if one.where in {where, Where.EITHER}]
    return tuple(dict.fromkeys(wanted))
