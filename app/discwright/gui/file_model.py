# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a disc as a model for a tree view: filled level by level, sorted, searched."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QDateTime,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from discwright.gui import icons
from discwright.wording import _, counted, shown, size

if TYPE_CHECKING:
    from discwright.extract.source import DiscContents

NAME, SIZE, DATE = range(3)

MOST_FOUND = 5000
"""Entries that a search shows."""

Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()


@dataclass(eq=False, slots=True)
class FileNode:
    """A file or folder."""

    parts: tuple[str, ...]
    folder: bool
    bytes: int
    """Its size; of a folder that of all files in it."""
    modified: float | None
    files: int = 1
    """Files in it, or itself."""
    number: int = 0
    """Its place in the list of all nodes."""
    above: "FileNode | None" = None
    row: int = 0
    children: "list[FileNode]" = field(default_factory=list)
    sorted_by: object = None

    @property
    def name(self) -> str:
        """Its name, safe to show."""
        return shown(self.parts[-1], 255) if self.parts else ""


def nodes_of(found: "DiscContents") -> list[FileNode]:
    """Give all nodes, the root first. Quick, but not quick enough for the window's thread."""
    contents = found.contents
    root = FileNode((), True, 0, None, 0)
    nodes = [root]
    folders: dict[tuple[str, ...], FileNode] = {(): root}
    for parts in contents.directories:
        if parts in folders:
            continue
        about = contents.about.get(parts)
        folders[parts] = FileNode(parts, True, 0, about.modified if about else None, 0)
        nodes.append(folders[parts])
    nodes += [
        FileNode(file.parts, False, file.size, file.attributes.modified) for file in contents.files
    ]
    for number, node in enumerate(nodes):
        node.number = number
        if node is root:
            continue
        node.above = folders[node.parts[:-1]]
        node.above.children.append(node)
        if not node.folder:
            above: FileNode | None = node.above
            while above is not None:
                above.bytes += node.bytes
                above.files += 1
                above = above.above
    return nodes


class FileModel(QAbstractItemModel):
    """Rows of name, size and date. A level is sorted when it is first looked at."""

    def __init__(self, nodes: Sequence[FileNode], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._nodes = nodes
        self._root = nodes[0]
        self._found: FileNode | None = None
        """The root of what a search found; its children stand in their own folders too."""
        self._order = (NAME, False)
        self._folder, self._file = icons.icon("folder"), icons.icon("file")

    @property
    def root(self) -> FileNode:
        """What holds everything."""
        return self._root

    @property
    def searching(self) -> bool:
        """Whether only what was found is shown."""
        return self._found is not None

    def node(self, index: Index) -> FileNode:
        """Give what a row stands for."""
        if not index.isValid():
            return self._found or self._root
        return self._nodes[int(index.internalId())]

    def search(self, text: str) -> int:
        """Show only names that hold this, without their folders; give how many there are."""
        self.beginResetModel()
        self._found = None
        if text:
            wanted = text.casefold()
            matching = [node for node in self._nodes[1:] if wanted in node.parts[-1].casefold()]
            self._found = FileNode((), True, 0, None, children=matching[:MOST_FOUND])
        self.endResetModel()
        return 0 if self._found is None else len(matching)

    # What a view asks

    def index(self, row: int, column: int, parent: Index = _NONE) -> QModelIndex:
        """Give the index of a row."""
        children = self._children(self.node(parent))
        if not (0 <= row < len(children) and 0 <= column <= DATE):
            return QModelIndex()
        return self.createIndex(row, column, children[row].number)

    def parent(self, index: Index = _NONE) -> QModelIndex:  # type: ignore[override]
        """Give the index of the folder that it is in."""
        if not index.isValid() or self._found is not None:
            return QModelIndex()
        above = self.node(index).above
        if above is None or above is self._root:
            return QModelIndex()
        if above.above is not None:
            self._children(above.above)  # its row is known only when its level is sorted
        return self.createIndex(above.row, 0, above.number)

    def rowCount(self, parent: Index = _NONE) -> int:
        """Give how many entries a folder has."""
        if parent.column() > 0 or (self._found is not None and parent.isValid()):
            return 0
        return len(self.node(parent).children)

    def columnCount(self, _parent: Index = _NONE) -> int:
        """Give how many columns there are."""
        return DATE + 1

    def hasChildren(self, parent: Index = _NONE) -> bool:
        """Whether a folder has entries."""
        return self.rowCount(parent) > 0

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Give the title of a column."""
        if orientation is Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return (_("Name"), _("Size"), _("Date"))[section]
            if role == Qt.ItemDataRole.TextAlignmentRole and section != NAME:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give what a cell shows or says."""
        node, column = self.node(index), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(node, column)
            case Qt.ItemDataRole.DecorationRole if column == NAME:
                return self._folder if node.folder else self._file
            case Qt.ItemDataRole.TextAlignmentRole if column != NAME:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.ToolTipRole if column == NAME:
                return shown("/".join(node.parts), 600).replace("&", "&amp;").replace("<", "&lt;")
            case Qt.ItemDataRole.AccessibleTextRole if column == NAME:
                return self._spoken(node)
            case _:
                return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; folders come first."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        kept = [(self.node(one), one.column()) for one in before]
        self._order = (column, order is Qt.SortOrder.DescendingOrder)
        after = []
        for node, at in kept:
            above = self._found or node.above or self._root
            children = self._children(above)
            row = children.index(node) if self._found is not None else node.row
            after.append(self.createIndex(row, at, node.number))
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _children(self, node: FileNode) -> list[FileNode]:
        if node.sorted_by != self._order:
            column, backwards = self._order
            node.children.sort(key=_KEYS[column], reverse=backwards)
            node.children.sort(key=lambda child: not child.folder)
            node.sorted_by = self._order
            if node is not self._found:
                for row, child in enumerate(node.children):
                    child.row = row
        return node.children

    def _text(self, node: FileNode, column: int) -> str:
        if column == NAME:
            return shown("/".join(node.parts), 600) if self.searching else node.name
        if column == SIZE:
            return size(node.bytes)
        return _date(node.modified)

    def _spoken(self, node: FileNode) -> str:
        kind = (
            counted("folder with {n} file", "folder with {n} files", node.files)
            if node.folder
            else _("file")
        )
        parts = (node.name, kind, size(node.bytes), _date(node.modified))
        return ", ".join(part for part in parts if part)


def _date(modified: float | None) -> str:
    if modified is None:
        return ""
    return QDateTime.fromSecsSinceEpoch(round(modified)).toString("yyyy-MM-dd HH:mm")


def _by_name(node: FileNode) -> object:
    return node.parts[-1].casefold(), node.parts


_KEYS: dict[int, Callable[[FileNode], Any]] = {
    NAME: _by_name,
    SIZE: lambda node: node.bytes,
    DATE: lambda node: node.modified or 0.0,
}
