# SPDX-License-Identifier: GPL-3.0-or-later
"""What kind of image a file is: by its content first, then by its name."""

import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from discwright.errors import SourceError
from discwright.image.cdrdao import is_toc, read_toc
from discwright.image.cue import is_cue, read_cue
from discwright.image.layout import ImageTrack, Layout
from discwright.image.nero import chunk_offset, read_nrg
from discwright.transfer.reader import SECTOR
from discwright.wording import _, shown

if TYPE_CHECKING:
    from collections.abc import Callable

_HEAD = 40 * SECTOR
_SMALLEST = 17 * SECTOR
"""A volume descriptor lies in sector 16: no image of a file system is shorter."""
_SYNC = b"\0" + b"\xff" * 10 + b"\0"
"""What every raw data sector starts with (ECMA-130 14.1)."""
_RECOGNITION = (b"CD001", b"BEA01", b"NSR02", b"NSR03")

_COMPRESSED = {
    b"\xfd7zXZ\0": "xz", b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4", b"PK\3\4": "zip", b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!": "rar",
}  # fmt: skip
_FOREIGN = {
    b"MComprHD": "CHD", b"CISO": "CSO", b"ISz!": "ISZ", b"DAA\0": "DAA", b"GBI\0": "GBI",
    b"MEDIA DESCRIPTOR": "MDS", b"[CloneCD]": "CloneCD", b"WBFS": "WBFS", b"QFI\xfb": "QCOW",
    b"KDMV": "VMDK", b"vhdxfile": "VHDX", b"conectix": "VHD",
}  # fmt: skip


_DISK_NAMES = {".img", ".raw", ".dd", ".ima", ".flp", ".vfd", ".hdd"}


class ImageKind(StrEnum):
    """A kind of file. The first four serve as discs, if :attr:`ImageFile.usable`."""

    ISO = "iso"
    CUE = "cue"
    TOC = "toc"
    NRG = "nrg"
    BIN = "bin"
    """Raw CD sectors without their description."""
    DISK = "disk"
    """The image of a disk, a stick or a floppy; or something that only its name says to be one."""
    COMPRESSED = "compressed"
    FOREIGN = "foreign"
    """A disc image of a format that isn't read here."""
    EMPTY = "empty"
    TOO_SHORT = "too-short"
    NOT_AN_IMAGE = "not-an-image"
    MISSING = "missing"


@dataclass(frozen=True)
class ImageFile:
    """What a path turned out to be."""

    path: Path
    kind: ImageKind
    size: int = 0
    """Bytes of the file itself."""
    layout: Layout | None = None
    """For cue, toc and nrg: the tracks, their length by the sizes of the files."""
    sectors: int = 0
    """The length of the disc: for iso the whole sectors of the file, else the lead-out."""
    files: tuple[Path, ...] = ()
    """All files that belong to it, itself first."""
    message: str = ""
    """Why it can't be used as a disc, in a sentence; "" if it can."""
    remedy: str = ""
    cause: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def tracks(self) -> tuple[ImageTrack, ...]:
        """The tracks, if it is described; their length by the sizes of the files."""
        return self.layout.tracks if self.layout is not None else ()

    @property
    def usable(self) -> bool:
        """Whether it can be read as a disc."""
        return not self.message

    def error(self) -> SourceError:
        """Give why it isn't usable as an error to raise."""
        return SourceError(self.message, remedy=self.remedy, cause=self.cause)


