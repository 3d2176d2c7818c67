# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at what is to be written: size, compression, boot records, what lies beside an image."""

from pathlib import Path

from discwright.devices.target_survey import devices_below_file
from discwright.errors import DiscwrightError, ReadError, SourceError
from discwright.image.bmap import Bmap, find_bmap, read_bmap
from discwright.image.boot import BootReport, read_boot
from discwright.image.boot_sector import mbr_block
from discwright.image.checksums import files_named_after
from discwright.image.compression import Method, open_stream
from discwright.image.compression_method import lacks_checksum
from discwright.image.expected import Expected, expected_for
from discwright.image.formats import ImageKind, foreign_format, identify
from discwright.image.sectors import Sectors
from discwright.optical.disc import Disc
from discwright.optical.iso_file import IsoFile
from discwright.optical.source import open_source
from discwright.stick.source import Table, WriteSource
from discwright.transfer.cancel import CancelToken
from discwright.transfer.reader import SECTOR, read_sectors
from discwright.wording import _, shown

LOOKED_AT = 4 << 20
"""Bytes at the start of a compressed image that are unpacked to find its boot records."""

_MOST_SECTORS = 1 << 32
"""Of an image whose length isn't known: numbers of sectors have 32 bits (ECMA-119 7.3)."""

DISC_HEAD = 4
"""Sectors at the start of a disc that a partition table would be in."""


def survey_source(path: Path, *, block_map: bool = True) -> WriteSource:
    """Look at an image file; a compressed one is unpacked for its first few MiB.

    Raises SourceError if it can't be read, if its block map is not in order, or if it isn't what
    would lie on a stick but holds that in a form of its own.
    """
    resolved = path.absolute()
    with open_stream(resolved) as stream:
        buffer = memoryview(bytearray(LOOKED_AT))
        head = buffer[: stream.read_into(buffer)]
        method, size, file_size = stream.method, stream.size, stream.compressed_size
        if size is None and len(head) < LOOKED_AT:
            size = len(head)
    _check_format(resolved, method, bytes(head[:16]))
    found = _find_map(resolved) if block_map else None
    expected = expected_for(resolved)
    return WriteSource(
        path=resolved,
        file_size=file_size,
        size=size,
        method=method.value,
        boot=_boot(resolved, method, head, size),
        empty=not any(bytes(head)),
        table=table_of(head),
        block_map=found,
        expected=expected,
        devices=devices_below_file(resolved),
        remarks=(
            *_remarks(resolved, method),
            *_unheeded(resolved, expected),
            *_unchecked(resolved, expected),
        ),
    )


def survey_disk_image(path: Path) -> WriteSource | None:
    """Look at a file that is no disc; None if it is nothing for sticks either.

    Raises SourceError as :func:`survey_source` does.
    """
    if identify(path).kind not in {ImageKind.DISK, ImageKind.COMPRESSED}:
        return None
    return survey_source(path)


def survey_disc(disc: Disc, cancel: CancelToken | None = None) -> WriteSource:
    """Take an examined disc, in a drive or in an image file, as what is to be written.

    Looks once more at its first sectors. Raises SourceError, Cancelled.
    """
    path = Path(disc.source)
    head = _head(disc, cancel or CancelToken())
    return WriteSource(
        path=path,
        file_size=disc.size,
        size=disc.size,
        boot=disc.boot,
        empty=not disc.volumes.file_systems and not any(head),
        table=table_of(memoryview(head)),
        devices=devices_below_file(path),
        disc=disc,
    )


def _head(disc: Disc, cancel: CancelToken) -> bytes:
    """Give the first sectors; zeros for one that can't be read."""
    opened = open_source(disc.source)
    found = []
    try:
        opened.wait_ready(cancel)
        for lba in range(min(DISC_HEAD, disc.length.sectors)):
            cancel.raise_if_cancelled()
            try:
                found.append(bytes(read_sectors(opened.reader, lba, 1)))
            except ReadError:
                found.append(bytes(SECTOR))
    finally:
        opened.close()
    return b"".join(found)


