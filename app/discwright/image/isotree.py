# SPDX-License-Identifier: GPL-3.0-or-later
"""The directories of ISO 9660 (ECMA-119 9.1), with the names of Rock Ridge (RRIP) or Joliet."""

from collections.abc import Collection, Iterator

from discwright.image.iso9660 import IsoVolume, rock_ridge_skip
from discwright.image.sectors import Sectors
from discwright.image.tree import MOST_DIRECTORIES, MOST_DIRECTORY, PLAIN, Attributes, Node
from discwright.transfer.extents import Extent
from discwright.transfer.reader import SECTOR

_DIRECTORY, _ASSOCIATED, _MULTI_EXTENT = 0x02, 0x04, 0x80
_MOST_CONTINUATIONS = 8
_MOST_CONTINUED = 16 * 1024 * 1024
"""Bytes of continuation areas that one tree reads in all."""
_MOST_EXTENTS = 4096


class IsoTree:
    """The tree of a primary or a Joliet volume descriptor."""

    def __init__(self, sectors: Sectors, volume: IsoVolume) -> None:
        self._sectors = sectors
        self._volume = volume
        self._block = volume.block_size
        self._budget = MOST_DIRECTORIES
        self._continued = _MOST_CONTINUED
        self._skip = None if volume.joliet else rock_ridge_skip(sectors, volume)
        self._use: tuple[tuple[bytes, bytes], ...] = ()
        """The system use fields of the record at hand."""

    @property
    def rock_ridge(self) -> bool:
        """Whether names are Rock Ridge's."""
        return self._skip is not None

    @property
    def joliet(self) -> bool:
        """Whether names are Joliet's."""
        return self._volume.joliet

    def root(self) -> Node | None:
        """Give the root directory."""
        extent = self._extent(self._volume.root_lba, self._volume.root_size)
        return (
            Node("", True, self._volume.root_size, extent, self._volume.root_lba)
            if extent
            else None
        )

    def structures(self) -> tuple[Extent, ...]:
        """Give the sectors of the descriptor and of the path tables."""
        tables = [
            extent
            for block, size in self._volume.path_tables
            for extent in self._extent(block, size)
        ]
        return (Extent(self._volume.lba, 1), *tables)

    def children(self, directory: Node, only: Collection[str] = ()) -> Iterator[Node]:
        """Give what a directory names. Multi-extent files come as one."""
        extents: list[Extent] = []
        size = 0
        name = ""
        for record in self._records(directory):
            flags = record[25]
            if flags & _ASSOCIATED or record[33 : 33 + record[32]] in {b"\0", b"\1"}:
                continue
            name, child, relocated = self._name(record)
            if relocated:
                continue
            is_directory = bool(flags & _DIRECTORY)
            block = int.from_bytes(record[2:6], "little") + record[1]
            length = int.from_bytes(record[10:14], "little")
            if child is not None:
                is_directory, block, length = True, child, self._length_at(child)
            extents.extend(self._extent(block, length))
            size += length
            if flags & _MULTI_EXTENT and not is_directory and len(extents) < _MOST_EXTENTS:
                continue
            if not only or name.casefold() in only:
                about = self._attributes(record)
                yield Node(name, is_directory, size, tuple(extents), block, attributes=about)
            extents, size = [], 0
        if extents and (not only or name.casefold() in only):
            # The records of its further extents were lost.
            yield Node(name, False, size, tuple(extents), -1)

    def _records(self, directory: Node) -> Iterator[bytes]:
        """Give the directory records, sector by sector: none straddles two (ECMA-119 6.8.1.1)."""
        left = min(directory.size, MOST_DIRECTORY)
        for extent in directory.extents:
            for lba in range(extent.lba, extent.end):
                if left <= 0 or self._budget <= 0 or lba >= self._sectors.count:
                    return
                left -= SECTOR
                self._budget -= SECTOR
                data = self._sectors.sector(lba)
                if data is not None:
                    yield from self._records_of(data)

    def _records_of(self, data: bytes) -> Iterator[bytes]:
        at = 0
        while at < SECTOR:
            length = data[at]
            if length == 0:
                # The rest of the logical block is unused; with small blocks the next one isn't.
                at = (at // self._block + 1) * self._block
                continue
            record = data[at : at + length]
            at += length
            if length < 34 or len(record) < length or 33 + record[32] > length:
                return
            # Both-byte-order fields that agree tell a record from a filled or foreign sector.
            if record[2:6] != record[9:5:-1] and record[10:14] != record[17:13:-1]:
                return
            yield record

    def _extent(self, block: int, size: int) -> tuple[Extent, ...]:
        if size <= 0:
            return ()
        first = block * self._block
        lba = first // SECTOR
        end = -(-(first + size) // SECTOR)
        return (Extent(lba, end - lba),)

    def _length_at(self, block: int) -> int:
        """Give the length of a relocated directory, from its own first record."""
        data = self._sectors.at(block * self._block, 34)
        return 0 if data is None else int.from_bytes(data[10:14], "little")

    def _name(self, record: bytes) -> tuple[str, int | None, bool]:
        """Give the best name, where a relocated directory lies, and whether this is a stand-in."""
        raw = record[33 : 33 + record[32]]
        if self._volume.joliet:
            return _without_version(raw.decode("utf-16-be", "replace")), None, False
        plain = _without_version(raw.decode("utf-8", "surrogateescape"))
        if self._skip is None:
            return plain, None, False
        start = 33 + record[32] + (record[32] + 1) % 2 + self._skip
        name, child, relocated = b"", None, False
        self._use = tuple(self._fields(record[start:]))
        for kind, body in self._use:
            if kind == b"NM" and not body[0] & 0x06:
                name += body[1:]
            elif kind == b"CL" and len(body) >= 4:
                child = int.from_bytes(body[:4], "little")
            elif kind == b"RE":
                relocated = True
        return name.decode("utf-8", "surrogateescape") or plain, child, relocated

    def _attributes(self, _record: bytes) -> Attributes:
        """Give what a record says beside name and place; nothing here: few want to know."""
        return PLAIN

    def _fields(self, use: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Give the system use fields with their data, continuation areas too (SUSP 5.1)."""
        for _turn in range(_MOST_CONTINUATIONS):
            onward = None
            at = 0
            while at + 4 <= len(use) and use[at + 2] >= 4:
                kind, length = use[at : at + 2], use[at + 2]
                body = use[at + 4 : at + length]
                at += length
                if kind == b"ST":
                    break
                if kind == b"CE" and len(body) >= 24:
                    onward = tuple(int.from_bytes(body[n : n + 4], "little") for n in (0, 8, 16))
                elif body or kind == b"RE":
                    yield kind, body
            if onward is None:
                return
            block, offset, length = onward
            self._continued -= min(length, SECTOR)
            if self._continued < 0:
                return
            use = self._sectors.at(block * self._block + offset, min(length, SECTOR)) or b""


def _without_version(name: str) -> str:
    name = name.partition(";")[0]
    return name[:-1] if name.endswith(".") and len(name) > 1 else name
