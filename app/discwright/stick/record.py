# SPDX-License-Identifier: GPL-3.0-or-later
"""What the image is, taken down while it passes: enough to prove any part of it later.

Of each piece 128 bits of XXH3 are kept: that a stick gives something else back which has the same
is as likely as guessing a key. It isn't cryptographic, which isn't needed against a stick; against
a forged image the published checksum is, see :mod:`discwright.stick.verdict`. It takes 20 GB
in a second where a CRC-32 takes 4, so neither the fastest stick nor the unpacking waits for it.
"""

import xxhash

from discwright.stick.feed import Piece

HEAD = 1 << 20
"""Bytes at the start of a stick that are written last: boot code, partition tables, and the
superblocks of ISO 9660, UDF, FAT, ext, Btrfs and others all lie in them."""


class Record:
    """The pieces of an image, each provable. Made in one thread, read by many once complete."""

    def __init__(self) -> None:
        self._places: list[tuple[int, int]] = []
        self._mapped: list[int] = []
        self._checks: list[int] = []
        self.head = bytearray(HEAD)
        """The image's first bytes; zeros where it is shorter or uses none."""
        self.size = 0
        """Bytes up to the end of the last piece."""
        self.gaps = False
        """Some of the image was passed over, so there is no digest of the whole."""

    def add(self, piece: Piece) -> None:
        """Take down the next piece."""
        self.gaps = self.gaps or piece.offset != self.size
        self._checks.append(xxhash.xxh3_128_intdigest(piece.data))
        if piece.mapped:
            self._mapped.append(len(self._places))
            if piece.offset < HEAD:
                part = piece.data[: HEAD - piece.offset]
                self.head[piece.offset : piece.offset + len(part)] = part
        self._places.append((piece.offset, piece.length))
        self.size = piece.end

    @property
    def mapped(self) -> tuple[int, ...]:
        """The numbers of the pieces that are on the stick."""
        return tuple(self._mapped)

    @property
    def mapped_bytes(self) -> int:
        """Bytes in them."""
        return sum(self._places[number][1] for number in self._mapped)

    @property
    def longest(self) -> int:
        """Bytes of the longest piece."""
        return max((length for _offset, length in self._places), default=0)

    def place(self, number: int) -> tuple[int, int]:
        """Give offset and length of a piece."""
        return self._places[number]

    def proves(self, number: int, data: memoryview) -> bool:
        """Tell whether these bytes are those of the piece."""
        return xxhash.xxh3_128_intdigest(data) == self._checks[number]
