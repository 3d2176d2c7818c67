# SPDX-License-Identifier: GPL-3.0-or-later
"""The disc as a map of sectors: colour and sign say what became of them."""

from PySide6.QtCore import QEvent, QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from discwright.gui import theme
from discwright.gui.controls import Label
from discwright.gui.sector_cells import Cell, SectorCells
from discwright.wording import _, counted

_SIDE, _PITCH = 9, 11

# Blue, sky, amber, vermilion: hues that stay apart in the common kinds of colour blindness.
_HUES = {
    Cell.READ: QColor(46, 121, 199),
    Cell.SLOW: QColor(118, 190, 236),
    Cell.RETRIED: QColor(230, 160, 20),
    Cell.BAD: QColor(208, 62, 20),
}


def cell_name(cell: Cell) -> str:
    """Give the legend's word."""
    return {
        Cell.TO_DO: _("To do"),
        Cell.READ: _("Read"),
        Cell.SLOW: _("Slow"),
        Cell.RETRIED: _("Retried"),
        Cell.BAD: _("Bad"),
    }[cell]


def draw_cells(
    painter: QPainter, places: list[QRectF], cells: list[Cell], palette: QPalette
) -> None:
    """Draw cells of the same size; each kind in one go, with a sign of its own."""
    groups: dict[Cell, list[QRectF]] = {}
    for place, cell in zip(places, cells, strict=True):
        groups.setdefault(cell, []).append(place)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    todo = theme.mix(theme.card(palette), palette.windowText().color(), 0.14)
    for cell, rects in groups.items():
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(todo if cell is Cell.TO_DO else _HUES[cell])
        painter.drawRects(rects)
        if cell is Cell.TO_DO:
            painter.setBrush(theme.card(palette))
            painter.drawRects([rect.adjusted(1, 1, -1, -1) for rect in rects])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for cell, rects in groups.items():
        painter.setPen(QPen(QColor("black" if cell in _LIGHT else "white"), 1.4))
        painter.drawLines([stroke for rect in rects for stroke in _sign(cell, rect)])


_LIGHT = {Cell.SLOW, Cell.RETRIED}


def _sign(cell: Cell, rect: QRectF) -> list[QLineF]:
    inner = rect.adjusted(2, 2, -2, -2)
    middle = inner.center()
    match cell:
        case Cell.SLOW:
            return [QLineF(inner.left(), middle.y(), inner.right(), middle.y())]
        case Cell.RETRIED:
            return [QLineF(inner.bottomLeft(), inner.topRight())]
        case Cell.BAD:
            return [
                QLineF(inner.topLeft(), inner.bottomRight()),
                QLineF(inner.bottomLeft(), inner.topRight()),
            ]
        case _:
            return []


class _Grid(QWidget):
    """The cells in rows; how many fit is decided by the width."""

    def __init__(self, cells: SectorCells) -> None:
        super().__init__()
        self._cells = cells
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        self.setMinimumHeight(_PITCH * 9)

    def sizeHint(self) -> QSize:
        return QSize(400, _PITCH * 9)

    def show_cells(self, cells: SectorCells) -> None:
        self._cells = cells
        self.update()

    def _columns(self) -> int:
        return max(1, self.width() // _PITCH)

    def _places(self) -> int:
        return min(self._cells.count, self._columns() * (self.height() // _PITCH))

    def _rects(self, count: int) -> list[QRectF]:
        columns = self._columns()
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        rects = []
        for index in range(count):
            row, column = divmod(index, columns)
            x = self.width() - (column + 1) * _PITCH if mirrored else column * _PITCH
            rects.append(QRectF(x, row * _PITCH, _SIDE, _SIDE))
        return rects

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = self._cells.shown_in(self._places())
        draw_cells(painter, self._rects(len(shown)), shown, self.palette())
        painter.end()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            column, row = event.pos().x() // _PITCH, event.pos().y() // _PITCH
            place, places = row * self._columns() + column, self._places()
            if column < self._columns() and 0 <= place < places:
                start, end = self._cells.range_of(place, places)
                name = cell_name(self._cells.shown_in(places)[place])
                text = _("Sectors {first} to {last}: {state}").format(
                    first=start, last=end - 1, state=name
                )
                QToolTip.showText(event.globalPos(), text, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)


class _Swatch(QWidget):
    """One cell of the legend."""

    def __init__(self, cell: Cell) -> None:
        super().__init__()
        self._cell = cell
        self.setFixedSize(_SIDE + 2, _SIDE + 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_cells(painter, [QRectF(1, 1, _SIDE, _SIDE)], [self._cell], self.palette())
        painter.end()


class SectorMap(QWidget):
    """The map with its legend; the legend counts the sectors."""

    def __init__(self, cells: SectorCells) -> None:
        super().__init__()
        self.cells = cells
        self._grid = _Grid(cells)
        self._counts: dict[Cell, Label] = {}
        legend = QHBoxLayout()
        legend.setSpacing(theme.SMALL)
        for cell in (Cell.READ, Cell.SLOW, Cell.RETRIED, Cell.BAD, Cell.TO_DO):
            label = Label(cell_name(cell), faint=True, wrap=False)
            self._counts[cell] = label
            legend.addWidget(_Swatch(cell))
            legend.addWidget(label)
            legend.addSpacing(theme.SMALL)
        legend.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(self._grid)
        column.addLayout(legend)
        self.setAccessibleName(_("Map of sectors"))
        self.refresh()

    def refresh(self) -> None:
        """Draw what the cells hold now."""
        for cell in (Cell.SLOW, Cell.RETRIED, Cell.BAD):
            n = self.cells.total(cell)
            self._counts[cell].setText(f"{cell_name(cell)} {n}" if n else cell_name(cell))
        done = sum(self.cells.total(cell) for cell in Cell)
        percent = min(100, done * 100 // self.cells.sectors)
        self.setAccessibleDescription(
            _("{percent} % of the sectors dealt with.").format(percent=percent)
            + " "
            + counted("{n} bad sector.", "{n} bad sectors.", self.cells.total(Cell.BAD))
        )
        self._grid.update()
