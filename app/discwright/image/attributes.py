# SPDX-License-Identifier: GPL-3.0-or-later
"""What file systems say of a file beside its content: when, who may, where a link leads. Pure.

All of it is the disc's own word: a date may be impossible, a link may lead anywhere.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from discwright.image.text import cs0, udf_time
from discwright.image.tree import PLAIN, Attributes, What

_MOST_LINK = 4096
"""Bytes that a link's target may have (PATH_MAX of Linux)."""

_CURRENT, _PARENT, _ROOT = 0x02, 0x04, 0x08
_SPECIAL = frozenset({0o010000, 0o020000, 0o060000, 0o140000})
"""Pipes, character and block devices, sockets (POSIX file modes, RRIP 4.1.1)."""

_UDF_KINDS = {6: What.DEVICE, 7: What.DEVICE, 9: What.DEVICE, 10: What.DEVICE, 12: What.LINK}
"""ECMA-167 4/14.6.6."""


def iso_attributes(record: bytes, use: Iterable[tuple[bytes, bytes]]) -> Attributes:
    """Read a directory record (ECMA-119 9.1) and its system use fields (RRIP 4.1)."""
    what, mode, modified = What.FILE, None, iso_date(record[18:25])
    link: list[tuple[bytes, bytes]] = []
    for kind, body in use:
        if kind == b"PX" and len(body) >= 4:
            bits = int.from_bytes(body[:4], "little")
            mode, form = bits & 0o777, bits & 0o170000
            what = What.DEVICE if form in _SPECIAL else what
        elif kind == b"TF":
            stamp = _modified(body)
            modified = modified if stamp is None else stamp
        elif kind == b"SL":
            link.append((kind, body))
        elif kind == b"ZF":
            what = What.PACKED
    if link:
        return Attributes(What.LINK, modified, mode, _rock_ridge_link(body for _k, body in link))
    return Attributes(what, modified, mode)


def udf_attributes(entry: bytes | None) -> Attributes:
    """Read a file entry or an extended one (ECMA-167 4/14.9, 4/14.17)."""
    if entry is None or len(entry) < 176:
        return PLAIN
    extended = int.from_bytes(entry[:2], "little") == 266
    at = 92 if extended else 84
    bits = int.from_bytes(entry[44:48], "little")
    mode = 0
    for shift, part in ((0, 0), (5, 3), (10, 6)):  # other, group, owner: execute, write, read
        mode |= (bits >> shift & 0o7) << part
    what = _UDF_KINDS.get(entry[27], What.FILE)
    return replace(PLAIN, what=what, modified=_seconds(udf_time(entry[at : at + 12])), mode=mode)


def udf_link(content: bytes) -> str:
    """Read the path components of a symbolic link (ECMA-167 4/14.16)."""
    parts: list[str] = []
    at = 0
    while at + 4 <= min(len(content), _MOST_LINK):
        kind, length = content[at], content[at + 1]
        name = cs0(content[at + 4 : at + 4 + length])
        at += 4 + length
        parts.append({1: "", 2: "", 3: "..", 4: "."}.get(kind, name))
    return "/".join(parts) if parts != [""] else "/"


def iso_date(field: bytes) -> float | None:
    """Read the 7 bytes of a record's date (ECMA-119 9.1.5) as seconds since 1970."""
    if len(field) != 7:
        return None
    quarters = int.from_bytes(field[6:7], "little", signed=True)
    zone = timezone(timedelta(minutes=15 * quarters)) if -56 <= quarters <= 56 else UTC
    try:
        return datetime(1900 + field[0], *field[1:6], tzinfo=zone).timestamp()  # type: ignore[misc]
    except ValueError:
        return None


def _modified(body: bytes) -> float | None:
    """Give the time of modification of a TF field (RRIP 4.1.6); stamps stand in a fixed order."""
    if not body or not body[0] & 0x02:
        return None
    width = 17 if body[0] & 0x80 else 7
    at = 1 + width * (body[0] & 0x01)
    stamp = body[at : at + width]
    if width == 7:
        return iso_date(stamp)
    try:
        digits = stamp[:14].decode("ascii")
        zone = timezone(timedelta(minutes=15 * int.from_bytes(stamp[16:17], "little", signed=True)))
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=zone).timestamp()
    except ValueError:
        return None


def _rock_ridge_link(bodies: Iterable[bytes]) -> str:
    """Join the component records of a link's fields (RRIP 4.1.3)."""
    parts: list[bytes] = []
    goes_on = False
    for body in bodies:
        at = 1
        while at + 2 <= len(body):
            flags, length = body[at], body[at + 1]
            name = body[at + 2 : at + 2 + length]
            at += 2 + length
            if flags & _ROOT:
                name = b""
            elif flags & _PARENT:
                name = b".."
            elif flags & _CURRENT:
                name = b"."
            if goes_on and parts:
                parts[-1] += name
            else:
                parts.append(name)
            goes_on = bool(flags & 0x01)
    joined = b"/".join(parts) if parts != [b""] else b"/"
    return joined[: _MOST_LINK + 1].decode("utf-8", "surrogateescape")


def _seconds(text: str) -> float | None:
    if not text:
        return None
    when = datetime.fromisoformat(text)
    return (when if when.tzinfo is not None else when.replace(tzinfo=UTC)).timestamp()
