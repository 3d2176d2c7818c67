# SPDX-License-Identifier: GPL-3.0-or-later
"""The few controls that Qt's styles don't have: cards, calm buttons, labels that elide."""

import re
from enum import Enum

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from discwright.gui import icons, theme
from discwright.wording import _

_BREAK = "\u200b"
"""A space without width, where a line may be broken."""

_LONG_WORD = re.compile(r"\S{25,}")


def _breakable(word: re.Match[str]) -> str:
    """Let a long word be broken: else it would make the window wider than it is."""
    text = word[0]
    return _BREAK.join(text[at : at + 12] for at in range(0, len(text), 12))


class Label(QLabel):
    """A label that never takes text for markup. ``faint``: secondary. ``factor``: its size."""

    def __init__(
        self,
        text: str = "",
        *,
        faint: bool = False,
        factor: float = 1.0,
        bold: bool = False,
        wrap: bool = True,
    ) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self.setText(text)
        self._faint = faint
        if factor != 1.0 or bold:
            self.setFont(theme.larger(self, factor, bold=bold))
        self._soften()

    def setText(self, text: str) -> None:
        """Show this; where lines wrap, names of files without blanks wrap too."""
        super().setText(_LONG_WORD.sub(_breakable, text) if self.wordWrap() else text)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the palette."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.PaletteChange, QEvent.Type.ParentChange}:
            self._soften()

    def _soften(self) -> None:
        if not self._faint:
            return
        colour = theme.faint(QApplication.palette())
        palette = self.palette()
        if palette.color(QPalette.ColorRole.WindowText) != colour:
            palette.setColor(QPalette.ColorRole.WindowText, colour)
            self.setPalette(palette)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy what is selected as it is, without the places where it may be broken."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
            event.accept()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to copy what is selected."""
        if not self.hasSelectedText():
            event.ignore()
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(_("&Copy")).triggered.connect(self._copy)
        menu.popup(event.globalPos())

    def _copy(self) -> None:
        if self.hasSelectedText():
            QApplication.clipboard().setText(self.selectedText().replace(_BREAK, ""))

    def selectable(self) -> "Label":
        """Let the text be selected and copied, by mouse and keyboard."""
        flags = Qt.TextInteractionFlag
        self.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)
        return self


class ElidedLabel(Label):
    """One line that gives way: what does not fit is elided and shown in full as a tool tip."""

    def __init__(
        self,
        text: str = "",
        *,
        faint: bool = False,
        factor: float = 1.0,
        bold: bool = False,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        self._full = text
        self._mode = mode
        super().__init__("", faint=faint, factor=factor, bold=bold, wrap=False)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.show_text(text)

    def show_text(self, text: str) -> None:
        """Show this text, as much of it as fits."""
        self._full = text
        self.setAccessibleName(text)
        self._fit()

    @property
    def full_text(self) -> str:
        """The text, whether or not it fits."""
        return self._full

    def minimumSizeHint(self) -> QSize:
        """Give the size below which it is no use."""
        return QSize(40, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """Give the size that it likes best."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._full) + 2, metrics.height() + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the new size."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        fitting = self.fontMetrics().elidedText(self._full, self._mode, max(0, self.width() - 2))
        if fitting != self.text():
            self.setText(fitting)
        self.setToolTip(_plain_tip(self._full) if fitting != self._full else "")


def _plain_tip(text: str) -> str:
    """Give foreign text for a tool tip, which would else take ``<`` for markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").join(("<qt>", "</qt>"))


class Card(QFrame):
    """A quiet surface that groups what belongs together."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tint: theme.Tone | None = None

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        fill, edge = theme.card(palette), theme.line(palette)
        if self.tint is not None:
            colour = theme.tone(palette, self.tint)
            fill, edge = theme.mix(fill, colour, 0.10), theme.mix(fill, colour, 0.45)
        painter.setPen(QPen(edge, 1))
        painter.setBrush(fill)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, theme.RADIUS, theme.RADIUS)
        painter.end()


class Kind(Enum):
    """How much a button asks to be pressed."""

    PRIMARY = "primary"
    PLAIN = "plain"
    FLAT = "flat"
    LINK = "link"
    """Part of the text around it: no frame, no padding."""


