# SPDX-License-Identifier: GPL-3.0-or-later
"""How a file is compressed: told by its content."""

from enum import StrEnum
from pathlib import Path

from discwright.errors import SourceError
from discwright.image.stream_source import SourceFile
from discwright.wording import _, shown

HEAD = 512
"""Bytes that tell; as many as tell a tar archive."""
_MOST_SKIPPED = 64
_SKIPPABLE = 0x184D2A50  # to ...5F: frames without content (RFC 8878 3.1.2), also before lz4 ones


class Method(StrEnum):
    """How a file is compressed."""

    PLAIN = "plain"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTD = "zstd"
    LZ4 = "lz4"
    ZIP = "zip"


_MAGIC = {
    b"\x1f\x8b\x08": Method.GZIP, b"\xfd7zXZ\0": Method.XZ, b"\x28\xb5\x2f\xfd": Method.ZSTD,
    b"\x04\x22\x4d\x18": Method.LZ4, b"PK\3\4": Method.ZIP, b"PK\5\6": Method.ZIP,
}  # fmt: skip
_BZIP2_STARTS = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")
_FOREIGN = {
    b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "RAR", b"LZIP": "lzip", b"LRZI": "lrzip",
    b"\x1f\x9d": "compress", b"\x02\x21\x4c\x18": "old lz4", b"PK\7\x08": "split zip",
    b"PK00PK": "split zip",
}  # fmt: skip
"""Archives that aren't unpacked here. The old lz4 format has neither an end nor a checksum."""
_SUFFIXES = {
    ".gz": Method.GZIP, ".gzip": Method.GZIP, ".bz2": Method.BZIP2, ".xz": Method.XZ,
    ".zst": Method.ZSTD, ".zstd": Method.ZSTD, ".lz4": Method.LZ4, ".zip": Method.ZIP,
}  # fmt: skip


def method_of_head(head: bytes) -> tuple[Method, str]:
    """Give the method, and the name of the format if it is one that isn't unpacked here."""
    for magic, method in _MAGIC.items():
        if head.startswith(magic):
            return method, ""
    if head[:3] == b"BZh" and head[4:10] in _BZIP2_STARTS:
        return Method.BZIP2, ""
    for magic, name in _FOREIGN.items():
        if head.startswith(magic):
            return Method.PLAIN, name
    return Method.PLAIN, ""


def lacks_checksum(head: bytes) -> bool:
    """Tell by the first frame whether damage of the content could go unnoticed by its format.

    xz: the check is "none" (format 1.2.1, 2.1.1.2). zstd: no Content_Checksum_flag (RFC 8878
    3.1.1.1.1.5). lz4: neither blocks nor content have one (frame format 1.6.4, FLG).
    """
    if len(head) < 8:
        return False
    match method_of_head(head)[0]:
        case Method.XZ:
            return head[7] & 0x0F == 0
        case Method.ZSTD:
            return not head[4] & 0x04
        case Method.LZ4:
            return not head[4] & 0x14
        case _:
            return False


def find_method(source: SourceFile) -> Method:
    """Look into a file. Raises SourceError if its content is nothing that could be an image.

    A name that promises a compressed file is believed only so far that what isn't one is refused:
    it is damaged at its start, or it is the error page of a web server.
    """
    offset = 0
    head = source.at(0, HEAD)
    for _skipped in range(_MOST_SKIPPED):
        if len(head) < 8 or int.from_bytes(head[:4], "little") & ~0xF != _SKIPPABLE:
            break
        offset += 8 + int.from_bytes(head[4:8], "little")
        head = source.at(offset, HEAD)
    method, foreign = method_of_head(head)
    if offset and method not in {Method.ZSTD, Method.LZ4}:
        method, foreign = Method.PLAIN, ""
    name = shown(source.name)
    if foreign:
        raise SourceError(
            _("{name} is an archive of a kind ({kind}) that is not unpacked here.").format(
                name=name, kind=foreign
            ),
            remedy=_("Unpack it first, then use what is inside."),
        )
    promised = promised_method(source.name)
    if method is Method.PLAIN and promised is not None:
        raise SourceError(
            _("{name} is not what its name says: it does not begin like a {kind} file.").format(
                name=name, kind=promised
            ),
            remedy=_("Download it again; if it is a plain image, give it another name."),
        )
    return method


def promised_method(name: str) -> Method | None:
    """Give the method that a file's name promises."""
    return _SUFFIXES.get(Path(name).suffix.casefold())


def name_inside(name: str) -> str:
    """Give the name of a compressed file without the suffix that says so."""
    return Path(name).stem if promised_method(name) else name


def refuse_packed_again(name: str, head: bytes) -> None:
    """Raise SourceError if content begins like something to unpack: nobody wants it as it is."""
    method, kind = method_of_head(head)
    if method is not Method.PLAIN:
        kind = method.value
    if head[257:262] == b"ustar":
        kind = "tar"
    if kind:
        raise SourceError(
            _("What is in {name} is no image but another archive ({kind}).").format(
                name=shown(name), kind=kind
            ),
            remedy=_("Unpack it first, then use what is inside."),
        )
