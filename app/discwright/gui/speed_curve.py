# SPDX-License-Identifier: GPL-3.0-or-later
"""The reading speed over the disc, from its first sector to its last, as a curve."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from discwright.gui import theme
from discwright.gui.sector_cells import SpeedPoints, round_scale
from discwright.wording import _, size


class SpeedCurve(QWidget):
    """Left the first sector, right the last; the height is the speed there."""

    def __init__(self, points: SpeedPoints, disc_size: int) -> None:
        super().__init__()
        self._points = points
        self._disc_size = disc_size
        self.setMinimumHeight(110)
        self.setMaximumHeight(220)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFont(theme.larger(self, 0.88))
        self.setAccessibleName(_("Reading speed over the disc"))

    def sizeHint(self) -> QSize:
        """Give the size that it likes best."""
        return QSize(400, 130)

    def refresh(self) -> None:
        """Draw what is known now."""
        if self._points.last is not None:
            self.setAccessibleDescription(
                _("Now {rate}/s, at most {top}/s.").format(
                    rate=size(round(self._points.last)), top=size(round(self._points.top))
                )
            )
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        scale = round_scale(self._points.top)
        marks = (
            [_rate(scale * share) for share in (1.0, 0.5)] if self._points.top else ["0 MB/s"] * 2
        )
        left = max(metrics.horizontalAdvance(text) for text in marks) + 10
        plot = QRectF(
            left,
            metrics.height() / 2 + 1,
            self.width() - left - 2,
            self.height() - 1.8 * metrics.height() - 6,
        )
        self._draw_axes(painter, plot, marks)
        self._draw_curve(painter, plot, scale)
        painter.end()

    def _draw_axes(self, painter: QPainter, plot: QRectF, marks: list[str]) -> None:
        palette = self.palette()
        rule, ink = theme.line(palette), theme.faint(palette)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        height = self.fontMetrics().height()
        for share, text in zip((1.0, 0.5, 0.0), [*marks, "0"], strict=True):
            y = plot.bottom() - share * plot.height()
            painter.setPen(QPen(rule, 1, Qt.PenStyle.SolidLine if not share else _DOTS))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            if self._points.top or not share:
                painter.setPen(ink)
                painter.drawText(QRectF(0, y - height / 2, plot.left() - 8, height), right, text)
        painter.setPen(ink)
        below = QRectF(plot.left(), plot.bottom() + 5, plot.width(), height)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, _("Start of the disc"))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, size(self._disc_size))

    def _draw_curve(self, painter: QPainter, plot: QRectF, scale: float) -> None:
        points = [
            QPointF(plot.left() + x * plot.width(), plot.bottom() - rate / scale * plot.height())
            for x, rate in self._points.points()
        ]
        if not points:
            return
        colour = theme.tone(self.palette(), theme.Tone.INFO)
        path = QPainterPath(QPointF(points[0].x(), plot.bottom()))
        for point in points:
            path.lineTo(point)
        path.lineTo(QPointF(points[-1].x(), plot.bottom()))
        wash = QColor(colour)
        wash.setAlphaF(0.16)
        painter.fillPath(path, wash)
        painter.setPen(QPen(colour, 1.8))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(points[-1], 3.2, 3.2)


_DOTS = Qt.PenStyle.DotLine


def _rate(rate: float) -> str:
    return f"{size(round(rate))}/s"
