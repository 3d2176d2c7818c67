# SPDX-License-Identifier: GPL-3.0-or-later
"""The page on which a burn or the writing of sticks is set up: image, devices, what will happen."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QVBoxLayout, QWidget

from discwright.gui import theme
from discwright.gui.controls import Button, ElidedLabel, Kind, Label
from discwright.gui.flow import Flow
from discwright.gui.fold import Fold
from discwright.gui.message import Message
from discwright.gui.pages.frame import Column, Header, Section
from discwright.gui.theme import Tone
from discwright.gui.ticks import Ticks
from discwright.transfer.outcome import Refusal
from discwright.wording import _


class TaskView(Column):
    """Looks at nothing itself: it asks and is told."""

    start_asked = Signal()
    back_asked = Signal()
    image_asked = Signal()
    agreed = Signal()
    """The box below the message was ticked or not."""

    def __init__(self, icon: str, title: str, go: str, *, nothing: str, fold: Fold) -> None:
        super().__init__()
        self.fold = fold
        self.told: tuple[str, ...] = ()
        """The warnings that the user has in sight."""
        self.header = Header(icon)
        self.header.show_text(title, "")
        self.setAccessibleName(title)
        self.body.addWidget(self.header)
        self.message = Message()
        self.body.addWidget(self.message)
        self.consent = _WrappingBox()
        self.consent.hide()
        self.consent.box.toggled.connect(self.agreed)
        self.body.addWidget(self.consent)
        self._what = Label(_("Image"), faint=True, wrap=False)
        self._disc = ""
        self.image = ElidedLabel(bold=True, mode=Qt.TextElideMode.ElideMiddle)
        self.about_image = Label(faint=True)
        self.other = Button(_("Another &image…"))
        self.other.clicked.connect(self.image_asked)
        self.ticks = Ticks(nothing)
        self.go = Button(go, icon=icon, kind=Kind.PRIMARY)
        self.go.setEnabled(False)
        self.go.clicked.connect(self.start_asked)
        self.back = Button(_("Bac&k"))
        self.back.clicked.connect(self.back_asked)
        self.body.addWidget(self._card(title))
        self.steps = Section(_("What will happen"))
        self._sentences = QVBoxLayout()
        self._sentences.setSpacing(theme.SMALL + 2)
        self.steps.body.addLayout(self._sentences)
        self.steps.hide()
        self.body.addWidget(self.steps)
        self.body.addStretch()

    def _card(self, title: str) -> Section:
        card = Section()
        card.setAccessibleName(title)
        self._grid = grid = QGridLayout()
        grid.setHorizontalSpacing(theme.WIDE)
        grid.setVerticalSpacing(theme.GAP)
        grid.setColumnStretch(1, 1)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self._what, 0, 0, top)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.image)
        words.addWidget(self.about_image)
        grid.addLayout(words, 0, 1)
        grid.addWidget(Label(_("Onto"), faint=True, wrap=False), 1, 0, top)
        grid.addWidget(self.ticks, 1, 1)
        card.body.addLayout(grid)
        card.body.addSpacing(4)
        buttons = Flow(gap=theme.GAP)
        buttons.addWidget(self.go)
        buttons.addWidget(self.other)
        buttons.addWidget(self.back)
        card.body.addLayout(buttons)
        card.body.addWidget(self.fold)
        return card

    def add_row(self, text: str, control: QWidget) -> Label:
        """Add a control below the devices, after a label, which is given."""
        label = Label(text, faint=True, wrap=False)
        label.setBuddy(control)
        row = self._grid.rowCount()
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(control, row, 1, Qt.AlignmentFlag.AlignLeft)
        return label

    def is_of_disc(self, name: str) -> None:
        """Show that it is a disc that goes elsewhere, not an image that could be another."""
        self._what.setText(_("Disc"))
        self._disc = name
        self.other.hide()
        self.show_image(name, self.about_image.text())

    def show_image(self, name: str, about: str) -> None:
        """Show which image it is, and what is known of it."""
        name = self._disc or name
        self.image.show_text(name)
        self.image.setAccessibleName(_("Image: {path}").format(path=name))
        self.about_image.setText(about)
        self.about_image.setVisible(bool(about))

    def show_steps(self, steps: Sequence[str]) -> None:
        """Show what will happen, a sentence for each step."""
        while (item := self._sentences.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for step in steps:
            self._sentences.addWidget(Label(step).selectable())
        self.steps.setVisible(bool(steps))

    def wait(self) -> None:
        """Show that image and devices are being looked at."""
        self.header.below.show_text(_("Looking at the image and at what it can go to…"))
        self.header.below.show()
        self.go.setEnabled(False)

    def allow(self, warnings: tuple[str, ...]) -> None:
        """Let it be started, and show what should be known before."""
        self.header.below.hide()
        self.go.setEnabled(True)
        self.told = warnings
        if warnings:
            self.message.say(Tone.WARNING, "\n".join(warnings))
        else:
            self.message.clear()

    def refuse(self, refusal: Refusal, tone: Tone = Tone.WARNING, overrule: str = "") -> None:
        """Show why it can't be started; with ``overrule`` the user may insist."""
        self.header.below.hide()
        self.go.setEnabled(False)
        self.told = ()
        self.message.say(tone, refusal.message, refusal.remedy, refusal.cause)
        self.show_steps(())
        if overrule:
            self.offer(overrule)

    def forbid(self) -> None:
        """Let it not be started; there is nothing to say about that."""
        self.header.below.hide()
        self.go.setEnabled(False)
        self.message.clear()
        self.show_steps(())

    def offer(self, text: str) -> None:
        """Show the box by which a refusal is overruled."""
        self.consent.show_text(text)
        self.consent.show()

    def withdraw(self) -> None:
        """Take that box away."""
        before = self.consent.box.blockSignals(True)
        self.consent.box.setChecked(False)
        self.consent.box.blockSignals(before)
        self.consent.hide()


class _WrappingBox(QWidget):
    """A check box whose text may need several lines."""

    def __init__(self) -> None:
        super().__init__()
        self.box = QCheckBox()
        self._text = Label()
        self._text.setBuddy(self.box)
        self._text.installEventFilter(self)
        grid = QGridLayout(self)
        grid.setContentsMargins(4, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.box, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._text, 0, 1)

    def show_text(self, text: str) -> None:
        """Show this; its mnemonic ticks the box."""
        self._text.setText(text.replace("&", ""))
        self.box.setAccessibleName(text.replace("&", ""))

    def eventFilter(self, _watched: object, event: QEvent) -> bool:
        """Let a click on the text tick the box."""
        if event.type() is QEvent.Type.MouseButtonRelease:
            self.box.toggle()
        return False
