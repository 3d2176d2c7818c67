# SPDX-License-Identifier: GPL-3.0-or-later
"""Symbolic icons, drawn in the colours of the palette; a missing one is an empty place."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap

from discwright import APP_ID
from discwright.assets import asset


@lru_cache(maxsize=64)
def _drawing(name: str) -> bytes:
    try:
        return asset("icons", "symbolic", f"{name}.svg").read_bytes()
    except OSError:
        return b""


@lru_cache(maxsize=256)
def _pixmap(name: str, side: int, colour: str) -> QPixmap:
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    drawing = _drawing(name).replace(b"currentColor", colour.encode())
    if drawing:
        from PySide6.QtSvg import QSvgRenderer  # noqa: PLC0415 - not needed to start

        painter = QPainter(picture)
        QSvgRenderer(QByteArray(drawing)).render(painter, QRectF(0, 0, side, side))
        painter.end()
    return picture


def draw(painter: QPainter, name: str, rect: QRectF, colour: QColor) -> None:
    """Draw the icon into ``rect``, sharp at the painter's scale."""
    scale = painter.device().devicePixelRatio()
    side = max(1, round(min(rect.width(), rect.height()) * scale))
    picture = QPixmap(_pixmap(name, side, colour.name()))
    picture.setDevicePixelRatio(scale)
    painter.drawPixmap(rect.topLeft(), picture)


class _Symbolic(QIconEngine):
    """Draws an icon in the palette's text colour of the moment: dark mode needs no reload."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def clone(self) -> QIconEngine:
        return _Symbolic(self._name)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        palette = QGuiApplication.palette()
        role = QPalette.ColorRole.WindowText
        group = QPalette.ColorGroup.Active
        if mode is QIcon.Mode.Disabled:
            group = QPalette.ColorGroup.Disabled
        elif mode is QIcon.Mode.Selected:
            role = QPalette.ColorRole.HighlightedText
        side = min(rect.width(), rect.height())
        corner = QPoint((rect.width() - side) // 2, (rect.height() - side) // 2)
        place = QRectF(rect.topLeft() + corner, QSize(side, side))
        draw(painter, self._name, place, palette.color(group, role))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return picture


def icon(name: str) -> QIcon:
    """Give the symbolic icon of this name."""
    return QIcon(_Symbolic(name))


def app_icon() -> QIcon:
    """Give the program's own icon: the desktop theme's, else the one that comes with it."""
    path = asset("icons", "hicolor", "scalable", "apps", f"{APP_ID}.svg")
    return QIcon.fromTheme(APP_ID, QIcon(str(path)) if path.exists() else QIcon())
