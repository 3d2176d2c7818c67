# SPDX-License-Identifier: GPL-3.0-or-later
"""The error detection code of CD sectors, for many sectors at once. Pure.

The EDC is a CRC of 32 bits (ECMA-130 14.3), which is linear: words of four bytes are added
(exclusive or) after each was multiplied by the power of x of its place. With one table lookup for
all sectors and places that share a power, bytes.translate() does in C what would else be a loop
over each byte: some hundred MB/s, where a drive gives ten.
"""

from collections.abc import Sequence
from functools import cache

_POLYNOMIAL = 0xD8018001
"""(x^16 + x^15 + x^2 + 1)(x^16 + x^2 + x + 1), lowest power last (ECMA-130 14.3)."""

_WORD = 4
_FOLDS = {520: (2, 2, 2, 5, 13), 600: (2, 2, 2, 5, 5, 3)}
"""How many words (zeros at the end included) are folded into one, step by step."""

_Planes = tuple[bytes, bytes, bytes, bytes]
"""The first bytes of all words, the second, the third and the fourth."""


def are_right(parts: Sequence[bytes | memoryview]) -> list[bool]:
    """Tell of each part, all of one length, whether the EDC in its last four bytes is right.

    Zeros behind a multiple of the polynomial leave it one, so that parts are made up to a length
    that can be folded.
    """
    if not parts:
        return []
    words = next(n for n in sorted(_FOLDS) if n * _WORD >= len(parts[0]))
    filling = bytes(words * _WORD - len(parts[0]))
    whole = filling.join(parts) + filling
    planes: _Planes = (whole[0::4], whole[1::4], whole[2::4], whole[3::4])
    step = 1
    for fold in _FOLDS[words]:
        planes = _folded(planes, fold, step)
        step *= fold
    return [not any(rest) for rest in zip(*planes, strict=True)]


def _folded(planes: _Planes, fold: int, step: int) -> _Planes:
    """Make one word of each ``fold`` that follow each other, which are ``step`` words apart."""
    size = len(planes[0]) // fold
    sums = [0, 0, 0, 0]
    for place in range(fold):
        picked = [plane[place::fold] for plane in planes]
        power = (fold - 1 - place) * step
        for out in range(4):
            if not power:
                sums[out] ^= int.from_bytes(picked[out], "little")
                continue
            for into in range(4):
                moved = picked[into].translate(_tables(power)[into][out])
                sums[out] ^= int.from_bytes(moved, "little")
    one, two, three, four = (total.to_bytes(size, "little") for total in sums)
    return one, two, three, four


@cache
def _tables(words: int) -> tuple[tuple[bytes, ...], ...]:
    """Give what each byte of a word becomes, so many words further: by its place and theirs."""
    columns = _columns(words)
    tables = []
    for place in range(4):
        values = []
        for byte in range(256):
            value = 0
            for bit in range(8):
                if byte >> bit & 1:
                    value ^= columns[8 * place + bit]
            values.append(value)
        tables.append(tuple(bytes(v >> 8 * out & 0xFF for v in values) for out in range(4)))
    return tuple(tables)


@cache
def _columns(words: int) -> tuple[int, ...]:
    """Give what each single bit of a word becomes, so many words further."""
    if words == 1:
        return tuple(_after_a_word(1 << bit) for bit in range(32))
    half = _columns(words // 2)
    whole = tuple(_applied(half, column) for column in half)
    return tuple(_applied(_columns(1), column) for column in whole) if words % 2 else whole


def _applied(columns: tuple[int, ...], value: int) -> int:
    result = 0
    for bit in range(32):
        if value >> bit & 1:
            result ^= columns[bit]
    return result


def _after_a_word(value: int) -> int:
    for _bit in range(32):
        value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
    return value
