# SPDX-License-Identifier: GPL-3.0-or-later
"""The left list: drives with what is in them, sticks, opened images."""

from collections.abc import Iterable, Mapping

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)  # fmt: skip
from PySide6.QtGui import (
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QStandardItem,
    QStandardItemModel,
)  # fmt: skip
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)  # fmt: skip

from discwright.gui import icons, theme
from discwright.gui.entries import Entry, Group
from discwright.wording import _

_ENTRY = Qt.ItemDataRole.UserRole + 1
_STATUS = Qt.ItemDataRole.UserRole + 2

Index = QModelIndex | QPersistentModelIndex


class _Rows(QStyledItemDelegate):
    """Draws headings and two-line rows."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line = option.fontMetrics.height()
        if index.data(_ENTRY) is None:
            return QSize(80, line + (14 if index.row() == 0 else 24))
        return QSize(80, 2 * line + 18)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        entry = index.data(_ENTRY)
        if isinstance(entry, Entry):
            self._paint_entry(painter, option, entry, str(index.data(_STATUS) or ""))
        else:
            self._paint_heading(painter, option, str(index.data()))
        painter.restore()

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, text: str) -> None:
        palette, rect = QPalette(option.palette), option.rect
        # A heading can't be chosen, but it is there to be read.
        palette.setCurrentColorGroup(QPalette.ColorGroup.Active)
        font = QFont(option.font)
        font.setPointSizeF(font.pointSizeF() * 0.88)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(theme.faint(palette))
        place = rect.adjusted(14, 0, -10, -5)
        painter.drawText(place, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeading, text)

    def _paint_entry(
        self, painter: QPainter, option: QStyleOptionViewItem, entry: Entry, status: str
    ) -> None:
        palette, rect = option.palette, QRectF(option.rect).adjusted(6, 1, -6, -1)
        mirrored = option.direction is Qt.LayoutDirection.RightToLeft
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        ink, soft = palette.windowText().color(), theme.faint(palette)
        tint = theme.tone(palette, theme.Tone.INFO)
        window = theme.sidebar(palette)
        if selected or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            fill = theme.mix(window, tint, 0.20) if selected else theme.mix(window, ink, 0.06)
            painter.setBrush(fill)
            painter.drawRoundedRect(rect, 8, 8)
            if selected:
                soft = theme.readable_on(fill, soft)
        if selected and option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(tint, 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 7, 7)

        side = 22.0
        x = rect.right() - 10 - side if mirrored else rect.left() + 10
        place = QRectF(x, rect.center().y() - side / 2, side, side)
        icons.draw(painter, entry.icon, place, ink if entry.has_disc else soft)

        text = rect.adjusted(10, 0, -42, 0) if mirrored else rect.adjusted(42, 0, -10, 0)
        if entry.closable:
            closing = QRectF(close_place(option.rect, mirrored=mirrored))
            icons.draw(painter, "close", closing.adjusted(5, 5, -5, -5), soft)
            text = text.adjusted(20, 0, 0, 0) if mirrored else text.adjusted(0, 0, -20, 0)
        line = option.fontMetrics.height()
        top = rect.center().y() - line - 1
        font = QFont(option.font)
        font.setBold(False)
        painter.setFont(font)
        self._line(painter, option, QRectF(text.left(), top, text.width(), line), entry.title)
        font.setPointSizeF(font.pointSizeF() * 0.9)
        painter.setFont(font)
        painter.setPen(tint if status else soft)
        below = QRectF(text.left(), top + line + 2, text.width(), line)
        self._line(painter, option, below, status or entry.subtitle, keep_pen=True)

    @staticmethod
    def _line(
        painter: QPainter,
        option: QStyleOptionViewItem,
        place: QRectF,
        text: str,
        *,
        keep_pen: bool = False,
    ) -> None:
        if not keep_pen:
            painter.setPen(option.palette.windowText().color())
        fitting = painter.fontMetrics().elidedText(
            text, Qt.TextElideMode.ElideRight, int(place.width())
        )
        leading = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(place, leading, fitting)


def close_place(row: QRect, *, mirrored: bool) -> QRect:
    """Give where the closing cross of a row is."""
    x = row.left() + 10 if mirrored else row.right() - 10 - 24
    return QRect(x, row.center().y() - 12, 24, 24)


class Sidebar(QListView):
    """The list. It keeps what is selected by key while things come and go."""

    chosen = Signal(str)
    """The key of what was selected; "" if nothing is."""
    activated_key = Signal(str)
    close_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = ""
        self._filling = False
        self._rows = QStandardItemModel(self)
        self.setModel(self._rows)
        self.setItemDelegate(_Rows(self))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName(_("Drives, sticks and images"))
        self.setAccessibleDescription(_("Choose what the page on the right is about."))
        self.setMinimumWidth(150)
        self.activated.connect(self._activate)

    def show_entries(self, entries: Iterable[Entry], statuses: Mapping[str, str]) -> None:
        """Show these; the selection stays on its key, or goes if its thing is gone."""
        groups: dict[Group, list[Entry]] = {}
        for entry in entries:
            groups.setdefault(entry.group, []).append(entry)
        wanted: list[tuple[str, Entry | None]] = []
        for group in Group:
            if group in groups:
                wanted.append((group.title, None))
                wanted.extend((entry.spoken, entry) for entry in groups[group])
        self._filling = True
        self._rows.setRowCount(len(wanted))
        for row, (text, what) in enumerate(wanted):
            self._fill(row, text, what, statuses)
        self._filling = False
        self._restore()

    def _fill(self, row: int, text: str, entry: Entry | None, statuses: Mapping[str, str]) -> None:
        item = self._rows.item(row)
        if item is None:
            item = QStandardItem()
            self._rows.setItem(row, item)
        status = statuses.get(entry.key, "") if entry else ""
        if item.text() != text or item.data(_ENTRY) != entry:
            item.setText(text)
            item.setData(entry, _ENTRY)
            flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            item.setFlags(flags if entry else Qt.ItemFlag.NoItemFlags)
            tip = text.replace("&", "&amp;").replace("<", "&lt;")
            item.setToolTip(f"<qt>{tip}</qt>" if entry else "")
        if item.data(_STATUS) != status:
            item.setData(status, _STATUS)
        spoken = f"{text} · {status}" if status else text
        item.setData(spoken, Qt.ItemDataRole.AccessibleTextRole)

    def _restore(self) -> None:
        key = self._key
        for row in range(self._rows.rowCount()):
            entry = self._rows.item(row).data(_ENTRY)
            if isinstance(entry, Entry) and entry.key == key:
                if self.currentIndex().row() != row:
                    self._filling = True
                    self.setCurrentIndex(self._rows.index(row, 0))
                    self._filling = False
                return
        self._filling = True
        self.setCurrentIndex(QModelIndex())
        self.clearSelection()
        self._filling = False
        if key:
            self._key = ""
            self.chosen.emit("")

    @property
    def key(self) -> str:
        """What is selected; "" if nothing is."""
        return self._key

    def keys(self) -> list[str]:
        """Give the keys of all lines, from top to bottom."""
        entries = (self._rows.item(row).data(_ENTRY) for row in range(self._rows.rowCount()))
        return [entry.key for entry in entries if isinstance(entry, Entry)]

    def place_of(self, key: str) -> QPoint:
        """Give the middle of a line, in the viewport."""
        for row in range(self._rows.rowCount()):
            entry = self._rows.item(row).data(_ENTRY)
            if isinstance(entry, Entry) and entry.key == key:
                return self.visualRect(self._rows.index(row, 0)).center()
        return QPoint()

    def select(self, key: str) -> None:
        """Select this."""
        if key != self._key:
            self._key = key
            self._restore()
            self.chosen.emit(self._key)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Follow the selection, by mouse or keys."""
        super().currentChanged(current, previous)
        if self._filling:
            return
        entry = current.data(_ENTRY)
        key = entry.key if isinstance(entry, Entry) else ""
        if key and key != self._key:
            self._key = key
            self.chosen.emit(key)

    def _activate(self, index: QModelIndex) -> None:
        entry = index.data(_ENTRY)
        if isinstance(entry, Entry):
            self.activated_key.emit(entry.key)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows on a surface of their own; say so if there are none."""
        painter = QPainter(self.viewport())
        palette, place = self.palette(), self.viewport().rect()
        painter.fillRect(place, theme.sidebar(palette))
        if self._rows.rowCount() == 0:
            painter.setPen(theme.faint(palette))
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(place.adjusted(14, 18, -14, 0), flags, _("Nothing plugged in"))
        painter.end()
        super().paintEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close an image with Delete."""
        entry = self.currentIndex().data(_ENTRY)
        if event.key() == Qt.Key.Key_Delete and isinstance(entry, Entry) and entry.closable:
            self.close_asked.emit(entry.key)
            return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Close an image by its cross."""
        index = self.indexAt(event.position().toPoint())
        entry = index.data(_ENTRY)
        if isinstance(entry, Entry) and entry.closable:
            mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
            cross = close_place(self.visualRect(index), mirrored=mirrored)
            if cross.contains(event.position().toPoint()):
                self.close_asked.emit(entry.key)
                return
        super().mouseReleaseEvent(event)

    def event(self, event: QEvent) -> bool:
        """Meet what has no handler of its own."""
        if event.type() is QEvent.Type.ContextMenu:
            entry = self.currentIndex().data(_ENTRY)
            if isinstance(entry, Entry) and entry.closable:
                menu = QMenu(self)
                key = entry.key
                menu.addAction(_("&Close"), lambda: self.close_asked.emit(key))
                menu.popup(self.viewport().mapToGlobal(self.place_of(key)))
                return True
        return super().event(event)
