# SPDX-License-Identifier: GPL-3.0-or-later
"""Raw 2352-byte CD sectors: sync, header, subheader, EDC and ECC (ECMA-130 14, annex A)."""

from operator import itemgetter

from .codes import msf

RAW = 2352
SYNC = b"\x00" + b"\xff" * 10 + b"\x00"
FORM1_SUBHEADER = b"\x00\x00\x08\x00" * 2
FORM2_SUBHEADER = b"\x00\x00\x20\x00" * 2
_FORM2_BIT = 0x20


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xD8018001 if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


_CRC = _crc_table()
_TIMES_2 = bytes((i << 1 ^ (0x11D if i & 0x80 else 0)) & 0xFF for i in range(256))


def _divide_by_3() -> bytes:
    inverse = [0] * 256
    for value in range(256):
        inverse[value ^ _TIMES_2[value]] = value
    return bytes(inverse)


_OVER_3 = _divide_by_3()


def edc(data: bytes) -> bytes:
    """Give the four EDC bytes of ``data`` (ECMA-130 14.3)."""
    crc = 0
    for byte in data:
        crc = crc >> 8 ^ _CRC[(crc ^ byte) & 0xFF]
    return crc.to_bytes(4, "little")


def _row_gatherers(rows: int, columns: int, row_step: int, column_step: int, size: int) -> list:
    """For each row, what picks that row's byte of every column out of the block."""
    gatherers = []
    for row in range(rows):
        indexes = []
        for column in range(columns):
            start = (column >> 1) * row_step + (column & 1)
            indexes.append((start + row * column_step) % size)
        gatherers.append(itemgetter(*indexes))
    return gatherers


_P_ROWS = _row_gatherers(24, 86, 2, 86, 2064)
_Q_ROWS = _row_gatherers(43, 52, 86, 88, 2236)


def _xor(one: bytes, other: bytes) -> bytes:
    size = len(one)
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).to_bytes(size, "big")


def _parity(block: bytes, rows: list) -> bytes:
    first = bytes(len(rows[0](block)))
    second = first
    for gather in rows:
        row = bytes(gather(block))
        first = _xor(first, row).translate(_TIMES_2)
        second = _xor(second, row)
    first = _xor(first.translate(_TIMES_2), second).translate(_OVER_3)
    return first + _xor(first, second)


def _ecc(header: bytes, body: bytes) -> bytes:
    p = _parity(header + body, _P_ROWS)
    q = _parity(header + body + p, _Q_ROWS)
    return p + q


def _header(lba: int, mode: int) -> bytes:
    return bytes(int(f"{number:02d}", 16) for number in msf(lba)) + bytes((mode,))


def mode1(lba: int, data: bytes, *, correction: bool = True) -> bytes:
    """Give the raw sector of 2048 bytes of Mode 1 data; without ``correction`` ECC is zero."""
    start = SYNC + _header(lba, 1) + data
    start += edc(start) + bytes(8)
    return start + (_ecc(start[12:16], start[16:]) if correction else bytes(276))


def mode2_form1(lba: int, data: bytes, *, correction: bool = True) -> bytes:
    """Give the raw sector of 2048 bytes of Mode 2 Form 1 data."""
    body = FORM1_SUBHEADER + data
    body += edc(body)
    end = _ecc(bytes(4), body) if correction else bytes(276)
    return SYNC + _header(lba, 2) + body + end


def mode2_form2(lba: int, data: bytes) -> bytes:
    """Give the raw sector of 2324 bytes of Mode 2 Form 2 data."""
    body = FORM2_SUBHEADER + data
    return SYNC + _header(lba, 2) + body + edc(body)


def formless(lba: int, data: bytes | memoryview) -> bytes:
    """Give the raw sector of 2336 bytes of Mode 2 without form."""
    return SYNC + _header(lba, 2) + data


def mode2(lba: int, body: bytes | memoryview, *, form2_edc: bool = False) -> bytes:
    """Give the raw sector of 2336 bytes of Mode 2, from the subheader on.

    EDC and ECC of Form 1 are made anew, those that come are ignored; that of Form 2 stays, unless
    ``form2_edc``.
    """
    head = SYNC + _header(lba, 2)
    if not body[2] & _FORM2_BIT:
        kept = bytes(body[:2056])
        kept += edc(kept)
        return head + kept + _ecc(bytes(4), kept)
    kept = bytes(body[:2332])
    return head + kept + (edc(kept) if form2_edc else bytes(body[2332:]))


def is_form2(sector: bytes | memoryview) -> bool:
    """Whether a raw Mode 2 sector is of Form 2 (bit 5 of the submode)."""
    return bool(sector[18] & _FORM2_BIT)
