# SPDX-License-Identifier: GPL-3.0-or-later
"""Widgets side by side, in as many rows as the width asks for."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from discwright.gui import theme


class Flow(QLayout):
    """Lays out like words in a paragraph. ``columns``: rows line up, as in a table."""

    def __init__(self, *, gap: int = theme.SMALL + 2, columns: bool = False) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self._columns = columns
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """Add an item; called by addWidget."""
        self._items.append(item)

    def count(self) -> int:
        """Give how many there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Give one; None past the end, as Qt wants it."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Give one and let go of it."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Want no more room than needed."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """The narrower, the higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Give the height of the rows at this width."""
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        """Put everything in its place."""
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        """Give the size in one row."""
        sizes = [item.sizeHint() for item in self._seen()]
        width = sum(size.width() for size in sizes) + self._gap * max(0, len(sizes) - 1)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        """Give the size of the widest item."""
        size = QSize()
        for item in self._seen():
            size = size.expandedTo(item.minimumSize())
        return size

    def _seen(self) -> list[QLayoutItem]:
        return [item for item in self._items if not _hidden(item.widget())]

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        parent = self.parentWidget()
        mirrored = parent is not None and parent.layoutDirection() is Qt.LayoutDirection.RightToLeft
        seen = self._seen()
        column = max((item.sizeHint().width() for item in seen), default=0)
        x = y = height = 0
        row: list[tuple[QLayoutItem, int]] = []

        def place() -> None:
            """Put a row in its place, each item in the middle of its height."""
            for item, x in row:
                size = item.sizeHint()
                left = rect.width() - x - size.width() if mirrored else x
                corner = QPoint(left, y + (height - size.height()) // 2)
                item.setGeometry(QRect(rect.topLeft() + corner, size))

        for item in seen:
            size = item.sizeHint()
            width = column if self._columns else size.width()
            if x and x + width > rect.width():
                if move:
                    place()
                row, x, y, height = [], 0, y + height + self._gap, 0
            row.append((item, x))
            x += width + self._gap
            height = max(height, size.height())
        if move:
            place()
        return y + height


def _hidden(widget: QWidget | None) -> bool:
    return widget is not None and widget.isHidden()
