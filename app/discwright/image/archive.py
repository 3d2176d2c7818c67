# SPDX-License-Identifier: GPL-3.0-or-later
"""Zip archives: the one image in them, and where its bytes lie."""

import io
import struct
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

from discwright.errors import SourceError
from discwright.image import stream_errors
from discwright.image.stream_source import SourceFile
from discwright.wording import _, shown, size

_MOST_DIRECTORY = 4 << 20
"""Bytes of a central directory that are read: some 40 000 names."""
_END = 22
"""Bytes of the record at the end, without its comment (APPNOTE.TXT 4.3.16)."""
_MOST_END = _END + 0xFFFF + 4096
_LOCAL = struct.Struct("<4s5H3I2H")
"""The header before each file (APPNOTE.TXT 4.3.7)."""
_ENCRYPTED = 0x41
"""General purpose bits: encrypted, strongly encrypted (APPNOTE.TXT 4.4.4)."""
_NAMED_AT_MOST = 5

STORED, DEFLATED, BZIP2, ZSTD, XZ = 0, 8, 12, 93, 95
"""Compression methods (APPNOTE.TXT 4.4.5)."""
METHODS = {STORED: "stored", DEFLATED: "deflate", BZIP2: "bzip2", ZSTD: "zstd", XZ: "xz"}

_IMAGES = frozenset({
    ".img", ".iso", ".raw", ".bin", ".dd", ".wic", ".sdcard", ".dsk", ".hddimg", ".rpi-sdimg",
    ".sdimg", ".usb", ".udf", ".dmg", ".vfat", ".ext4", ".squashfs", ".image",
    ".gz", ".bz2", ".xz", ".zst", ".lz4",
})  # fmt: skip
"""An image that is compressed once more counts as one, so that the refusal names it."""
_BESIDE = frozenset({
    ".txt", ".md", ".pdf", ".html", ".htm", ".url", ".rtf", ".doc", ".docx", ".odt", ".nfo",
    ".json", ".xml", ".yml", ".yaml", ".ini", ".jpg", ".jpeg", ".png", ".gif", ".svg", ".sha1",
    ".sha256", ".sha512", ".sha256sum", ".sha512sum", ".md5", ".md5sum", ".sum", ".sig", ".asc",
    ".gpg", ".minisig", ".bmap", ".log", ".manifest", ".list", ".exe", ".bat", ".sh", ".diz",
})  # fmt: skip
"""What comes with images without being one."""


@dataclass(frozen=True)
class Member:
    """A file in an archive. Bytes, as the central directory says; ``offset`` of its data."""

    name: str
    method: int
    offset: int
    compressed: int
    size: int
    crc: int


def find_image(source: SourceFile) -> Member:
    """Give the one image in a zip archive; raises SourceError if there isn't exactly one."""
    _check_end(source)
    files = [info for info in _directory(source) if _counts(info.filename)]
    images = [info for info in files if _suffix(info.filename) in _IMAGES]
    if not images:
        images = [info for info in files if _suffix(info.filename) not in _BESIDE]
    if len(images) != 1:
        raise _not_one(source.name, images or files, several=len(images) > 1)
    info = images[0]
    if info.flag_bits & _ENCRYPTED:
        raise SourceError(
            _("{name} in {archive} is protected by a password.").format(
                name=shown(info.filename), archive=shown(source.name)
            ),
            remedy=_("Unpack it to a file first, then use that."),
        )
    if info.compress_type not in METHODS:
        raise SourceError(
            _("{name} in {archive} is packed in a way that is not unpacked here.").format(
                name=shown(info.filename), archive=shown(source.name)
            ),
            remedy=_("Unpack it to a file first, then use that."),
            cause=f"zip compression method {info.compress_type}",
        )
    offset = _data_offset(source, info)
    if info.compress_type == STORED and info.compress_size != info.file_size:
        raise stream_errors.damaged(source.name, "A stored file is not as long as it is")
    return Member(
        info.filename,
        info.compress_type,
        offset,
        info.compress_size,
        info.file_size,
        info.CRC,
    )


