# SPDX-License-Identifier: GPL-3.0-or-later
"""Colours and measures, all derived from the palette that the desktop gives.

Nothing here names a light or a dark theme: each colour is mixed from the palette's own window,
text and accent colours, so that a change of the system's theme needs no code.
"""

from collections.abc import Callable
from enum import Enum
from functools import wraps

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QWidget

SMALL, GAP, WIDE, PAGE = 6, 12, 20, 28
"""Distances in device-independent pixels: inside a row, between rows, between cards, around."""
RADIUS = 10.0
READABLE = 4.5
"""The least contrast of text (WCAG 2.2, 1.4.3)."""


class Tone(Enum):
    """What a colour says; an icon and a word always say it too."""

    INFO = "info"
    GOOD = "check"
    WARNING = "warning"
    BAD = "error"

    @property
    def icon(self) -> str:
        """The symbolic icon that goes with it."""
        return "disc" if self is Tone.INFO else self.value


_TONES = {Tone.GOOD: (30, 138, 84), Tone.WARNING: (196, 126, 0), Tone.BAD: (204, 48, 48)}


def mix(first: QColor, second: QColor, share: float) -> QColor:
    """Give ``first`` with a ``share`` (0 to 1) of ``second`` in it."""
    keep = 1.0 - share
    return QColor.fromRgbF(
        first.redF() * keep + second.redF() * share,
        first.greenF() * keep + second.greenF() * share,
        first.blueF() * keep + second.blueF() * share,
    )


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def luminance(colour: QColor) -> float:
    """Give the relative luminance, 0 to 1 (WCAG 2.2)."""
    return (
        0.2126 * _linear(colour.redF())
        + 0.7152 * _linear(colour.greenF())
        + 0.0722 * _linear(colour.blueF())
    )


def contrast(first: QColor, second: QColor) -> float:
    """Give the contrast ratio, 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def _once_per_palette(mixed: Callable[..., QColor]) -> Callable[..., QColor]:
    """Keep what was mixed: painting asks for the same colours over and over."""
    kept: dict[tuple[object, ...], QColor] = {}

    @wraps(mixed)
    def give(palette: QPalette, *more: object) -> QColor:
        key = (palette.cacheKey(), palette.currentColorGroup(), *more)
        if key not in kept:
            if len(kept) > 200:
                kept.clear()
            kept[key] = mixed(palette, *more)
        return QColor(kept[key])

    return give


def is_dark(palette: QPalette) -> bool:
    """Whether the palette has light text on a dark window."""
    return luminance(palette.window().color()) < luminance(palette.windowText().color())


@_once_per_palette
def card(palette: QPalette) -> QColor:
    """Give the surface that groups things."""
    window = palette.window().color()
    if is_dark(palette):
        return mix(window, palette.windowText().color(), 0.06)
    return mix(window, QColor("white"), 0.85)


@_once_per_palette
def sidebar(palette: QPalette) -> QColor:
    """Give the surface of the list, a shade apart from the page."""
    return mix(palette.window().color(), palette.windowText().color(), 0.035)


@_once_per_palette
def line(palette: QPalette) -> QColor:
    """Give a border that is seen without being looked at."""
    return mix(palette.window().color(), palette.windowText().color(), 0.16)


@_once_per_palette
def faint(palette: QPalette) -> QColor:
    """Give secondary text: softer than text, still readable."""
    surface, text = card(palette), palette.windowText().color()
    for share in (0.38, 0.3, 0.2, 0.1):
        soft = mix(text, surface, share)
        if contrast(soft, surface) >= READABLE:
            return soft
    return text


def readable_on(surface: QColor, wish: QColor) -> QColor:
    """Give ``wish``, moved away from ``surface`` until text in it can be read."""
    away = QColor("black") if luminance(surface) > 0.18 else QColor("white")
    for step in range(11):
        colour = mix(wish, away, step / 10)
        if contrast(colour, surface) >= READABLE:
            return colour
    return away


@_once_per_palette
def accent(palette: QPalette) -> QColor:
    """Give the desktop's accent, dark enough for white text on it."""
    return readable_on(QColor("white"), palette.highlight().color())


@_once_per_palette
def tone(palette: QPalette, what: Tone) -> QColor:
    """Give the colour for signs and text that say ``what``, readable on a card."""
    wish = palette.highlight().color() if what is Tone.INFO else QColor(*_TONES[what])
    return readable_on(card(palette), wish)


def larger(widget: QWidget, factor: float, *, bold: bool = False) -> QFont:
    """Give the widget's font, larger; the desktop's font size stays the measure."""
    font = QFont(widget.font())
    font.setPointSizeF(font.pointSizeF() * factor)
    if bold:
        font.setWeight(QFont.Weight.DemiBold)
    return font


def fixed_pitch(widget: QWidget) -> QFont:
    """Give a font for digests, in which every digit is as wide as the next."""
    font = QFont("monospace")
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPointSizeF(widget.font().pointSizeF() * 0.95)
    return font
