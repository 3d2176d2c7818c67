# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a disc or image, to the byte: for copying them out of it.

The trees of this room leave out what they can't read, which is right for naming a loss and wrong
for a copy. Here every part of the tree that can't be had is listed, so that nothing is lost
without a word.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from discwright.errors import ReadError
from discwright.image.attributes import iso_attributes, udf_attributes, udf_link
from discwright.image.iso9660 import IsoVolume, descriptors, iso_volumes
from discwright.image.isotree import IsoTree
from discwright.image.sectors import Sectors
from discwright.image.tree import (
    MOST_DEPTH,
    MOST_DIRECTORIES,
    MOST_DIRECTORY,
    PLAIN,
    Attributes,
    Node,
    What,
)
from discwright.image.udf import UdfVolume, read_udf
from discwright.image.udftree import UdfTree
from discwright.image.volumes import FileSystem
from discwright.transfer.extents import Extent
from discwright.transfer.reader import SECTOR, SectorReader
from discwright.wording import _, shown

MOST_FILES = 100_000
"""Files and directories that are listed; no disc that people copy by files has more."""

_MOST_DAMAGE = 20
_MOST_NAMED = 255 * 4
_BUDGET = 2_000_000
_BOUNCE = 512 * SECTOR


@dataclass(frozen=True, slots=True)
class Run:
    """``length`` bytes of a file from byte ``offset`` of the disc on."""

    offset: int
    length: int
    recorded: bool = True
    """False: a hole, which reads as zeros (ECMA-167 4/14.14.1.1)."""


@dataclass(frozen=True, slots=True)
class DiscFile:
    """A file of a disc. Symbolic links and device files come as files without content."""

    parts: tuple[str, ...]
    """The names from the root down, as the disc writes them: not safe to show."""
    size: int
    """Bytes."""
    runs: tuple[Run, ...]
    """Where they lie, in order."""
    attributes: Attributes = PLAIN

    @property
    def path(self) -> str:
        """The path as people write it: "sources/install.wim"."""
        return "/".join(self.parts)

    @property
    def offset(self) -> int:
        """Byte of the disc at which it begins; 0 for an empty file."""
        return self.runs[0].offset if self.runs else 0


@dataclass(frozen=True)
class Contents:
    """All files of a file system of a disc."""

    file_system: FileSystem | None = None
    """The one that was listed; None if there is none."""
    files: tuple[DiscFile, ...] = ()
    directories: tuple[tuple[str, ...], ...] = ()
    """Each after the one that it is in; without the root."""
    damage: tuple[str, ...] = ()
    """What of the tree can't be had, in sentences: then files are missing here."""
    lost: tuple[tuple[str, ...], ...] = ()
    """The files among that whose names are known."""
    about: Mapping[tuple[str, ...], Attributes] = field(default_factory=dict)
    """What is said of directories."""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def find(self, *parts: str) -> DiscFile | None:
        """Give a file by its path, upper and lower case the same."""
        wanted = [part.casefold() for part in parts]
        return next(
            (file for file in self.files if [part.casefold() for part in file.parts] == wanted),
            None,
        )


def read_contents(reader: SectorReader, session_start: int = 0) -> Contents:
    """List all files: by UDF if it has files, or else by Rock Ridge, Joliet or plain ISO 9660.

    ``session_start``: the first sector of the session whose file systems are looked for.

    UDF comes first because the other trees of Windows' discs hold nothing but a note that says
    so. Ends on every input. Raises ReadError only if the reader's sectors are not 2048 bytes.
    """
    sectors = Sectors(reader, ahead=32, patience=64, budget=_BUDGET)
    found = list(descriptors(sectors, session_start))
    damage: tuple[str, ...] = ()
    udf = read_udf(sectors, session_start)
    if udf is None and any(one.identifier in {b"NSR02", b"NSR03"} for one in found):
        damage = (_("A UDF file system is announced, but its descriptors are missing."),)
    last = Contents(damage=damage)
    for system, tree in _trees(sectors, udf, iso_volumes(found)):
        listed = _Listing(sectors, tree).contents(system)
        # What a better tree has lost isn't made good by a poorer one.
        last = replace(listed, damage=(*damage, *listed.damage))
        if last.files:
            break
        damage = last.damage
    return last