def table_of(head: memoryview) -> Table:
    """Tell for which block size the partition table at the start of an image was made.

    A GPT header lies in block 1 (UEFI 2.10, 5.3.1). An MBR doesn't say; see
    :func:`discwright.image.boot_sector.mbr_block`.
    """
    mbr = bytes(head[:512])
    gpt = {block for block in (512, 4096) if bytes(head[block : block + 8]) == b"EFI PART"}
    if 4096 in gpt:
        return Table.BLOCKS_4096
    if 512 in gpt:
        return Table.BLOCKS_512
    if len(mbr) < 512 or mbr[510:512] != b"\x55\xaa":
        return Table.NONE
    if any(mbr[at + 4] for at in range(446, 510, 16)):
        large = mbr_block(Sectors(_Start(head, len(head))), mbr) == 4096
        return Table.BLOCKS_4096 if large else Table.BLOCKS_512
    # A FAT without partitions can't be mounted from larger blocks than its own.
    fat = mbr[0] in {0xEB, 0xE9} and mbr[11:13] == (512).to_bytes(2, "little")
    return Table.BLOCKS_512 if fat else Table.NONE


def _boot(path: Path, method: Method, head: memoryview, size: int | None) -> BootReport | None:
    """Look for what starts; in a compressed image only a start that settles it counts.

    It does if something starts, and if a disc would start but there is no partition table: a
    stick needs one, and it lies at the very start.
    """
    try:
        if method is Method.PLAIN:
            image = IsoFile(path)
            try:
                return read_boot(image)
            finally:
                image.close()
        report = read_boot(_Start(head, size))
    except DiscwrightError:
        return None
    whole = size is not None and size <= len(head)
    for_discs = (report.disc_bios or report.disc_uefi) and table_of(head) is Table.NONE
    settled = whole or report.stick_bios or report.stick_uefi or for_discs
    return report if settled else None


def _check_format(path: Path, method: Method, head: bytes) -> None:
    """Raise SourceError for what is no image byte by byte."""
    if method is not Method.PLAIN:
        if what := foreign_format(head):
            raise SourceError(
                _("In {name} is a {what} image, a format that can't be read here.").format(
                    name=shown(path.name), what=what
                ),
                remedy=_("Unpack it, and convert it to a raw image with the program that made it."),
            )
        return
    found = identify(path)
    if found.kind in {ImageKind.BIN, ImageKind.FOREIGN}:
        raise found.error()
    if found.kind in {ImageKind.CUE, ImageKind.TOC, ImageKind.NRG}:
        raise SourceError(
            _("{name} describes a disc; written as it is, it would be of no use.").format(
                name=shown(path.name)
            ),
            remedy=_("Write the disc that it describes: discwright copy IMAGE STICK."),
        )


def _find_map(path: Path) -> Bmap | None:
    found = find_bmap(path)
    return None if found is None else read_bmap(found)


def _remarks(path: Path, method: Method) -> tuple[str, ...]:
    if method is Method.PLAIN and path.name.casefold().endswith((".part", ".crdownload", ".aria2")):
        return (
            _("The name {name} is that of a download that hasn't finished.").format(
                name=shown(path.name)
            ),
        )
    return ()


def _unheeded(path: Path, expected: tuple[Expected, ...]) -> tuple[str, ...]:
    """Say of a checksum file with the image's name that nothing in it could be used."""
    beside = () if expected else files_named_after(path)
    return tuple(
        _("{file} holds no checksum of this image that is known here, so none is checked.").format(
            file=shown(one.name)
        )
        for one in beside
    )


def _unchecked(path: Path, expected: tuple[Expected, ...]) -> tuple[str, ...]:
    """Say of a packed file that nothing would show whether it is damaged."""
    try:
        with path.open("rb") as file:
            unchecked = not expected and lacks_checksum(file.read(8))
    except OSError:
        return ()  # whoever opens it next will say why
    if not unchecked:
        return ()
    return (
        _(
            "{name} was packed without a checksum of its content, and none was published with it: "
            "damage of the file could go unnoticed."
        ).format(name=shown(path.name)),
    )


class _Start:
    """The first sectors of an image, in memory; those behind them can't be read."""

    sector_size = SECTOR

    def __init__(self, data: memoryview, size: int | None) -> None:
        self._data = data
        self.sectors = _MOST_SECTORS if size is None else size // SECTOR

    def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
        """Give sectors of the start. Raises ReadError for others."""
        part = self._data[lba * SECTOR : (lba + count) * SECTOR]
        if len(part) < count * SECTOR:
            raise ReadError(_("This part is not unpacked yet."), lba=lba, count=count)
        buffer[: count * SECTOR] = part