class Button(QPushButton):
    """A push button in the colours of the palette, with a clear ring when it has the focus."""

    def __init__(
        self,
        text: str = "",
        *,
        icon: str = "",
        kind: Kind = Kind.PLAIN,
        gives_way: bool = False,
    ) -> None:
        super().__init__(text)
        self._gives_way = gives_way
        self._symbol = icon
        self._kind = kind
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAutoDefault(kind is Kind.PRIMARY)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        if kind is Kind.PRIMARY:
            self.setFont(theme.larger(self, 1.15, bold=True))

    @property
    def symbol(self) -> str:
        """The name of the icon on it."""
        return self._symbol

    @property
    def kind(self) -> Kind:
        """How much it asks to be pressed."""
        return self._kind

    def become(self, kind: Kind) -> None:
        """Ask to be pressed more, or less."""
        if kind is self._kind:
            return
        self._kind = kind
        primary = kind is Kind.PRIMARY
        self.setAutoDefault(primary)
        self.setFont(theme.larger(self, 1.15, bold=True) if primary else QApplication.font())
        self.updateGeometry()
        self.update()

    def set_symbol(self, name: str) -> None:
        """Show another icon."""
        self._symbol = name
        self.update()

    def _measures(self) -> tuple[int, int, int, int]:
        """Give height, padding, side of the icon, gap after the icon."""
        height = self.fontMetrics().height()
        side = round(height * 0.95) if self._symbol else 0
        gap = 8 if side and self.text() else 0
        if self._kind is Kind.PRIMARY:
            return height + 24, 26, side, gap
        if self._kind is Kind.LINK:
            return height + 10, 2, side, gap
        return height + 14, 14 if self.text() else 8, side, gap

    def sizeHint(self) -> QSize:
        """Give the size that it likes best."""
        height, padding, side, gap = self._measures()
        flag = Qt.TextFlag.TextShowMnemonic
        text = self.fontMetrics().size(flag, self.text()).width() if self.text() else 0
        return QSize(max(height, text + side + gap + 2 * padding), height)

    def minimumSizeHint(self) -> QSize:
        """Give the size below which it is no use."""
        whole = self.sizeHint()
        return QSize(min(whole.width(), 90), whole.height()) if self._gives_way else whole

    def _colours(self) -> tuple[QColor, QColor, QColor]:
        """Give fill, edge and text."""
        palette = QPalette(self.palette())
        # What is disabled is made fainter below; the style's own disabled colours would add to it.
        palette.setCurrentColorGroup(QPalette.ColorGroup.Active)
        text = palette.windowText().color()
        surface = theme.card(palette)
        if not self.isEnabled():
            fill = theme.mix(surface, text, 0.05)
            return fill, fill, theme.mix(surface, text, 0.45)
        if self._kind is Kind.PRIMARY:
            fill = theme.accent(palette)
            push = 0.18 if self.isDown() else 0.08 if self.underMouse() else 0.0
            fill = theme.mix(fill, QColor("black"), push)
            return fill, fill, QColor("white")
        share = 0.16 if self.isDown() else 0.10 if self.underMouse() else 0.05
        if self._kind is Kind.LINK:
            ink = theme.tone(palette, theme.Tone.INFO)
            clear = QColor(ink)
            clear.setAlphaF(share if share > 0.05 else 0.0)
            return clear, clear, ink
        if self._kind is Kind.FLAT:
            share = share if share > 0.05 else 0.0
            clear = QColor(text)
            clear.setAlphaF(share)
            return clear, clear, text
        return theme.mix(surface, text, share), theme.line(palette), text

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill, edge, ink = self._colours()
        frame = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        painter.setPen(Qt.PenStyle.NoPen if self._kind is not Kind.PLAIN else QPen(edge, 1))
        painter.setBrush(fill)
        radius = 9.0 if self._kind is Kind.PRIMARY else 7.0
        painter.drawRoundedRect(frame, radius, radius)
        if self.hasFocus():
            self._draw_ring(painter, frame, radius)
        self._draw_content(painter, ink)
        painter.end()

    def _draw_ring(self, painter: QPainter, frame: QRectF, radius: float) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._kind is Kind.PRIMARY:
            painter.setPen(QPen(QColor("white"), 1.5))
            painter.drawRoundedRect(frame.adjusted(3, 3, -3, -3), radius - 3, radius - 3)
            return
        painter.setPen(QPen(theme.tone(self.palette(), theme.Tone.INFO), 2))
        painter.drawRoundedRect(frame, radius, radius)

    def _draw_content(self, painter: QPainter, ink: QColor) -> None:
        _height, padding, side, gap = self._measures()
        flag = Qt.TextFlag.TextShowMnemonic
        said = self.text()
        text = self.fontMetrics().size(flag, said).width() if said else 0
        room = self.width() - (padding + side + gap)
        if text > room:
            text = room
            said = self.fontMetrics().elidedText(said, Qt.TextElideMode.ElideRight, room, flag)
        free = self.width() - (side + gap + text)
        left = padding if self._kind is Kind.LINK else max(padding // 2, free // 2)
        if self._kind is Kind.LINK and self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            left = self.width() - padding - side - gap - text
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        if side:
            x = self.width() - left - side if mirrored else left
            icons.draw(
                painter, self._symbol, QRectF(x, (self.height() - side) / 2, side, side), ink
            )
        x = left if mirrored else left + side + gap
        painter.setPen(ink)
        painter.drawText(
            QRect(x, 0, text + 2, self.height()),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | flag,
            said,
        )


def icon_button(icon: str, name: str, *, tip: str = "") -> Button:
    """Give a flat button that has only an icon; ``name`` is what a screen reader says."""
    button = Button(icon=icon, kind=Kind.FLAT)
    button.setAccessibleName(name)
    button.setToolTip(tip or name)
    return button


class Picture(QWidget):
    """A symbolic icon as part of a page; ``tone`` colours it."""

    def __init__(self, name: str, side: int, *, tone: theme.Tone | None = None) -> None:
        super().__init__()
        self._name = name
        self.tone = tone
        self.setFixedSize(side, side)

    def show_icon(self, name: str, tone: theme.Tone | None = None) -> None:
        """Show another icon."""
        self._name, self.tone = name, tone
        self.update()

    @property
    def name(self) -> str:
        """The icon's name."""
        return self._name

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        palette = self.palette()
        colour = theme.faint(palette) if self.tone is None else theme.tone(palette, self.tone)
        icons.draw(painter, self._name, QRectF(self.rect()), colour)
        painter.end()
