# SPDX-License-Identifier: GPL-3.0-or-later
"""The directories of UDF (ECMA-167 part 4): plain, sparable and metadata partitions.

Write-once discs with a virtual partition (packet writing on CD-R and DVD-R) have no tree here.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from discwright.image.sectors import Sectors
from discwright.image.text import cs0
from discwright.image.tree import MOST_DIRECTORIES, MOST_DIRECTORY, Node
from discwright.image.udf import UdfVolume, tag_of
from discwright.transfer.extents import Extent
from discwright.transfer.reader import SECTOR

_TAG_FILE_SET, _TAG_FILE_ID, _TAG_POINTERS = 256, 257, 258
_TAG_FILE, _TAG_EXTENDED_FILE = 261, 266
_KIND_DIRECTORY = 4
_MOST_EXTENTS = 20_000
_MOST_INDIRECT = 64
_MOST_LOST = 100_000
_MOST_RUNS = 4_000_000
"""Allocation descriptors that one tree follows in all."""
_MOST_METADATA_RUNS = 256


@dataclass(frozen=True, slots=True)
class _Run:
    """Bytes on the disc; ``recorded`` False: a hole that reads as zeros."""

    offset: int
    length: int
    recorded: bool = True


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file entry: what it describes, where its data lies."""

    directory: bool
    size: int
    runs: tuple[_Run, ...]
    embedded: bytes | None
    offset: int
    place: Extent


