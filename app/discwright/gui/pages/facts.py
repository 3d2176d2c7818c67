# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts as a table of two columns."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from discwright.gui import theme
from discwright.gui.controls import Label
from discwright.gui.disc_facts import Fact


def facts_grid(facts: Iterable[Fact]) -> QGridLayout:
    """Give the table; its texts can be selected."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.WIDE)
    grid.setVerticalSpacing(9)
    grid.setColumnStretch(1, 1)
    grid.setColumnMinimumWidth(0, 110)
    for row, fact in enumerate(facts):
        name = Label(fact.name, faint=True, wrap=False)
        grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        text = Label(fact.text).selectable()
        text.setAccessibleName(f"{fact.name}: {fact.text}")
        text.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        grid.addWidget(text, row, 1)
    return grid
