# SPDX-License-Identifier: GPL-3.0-or-later
"""What the image is, taken down while it passes: enough to prove any part of it later.

One pass of SHA-256 serves two ends. The state of the running digest is kept at each end of a
piece: begun again from the state before a piece and fed with what was read back, it must arrive
at the state after it. So each piece can be proved on its own, and no byte is hashed twice.
"""

import hashlib
from collections.abc import Callable
from typing import Protocol

from discwright.stick.feed import Piece

HEAD = 1 << 20
"""Bytes at the start of a stick that are written last: boot code, partition tables, and the
superblocks of ISO 9660, UDF, FAT, ext, Btrfs and others all lie in them."""


class _State(Protocol):
    def copy(self) -> "_State": ...
    def update(self, data: memoryview, /) -> None: ...
    def digest(self) -> bytes: ...
    def hexdigest(self) -> str: ...


class Record:
    """The pieces of an image, each provable. Made in one thread, read by many once complete."""

    def __init__(self) -> None:
        self._state: _State = hashlib.sha256()
        self._places: list[tuple[int, int]] = []
        self._mapped: list[int] = []
        self._states: list[_State] = []
        self.head = bytearray(HEAD)
        """The image's first bytes; zeros where it is shorter or uses none."""
        self.size = 0
        """Bytes up to the end of the last piece."""
        self.gaps = False
        """Some of the image was passed over, so there is no digest of the whole."""

    def add(self, piece: Piece) -> None:
        """Take down the next piece."""
        self.gaps = self.gaps or piece.offset != self.size
        self._states.append(self._state.copy())
        if piece.mapped:
            self._mapped.append(len(self._places))
            if piece.offset < HEAD:
                part = piece.data[: HEAD - piece.offset]
                self.head[piece.offset : piece.offset + len(part)] = part
        self._places.append((piece.offset, piece.length))
        self._state.update(piece.data)
        self.size = piece.end

    @property
    def sha256(self) -> str:
        """The digest of everything that passed."""
        return self._state.hexdigest()

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
        state = self._states[number].copy()
        state.update(data)
        after = self._states[number + 1] if number + 1 < len(self._states) else self._state
        return state.digest() == after.digest()


Take = Callable[[Piece], None]