class UdfTree:
    """The tree of a UDF volume."""

    def __init__(self, sectors: Sectors, volume: UdfVolume) -> None:
        self._sectors = sectors
        self._volume = volume
        self._size = volume.block_size
        self._metadata: dict[int, tuple[_Run, ...]] = {}
        self._entries: dict[int, _Entry] = {}
        self._budget = MOST_DIRECTORIES
        self._lost = 0
        self._runs_left = _MOST_RUNS

    def root(self) -> Node | None:
        """Give the root directory, by the file set descriptor (ECMA-167 4/14.1)."""
        if self._volume.file_set is None:
            return None
        offset = self._place(*self._volume.file_set)
        data = None if offset is None else self._sectors.at(offset, 512)
        if tag_of(data) != _TAG_FILE_SET or data is None:
            return None
        return self._node("", data[400:416])

    def structures(self) -> tuple[Extent, ...]:
        """Give the sectors of anchors, descriptor sequences and the file set descriptor."""
        size = self._size
        volume = self._volume
        places = [(anchor * size, size) for anchor in volume.anchors]
        places += [(first * size, count * size) for first, count in volume.sequences]
        first, count = volume.integrity
        places.append((first * size, min(count, 128) * size))
        if volume.file_set is not None:
            offset = self._place(*volume.file_set)
            if offset is not None:
                places.append((offset, size))
        return tuple(_extent(offset, length) for offset, length in places if length)

    def children(self, directory: Node, only: Collection[str] = ()) -> Iterator[Node]:
        """Give what a directory names (ECMA-167 4/14.4)."""
        entry = self._entries.get(directory.key)
        for record in self._records(b"" if entry is None else self._content(entry)):
            if record[18] & 0x0C:  # deleted, or the parent
                continue
            use_length = int.from_bytes(record[36:38], "little")
            name = cs0(record[38 + use_length : 38 + use_length + record[19]])
            if not only or name.casefold() in only:
                yield self._node(name, record[20:36])

    def _records(self, data: bytes) -> Iterator[bytes]:
        """Give the file identifier descriptors; they are 4-aligned within the directory."""
        at = 0
        while 0 <= at <= len(data) - 38:
            use_length = int.from_bytes(data[at + 36 : at + 38], "little")
            end = at + 38 + use_length + data[at + 19]
            if at % 4 == 0 and tag_of(data[at:end]) == _TAG_FILE_ID:
                yield data[at:end]
                at = end + 3 & ~3
                continue
            # A part that couldn't be read: go on at the next record.
            self._lost += 1
            if self._lost > _MOST_LOST:
                return
            at = data.find(_TAG_FILE_ID.to_bytes(2, "little"), at + 1)

    def _node(self, name: str, long_ad: bytes) -> Node:
        """Give the node that a long allocation descriptor leads to (ECMA-167 4/14.14.2)."""
        entry = self._entry(
            int.from_bytes(long_ad[8:10], "little"), int.from_bytes(long_ad[4:8], "little")
        )
        if entry is None:
            return Node(name, False, 0, (), -1)
        if entry.directory:
            if len(self._entries) > 100_000:
                self._entries.clear()
            self._entries[entry.offset] = entry
        return Node(
            name,
            entry.directory,
            entry.size,
            tuple(_extent(run.offset, run.length) for run in entry.runs if run.recorded)
            or ((entry.place,) if entry.embedded else ()),
            entry.offset,
            (entry.place,),
        )

    def _entry(self, reference: int, block: int) -> _Entry | None:
        offset = self._place(reference, block)
        data = None if offset is None else self._sectors.at(offset, self._size)
        tag = tag_of(data)
        if data is None or offset is None or tag not in {_TAG_FILE, _TAG_EXTENDED_FILE}:
            return None
        head = 176 if tag == _TAG_FILE else 216
        attributes = int.from_bytes(data[head - 8 : head - 4], "little")
        length = int.from_bytes(data[head - 4 : head], "little")
        allocation = data[head + attributes : head + attributes + length]
        size = int.from_bytes(data[56:64], "little")
        kind = data[34] & 7
        runs: tuple[_Run, ...] = ()
        if kind in {0, 1, 2}:
            runs = tuple(self._runs(allocation, kind, reference, size))
        return _Entry(
            data[27] == _KIND_DIRECTORY,
            size,
            runs,
            allocation[:size] if kind == 3 else None,
            offset,
            _extent(offset, self._size),
        )

    def _runs(self, allocation: bytes, kind: int, reference: int, size: int) -> Iterator[_Run]:
        """Give the runs of allocation descriptors, following continuations (ECMA-167 4/12)."""
        width = (8, 16, 20)[kind]
        at = indirect = given = 0
        while (
            at + width <= len(allocation)
            and given < min(_MOST_EXTENTS, self._runs_left)
            and size > 0
        ):
            raw = int.from_bytes(allocation[at : at + 4], "little")
            length, state = raw & 0x3FFFFFFF, raw >> 30
            where = at + 12 if kind == 2 else at + 4
            block = int.from_bytes(allocation[where : where + 4], "little")
            part = reference
            if kind:
                part = int.from_bytes(allocation[where + 4 : where + 6], "little")
            at += width
            if length == 0:
                return
            if state == 3:
                indirect += 1
                offset = self._place(part, block)
                data = None if offset is None else self._sectors.at(offset, self._size)
                if tag_of(data) != _TAG_POINTERS or data is None or indirect > _MOST_INDIRECT:
                    return
                allocation = data[24 : 24 + int.from_bytes(data[20:24], "little")]
                at = 0
                continue
            length = min(length, size)
            size -= length
            given += 1
            self._runs_left -= 1
            for run in self._spread(part, block, length):
                yield _Run(run.offset, run.length, state == 0)

    def _content(self, entry: _Entry) -> bytes:
        """Give the content of a directory; what can't be read is zeros."""
        if entry.embedded is not None:
            return entry.embedded
        parts: list[bytes] = []
        left = min(entry.size, MOST_DIRECTORY, self._budget)
        self._budget -= left
        for run in entry.runs:
            start, end = run.offset, run.offset + min(run.length, left)
            left -= end - start
            for lba in range(start // SECTOR, -(-end // SECTOR)):
                if lba >= self._sectors.count:
                    return b"".join(parts)
                data = self._sectors.sector(lba) if run.recorded else None
                data = data or bytes(SECTOR)
                parts.append(data[max(0, start - lba * SECTOR) : end - lba * SECTOR])
        return b"".join(parts)

    def _place(self, reference: int, block: int) -> int | None:
        """Give the byte offset on the disc of a block of a partition of the logical volume."""
        run = next(self._spread(reference, block, self._size), None)
        return None if run is None else run.offset

    def _spread(self, reference: int, block: int, length: int) -> Iterator[_Run]:
        """Give where bytes of a partition lie on the disc."""
        if reference >= len(self._volume.maps):
            return
        this = self._volume.maps[reference]
        partition = self._volume.partitions.get(this.number)
        if partition is None or this.kind in {"virtual", "unknown"}:
            return
        offset = block * self._size
        if this.kind != "metadata":
            yield _Run(partition.start * self._size + offset, length)
            return
        for run in self._metadata_runs(reference):
            if offset < run.length and length > 0:
                part = min(run.length - offset, length)
                yield _Run(run.offset + offset, part)
                offset, length = 0, length - part
            else:
                offset -= min(run.length, offset)

    def _metadata_runs(self, reference: int) -> tuple[_Run, ...]:
        """Give where the metadata file lies (UDF 2.2.13); the mirror if the file is damaged."""
        if reference not in self._metadata:
            self._metadata[reference] = ()
            this = self._volume.maps[reference]
            plain = next(
                (
                    index
                    for index, other in enumerate(self._volume.maps)
                    if other.kind in {"plain", "sparable"} and other.number == this.number
                ),
                None,
            )
            for block in (this.metadata_file, this.metadata_mirror):
                entry = None if plain is None else self._entry(plain, block)
                if entry is not None and entry.runs:
                    self._metadata[reference] = entry.runs[:_MOST_METADATA_RUNS]
                    break
        return self._metadata[reference]


def _extent(offset: int, length: int) -> Extent:
    lba = offset // SECTOR
    return Extent(lba, -(-(offset + length) // SECTOR) - lba)
