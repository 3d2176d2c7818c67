# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a stick: what it is, what is on it, writing an image to it, giving it back."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from discwright.devices.model import Stick
from discwright.errors import DiscwrightError
from discwright.gui.comparing import compare_stick
from discwright.gui.controls import Button, Kind, Label
from discwright.gui.disc_facts import Fact
from discwright.gui.entries import Entry
from discwright.gui.erasing import erase_stick
from discwright.gui.flow import Flow
from discwright.gui.means import Means
from discwright.gui.message import Message
from discwright.gui.pages.entry import EntryPage
from discwright.gui.pages.facts import facts_grid
from discwright.gui.pages.frame import Column, Header, Notice, Section
from discwright.gui.theme import Tone
from discwright.wording import _, shown, size

if TYPE_CHECKING:
    from discwright.gui.bridge import Running
    from discwright.gui.writing import Place


class StickView(Column):
    """A stick that lies idle."""

    def __init__(self, stick: Stick) -> None:
        super().__init__()
        self.header = Header("stick")
        self.header.show_text(
            shown(stick.name), " · ".join((_("USB stick"), size(stick.size), shown(stick.node)))
        )
        self.setAccessibleName(self.header.headline.full_text)
        self.body.addWidget(self.header)
        self.message = Message()
        self.body.addWidget(self.message)
        card = Section()
        card.setAccessibleName(_("Write USB stick"))
        card.body.addWidget(Label(_("Choose an image to write, or drop one here.")))
        self.write = Button(_("&Write USB stick…"), icon="stick", kind=Kind.PRIMARY)
        self.write.setAccessibleDescription(_("Shows what will happen before anything is done."))
        self.compare = Button(_("&Compare with an image…"), icon="check")
        self.compare.setAccessibleDescription(_("Only reads; nothing is written."))
        self.erase = Button(_("Er&ase stick…"), icon="cancel")
        buttons = Flow(gap=10)
        buttons.addWidget(self.write)
        buttons.addWidget(self.compare)
        buttons.addWidget(self.erase)
        card.body.addLayout(buttons)
        self.body.addWidget(card)
        holds = Section(_("What is on it"))
        self.contents = Label(
            "\n".join(shown(label) for label in stick.labels) or _("No file system with a name.")
        ).selectable()
        holds.body.addWidget(self.contents)
        if stick.read_only:
            self.message.say(
                Tone.WARNING,
                _("The stick is write-protected."),
                _("Move the lock on its side, if it has one."),
            )
            self.write.setEnabled(False)
            self.erase.setEnabled(False)
        self.body.addWidget(holds)
        about = Section(_("About this stick"))
        about.body.addLayout(facts_grid(_facts(stick)))
        self.body.addWidget(about)
        self.body.addStretch()

    def show_place(self, place: "Place") -> None:
        """Show what looking closer has found."""
        if place.facts.contents:
            self.contents.setText("\n".join(place.facts.contents))


def _facts(stick: Stick) -> list[Fact]:
    found = [
        Fact(_("Kind"), _("Memory card") if stick.bus == "mmc" else _("USB stick")),
        Fact(_("Size"), size(stick.size)),
        Fact(_("Serial number"), shown(stick.serial)),
        Fact(_("Device"), shown(stick.node)),
    ]
    return [fact for fact in found if fact.text]


class StickPage(EntryPage):
    """Shows one stick as what it is at the moment: idle, being written, written."""

    def __init__(self, entry: Entry, means: Means) -> None:
        super().__init__(entry, means)
        self.view: StickView | None = None
        self._turn = 0
        self._in_use = False

    @property
    def holder(self) -> "Running | None":
        """The job of another page that has to do with this stick."""
        holder = self.means.bridge.holder(self.entry.key)
        return None if holder is self.running else holder

    @property
    def can_write(self) -> bool:
        """Whether writing is offered in sight."""
        return self.view is not None and self.view.write.isEnabled()

    @property
    def can_erase(self) -> bool:
        """Whether erasing is offered in sight."""
        return self.view is not None and self.view.erase.isEnabled()

    def begin(self) -> None:
        """Show the stick, if that was not done yet."""
        if self.count() == 0:
            self.home()

    def use(self, entry: Entry) -> None:
        """Take note that other things are on the stick now, or that it is another one."""
        self.entry = entry
        if self.view is not None:
            self.home()

    def follow(self) -> None:
        """Follow what is plugged in, and which job uses the stick."""
        super().follow()
        if self.view is not None and self.holder is not None:
            self.home()

    def release(self) -> None:
        """Take note that a job of another page has let go of this stick."""
        if self._in_use:
            self.home()

    def home(self) -> None:
        """Show the stick."""
        self._turn += 1
        self.result = self.running = self.view = None
        stick, holder = self.entry.device, self.holder
        self._in_use = holder is not None
        if holder is not None:
            notice = Notice("stick", self.entry.title, _("In use: {job}").format(
                job=shown(holder.job.work.title)))  # fmt: skip
            show = Button(_("&Show the job"))
            show.clicked.connect(lambda: self.show_asked.emit(holder))
            notice.add(show)
            self._show_notice(notice)
            return
        if not isinstance(stick, Stick):
            self._show_notice(Notice("stick", self.entry.title, _("The stick was unplugged.")))
            return
        view = StickView(stick)
        view.write.clicked.connect(lambda: self.write(None, self.entry.key))
        view.compare.clicked.connect(lambda: compare_stick(self, view))
        view.erase.clicked.connect(self.erase)
        self.view = view
        self._show(view)
        self._look_closer(view)

    def _look_closer(self, view: StickView) -> None:
        turn, node = self._turn, self.entry.key

        def seen(place: "Place") -> None:
            if turn == self._turn and self.view is view:
                view.show_place(place)

        def failed(_error: DiscwrightError) -> None:
            pass

        self.means.errands.run(lambda: self.means.ports.place(node, installer=False), seen, failed)

    def forget_all_but(self, page: QWidget) -> None:
        """Forget what was in sight before this page."""
        super().forget_all_but(page)
        if self.view is not page:
            self.view = None
            self._turn += 1

    def press_write(self) -> None:
        """Press the button that sets up the writing."""
        if self.view is not None:
            self.view.write.click()

    def takes(self) -> str:
        """Say what dropping an image here does."""
        if self.task is not None:
            return _("Drop the image to use it here")
        return _("Drop the image to write it to the stick") if self.can_write else ""

    def take(self, path: Path) -> None:
        """Use an image that was dropped."""
        if self.task is not None:
            self.use_image(path)
        else:
            self.write(path, self.entry.key)

    def focus_first(self) -> bool:
        """Move the focus to the big button."""
        if self.view is None or not self.view.write.isEnabled():
            return False
        self.view.write.setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def erase(self) -> None:
        """Give the stick back as an empty one, after a question."""
        if self.view is not None and self.can_erase:
            erase_stick(self, self.view)
