# SPDX-License-Identifier: GPL-3.0-or-later
"""CD-TEXT: titles and names in the lead-in of a music CD (MMC-6 annex J). Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from discwright.image.layout import TEXT_NAMES
from discwright.optical.subchannel import crc_of

_PACK = 18
_FIRST = 0x80
_SIZES = 0x8F
_LATIN_1, _ASCII = 0x00, 0x01
_TWO_BYTES = 0x80
_MOST_BYTES = 1 << 16


@dataclass
class CdText:
    """The words of a disc in its first language, by the names of a cue sheet."""

    disc: dict[str, str] = field(default_factory=dict)
    tracks: dict[int, dict[str, str]] = field(default_factory=dict)
    unread: bool = False
    """Whether there is text that can't be read: damaged, or in letters that are not known here."""


def parse_cd_text(data: bytes) -> CdText:
    """Read the answer of READ TOC format 5; what isn't whole is left out, and told of.

    Only the first block (language) counts, and Latin letters (ISO 8859-1, ASCII).
    """
    found = CdText(unread=length_of(data) > len(data))
    texts: dict[int, bytearray] = {}
    first_tracks: dict[int, int] = {}
    last: dict[int, int] = {}
    code = _LATIN_1
    for pack in _packs(data):
        kind, track, number, block = pack[0], pack[1] & 0x7F, pack[2], pack[3]
        if block >> 4 & 7:
            continue
        if not _is_whole(pack) or (kind in last and number != last[kind] + 1):
            found.unread = True
            texts.pop(kind, None)
            last[kind] = 0xFFFF
            continue
        if last.get(kind) == 0xFFFF:
            continue
        if kind == _SIZES:
            code = pack[4] if track == 0 else code
            continue
        if kind not in range(_FIRST, _FIRST + len(TEXT_NAMES)):
            continue
        if block & _TWO_BYTES:
            found.unread = True
            continue
        last[kind] = number
        first_tracks.setdefault(kind, track)
        texts.setdefault(kind, bytearray()).extend(pack[4:16])
    if code not in {_LATIN_1, _ASCII}:
        return CdText(unread=bool(texts))
    for kind, text in texts.items():
        _share_out(found, TEXT_NAMES[kind - _FIRST], first_tracks[kind], bytes(text))
    return found


def length_of(data: bytes) -> int:
    """Give how long the answer would be, were there room for all of it (MMC-6 6.25.3)."""
    return 2 + int.from_bytes(data[:2], "big") if len(data) >= 4 else 0


def _packs(data: bytes) -> Iterator[bytes]:
    if len(data) < 4:
        return
    end = min(len(data), length_of(data), _MOST_BYTES)
    for at in range(4, end - _PACK + 1, _PACK):
        yield data[at : at + _PACK]


def _share_out(found: CdText, name: str, track: int, text: bytes) -> None:
    """Give each track its own of the texts that follow each other; a tab repeats the one before."""
    before = ""
    for number, part in enumerate(text.split(b"\0")[:-1], start=track):
        word = before if part == b"\t" else part.decode("latin-1").strip()
        before = word
        if word and number <= 99:
            words = found.tracks.setdefault(number, {}) if number else found.disc
            words[name] = word


def _is_whole(pack: bytes) -> bool:
    """Check the CRC of a pack, as of Q; drives that leave it out give zeros."""
    told = int.from_bytes(pack[16:18], "big")
    return told in {0, crc_of(pack[:16])}
