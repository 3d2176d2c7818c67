# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a drive or an opened image, from the first look to the result."""

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from discwright.errors import DiscwrightError
from discwright.gui import announce, dialogs
from discwright.gui.bridge import Ripping, Running
from discwright.gui.comparing import check_disc
from discwright.gui.controls import Button
from discwright.gui.disc_facts import headline
from discwright.gui.entries import Entry, Group
from discwright.gui.erasing import erase_disc
from discwright.gui.means import Means
from discwright.gui.message import Message
from discwright.gui.options import Options
from discwright.gui.pages.disc import DiscView
from discwright.gui.pages.disk_image import DiskImageView
from discwright.gui.pages.entry import EntryPage
from discwright.gui.pages.frame import Notice
from discwright.gui.pages.notices import InUse, NoDisc
from discwright.gui.pages.running import RunningView
from discwright.gui.ports import Look, Prospect
from discwright.gui.target import usual_folder
from discwright.gui.theme import Tone
from discwright.rip.plan import RipOptions, RipPlan
from discwright.transfer.cancel import CancelToken
from discwright.wording import _

if TYPE_CHECKING:
    from discwright.stick.source import WriteSource

SETTLED_S = 3.0
"""Seconds after a look in which events of its own making may still come."""


class SourcePage(EntryPage):
    """Shows one source as what it is at the moment: no disc, being read, a disc, a job, its end."""

    def __init__(self, entry: Entry, means: Means) -> None:
        super().__init__(entry, means)
        self._looking: CancelToken | None = None
        self._turn = 0
        """Answers to what was asked in an earlier turn are dropped."""
        self._considered = 0
        self._looked_at = 0.0
        self._in_use = False
        self._unfinished: Path | None = None  # to go on with once the disc was looked at
        self.packed: DiskImageView | None = None
        """The image of a disk, or a packed one: nothing but something for sticks."""

    @property
    def reading(self) -> bool:
        """Whether the disc is being looked at."""
        return self._looking is not None

    @property
    def settled(self) -> bool:
        """Whether a change that looks like none should be looked at: not what a look itself did."""
        return time.monotonic() - self._looked_at > SETTLED_S and not self.reading

    def forget_all_but(self, page: QWidget) -> None:
        """Forget what was in sight before this page."""
        super().forget_all_but(page)
        self.packed = self.packed if self.packed is page else None

    @property
    def holder(self) -> Running | None:
        """The job of another page that has to do with this drive."""
        holder = self.means.bridge.holder(self.entry.key)
        return None if holder is self.running else holder

    @property
    def can_burn(self) -> bool:
        """Whether burning is offered in sight."""
        return self.disc is not None and self.disc.offers.burn.isEnabled()

    @property
    def can_write(self) -> bool:
        """Whether the writing of sticks is offered in sight."""
        if self.packed is not None:
            return self.packed.write.isEnabled()
        return self.disc is not None and self.disc.offers.write.isEnabled()

    @property
    def can_erase(self) -> bool:
        """Whether erasing is offered in sight."""
        return self.disc is not None and self.disc.offers.erase.isEnabled()

    def begin(self) -> None:
        """Look at the disc, if that was not done yet."""
        if self.count() == 0:
            self._look_anew()

    def use(self, entry: Entry) -> None:
        """Take note that the source is another now: another disc, or none."""
        self.entry, self._unfinished = entry, None
        show_entry = getattr(self.currentWidget(), "show_entry", None)
        if show_entry is not None:
            show_entry(entry)
        if self.result is not None:
            if entry.has_disc:
                self.result.name_return(_("Show the new &disc"))
        elif not self.busy and self.task is None:
            self._look_anew()

    def home(self) -> None:
        """Look anew at what is in the drive, or at the image."""
        self._look_anew()

    def reread(self) -> None:
        """Read the disc again, whatever udev says is in the drive."""
        if not self.busy:
            self._look_anew(force=True)

    def follow(self) -> None:
        """Follow what is plugged in: where an image could go."""
        super().follow()
        if self.disc is not None and self.holder is not None:
            self._look_anew()
        if self.disc is not None:
            self.disc.follow(self.means.devices)
        if self.packed is not None:
            self.packed.follow(self.means.devices)

    def release(self) -> None:
        """Take note that a job of another page has let go of this drive."""
        if self._in_use:
            self._in_use = False
            self._look_anew()

    def leave(self) -> None:
        """Drop what is being asked; the page goes."""
        super().leave()
        self._turn += 1
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def _look_anew(self, *, force: bool = False) -> None:
        self.leave()
        self.result = self.running = self.disc = self.packed = None
        holder = self.holder
        self._in_use = holder is not None
        if holder is not None:
            self._show_in_use(holder)
            return
        if not self.entry.has_disc and not force:
            self._show_empty()
            return
        notice = Notice("disc", _("Reading the disc…"), self.entry.spoken)
        notice.bar.show()
        notice.bar.show_share(0, None)
        notice.bar.setAccessibleName(_("Reading the disc"))
        self._show_notice(notice)
        token, turn, source = CancelToken(), self._turn, self.entry.key
        self._looking = token

        def seen(look: Look) -> None:
            if turn == self._turn:
                self._show_disc(look)

        def failed(error: DiscwrightError) -> None:
            if turn != self._turn:
                return
            if self.is_drive or self.entry.group is Group.DRIVES:
                self._show_error(error)
            else:
                self._show_no_disc(error)

        self.means.errands.run(lambda: self.means.ports.look(source, token), seen, failed)

    def _show_in_use(self, holder: Running) -> None:
        self._show_notice(InUse(self.entry, holder, lambda: self.show_asked.emit(holder)))

    def _show_empty(self) -> None:
        notice = NoDisc(self.entry)
        notice.again_asked.connect(self.reread)
        notice.open_asked.connect(self.open_asked)
        notice.sample_asked.connect(self.sample_asked)
        self._show_notice(notice)

    def _show_no_disc(self, error: DiscwrightError) -> None:
        """Show a file that is no disc as something for sticks, if it is that."""
        turn, path = self._turn, Path(self.entry.key)

        def found(source: "WriteSource | None") -> None:
            if turn != self._turn:
                return
            if source is None:
                self._show_error(error)
                return
            self._looking = None
            view = DiskImageView(source)
            view.write.clicked.connect(lambda: self.write(path))
            view.follow(self.means.devices)
            self.packed, self.notice = view, None
            self._show(view)
            announce.say(self, view.header.headline.full_text)

        def failed(other: DiscwrightError) -> None:
            if turn == self._turn:
                self._show_error(other)

        self.means.errands.run(lambda: self.means.ports.disk_image(path), found, failed)

    def _show_error(self, error: DiscwrightError) -> None:
        self._looking = None
        self._looked_at = time.monotonic()
        notice = Notice("drive" if self.is_drive else "image", self.entry.title, "")
        notice.text.hide()
        message = Message()
        retry = Button(_("&Try again"), icon="refresh")
        retry.setDefault(True)
        retry.clicked.connect(self.reread)
        notice.add(message)
        message.say(Tone.BAD, error.message, error.remedy, error.cause)
        notice.add(retry)
        self._show_notice(notice)
        announce.say(self, error.sentence())

    def _show_disc(self, look: Look) -> None:
        self._looking = None
        self._looked_at = time.monotonic()
        names, drive = self.means.ports.algorithms(), not look.disc.virtual
        options = Options(names, look.speeds, drive=drive, formats=look.formats)
        options.restore(self.means.settings)
        view = DiscView(look, options)
        view.target.show_target(usual_folder(self.means.settings), look.name)
        view.watch_changes()
        view.consider_asked.connect(self._consider)
        view.rip_asked.connect(self.start)
        view.go_on_asked.connect(self._go_on)
        view.reread_asked.connect(self.reread)
        view.eject_asked.connect(self.eject)
        image = None if self.is_drive else Path(self.entry.key)
        node = (self.entry.key,) if image is None else ()
        view.offers.burn.clicked.connect(lambda: self.burn(image, *node))
        if image is None:
            view.offers.copy.clicked.connect(lambda: self.copy_disc(look.disc))
            view.offers.write.clicked.connect(lambda: self.write_disc(look.disc))
        else:
            view.offers.write.clicked.connect(lambda: self.write(image))
        view.check.clicked.connect(lambda: check_disc(self, view))
        view.browse.clicked.connect(lambda: self.browse(look.disc, look.name))
        view.offers.erase.clicked.connect(self.erase)
        view.follow(self.means.devices)
        self.disc, self.notice = view, None
        self._show(view)
        announce.say(self, view.header.headline.full_text)
        if view.rippable and (unfinished := self._unfinished) is not None:
            view.target.show_target(unfinished.parent, unfinished.name)
            self._go_on()
        elif view.rippable:
            self._consider()

    def _consider(self) -> None:
        """Find out what speaks against a rip, before anybody presses the button."""
        view = self.disc
        if view is None or not view.rippable:
            return
        self._considered += 1
        turn, number = self._turn, self._considered
        disc, target, options = view.look.disc, view.target.path, view.options.chosen()

        def foreseen(prospect: Prospect) -> None:
            if (turn, number) == (self._turn, self._considered):
                view.foresee(prospect)

        def failed(error: DiscwrightError) -> None:
            if (turn, number) == (self._turn, self._considered):
                view.message.say(Tone.BAD, error.message, error.remedy, error.cause)

        self.means.errands.run(
            lambda: self.means.ports.consider(disc, target, options), foreseen, failed
        )

    def start(self) -> None:
        """Rip: plan once more, then start, ask, warn or refuse."""
        if (view := self.disc) is not None and view.rippable and view.rip.isEnabled():
            self._plan(view, view.options.chosen())

    def _go_on(self) -> None:
        """Go on with what an earlier run left of this copy."""
        view, self._unfinished = self.disc, None
        if view is not None and view.rippable:
            self._plan(view, replace(view.options.chosen(), resume=True))

    def _once_more(self) -> None:
        """After a rip: go on with it, once the disc was looked at; it may be in another drive."""
        if isinstance(self.running, Ripping):
            self._unfinished = self.running.plan.target
            self.home()
        else:
            super()._once_more()

    def _plan(self, view: DiscView, options: RipOptions) -> None:
        self._considered += 1
        turn = self._turn
        disc, target = view.look.disc, view.target.path
        view.rip.setEnabled(False)

        def planned(prospect: Prospect) -> None:
            if turn == self._turn:
                view.rip.setEnabled(True)
                self._decide(view, prospect, options)

        def failed(error: DiscwrightError) -> None:
            if turn == self._turn:
                view.rip.setEnabled(True)
                view.message.say(Tone.BAD, error.message, error.remedy, error.cause)

        self.means.errands.run(
            lambda: self.means.ports.consider(disc, target, options), planned, failed
        )

    def _decide(self, view: DiscView, prospect: Prospect, options: RipOptions) -> None:
        outcome = prospect.outcome
        if not isinstance(outcome, RipPlan):
            if outcome.kind == "unfinished" and prospect.left is not None:
                choice = dialogs.go_on_or_anew(self.window(), outcome)
                if choice is not None:
                    self._plan(view, replace(options, resume=choice, overwrite=not choice))
            elif outcome.kind not in {"exists", "unfinished"}:
                view.refuse(outcome)
                announce.say(self, outcome.sentence())
            elif dialogs.may_replace(self.window(), prospect.destination.path):
                self._plan(view, replace(options, overwrite=True))
            view.rip.setFocus()
            return
        if set(outcome.warnings) - set(view.told):
            view.warn(outcome.warnings)
            announce.say(self, " ".join(outcome.warnings))
            return
        self.means.settings.setValue("target/folder", str(outcome.target.parent))
        view.options.keep(self.means.settings)
        self.running = self.means.bridge.submit(outcome)
        self.disc = None
        self._show(RunningView(self.running, headline(outcome.disc)))

    def press_burn(self) -> None:
        """Press the button that sets up a burn."""
        if self.disc is not None:
            self.disc.offers.burn.click()

    def press_write(self) -> None:
        """Press the button that sets up the writing of sticks."""
        if self.packed is not None:
            self.packed.write.click()
        elif self.disc is not None:
            self.disc.offers.write.click()

    def takes(self) -> str:
        """Say what dropping an image here does."""
        blank = self.disc is not None and self.is_drive and not self.rippable and self.can_burn
        if blank or (self.task is not None and not self.task.view.other.isHidden()):
            return _("Drop the image to use it here")
        return ""

    def take(self, path: Path) -> None:
        """Use an image that was dropped."""
        if self.task is not None:
            self.use_image(path)
        else:
            self.burn(path, self.entry.key)

    def focus_first(self) -> bool:
        """Move the focus to the big button."""
        first = None if self.disc is None else self.disc.first
        if first is not None:
            first.setFocus(Qt.FocusReason.TabFocusReason)
        return first is not None

    def erase(self) -> None:
        """Erase the disc, after a question."""
        if self.disc is not None and self.can_erase:
            erase_disc(self, self.disc)

    def eject(self) -> None:
        """Open the tray."""
        if self.busy or not self.is_drive or self.holder is not None:
            return
        node, turn = self.entry.key, self._turn

        def failed(error: DiscwrightError) -> None:
            if turn == self._turn:
                dialogs.tell(self.window(), error)

        self.means.errands.run(lambda: self.means.ports.eject(node), lambda _answer: None, failed)

    def target(self) -> Path | None:
        """Give where the image would go now."""
        return None if self.disc is None else self.disc.target.path
