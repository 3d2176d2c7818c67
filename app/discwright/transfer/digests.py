# SPDX-License-Identifier: GPL-3.0-or-later
"""Checksums of what passes by, several at once."""

import hashlib
import importlib
import importlib.util
import zlib
from collections.abc import Callable, Iterable
from typing import Protocol

from discwright.wording import _, shown

_PLAIN = ("sha256", "md5", "sha1", "sha512", "crc32", "blake2b")

ALGORITHMS: tuple[str, ...] = (
    *_PLAIN,
    *(("blake3",) if importlib.util.find_spec("blake3") else ()),
)
"""The names offered here: blake3 only if its package is installed."""


class Digest(Protocol):
    """One running checksum."""

    def update(self, data: memoryview, /) -> None:
        """Take the next bytes."""

    def hexdigest(self) -> str:
        """Give the checksum of all bytes so far, in lower case."""


class Crc32:
    """CRC-32 (ISO-HDLC, as in zip files and DAT catalogues); eight hexadecimal digits."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: memoryview, /) -> None:
        """Take the next bytes."""
        self._value = zlib.crc32(data, self._value)

    def hexdigest(self) -> str:
        """Give the checksum of all bytes so far."""
        return f"{self._value:08x}"


def new_digest(name: str) -> Digest:
    """Begin a checksum; raises :class:`ValueError` with a sentence for an unknown name."""
    if name not in ALGORITHMS:
        raise ValueError(
            _("There is no checksum called “{name}” here. There are: {names}.").format(
                name=shown(name), names=", ".join(ALGORITHMS)
            )
        )
    if name == "crc32":
        return Crc32()
    if name == "blake2b":  # hashlib's own: OpenSSL's is no faster and not in every build
        return hashlib.blake2b()
    if name == "blake3":
        made: Digest = importlib.import_module("blake3").blake3()
        return made
    return hashlib.new(name, usedforsecurity=False)


class DigestSet:
    """Several checksums of the same bytes; the order of names is kept, doubles are dropped.

    Raises :class:`ValueError` with a sentence for an unknown name.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._digests = {name: new_digest(name) for name in dict.fromkeys(names)}

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in the order asked for."""
        return tuple(self._digests)

    def update(self, data: memoryview) -> None:
        """Take the next bytes, one checksum after the other, in the calling thread."""
        for digest in self._digests.values():
            digest.update(data)

    def consumers(self) -> tuple[Callable[[memoryview], None], ...]:
        """Give what takes the bytes, one for each checksum, each for a thread of its own."""
        return tuple(digest.update for digest in self._digests.values())

    def hexdigests(self) -> dict[str, str]:
        """Give the checksums by name, in the order asked for."""
        return {name: digest.hexdigest() for name, digest in self._digests.items()}
