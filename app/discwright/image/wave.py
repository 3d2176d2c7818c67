# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the music lies in a WAVE file, if it is such as a CD holds."""

from dataclasses import dataclass
from pathlib import Path

_MOST_CHUNKS = 1000
_PCM = 1
_EXTENSIBLE = 0xFFFE
_AS_ON_A_CD = (2, 44_100, 16)
"""Channels, samples a second, bits (IEC 60908)."""


@dataclass(frozen=True)
class Samples:
    """Bytes of a file that are samples, low byte first."""

    offset: int
    length: int


def find_samples(path: Path) -> Samples | None:
    """Give the samples of a WAVE file; None if it isn't one of 44.1 kHz, 16 bits, two channels."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, 2)
            file.seek(0)
            head = file.read(12)
            if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
                return None
            right = False
            for _number in range(_MOST_CHUNKS):
                name, length = file.read(4), int.from_bytes(file.read(4), "little")
                at = file.tell()
                if name == b"data" and right:
                    return Samples(at, min(length, end - at))
                if name == b"fmt ":
                    right = _is_right(file.read(min(length, 16)))
                if not name or at + length > end:
                    return None
                file.seek(at + length + length % 2)
    except OSError:
        return None
    return None


def _is_right(form: bytes) -> bool:
    numbers = (form[0:2], form[2:4], form[4:8], form[14:16])
    coding, *kind = (int.from_bytes(number, "little") for number in numbers)
    return coding in {_PCM, _EXTENSIBLE} and tuple(kind) == _AS_ON_A_CD
