# SPDX-License-Identifier: GPL-3.0-or-later
"""The page that shows the files of a disc or an image, and where they go if they are taken out."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QTreeView,
)

from discwright.gui import theme
from discwright.gui.bar import Bar
from discwright.gui.controls import Button, Kind, Label
from discwright.gui.file_model import DATE, MOST_FOUND, NAME, SIZE, FileModel, FileNode
from discwright.gui.flow import Flow
from discwright.gui.message import Message
from discwright.gui.pages.frame import Column, Header
from discwright.gui.target import Target
from discwright.gui.theme import Tone
from discwright.transfer.outcome import Refusal
from discwright.wording import _, counted, size

_NAME_LETTERS = 30
"""Letters that the names have room for before the dates have any."""

_SEARCH_MS = 200
"""How long typing must rest before it is searched for."""


class _Tree(QTreeView):
    """Names matter more than dates: in a narrow window those give way."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make room for the names."""
        super().resizeEvent(event)
        self.make_room()

    def make_room(self) -> None:
        """Hide the dates if they would leave the names too little room."""
        if self.model() is not None:
            header = self.header()
            date = max(header.sectionSize(DATE), header.sectionSizeHint(DATE))
            rest = self.viewport().width() - header.sectionSize(SIZE) - date
            narrow = rest < _NAME_LETTERS * self.fontMetrics().averageCharWidth()
            self.setColumnHidden(DATE, narrow)


class BrowseView(Column):
    """Looks at nothing itself: it is given the files, and asks."""

    extract_asked = Signal()
    back_asked = Signal()

    def __init__(self, title: str, folder: Path, name: str) -> None:
        super().__init__()
        self.model: FileModel | None = None
        self.told: tuple[str, ...] = ()
        """The warnings that the user has in sight."""
        self.setAccessibleName(_("Files of {disc}").format(disc=title))
        self.header = Header("folder")
        self.header.show_text(title, _("Reading the directories…"))
        self.message = Message()
        self.bar = Bar()
        self.bar.show_share(0, None)
        self.bar.setAccessibleName(_("Reading the directories"))
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Search by name"))
        self.search.setAccessibleName(_("Search by name"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumHeight(self.search.fontMetrics().height() + 14)
        self.search.setTextMargins(6, 0, 6, 0)
        self.tree = self._make_tree()
        self.about = Label(faint=True)
        self.target = Target(_("&Put into"), _("Name of the new folder"), _("Folder for the files"))
        self.target.room.hide()
        self.target.show_target(folder, name)
        self.extract = Button(_("E&xtract everything"), icon="rip", kind=Kind.PRIMARY)
        self.extract.setAccessibleDescription(_("Copies the files to the folder named above."))
        self.extract.clicked.connect(self.extract_asked)
        self.back = Button(_("Bac&k"))
        self.back.clicked.connect(self.back_asked)
        self.target.name.returnPressed.connect(self.extract.click)
        self._build()
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_SEARCH_MS)
        self._typing.timeout.connect(self._search)
        self.search.textChanged.connect(lambda _text: self._typing.start())
        for part in (self.search, self.tree, self.target):
            part.setEnabled(False)
        self.extract.setEnabled(False)

    def _make_tree(self) -> _Tree:
        tree = _Tree()
        tree.setAccessibleName(_("Files"))
        tree.header().setAccessibleName(_("Columns"))
        tree.setUniformRowHeights(True)  # else each of 50 000 rows would be measured
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        tree.setAlternatingRowColors(False)
        tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        tree.setTabKeyNavigation(False)
        tree.setMinimumHeight(160)
        return tree

    def _build(self) -> None:
        column = self.body
        column.setSpacing(theme.GAP)
        column.addWidget(self.header)
        column.addWidget(self.message)
        column.addWidget(self.bar)
        column.addWidget(self.search)
        column.addWidget(self.tree, 1)
        column.addWidget(self.about)
        column.addWidget(self.target)
        buttons = Flow(gap=theme.GAP)
        buttons.addWidget(self.extract)
        buttons.addWidget(self.back)
        column.addLayout(buttons)

    def show_files(self, nodes: Sequence[FileNode], damage: str) -> None:
        """Show the files; ``damage``: why some may be missing."""
        self.bar.hide()
        self.model = FileModel(nodes, self)
        self.tree.setModel(self.model)
        self.tree.selectionModel().selectionChanged.connect(lambda *_changes: self._tell())
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        wide = self.fontMetrics().horizontalAdvance
        header.resizeSection(SIZE, wide("0000.00 MB") + 24)
        header.resizeSection(DATE, wide("0000-00-00 00:00") + 32)
        header.setMinimumSectionSize(60)
        self.tree.make_room()
        with QSignalBlocker(header):
            header.setSortIndicator(NAME, Qt.SortOrder.AscendingOrder)
        self.tree.setSortingEnabled(True)
        for part in (self.search, self.tree, self.target):
            part.setEnabled(True)
        self._tell()
        if damage:
            self.message.say(Tone.WARNING, _("Files may be missing."), damage)
        if self.model.rowCount():
            first = self.model.index(0, 0)
            only = QItemSelectionModel.SelectionFlag.NoUpdate
            self.tree.selectionModel().setCurrentIndex(first, only)
        self.tree.setFocus()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The paths that are selected; none: everything is meant."""
        return tuple("/".join(node.parts) for node in self._selected())

    def _selected(self) -> list[FileNode]:
        if self.model is None:
            return []
        rows = self.tree.selectionModel().selectedRows()
        return [self.model.node(index) for index in rows]

    def _tell(self) -> None:
        """Say what would be taken."""
        if self.model is None:
            return
        root, selected = self.model.root, self._selected()
        self.header.show_text(
            self.header.headline.full_text,
            counted("{n} file, {{size}}", "{n} files, {{size}}", root.files).format(
                size=size(root.bytes)
            ),
        )
        if selected:
            inside = {node.parts for node in selected}
            alone = [
                node
                for node in selected
                if not any(node.parts[:n] in inside for n in range(1, len(node.parts)))
            ]
            words = counted("Selected: {n} file, {{size}}", "Selected: {n} files, {{size}}",
                            sum(node.files for node in alone))  # fmt: skip
            self.about.setText(words.format(size=size(sum(node.bytes for node in alone))))
        else:
            self.about.setText(_("Nothing is selected: everything is taken."))
        self.extract.setText(_("E&xtract selection") if selected else _("E&xtract everything"))
        self.extract.setEnabled(bool(root.children))

    def _search(self) -> None:
        if self.model is None:
            return
        text = self.search.text().strip()
        count = self.model.search(text)
        self._tell()
        if text:
            words = counted("{n} name holds this.", "{n} names hold this.", count)
            more = _("The first {n} are shown.").format(n=MOST_FOUND) if count > MOST_FOUND else ""
            self.about.setText(f"{words} {more}".strip())

    def warn(self, warnings: tuple[str, ...]) -> None:
        """Show what should be known before the start."""
        self.told = warnings
        self.message.say(Tone.WARNING, "\n".join(warnings), _("Press the button again to go on."))

    def refuse(self, refusal: Refusal, tone: Tone = Tone.WARNING) -> None:
        """Show why nothing can be taken out."""
        self.bar.hide()
        if self.model is None:
            self.header.below.hide()
        self.message.say(tone, refusal.message, refusal.remedy, refusal.cause)