def _check_end(source: SourceFile) -> None:
    """Raise SourceError unless nothing but zeros follows the end of the archive."""
    tail = source.at(max(0, source.size - _MOST_END), _MOST_END)
    place = tail.rfind(b"PK\5\6")
    if place < 0 or len(tail) < place + _END:
        raise stream_errors.cut_off(source.name, "There is no end of the central directory")
    comment = int.from_bytes(tail[place + _END - 2 : place + _END], "little")
    if place + _END + comment > len(tail):
        raise stream_errors.cut_off(source.name, "The comment at its end is not complete")
    if tail[place + _END + comment :].strip(b"\0"):
        raise stream_errors.followed(source.name, "Bytes follow the end of the archive")


def _directory(source: SourceFile) -> list[zipfile.ZipInfo]:
    try:
        # Names in other code pages than UTF-8 are decoded as cp437, which takes any byte.
        with zipfile.ZipFile(_Window(source)) as archive:
            return archive.infolist()
    except SourceError:
        raise
    except Exception as error:  # what hostile directories make zipfile raise is not documented
        cause = f"{type(error).__name__}: {error}"
        raise stream_errors.damaged(source.name, cause) from error


def _data_offset(source: SourceFile, info: zipfile.ZipInfo) -> int:
    raw = source.at(max(0, info.header_offset), _LOCAL.size)
    if info.header_offset < 0 or len(raw) < _LOCAL.size or raw[:4] != b"PK\3\4":
        raise stream_errors.damaged(source.name, "The header before the file is not there")
    fields = _LOCAL.unpack(raw)
    if fields[2] & _ENCRYPTED != info.flag_bits & _ENCRYPTED or fields[3] != info.compress_type:
        raise stream_errors.damaged(source.name, "The header before the file says something else")
    offset = info.header_offset + _LOCAL.size + int(fields[9]) + int(fields[10])
    if offset + info.compress_size > source.size:
        raise stream_errors.cut_off(source.name, "The file reaches beyond the end of the archive")
    return offset


def _counts(name: str) -> bool:
    """Tell whether a name is a file that someone put there on purpose."""
    path = PurePosixPath(name)
    hidden = path.name.startswith(("._", ".DS_Store")) or "__MACOSX" in path.parts
    return not name.endswith("/") and path.name not in {"", ".."} and not hidden


def _suffix(name: str) -> str:
    return PurePosixPath(name.casefold()).suffix


def _not_one(archive: str, files: list[zipfile.ZipInfo], *, several: bool) -> SourceError:
    names = ", ".join(
        f"{shown(info.filename, 60)} ({size(info.file_size)})" for info in files[:_NAMED_AT_MOST]
    )
    if len(files) > _NAMED_AT_MOST:
        names += " …"
    if several:
        message = _("There is more than one image in {archive}: {names}.")
    elif files:
        message = _("There is no image in {archive}, only {names}.")
    else:
        message = _("There is no file in {archive}.")
    return SourceError(
        message.format(archive=shown(archive), names=names),
        remedy=_("Unpack the archive first, then choose the image."),
    )


class _Window(io.RawIOBase):
    """An archive as zipfile wants to see it; nothing large is ever read from it."""

    def __init__(self, source: SourceFile) -> None:
        self._source = source
        self._at = 0

    def read(self, count: int = -1, /) -> bytes:
        """Read; raises ValueError for more than a central directory may have."""
        if count < 0:
            count = max(0, self._source.size - self._at)
        if count > _MOST_DIRECTORY:
            raise ValueError(f"The directory has {count} bytes")
        data = self._source.at(self._at, count)
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place."""
        base = (0, self._at, self._source.size)[whence]
        if base + offset < 0:
            raise OSError("Before the start of the file")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        """Give the place."""
        return self._at

    def seekable(self) -> bool:
        """Tell that places can be chosen."""
        return True

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True
