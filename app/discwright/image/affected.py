# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files lie on given sectors: what a loss means to people."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from discwright.image.boot import read_boot
from discwright.image.iso9660 import boot_record, descriptors, iso_volumes
from discwright.image.isotree import IsoTree
from discwright.image.sectors import Sectors
from discwright.image.tree import Tree, walk
from discwright.image.udf import read_udf
from discwright.image.udftree import UdfTree
from discwright.transfer.extents import Extent
from discwright.transfer.reader import SectorReader
from discwright.wording import _, shown

MOST_NAMES = 1000
_AHEAD = 32
_BUDGET = 2_000_000
_SYSTEM_AREA = Extent(0, 16)
"""For boot code, not used by the file system (ECMA-119 6.2.1)."""


class _Sought:
    """Sectors that are looked for, as ascending disjoint runs, fast to look up."""

    def __init__(self, runs: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(runs):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            elif start < end:
                self._starts.append(start)
                self._ends.append(end)
        self._found: list[tuple[int, int]] = []

    def __bool__(self) -> bool:
        return bool(self._starts)

    def touched_by(self, extents: Iterable[Extent]) -> bool:
        """Whether any of the sectors lies in ``extents``; remembers which ones do."""
        touched = False
        for extent in extents:
            at = max(0, bisect_right(self._starts, extent.lba) - 1)
            while at < len(self._starts) and self._starts[at] < extent.end:
                if self._ends[at] > extent.lba:
                    touched = True
                    piece = max(self._starts[at], extent.lba), min(self._ends[at], extent.end)
                    self._found.append(piece)
                at += 1
        return touched

    def remaining(self) -> "_Sought":
        """Give the sectors that no extent has touched."""
        left: list[tuple[int, int]] = []
        found = _Sought(self._found)
        at = 0
        for start, end in zip(self._starts, self._ends, strict=True):
            here = start
            while at < len(found._starts) and found._starts[at] < end:
                left.append((here, found._starts[at]))
                here = found._ends[at]
                at += 1
            left.append((here, end))
        return _Sought(left)


def files_at(
    reader: SectorReader, extents: Iterable[Extent], *, most: int = MOST_NAMES
) -> tuple[str, ...]:
    """Give the paths ("docs/readme.txt") of the files that have data in these sectors.

    By Rock Ridge, Joliet or UDF names, whichever the disc has, each sector by the best tree that
    knows it. Directories, descriptors and tables come as "(file system structures)". Works on
    damaged images; sectors in no file give nothing. No more than ``most`` names, then one that
    says how many more. Everything is safe to show. Raises ReadError only if the reader's sectors
    are not 2048 bytes.
    """
    sought = _Sought((extent.lba, extent.end) for extent in extents)
    if not sought:
        return ()
    sectors = Sectors(reader, ahead=_AHEAD, patience=100_000, budget=_BUDGET)
    trees, structures = _trees(sectors)
    names: dict[str, None] = {}
    more = 0
    damaged = sought.touched_by(structures)
    for tree in trees:
        sought = sought.remaining()
        if not sought:
            break
        for name, structural in _touched(tree, sought):
            if structural:
                damaged = True
            elif len(names) < most:
                names[shown(name, 1000)] = None
            else:
                more += 1
    sought = sought.remaining()
    notes = []
    if damaged:
        notes.append(_("(file system structures)"))
    if sought and sought.touched_by(_boot_images(reader)):
        notes.append(_("(boot image)"))
    if structures and sought.touched_by((_SYSTEM_AREA,)):
        notes.append(_("(boot area)"))
    if more:
        notes.append(_("(and {n} more)").format(n=more))
    return (*names, *notes)


def knows_files(reader: SectorReader) -> bool:
    """Whether there is a directory tree that :func:`files_at` can go by."""
    trees, _structures = _trees(Sectors(reader, ahead=_AHEAD))
    return any(tree.root() is not None for tree in trees)


def _touched(tree: Tree, sought: _Sought) -> Iterator[tuple[str, bool]]:
    """Give what lies on the sectors: path, and whether it is a structure, not a file's data."""
    if sought.touched_by(tree.structures()):
        yield "", True
    for path, node in walk(tree):
        if node.structures and sought.touched_by(node.structures):
            yield path, True
        if node.extents and sought.touched_by(node.extents):
            yield path, node.directory


def _trees(sectors: Sectors) -> tuple[list[Tree], list[Extent]]:
    """Give the trees, best names first, and where the descriptors before them lie."""
    found = list(descriptors(sectors))
    structures = [Extent(one.lba, 1) for one in found]
    catalog = boot_record(found)
    if catalog is not None:
        structures.append(Extent(catalog, 1))
    isos = [IsoTree(sectors, volume) for volume in iso_volumes(found)]
    udf = read_udf(sectors)
    udfs = [] if udf is None else [UdfTree(sectors, udf)]
    rich = [tree for tree in isos if tree.rock_ridge or tree.joliet]
    rich.sort(key=lambda tree: not tree.rock_ridge)
    # Where ISO 9660 has short names only, a UDF beside it is what people see.
    return [*rich, *udfs, *(tree for tree in isos if tree not in rich)], structures


def _boot_images(reader: SectorReader) -> list[Extent]:
    return [
        Extent(entry.lba, max(1, -(-entry.sectors_512 // 4)))
        for entry in read_boot(reader).el_torito
        if entry.bootable
    ]
