# SPDX-License-Identifier: GPL-3.0-or-later
"""The volume descriptors of ISO 9660 (ECMA-119), Joliet and Rock Ridge."""

from collections.abc import Iterator
from dataclasses import dataclass

from discwright.image.sectors import Sectors
from discwright.image.text import iso_text, iso_time, joliet_text
from discwright.transfer.reader import SECTOR
from discwright.wording import _

FIRST_DESCRIPTOR = 16
"""The sector of the session where the volume recognition sequence starts (ECMA-119 6.2.1)."""

_MOST_DESCRIPTORS = 64
_MOST_UNREADABLE = 2
_STANDARD = b"CD001"
_RECOGNITION = frozenset({b"BEA01", b"NSR02", b"NSR03", b"TEA01", b"BOOT2", b"CDW02"})
_JOLIET_ESCAPES = (b"%/@", b"%/C", b"%/E")


@dataclass(frozen=True)
class Descriptor:
    """A sector of the volume recognition sequence."""

    lba: int
    identifier: bytes
    """"CD001", "NSR02" ..."""
    kind: int
    data: bytes


@dataclass(frozen=True)
class IsoVolume:
    """A primary or supplementary volume descriptor (ECMA-119 8.4, 8.5)."""

    lba: int
    joliet: bool
    label: str
    blocks: int
    """Volume space size in logical blocks, little-endian value."""
    block_size: int
    """Bytes; 2048 if the descriptor's own is impossible."""
    root_lba: int
    """First logical block of the root directory."""
    root_size: int
    """Bytes of the root directory."""
    path_tables: tuple[tuple[int, int], ...]
    """First block and size in bytes of each path table."""
    created: str
    publisher: str
    application: str
    remarks: tuple[str, ...] = ()

    @property
    def sectors(self) -> int:
        """The volume space in sectors of 2048 bytes, rounded up."""
        return -(-self.blocks * self.block_size // SECTOR)


def descriptors(sectors: Sectors, session_start: int = 0) -> Iterator[Descriptor]:
    """Give the sectors of the volume recognition sequence, ISO 9660's and UDF's, in order.

    Ends at the first sector that is none, after 64, or when several can't be read.
    """
    failed = 0
    first = session_start + FIRST_DESCRIPTOR
    for lba in range(first, first + _MOST_DESCRIPTORS):
        data = sectors.sector(lba)
        if data is None:
            failed += 1
            if failed > _MOST_UNREADABLE or lba >= sectors.count:
                return
            continue
        identifier = data[1:6]
        if identifier != _STANDARD and identifier not in _RECOGNITION:
            return
        yield Descriptor(lba, identifier, data[0], data)


def iso_volumes(found: list[Descriptor]) -> list[IsoVolume]:
    """Give the primary volume (at most one) and the Joliet volume (at most one) among them."""
    ours = [one for one in found if one.identifier == _STANDARD]
    primary = [_volume(one, joliet=False) for one in ours if one.kind == 1]
    joliet = [_volume(one, joliet=True) for one in ours if one.kind == 2 and _is_joliet(one.data)]
    return primary[:1] + joliet[:1]


def boot_record(found: list[Descriptor]) -> int | None:
    """Give the first sector of the El Torito boot catalog (El Torito 1.0, figure 7), if any."""
    for one in found:
        if (
            one.identifier == _STANDARD
            and one.kind == 0
            and one.data[7:39].rstrip(b"\0 ") == b"EL TORITO SPECIFICATION"
        ):
            return int.from_bytes(one.data[71:75], "little")
    return None


def has_rock_ridge(sectors: Sectors, volume: IsoVolume) -> bool:
    """Whether the root directory's first record has the system use fields of Rock Ridge.

    SP (SUSP 5.3) with its check bytes must come first; then ER, RR, PX or a continuation.
    """
    return rock_ridge_skip(sectors, volume) is not None


def rock_ridge_skip(sectors: Sectors, volume: IsoVolume) -> int | None:
    """Give the bytes to skip before system use fields (SUSP 5.3), None without Rock Ridge."""
    offset = volume.root_lba * volume.block_size
    data = sectors.sector(offset // SECTOR)
    if data is None:
        return None
    record = data[offset % SECTOR :]
    record = record[: record[0]] if record else b""
    if len(record) < 34:
        return None
    start = 33 + record[32] + (record[32] + 1) % 2
    for extra in (0, 14):  # CD-ROM XA puts 14 bytes of its own before (SUSP 5.3)
        use = record[start + extra :]
        if use[:2] == b"SP" and use[4:6] == b"\xbe\xef" and len(use) >= 7:
            kinds = _field_kinds(use)
            if kinds & {b"RR", b"PX", b"ER", b"CE"}:
                return use[6]
    return None


def _field_kinds(use: bytes) -> set[bytes]:
    kinds = set()
    at = 0
    while at + 4 <= len(use) and use[at + 2] >= 4:
        kinds.add(use[at : at + 2])
        at += use[at + 2]
    return kinds


def _is_joliet(data: bytes) -> bool:
    return data[88:120].rstrip(b"\0")[:3] in _JOLIET_ESCAPES


def _volume(one: Descriptor, *, joliet: bool) -> IsoVolume:
    data = one.data
    text = joliet_text if joliet else iso_text
    remarks: list[str] = []
    blocks = _both(data, 80, 4)
    size = _both(data, 128, 2)
    if blocks[0] != blocks[1] or size[0] != size[1]:
        remarks.append(
            _("The ISO 9660 descriptor gives its size twice, and the two differ: {a} and {b}.")
            .format(a=f"{blocks[0]} × {size[0]}", b=f"{blocks[1]} × {size[1]}")
        )  # fmt: skip
    block_size = size[0]
    if block_size not in {512, 1024, 2048}:
        remarks.append(
            _("The ISO 9660 descriptor names an impossible block size of {n} bytes.").format(
                n=block_size
            )
        )
        block_size = SECTOR
    if blocks[0] == 0:
        remarks.append(_("The ISO 9660 descriptor says that the volume is empty."))
    table_size = int.from_bytes(data[132:136], "little")
    tables = [int.from_bytes(data[at : at + 4], "little") for at in (140, 144)]
    tables += [int.from_bytes(data[at : at + 4], "big") for at in (148, 152)]
    return IsoVolume(
        lba=one.lba,
        joliet=joliet,
        label=text(data[40:72]),
        blocks=blocks[0],
        block_size=block_size,
        root_lba=int.from_bytes(data[158:162], "little"),
        root_size=int.from_bytes(data[166:170], "little"),
        path_tables=tuple((block, table_size) for block in tables if block),
        created=iso_time(data[813:830]),
        publisher=_person(text(data[318:446])),
        application=_person(text(data[574:702])),
        remarks=tuple(remarks),
    )


def _person(text: str) -> str:
    # A leading "_" means: look in the file of that name (ECMA-119 8.4.20).
    return "" if text.startswith("_") else text


def _both(data: bytes, at: int, width: int) -> tuple[int, int]:
    """Give the little- and the big-endian value of a both-byte-order field (ECMA-119 7.3.3)."""
    return (
        int.from_bytes(data[at : at + width], "little"),
        int.from_bytes(data[at + width : at + 2 * width], "big"),
    )
