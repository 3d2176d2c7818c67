# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories and files on a disc, whatever the file system; safe against hostile structures."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from discwright.transfer.extents import Extent

MOST_DEPTH = 64
"""Directories below each other; ISO 9660 allows 8, Rock Ridge and UDF any number."""

MOST_NODES = 1_000_000
"""Files and directories that a walk gives before it ends."""

MOST_DIRECTORY = 32 * 1024 * 1024
"""Bytes of one directory that are read."""

MOST_DIRECTORIES = 128 * 1024 * 1024
"""Bytes of directories that one tree reads in all."""


class What(Enum):
    """What an entry is that is no directory."""

    FILE = auto()
    LINK = auto()
    """A symbolic link."""
    DEVICE = auto()
    """A device, a pipe or a socket."""
    PACKED = auto()
    """A file whose content is stored compressed (zisofs)."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a file system says of an entry beside its content; untrusted."""

    what: What = What.FILE
    modified: float | None = None
    """Seconds since 1970, UTC; None if not known or impossible."""
    mode: int | None = None
    """Permission bits as POSIX has them; None if there are none."""
    link: str = ""
    """Where a symbolic link leads."""


PLAIN = Attributes()


@dataclass(frozen=True, slots=True)
class Node:
    """A file or directory."""

    name: str
    """As the disc writes it, neither checked nor safe to show."""
    directory: bool
    size: int
    """Bytes."""
    extents: tuple[Extent, ...]
    """The sectors of its data; for a directory, of its records."""
    key: int
    """Tells directories of a tree apart."""
    structures: tuple[Extent, ...] = ()
    """Sectors that describe it, outside of the directory that names it."""
    attributes: Attributes = PLAIN
    """Only from trees that are read for copying files; see :mod:`discwright.image.contents`."""


class Tree(Protocol):
    """The directories of one file system."""

    def root(self) -> Node | None:
        """Give the root directory; None if it can't be had."""

    def children(self, directory: Node, only: Collection[str] = ()) -> Iterator[Node]:
        """Give what a directory names, without itself and its parent; unreadable parts are left.

        ``only``: casefolded names; given, others are passed over without a look at them.
        """

    def structures(self) -> tuple[Extent, ...]:
        """Give the sectors of the file system's own descriptors and tables."""


def find(tree: Tree, *names: str) -> Node | None:
    """Go down from the root by names, upper and lower case the same; None if there is no such."""
    node = tree.root()
    for name in names:
        if node is None or not node.directory:
            return None
        wanted = name.casefold()
        node = next(tree.children(node, (wanted,)), None)
    return node


def walk(tree: Tree) -> Iterator[tuple[str, Node]]:
    """Give all files and directories with their paths ("docs/readme.txt"), root first ("").

    Ends on every input: each directory is entered once (by its key), to a depth of
    :data:`MOST_DEPTH`, and no more than :data:`MOST_NODES` nodes are given.
    """
    root = tree.root()
    if root is None:
        return
    yield "", root
    entered = {root.key}
    pending = [("", root, 0)]
    given = 1
    while pending:
        path, directory, depth = pending.pop()
        for node in tree.children(directory):
            given += 1
            if given > MOST_NODES:
                return
            name = f"{path}/{node.name}" if path else node.name
            yield name, node
            if node.directory and depth < MOST_DEPTH and node.key not in entered:
                entered.add(node.key)
                pending.append((name, node, depth + 1))
