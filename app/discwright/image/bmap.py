# SPDX-License-Identifier: GPL-3.0-or-later
"""Block maps (.bmap, as bmaptool makes them): which parts of an image are in use.

The other parts were holes when the map was made: nothing was ever stored there.
"""

import hashlib
import re
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import defusedxml
from defusedxml.ElementTree import ParseError, fromstring

from discwright.errors import SourceError
from discwright.image.compression_method import name_inside
from discwright.wording import _, shown, size

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SUFFIX = ".bmap"
_MOST_BYTES = 16 << 20
_MOST_RANGES = 500_000
_BLOCK_SIZES = frozenset(1 << power for power in range(9, 25))
_ALGORITHMS = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512"})
_NUMBER = re.compile(r"[0-9]{1,18}")
_RANGE = re.compile(r"([0-9]{1,18})(?: *- *([0-9]{1,18}))?")
_VERSION = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})")


@dataclass(frozen=True)
class MappedRange:
    """Bytes of an image that are in use."""

    offset: int
    length: int
    digest: str = ""
    """Hexadecimal, lower case; "" if the map has none."""

    @property
    def end(self) -> int:
        """The first byte behind it."""
        return self.offset + self.length


@dataclass(frozen=True)
class Bmap:
    """A block map: its ranges are in ascending order, apart, and within the image."""

    path: Path
    image_size: int
    """Bytes of the image that it was made of."""
    block_size: int
    """Bytes; ranges begin at multiples of it, and end there or at the end of the image."""
    ranges: tuple[MappedRange, ...]
    algorithm: str = ""
    """Of the checksums of the ranges; "" before format 1.3, which had none."""

    @property
    def mapped_size(self) -> int:
        """Bytes in use."""
        return sum(run.length for run in self.ranges)

    def mapped(self, offset: int, length: int) -> tuple[tuple[int, int], ...]:
        """Give which parts (offset, length) of these bytes of the image are in use."""
        end = offset + length
        parts = []
        number = self.index(offset)
        while number < len(self.ranges) and (run := self.ranges[number]).offset < end:
            start = max(offset, run.offset)
            parts.append((start, min(end, run.end) - start))
            number += 1
        return tuple(parts)

    def index(self, offset: int) -> int:
        """Give the number of the first range that ends behind this byte."""
        return bisect_right(self.ranges, offset, key=lambda run: run.end)


def find_bmap(image: Path) -> Path | None:
    """Look beside an image for its map: x.img.xz.bmap, x.img.bmap, x.bmap."""
    inside = name_inside(image.name)
    for name in dict.fromkeys((image.name, inside, Path(inside).stem)):
        path = image.with_name(name + SUFFIX)
        if path.is_file():
            return path
    return None


def read_bmap(path: Path) -> Bmap:
    """Read a block map of format 1.0 to 2.x; raises SourceError if anything in it is not in order.

    Its own checksum is verified where the format has one (from 1.3 on).
    """
    raw = _read(path)
    try:
        root = fromstring(raw, forbid_dtd=True)
        return _Reading(path, raw, root).bmap()
    except (ParseError, defusedxml.DefusedXmlException, LookupError, RecursionError) as error:
        raise _bad(path, f"{type(error).__name__}: {error}") from error
    except ValueError as error:
        raise _bad(path, str(error)) from error


class RangeCheck:
    """Verifies the checksums of the ranges as the content goes by.

    Content may be left out between the ranges, but not in them.
    """

    def __init__(self, bmap: Bmap) -> None:
        self._bmap = bmap
        self._index = 0
        self._at = 0
        self._digest = self._new()

    def take(self, offset: int, data: memoryview) -> None:
        """Take the content from byte ``offset`` of the image on, behind all that was taken.

        Raises SourceError as soon as a range is whole and differs from its checksum.
        """
        for start, length in self._bmap.mapped(offset, len(data)):
            run = self._bmap.ranges[self._index]
            if start != max(run.offset, self._at):
                raise ValueError(f"Byte {self._at} should come, not {start}")
            if self._digest is not None:
                self._digest.update(data[start - offset : start - offset + length])
            self._at = start + length
            if self._at == run.end:
                self._compare(run)
                self._index += 1
                self._digest = self._new()

    def finish(self, image_size: int | None = None) -> None:
        """Raise SourceError unless all ranges came by. ``image_size``: of the whole content."""
        if image_size is not None and image_size != self._bmap.image_size:
            raise wrong_image(self._bmap, image_size)
        if self._index < len(self._bmap.ranges):
            raise wrong_image(self._bmap, self._at)

    def _compare(self, run: MappedRange) -> None:
        if self._digest is None or not run.digest:
            return
        found = self._digest.hexdigest()
        if found != run.digest:
            raise SourceError(
                _(
                    "The image is not the one that {map} was made of: from byte {offset} on, {size}"
                    " differ."
                ).format(map=shown(self._bmap.path.name), offset=run.offset, size=size(run.length)),
                remedy=_("Download the image again, together with its map."),
                cause=f"{self._bmap.algorithm} {found}, in the map {run.digest}",
            )

    def _new(self) -> "hashlib._Hash | None":
        if not self._bmap.algorithm:
            return None
        return hashlib.new(self._bmap.algorithm, usedforsecurity=False)


