# SPDX-License-Identifier: GPL-3.0-or-later
"""The disc as a map of sectors: colour and sign say what became of them."""

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QVBoxLayout, QWidget

from discwright.gui import theme
from discwright.gui.job_words import grouped
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
        Cell.SKIPPED: _("Skipped for now"),
        Cell.BAD: _("Bad"),
    }[cell]


def draw_cells(
    painter: QPainter, places: list[QRectF], cells: list[Cell], palette: QPalette
) -> None:
    """Draw cells of the same size; each kind in one go, with a sign of its own."""
    scale = painter.device().devicePixelRatio()
    groups: dict[Cell, list[QRectF]] = {}
    for place, cell in zip(places, cells, strict=True):
        groups.setdefault(cell, []).append(place)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    todo = theme.mix(theme.card(palette), palette.windowText().color(), 0.22)
    skipped = theme.mix(theme.card(palette), palette.windowText().color(), 0.5)
    fills = {**_HUES, Cell.TO_DO: todo, Cell.SKIPPED: skipped}
    for cell, rects in groups.items():
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fills[cell])
        painter.drawRects(rects)
        if cell is Cell.TO_DO:
            painter.setBrush(theme.card(palette))
            # As thin as a line of whole pixels can be, so that all are alike.
            rim = max(1.0, float(round(scale))) / scale
            painter.drawRects([rect.adjusted(rim, rim, -rim, -rim) for rect in rects])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for cell, rects in groups.items():
        painter.setPen(QPen(QColor("black" if cell in _LIGHT else "white"), 1.4))
        painter.drawLines([stroke for rect in rects for stroke in _sign(cell, rect)])


_LEGEND = (Cell.READ, Cell.SLOW, Cell.RETRIED, Cell.BAD, Cell.SKIPPED, Cell.TO_DO)
_LIGHT = {Cell.SLOW, Cell.RETRIED}


def _sign(cell: Cell, rect: QRectF) -> list[QLineF]:
    inner = rect.adjusted(2, 2, -2, -2)
    middle = inner.center()
    match cell:
        case Cell.SLOW:
            return [QLineF(inner.left(), middle.y(), inner.right(), middle.y())]
        case Cell.RETRIED:
            return [QLineF(inner.bottomLeft(), inner.topRight())]
        case Cell.SKIPPED:
            return [QLineF(middle.x(), inner.top(), middle.x(), inner.bottom())]
        case Cell.BAD:
            return [
                QLineF(inner.topLeft(), inner.bottomRight()),
                QLineF(inner.bottomLeft(), inner.topRight()),
            ]
        case _:
            return []


class _Raster:
    """Measures and places on whole pixels of the screen, at 125 % too."""

    def __init__(self, widget: QWidget) -> None:
        self._scale = widget.devicePixelRatioF()
        self._origin = QPointF(widget.mapTo(widget.window(), QPointF(0, 0)))
        self.key = (self._scale, self._origin.x(), self._origin.y())
        self.pitch = round(_PITCH * self._scale) / self._scale
        self.side = round(_SIDE * self._scale) / self._scale

    def cell(self, x: float, y: float) -> QRectF:
        """Give the cell nearest to this place."""
        return QRectF(
            self._snap(x, self._origin.x()), self._snap(y, self._origin.y()), self.side, self.side
        )

    def _snap(self, place: float, origin: float) -> float:
        return round((place + origin) * self._scale) / self._scale - origin


