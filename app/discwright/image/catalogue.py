# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalogues of known discs in Logiqx form (DAT files, as redump and others publish them).

Each ``game`` is a disc; its ``rom`` elements are the files of its image: one ISO, or a file for
each track and the sheet that describes them. Such files come from strangers: they are read with
no entities and no network, and only what could be the image in question is kept.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import defusedxml
from defusedxml.ElementTree import ParseError, iterparse

from discwright.errors import SourceError
from discwright.wording import _, shown, size

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MOST_BYTES = 256 << 20
_MOST_TEXT = 512
_MOST_ROMS = 999
"""A disc has at most 99 tracks; a catalogue of something else may be read all the same."""
_DIGITS = {"crc": ("crc32", 8), "md5": ("md5", 32), "sha1": ("sha1", 40), "sha256": ("sha256", 64)}
_HEX = re.compile(r"[0-9a-f]*")
_SHEETS = frozenset({".cue", ".toc", ".gdi", ".ccd"})


@dataclass(frozen=True)
class Rom:
    """A file of a disc's image."""

    name: str
    """As written there: neither checked nor safe to show."""
    size: int
    """Bytes."""
    digests: tuple[tuple[str, str], ...]
    """Algorithm and hexadecimal digits in lower case."""

    @property
    def is_sheet(self) -> bool:
        """Whether it only describes the others: the names in it make its checksum another."""
        return Path(self.name.replace("\\", "/")).suffix.casefold() in _SHEETS


@dataclass(frozen=True)
class Game:
    """A disc of a catalogue."""

    name: str
    roms: tuple[Rom, ...]

    @property
    def content(self) -> tuple[Rom, ...]:
        """The files that hold the disc's sectors."""
        return tuple(rom for rom in self.roms if not rom.is_sheet)


@dataclass(frozen=True)
class Catalogue:
    """What a catalogue says of images of certain sizes."""

    path: Path
    name: str
    games: tuple[Game, ...]
    """Those with a file of one of the sizes that were asked for, or of one of the names."""
    known: int
    """How many discs it has in all."""


def is_catalogue(path: Path) -> bool:
    """Tell by its first bytes whether a file is a catalogue."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError:
        return False
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and b"<datafile" in head


def read_catalogue(path: Path, sizes: Collection[int], names: Collection[str] = ()) -> Catalogue:
    """Read what a catalogue knows of files of these sizes (bytes) or names.

    Raises SourceError if it can't be read or isn't one.
    """
    wanted = {name.casefold() for name in names}
    title, games, known = "", [], 0
    try:
        length = path.stat().st_size
        if length > _MOST_BYTES:
            raise _bad(path, _("It is larger than {most}.").format(most=size(_MOST_BYTES)))
        for _event, element in iterparse(str(path), events=("end",)):
            if element.tag in {"game", "machine"}:
                known += 1
                game = _game(element)
                if any(rom.size in sizes or rom.name.casefold() in wanted for rom in game.content):
                    games.append(game)
                element.clear()
            elif element.tag == "header":
                title = (element.findtext("name") or "").strip()[:_MOST_TEXT]
                element.clear()
    except OSError as error:
        raise SourceError(
            _("{name} can't be read: {why}.").format(name=shown(path.name), why=error.strerror),
            cause=str(error),
        ) from error
    except (ParseError, defusedxml.DefusedXmlException, ValueError, LookupError) as error:
        raise _bad(path, "", str(error)) from error
    return Catalogue(path, title, tuple(games), known)


def _game(element: "Element") -> Game:
    roms = (_rom(rom) for rom in element.findall("rom")[:_MOST_ROMS])
    return Game(element.get("name", "")[:_MOST_TEXT], tuple(rom for rom in roms if rom is not None))


def _rom(element: "Element") -> Rom | None:
    """Give a file with its size and at least one checksum; None for what says less."""
    length = element.get("size", "")
    if not (length.isascii() and length.isdecimal() and len(length) <= 18):
        return None
    digests = []
    for key, (algorithm, digits) in _DIGITS.items():
        digest = element.get(key, "").strip().lower()
        if len(digest) == digits and _HEX.fullmatch(digest):
            digests.append((algorithm, digest))
    if not digests:
        return None
    return Rom(element.get("name", "")[:_MOST_TEXT], int(length), tuple(digests))


def _bad(path: Path, why: str, cause: str = "") -> SourceError:
    message = _("{name} is no catalogue of discs that can be read.").format(name=shown(path.name))
    return SourceError(
        f"{message} {why}".strip(),
        remedy=_("Get it again; it should be an XML file in Logiqx form."),
        cause=cause,
    )