def identify(path: Path) -> ImageFile:
    """Look into a file and, for a description, at the files it names. Raises nothing."""
    name = shown(path.name)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            message = _("{name} is a folder, not a disc image.").format(name=name)
            return ImageFile(path, ImageKind.NOT_AN_IMAGE, message=message)
        if not stat.S_ISREG(status.st_mode):
            message = _("{name} is not a regular file.").format(name=name)
            return ImageFile(path, ImageKind.NOT_AN_IMAGE, message=message)
        size = status.st_size
        with path.open("rb") as file:
            head = file.read(_HEAD)
            file.seek(max(0, size - 512))
            tail = file.read(512)
    except FileNotFoundError:
        message = _("There is no file {name}.").format(name=name)
        return ImageFile(path, ImageKind.MISSING, message=message)
    except (OSError, ValueError) as error:
        return ImageFile(
            path,
            ImageKind.MISSING,
            message=_("The file {name} can't be opened: {why}.").format(
                name=name, why=getattr(error, "strerror", None) or str(error)
            ),
            cause=str(error),
        )
    if not size:
        return ImageFile(
            path,
            ImageKind.EMPTY,
            message=_("The file {name} is empty.").format(name=name),
            remedy=_("It was probably not copied or downloaded to its end."),
        )
    return (
        _described(path, size, head, tail)
        or _iso(path, size, head)
        or _unusable(path, size, head, tail)
        or _by_name(path, size)
    )


def _described(path: Path, size: int, head: bytes, tail: bytes) -> ImageFile | None:
    """Give an image that is described by a text or by Nero's chunks."""
    kind: ImageKind
    read: Callable[[Path], Layout]
    start = chunk_offset(tail)
    if start is not None and start < size:
        kind, read = ImageKind.NRG, read_nrg
    elif b"\0" in head[:4096]:
        return None
    else:
        text = head.decode("latin-1").removeprefix("\xef\xbb\xbf")
        suffix = path.suffix.casefold()
        if is_toc(text) or suffix == ".toc":
            kind, read = ImageKind.TOC, read_toc
        elif is_cue(text) or suffix == ".cue":
            kind, read = ImageKind.CUE, read_cue
        else:
            return None
    try:
        layout = read(path)
    except SourceError as error:
        return ImageFile(
            path, kind, size, files=(path,),
            message=error.message, remedy=error.remedy, cause=error.cause,
        )  # fmt: skip
    return ImageFile(
        path, kind, size, layout, layout.sectors,
        tuple(dict.fromkeys((path, *layout.files))), remarks=layout.remarks,
    )  # fmt: skip


def _iso(path: Path, size: int, head: bytes) -> ImageFile | None:
    """Give an image of 2048-byte sectors that holds a file system of discs."""
    if head.startswith(_SYNC):
        return None
    if head[32769:32774] not in _RECOGNITION and not _is_mac(head):
        return None
    return _plain(path, size, ())


def _is_mac(head: bytes) -> bool:
    """Whether it holds HFS+, HFS or an Apple partition map."""
    return (
        head[1024:1026] in {b"H+", b"HX"}
        or (head[1024:1026] == b"BD" and head[1046:1048] in {b"\2\0", b"\4\0", b"\x08\0"})
        or (head[:2] == b"ER" and any(head[at : at + 2] == b"PM" for at in (512, 2048)))
    )


def _plain(path: Path, size: int, remarks: tuple[str, ...]) -> ImageFile:
    sectors, odd = divmod(size, SECTOR)
    if odd:
        remarks += (_("The file ends within a sector: it may have been cut short."),)
    return ImageFile(path, ImageKind.ISO, size, sectors=sectors, files=(path,), remarks=remarks)


def _unusable(path: Path, size: int, head: bytes, tail: bytes) -> ImageFile | None:
    """Give a file of a known kind that can't be read as a disc."""
    name = shown(path.name)
    if _is_raw(head):
        return _raw(path, size)
    for magic, method in _COMPRESSED.items():
        if head.startswith(magic):
            return ImageFile(
                path,
                ImageKind.COMPRESSED,
                size,
                message=_("{name} is compressed ({method}).").format(name=name, method=method),
                remedy=_("Unpack it first, then open the image that was in it."),
            )
    foreign = foreign_format(head)
    if tail.startswith(b"koly"):
        foreign = "DMG"
    if foreign:
        return ImageFile(
            path,
            ImageKind.FOREIGN,
            size,
            message=_("{name} is a {what} image, a format that can't be read here.").format(
                name=name, what=foreign
            ),
            remedy=_("Convert it to ISO or BIN/CUE with the program that made it."),
        )
    if path.suffix.casefold() != ".iso" and _is_disk(head):
        return ImageFile(
            path,
            ImageKind.DISK,
            size,
            files=(path,),
            message=_("{name} is the image of a disk or USB stick, not of a disc.").format(
                name=name
            ),
        )
    return None