class _Grid(QWidget):
    """The cells in rows; how many fit is decided by the width."""

    def __init__(self, cells: SectorCells) -> None:
        super().__init__()
        self._cells = cells
        self._made_for: object = None
        self._made: list[QRectF] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setSizePolicy(policy)
        self.setMinimumHeight(_PITCH * 9)
        self.setMaximumHeight(_PITCH * 18)

    def sizeHint(self) -> QSize:
        return QSize(400, _PITCH * 9)

    def show_cells(self, cells: SectorCells) -> None:
        self._cells = cells
        self.update()

    def _columns(self) -> int:
        return max(1, int(self.width() / _Raster(self).pitch))

    def _places(self) -> int:
        rows = int(self.height() / _Raster(self).pitch)
        return min(self._cells.count, self._columns() * rows)

    def _rects(self, count: int) -> list[QRectF]:
        """Give the places; made anew only when the widget moved or changed its size."""
        raster = _Raster(self)
        made_for = (count, self.size(), self.layoutDirection(), raster.key)
        if made_for != self._made_for:
            self._made_for, self._made = made_for, self._make_rects(count, raster)
        return self._made

    def _make_rects(self, count: int, raster: _Raster) -> list[QRectF]:
        columns = self._columns()
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        rects = []
        for index in range(count):
            row, column = divmod(index, columns)
            x = self.width() - (column + 1) * raster.pitch if mirrored else column * raster.pitch
            rects.append(raster.cell(x, row * raster.pitch))
        return rects

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = self._cells.shown_in(self._places())
        draw_cells(painter, self._rects(len(shown)), shown, self.palette())
        painter.end()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            pitch = _Raster(self).pitch
            column, row = int(event.pos().x() / pitch), int(event.pos().y() / pitch)
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


class _Legend(QWidget):
    """What the signs mean, and how many sectors; flows into as many lines as it needs."""

    def __init__(self, cells: SectorCells) -> None:
        super().__init__()
        self._cells = cells
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def refresh(self) -> None:
        """Show the numbers of now; they may need another line."""
        if self.height() != self.heightForWidth(self.width()):
            self.updateGeometry()
        self.update()

    def _entries(self) -> list[tuple[Cell, str]]:
        entries = []
        for cell in _LEGEND:
            n = self._cells.total(cell) if cell not in {Cell.READ, Cell.TO_DO} else 0
            entries.append((cell, f"{cell_name(cell)} {grouped(n)}" if n else cell_name(cell)))
        return entries

    def _flow(self, width: int) -> list[tuple[QRectF, Cell, str]]:
        line = self.fontMetrics().height() + 4
        found, x, y = [], 0, 0
        for cell, text in self._entries():
            wide = _PITCH + 6 + self.fontMetrics().horizontalAdvance(text)
            if x and x + wide > width:
                x, y = 0, y + line
            found.append((QRectF(x, y, wide, line), cell, text))
            x += wide + 16
        return found

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(self._flow(width)[-1][0].bottom())

    def sizeHint(self) -> QSize:
        return QSize(120, self.heightForWidth(max(120, self.width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.fontMetrics().height() + 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        raster = _Raster(self)
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        for place, cell, text in self._flow(self.width()):
            if mirrored:
                place.moveRight(self.width() - place.left())
            x = place.right() - _SIDE if mirrored else place.left()
            sample = raster.cell(x, place.center().y() - _SIDE / 2)
            draw_cells(painter, [sample], [cell], self.palette())
            painter.setPen(theme.faint(self.palette()))
            shift = _PITCH + 6
            words = place.adjusted(0, 0, -shift, 0) if mirrored else place.adjusted(shift, 0, 0, 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


class SectorMap(QWidget):
    """The map with its legend; the legend counts the sectors."""

    def __init__(self, cells: SectorCells) -> None:
        super().__init__()
        self.cells = cells
        self._grid = _Grid(cells)
        self._legend = _Legend(cells)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(self._grid, 1)
        column.addWidget(self._legend)
        self.setAccessibleName(_("Map of sectors"))
        self.refresh()

    def refresh(self) -> None:
        """Draw what the cells hold now."""
        done = self.cells.sectors - self.cells.total(Cell.TO_DO) - self.cells.total(Cell.SKIPPED)
        percent = min(100, done * 100 // self.cells.sectors)
        self.setAccessibleDescription(
            _("{percent} % of the sectors dealt with.").format(percent=percent)
            + " "
            + counted("{n} bad sector.", "{n} bad sectors.", self.cells.total(Cell.BAD))
        )
        self._grid.update()
        self._legend.refresh()
