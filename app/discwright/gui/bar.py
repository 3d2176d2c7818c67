# SPDX-License-Identifier: GPL-3.0-or-later
"""A progress bar: slim, calm, and busy while nobody knows how much there is."""

from PySide6.QtCore import QElapsedTimer, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy

from discwright.gui import theme
from discwright.wording import _

STEPS = 1000
"""The bar's range: thousandths, since bytes of a Blu-ray overflow Qt's 32 bits."""

_SWEEP_MS = 1600


class Bar(QProgressBar):
    """A QProgressBar, so that screen readers know it, drawn in the palette's colours."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextVisible(False)
        self.setRange(0, STEPS)
        self.setAccessibleName(_("Progress"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._clock = QElapsedTimer()
        self._clock.start()
        self._timer = QTimer(self)
        self._timer.setInterval(50)
        self._timer.timeout.connect(self.update)

    def show_share(self, done: int, total: int | None) -> None:
        """Show ``done`` of ``total``; None: busy."""
        if not total:
            self.setRange(0, 0)
        else:
            self.setRange(0, STEPS)
            self.setValue(min(STEPS, done * STEPS // total))
        self._animate()

    @property
    def busy(self) -> bool:
        """Whether it only says that something goes on."""
        return self.maximum() == 0

    def _animate(self) -> None:
        if self.busy and self.isVisible():
            if not self._timer.isActive():
                self._timer.start()
        else:
            self._timer.stop()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin what only matters while it is seen."""
        super().showEvent(event)
        self._animate()

    def hideEvent(self, event: QHideEvent) -> None:
        """End what only matters while it is seen."""
        super().hideEvent(event)
        self._timer.stop()

    def sizeHint(self) -> QSize:
        """Give the size that it likes best."""
        return QSize(160, 8)

    def minimumSizeHint(self) -> QSize:
        """Give the size below which it is no use."""
        return QSize(60, 8)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        palette = self.palette()
        trough = QRectF(self.rect())
        radius = trough.height() / 2
        painter.setBrush(theme.mix(theme.card(palette), palette.windowText().color(), 0.13))
        painter.drawRoundedRect(trough, radius, radius)
        if self.busy:
            width = trough.width() * 0.28
            share = (self._clock.elapsed() % _SWEEP_MS) / _SWEEP_MS
            # There and back, so that nothing jumps.
            share = 2 * share if share < 0.5 else 2 - 2 * share
            filled = QRectF((trough.width() - width) * share, 0, width, trough.height())
        else:
            width = trough.width() * max(0, self.value()) / STEPS
            left = self.layoutDirection() is Qt.LayoutDirection.LeftToRight
            filled = QRectF(0 if left else trough.width() - width, 0, width, trough.height())
        if filled.width() > 0:
            painter.setBrush(theme.tone(palette, theme.Tone.INFO))
            painter.setClipRect(filled)
            whole = filled if filled.width() > trough.height() and self.busy else trough
            painter.drawRoundedRect(whole, radius, radius)
        painter.end()