def foreign_format(head: bytes) -> str:
    """Give the name of a format that isn't read here, "" if a file doesn't begin like one."""
    return next((what for magic, what in _FOREIGN.items() if head.startswith(magic)), "")


def _is_disk(head: bytes) -> bool:
    """Whether it begins with a partition table, or with a file system of disks or floppies.

    FAT (fatgen103, 3.1: jump, sector size, type), NTFS and exFAT (name at 3), ext (magic at 1080).
    """
    if head[512:520] == b"EFI PART" or head[1080:1082] == b"\x53\xef":
        return True
    if head[510:512] != b"\x55\xaa":
        return False
    fat = head[:1] in {b"\xeb", b"\xe9"} and b"FAT" in {head[54:57], head[82:85]}
    return fat or head[3:11] in {b"NTFS    ", b"EXFAT   "} or _has_partition(head)


def _has_partition(head: bytes) -> bool:
    return any(
        head[at] in {0, 0x80} and head[at + 4] and any(head[at + 12 : at + 16])
        for at in range(446, 510, 16)
    )


def _is_raw(head: bytes) -> bool:
    if head.startswith(_SYNC):
        return True
    # Mode 2 sectors without their first 16 bytes: the volume descriptor lies behind a subheader.
    return head[16 * 2336 + 9 : 16 * 2336 + 14] == b"CD001"


def _raw(path: Path, size: int) -> ImageFile:
    name = shown(path.name)
    beside = [path.with_suffix(suffix) for suffix in (".cue", ".CUE", ".toc")]
    description = next((one for one in beside if one.is_file()), None)
    if description is not None:
        message = _("{name} holds raw CD sectors, but not what they are.").format(name=name)
        remedy = _("Open {cue}, which describes it.").format(cue=shown(description.name))
        return ImageFile(
            path, ImageKind.BIN, size, files=(path, description), message=message, remedy=remedy
        )
    return ImageFile(
        path,
        ImageKind.BIN,
        size,
        files=(path,),
        message=_("{name} holds raw CD sectors, but its cue sheet is missing.").format(name=name),
        remedy=_("Put the .cue file that came with it into the same folder, and open that."),
    )


def _by_name(path: Path, size: int) -> ImageFile:
    name = shown(path.name)
    suffix = path.suffix.casefold()
    if suffix in {".iso", ".udf", ".img", ".bin", ".nrg"} and size < _SMALLEST:
        return ImageFile(
            path,
            ImageKind.TOO_SHORT,
            size,
            message=_("{name} has only {n} bytes: no disc image is that small.").format(
                name=name, n=size
            ),
            remedy=_("It was probably not copied or downloaded to its end."),
        )
    if suffix in {".iso", ".udf"}:
        return _plain(
            path, size, (_("No file system of discs was found in it: it is copied as it is."),)
        )
    if suffix == ".bin" and size % 2352 == 0:
        return _raw(path, size)
    if suffix in _DISK_NAMES:
        message = _(
            "Neither partitions nor a file system were found in {name}: it can only be written to "
            "a stick as it is."
        ).format(name=name)
        return ImageFile(path, ImageKind.DISK, size, files=(path,), message=message)
    return ImageFile(
        path,
        ImageKind.NOT_AN_IMAGE,
        size,
        message=_("{name} is not a disc image.").format(name=name),
        remedy=_("Disc images are .iso, .cue with .bin, .toc and .nrg files."),
    )