def wrong_image(bmap: Bmap, image_size: int) -> SourceError:
    """Give the error for an image that isn't as long (bytes) as the map says."""
    return SourceError(
        _("The image is {found} long, but by {map} it should be {wanted}.").format(
            found=size(image_size),
            map=shown(bmap.path.name),
            wanted=size(bmap.image_size),
        ),
        remedy=_("Download the image again, together with its map."),
        cause=f"{image_size} bytes, in the map {bmap.image_size}",
    )


class _Reading:
    """One map being understood; raises ValueError with the technical cause."""

    def __init__(self, path: Path, raw: bytes, root: "Element") -> None:
        self._path = path
        self._raw = raw
        self._root = root
        self._algorithm = ""
        self._sum_field = ""
        self._sum_attribute = ""

    def bmap(self) -> Bmap:
        if self._root.tag != "bmap":
            raise ValueError("The outermost element is not <bmap>")
        self._read_version()
        if self._algorithm:
            self._verify_own_checksum()
        image_size = self._number("ImageSize")
        block_size = self._number("BlockSize")
        blocks = self._number("BlocksCount")
        if block_size not in _BLOCK_SIZES:
            raise ValueError(f"Blocks of {block_size} bytes")
        if blocks != -(-image_size // block_size):
            raise ValueError(f"{image_size} bytes are not {blocks} blocks of {block_size}")
        ranges = self._ranges(image_size, block_size)
        mapped = sum(-(-run.length // block_size) for run in ranges)
        if mapped != self._number("MappedBlocksCount"):
            raise ValueError(f"The ranges have {mapped} blocks, MappedBlocksCount says otherwise")
        if not ranges:
            raise ValueError("No block of the image is in use")
        return Bmap(self._path, image_size, block_size, ranges, self._algorithm)

    def _read_version(self) -> None:
        text = self._root.get("version", "")
        match = _VERSION.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"The version is {text[:20]!r}")
        version = int(match[1]), int(match[2])
        if not (1, 0) <= version < (3, 0):
            raise ValueError(f"Version {text} is not known here")
        if version < (1, 3):
            return
        if version == (1, 3):
            self._algorithm, self._sum_field = "sha1", "BmapFileSHA1"
            self._sum_attribute = "sha1"
            return
        # 1.4 was 2.0 under a wrong number.
        self._algorithm = self._text("ChecksumType").lower()
        self._sum_field, self._sum_attribute = "BmapFileChecksum", "chksum"
        if self._algorithm not in _ALGORITHMS:
            raise ValueError(f"Checksums of the type {self._algorithm[:20]!r}")

    def _verify_own_checksum(self) -> None:
        """The checksum is over the file with the checksum itself as zeros."""
        said = self._text(self._sum_field)
        place = self._raw.find(said.encode("ascii", "replace"))
        digest = hashlib.new(self._algorithm, usedforsecurity=False)
        if len(said) != digest.digest_size * 2 or place < 0:
            raise ValueError("Its own checksum has not the length that it should have")
        digest.update(self._raw[:place])
        digest.update(b"0" * len(said))
        digest.update(self._raw[place + len(said) :])
        if digest.hexdigest() != said.lower():
            raise ValueError(f"Its own checksum is {digest.hexdigest()}, not {said.lower()}")

    def _ranges(self, image_size: int, block_size: int) -> tuple[MappedRange, ...]:
        block_map = self._root.find("BlockMap")
        elements = [] if block_map is None else block_map.findall("Range")
        if len(elements) > _MOST_RANGES:
            raise ValueError(f"{len(elements)} ranges")
        found: list[MappedRange] = []
        end = 0
        for element in elements:
            match = _RANGE.fullmatch((element.text or "").strip())
            if match is None:
                raise ValueError(f"A range is {(element.text or '')[:40]!r}")
            first, last = int(match[1]), int(match[2] or match[1])
            offset = first * block_size
            if last < first or offset < end or last * block_size >= image_size:
                raise ValueError(f"The range {first}-{last} is out of place")
            end = min((last + 1) * block_size, image_size)
            found.append(MappedRange(offset, end - offset, self._digest_of(element)))
        return tuple(found)

    def _digest_of(self, element: "Element") -> str:
        digest = element.get(self._sum_attribute, "").strip().lower() if self._algorithm else ""
        length = hashlib.new(self._algorithm, usedforsecurity=False).digest_size if digest else 0
        if digest and not re.fullmatch(f"[0-9a-f]{{{length * 2}}}", digest):
            raise ValueError(f"The checksum of a range is {digest[:40]!r}")
        return digest

    def _number(self, name: str) -> int:
        text = self._text(name)
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"{name} is {text[:20]!r}")
        return int(text)

    def _text(self, name: str) -> str:
        element = self._root.find(name)
        text = "" if element is None else (element.text or "").strip()
        if not text:
            raise ValueError(f"There is no {name}")
        return text


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _bad(path, f"It is larger than {_MOST_BYTES} bytes")
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)
    except OSError as error:
        raise SourceError(
            _("The file {name} can't be opened: {why}.").format(
                name=shown(path.name), why=error.strerror or str(error)
            ),
            cause=str(error),
        ) from error


def _bad(path: Path, cause: str) -> SourceError:
    return SourceError(
        _("The block map {name} is not in order.").format(name=shown(path.name)),
        remedy=_("Download it again, or move it away: then the whole image is written."),
        cause=cause,
    )
