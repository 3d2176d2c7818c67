# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and times as discs write them, made into text that is safe to show."""

from datetime import UTC, datetime, timedelta, timezone

from discwright.wording import shown

_FIRST_YEAR, _LAST_YEAR = 1970, 2155
"""Times outside are a blank or broken field, not a date."""


def iso_text(field: bytes) -> str:
    """Decode an a-/d-characters field (ECMA-119 7.4), as UTF-8 if it is, else as Latin-1.

    The standard allows little more than A-Z; what discs hold is whatever the mastering
    program's user typed.
    """
    field = field.rstrip(b" \0")
    try:
        return shown(field.decode())
    except UnicodeDecodeError:
        return shown(field.decode("latin-1"))


def joliet_text(field: bytes) -> str:
    """Decode a Joliet field: UCS-2 big endian, padded with blanks or NULs."""
    text = field[: len(field) & ~1].decode("utf-16-be", "replace")
    return shown(text.split("\0", 1)[0])


def cs0(data: bytes) -> str:
    """Decode OSTA compressed Unicode (UDF 2.60, 2.1.1): a byte 8 or 16, then characters."""
    if not data:
        return ""
    if data[0] in {8, 254}:
        return data[1:].decode("latin-1")
    if data[0] in {16, 255}:
        return data[1 : 1 + (len(data) - 1 & ~1)].decode("utf-16-be", "replace")
    return ""


def dstring(field: bytes) -> str:
    """Decode a fixed-length UDF dstring (ECMA-167 1/7.2.12): its last byte is the length."""
    used = min(field[-1], len(field) - 1) if field else 0
    return shown(cs0(field[:used]).rstrip("\0 "))


def iso_time(field: bytes) -> str:
    """Give the 17-byte date and time of a volume descriptor (ECMA-119 8.4.26.1) as ISO 8601.

    "" if it is blank or no plausible time. An offset that can't be is left off.
    """
    digits = field[:16]
    if len(field) != 17 or not digits.isdigit():
        return ""
    quarters = int.from_bytes(field[16:17], "little", signed=True)
    parts = [int(digits[0:4]), *(int(digits[at : at + 2]) for at in range(4, 14, 2))]
    return _plausible(parts, quarters * 15 if -56 <= quarters <= 56 else None)


def udf_time(field: bytes) -> str:
    """Give a 12-byte UDF timestamp (ECMA-167 1/7.3) as ISO 8601; "" if it is not plausible."""
    if len(field) != 12:
        return ""
    kind_and_offset = int.from_bytes(field[0:2], "little")
    minutes = kind_and_offset & 0xFFF
    if minutes >= 0x800:
        minutes -= 0x1000
    known = kind_and_offset >> 12 == 1 and -1440 < minutes < 1440
    parts = [int.from_bytes(field[2:4], "little"), *field[4:9]]
    return _plausible(parts, minutes if known else None)


def _plausible(parts: list[int], offset: int | None) -> str:
    year, month, day, hour, minute, second = parts
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return ""
    try:
        when = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return ""
    if offset is None:
        return when.replace(tzinfo=None).isoformat()
    return when.replace(tzinfo=timezone(timedelta(minutes=offset))).isoformat()