class FileData:
    """The bytes of a file, from its beginning to its end."""

    def __init__(self, reader: SectorReader, file: DiscFile) -> None:
        self._reader = reader
        self._runs = list(reversed(file.runs))
        self._bounce = bytearray()
        self.left = file.size
        """Bytes that are still to come."""

    def read_into(self, buffer: memoryview) -> int:
        """Fill the buffer; give the number of bytes, 0 after the end.

        Fewer also come before a place that can't be read; there ReadError is raised, each time
        again, so that it can be tried again.
        """
        done = 0
        while done < len(buffer) and self._runs:
            run = self._runs[-1]
            part = min(run.length, len(buffer) - done)
            if run.recorded:
                try:
                    part = self._read(run.offset, part, buffer[done:])
                except ReadError:
                    if done:
                        break  # give what there is; the next call meets the error again
                    raise
            else:
                buffer[done : done + part] = bytes(part)
            done += part
            self._runs.pop()
            if part < run.length:
                self._runs.append(replace(run, offset=run.offset + part, length=run.length - part))
        self.left -= done
        return done

    def _read(self, offset: int, length: int, buffer: memoryview) -> int:
        """Read at most so many bytes; give how many."""
        lba, skip = divmod(offset, SECTOR)
        count = -(-(skip + length) // SECTOR)
        if not skip and count * SECTOR <= len(buffer):
            self._check(lba, count)
            self._reader.read_into(lba, count, buffer[: count * SECTOR])
            return length
        self._bounce = self._bounce or bytearray(_BOUNCE)
        count = min(count, _BOUNCE // SECTOR)
        self._check(lba, count)
        self._reader.read_into(lba, count, memoryview(self._bounce)[: count * SECTOR])
        part = min(length, count * SECTOR - skip)
        buffer[:part] = self._bounce[skip : skip + part]
        return part

    def _check(self, lba: int, count: int) -> None:
        if lba + count > self._reader.sectors:
            raise ReadError(
                _("The disc or image ends before this file does."), lba=lba, count=count
            )


class _IsoFiles(IsoTree):
    """A tree of ISO 9660 that tells what it passes over."""

    def __init__(self, sectors: Sectors, volume: IsoVolume) -> None:
        super().__init__(sectors, volume)
        self._cut_short: set[int] = set()
        self.unclear = False
        """Some of a directory's sectors make no sense, or something is stored in an odd way."""
        self.plain_blocks = volume.block_size == SECTOR

    def runs(self, node: Node) -> tuple[Run, ...] | None:
        """Give where a file's bytes lie; None if that can't be told."""
        if node.size and (node.key < 0 or not self.plain_blocks):
            return None
        left, found = node.size, []
        for extent in node.extents:
            length = min(left, extent.count * SECTOR)
            left -= length
            if not length or (left and extent.lba in self._cut_short):
                return None  # only the last section may end within a block (ECMA-119 6.5.1)
            found.append(Run(extent.lba * SECTOR, length))
        return None if left else tuple(found)

    def _attributes(self, record: bytes) -> Attributes:
        return iso_attributes(record, self._use)

    def _records_of(self, data: bytes) -> Iterator[bytes]:
        used = 0
        for record in super()._records_of(data):
            if record[26] or record[27]:  # interleaved (ECMA-119 9.1.7)
                self.unclear = True
            used += len(record)
            yield record
        if self.plain_blocks and used < SECTOR and data[used]:
            self.unclear = True

    def _extent(self, block: int, size: int) -> tuple[Extent, ...]:
        found = super()._extent(block, size)
        if size % SECTOR:
            self._cut_short.update(extent.lba for extent in found)
        return found


class _UdfFiles(UdfTree):
    """A tree of UDF that tells what it passes over, and where files lie to the byte."""

    def __init__(self, sectors: Sectors, volume: UdfVolume) -> None:
        super().__init__(sectors, volume)
        self._of: dict[int, tuple[Run, ...]] = {}
        self.unclear = False

    def runs(self, node: Node) -> tuple[Run, ...] | None:
        """Give where a file's bytes lie; None if that can't be told."""
        return self._of.pop(node.key, None)

    def _node(self, name: str, long_ad: bytes) -> Node:
        node = super()._node(name, long_ad)
        if node.key < 0:
            return node
        reference = int.from_bytes(long_ad[8:10], "little")
        entry = self._entry(reference, int.from_bytes(long_ad[4:8], "little"))
        if entry is None:
            return node
        node = replace(node, attributes=udf_attributes(self._sectors.at(entry.offset, self._size)))
        if entry.directory:
            return node
        if node.attributes.what is What.LINK:
            target = udf_link(self._content(entry))
            node = replace(node, attributes=replace(node.attributes, link=target))
        if entry.embedded is not None:
            at = self._embedded_at(entry.offset)
            runs = [Run(at, len(entry.embedded))] if entry.embedded else []
        else:
            runs = [Run(run.offset, run.length, run.recorded) for run in entry.runs]
        if sum(run.length for run in runs) == node.size:
            self._of[node.key] = tuple(runs)
        return node

    def _embedded_at(self, offset: int) -> int:
        """Give the byte of the disc at which the content of a file entry begins (4/14.9)."""
        data = self._sectors.at(offset, self._size) or bytes(self._size)
        head = 216 if int.from_bytes(data[:2], "little") == 266 else 176
        return offset + head + int.from_bytes(data[head - 8 : head - 4], "little")

    def _records(self, data: bytes) -> Iterator[bytes]:
        used = 0
        for record in super()._records(data):
            used += len(record) + 3 & ~3
            yield record
        if any(data[used:]):
            self.unclear = True


class _Listing:
    """One walk over a tree."""

    def __init__(self, sectors: Sectors, tree: "_IsoFiles | _UdfFiles") -> None:
        self._sectors = sectors
        self._tree = tree
        self._files: list[DiscFile] = []
        self._directories: list[tuple[str, ...]] = []
        self._about: dict[tuple[str, ...], Attributes] = {}
        self._lost: list[tuple[str, ...]] = []
        self._damage: list[str] = []
        self._entered: set[int] = set()
        self._read = 0
        self._end = sectors.count * SECTOR

    def contents(self, system: FileSystem) -> Contents:
        """Walk the tree."""
        before = len(self._sectors.unreadable)
        root = self._tree.root()
        if root is None:
            self._hurt(_("The root directory can't be read."))
        else:
            self._walk(root)
        lost = self._sectors.unreadable[before:]
        if lost:
            self._hurt(
                _("Directories can't be read, at sector {lba}.").format(
                    lba=", ".join(str(lba) for lba in lost[:8])
                )
            )
        if self._tree.unclear:
            self._hurt(_("Parts of the directories make no sense."))
        return Contents(
            system, tuple(self._files), tuple(self._directories), tuple(self._damage),
            tuple(self._lost), self._about,
        )  # fmt: skip

    def _walk(self, root: Node) -> None:
        pending: list[tuple[tuple[str, ...], Node]] = [((), root)]
        while pending:
            parts, directory = pending.pop()
            if not self._may_enter(parts, directory):
                continue
            for node in self._tree.children(directory):
                if len(self._files) + len(self._directories) >= MOST_FILES:
                    self._hurt(_("There are too many files."))
                    return
                if not _is_name(node.name):
                    self._hurt(_("There is a file without a usable name."))
                    continue
                path = (*parts, node.name)
                if node.directory:
                    self._directories.append(path)
                    self._about[path] = node.attributes
                    pending.append((path, node))
                else:
                    self._add(path, node)

    def _may_enter(self, parts: tuple[str, ...], directory: Node) -> bool:
        name = shown("/".join(parts)) or "/"
        self._read += directory.size
        inside = all(one.lba >= 0 and one.end <= self._sectors.count for one in directory.extents)
        if directory.key in self._entered or len(parts) > MOST_DEPTH:
            self._hurt(_("The directory {name} contains itself.").format(name=name))
        elif not inside:
            self._hurt(_("The directory {name} lies beyond the end.").format(name=name))
        elif directory.size > MOST_DIRECTORY or self._read > MOST_DIRECTORIES:
            self._hurt(_("The directory {name} is too large.").format(name=name))
        else:
            self._entered.add(directory.key)
            return True
        return False

    def _add(self, path: tuple[str, ...], node: Node) -> None:
        runs = self._tree.runs(node) if node.size or node.key >= 0 else None
        if runs is None:
            name = shown("/".join(path))
            self._hurt(_("Where the file {name} lies can't be told.").format(name=name))
            self._lost.append(path)
            return
        if any(run.recorded and run.offset + run.length > self._end for run in runs):
            name = shown("/".join(path))
            self._hurt(_("The file {name} lies beyond the end: it is cut off.").format(name=name))
            self._lost.append(path)
            return
        self._files.append(DiscFile(path, node.size, runs, node.attributes))

    def _hurt(self, sentence: str) -> None:
        if sentence not in self._damage and len(self._damage) < _MOST_DAMAGE:
            self._damage.append(sentence)


def _trees(
    sectors: Sectors, udf: UdfVolume | None, volumes: list[IsoVolume]
) -> Iterator[tuple[FileSystem, "_IsoFiles | _UdfFiles"]]:
    if udf is not None:
        yield FileSystem.UDF, _UdfFiles(sectors, udf)
    isos = [_IsoFiles(sectors, volume) for volume in volumes]
    for system, wanted in (
        (FileSystem.ROCK_RIDGE, [tree for tree in isos if tree.rock_ridge]),
        (FileSystem.JOLIET, [tree for tree in isos if tree.joliet]),
        (FileSystem.ISO9660, [tree for tree in isos if not tree.joliet and not tree.rock_ridge]),
    ):
        for tree in wanted:
            yield system, tree


def _is_name(name: str) -> bool:
    """Whether a name can be that of one file, wherever it is put: it leads to no other place."""
    return name not in {"", ".", ".."} and not set(name) & {"/", "\0"} and len(name) <= _MOST_NAMED
