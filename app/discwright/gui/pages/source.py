# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a drive or an opened image, from the first look to the result."""

import time
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSettings, Signal
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from discwright.devices.model import Drive
from discwright.errors import DiscwrightError
from discwright.gui import announce, dialogs
from discwright.gui.bridge import Bridge, Running
from discwright.gui.controls import Button
from discwright.gui.disc_facts import headline
from discwright.gui.entries import Entry
from discwright.gui.errands import Errands
from discwright.gui.job_words import outcome_of
from discwright.gui.message import Message
from discwright.gui.options import Options
from discwright.gui.pages.disc import DiscView
from discwright.gui.pages.frame import Notice
from discwright.gui.pages.result import ResultView
from discwright.gui.pages.running import RunningView
from discwright.gui.ports import Look, Ports, Prospect
from discwright.gui.target import usual_folder
from discwright.gui.theme import Tone
from discwright.rip.plan import RipOptions, RipPlan
from discwright.transfer.cancel import CancelToken
from discwright.wording import _, shown

SETTLED_S = 3.0
"""Seconds after a look in which events of its own making may still come."""


class SourcePage(QStackedWidget):
    """Shows one source as what it is at the moment: no disc, being read, a disc, a job, its end."""

    open_asked = Signal()
    sample_asked = Signal()
    changed = Signal()
    """The page is another now, so the list and the menus may be."""

    def __init__(
        self, entry: Entry, ports: Ports, bridge: Bridge, errands: Errands, settings: QSettings
    ) -> None:
        super().__init__()
        self.entry = entry
        self._ports = ports
        self._bridge = bridge
        self._errands = errands
        self._settings = settings
        self._looking: CancelToken | None = None
        self._turn = 0
        """Answers to what was asked in an earlier turn are dropped."""
        self._considered = 0
        self._looked_at = 0.0
        self.disc: DiscView | None = None
        self.running: Running | None = None
        self.result: ResultView | None = None
        self.notice: Notice | None = None

    @property
    def busy(self) -> bool:
        """Whether a job of this source has not ended."""
        return self.running is not None and not self.running.done

    @property
    def rippable(self) -> bool:
        """Whether there is a disc in sight that can be ripped."""
        return self.disc is not None and self.disc.rippable

    @property
    def reading(self) -> bool:
        """Whether the disc is being looked at."""
        return self._looking is not None

    @property
    def settled(self) -> bool:
        """Whether a change that looks like none should be looked at: not what a look itself did."""
        return time.monotonic() - self._looked_at > SETTLED_S and not self.reading

    @property
    def is_drive(self) -> bool:
        """Whether it is a drive, not an image file."""
        return isinstance(self.entry.device, Drive)

    def begin(self) -> None:
        """Look at the disc, if that was not done yet."""
        if self.count() == 0:
            self._look_anew()

    def use(self, entry: Entry) -> None:
        """Take note that the source is another now: another disc, or none."""
        self.entry = entry
        if self.result is not None:
            if entry.has_disc:
                self.result.again.setText(_("Show the new &disc"))
        elif not self.busy:
            self._look_anew()

    def reread(self) -> None:
        """Read the disc again, whatever udev says is in the drive."""
        if not self.busy:
            self._look_anew(force=True)

    def leave(self) -> None:
        """Drop what is being asked; the page goes."""
        self._turn += 1
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def _look_anew(self, *, force: bool = False) -> None:
        self.leave()
        self.result = self.running = self.disc = None
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
            if turn == self._turn:
                self._show_error(error)

        self._errands.run(lambda: self._ports.look(source, token), seen, failed)

    def _show(self, page: QWidget) -> None:
        focused = QApplication.focusWidget()
        had_focus = focused is not None and self.isAncestorOf(focused)
        while (old := self.widget(0)) is not None:
            self.removeWidget(old)
            old.deleteLater()
        self.addWidget(page)
        self.setCurrentWidget(page)
        if had_focus:
            # Else the focus would fall on the next control, such as Cancel of the job just begun.
            page.setFocus()
        self.changed.emit()

    def _show_notice(self, notice: Notice) -> None:
        self.notice = notice
        self._show(notice)

    def _show_empty(self) -> None:
        notice = Notice(
            "drive",
            _("No disc"),
            _("Insert a disc into {drive}; it appears here by itself.").format(
                drive=self.entry.subtitle or self.entry.key
            ),
        )
        retry = Button(_("&Look again"), icon="refresh")
        retry.clicked.connect(self.reread)
        open_image = Button(_("&Open an image as a virtual disc"), icon="open")
        open_image.clicked.connect(self.open_asked)
        sample = Button(_("&Try with a sample disc"), icon="disc")
        sample.clicked.connect(self.sample_asked)
        for button in (retry, open_image, sample):
            notice.add(button)
        self._show_notice(notice)

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
        options = Options(self._ports.algorithms(), look.speeds, drive=not look.disc.virtual)
        options.restore(self._settings)
        view = DiscView(look, options)
        view.target.show_target(usual_folder(self._settings), look.name)
        view.watch_changes()
        view.consider_asked.connect(self._consider)
        view.rip_asked.connect(self.start)
        view.reread_asked.connect(self.reread)
        view.eject_asked.connect(self.eject)
        self.disc = view
        self.notice = None
        self._show(view)
        announce.say(self, view.header.headline.full_text)
        if view.rippable:
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

        self._errands.run(lambda: self._ports.consider(disc, target, options), foreseen, failed)

    def start(self) -> None:
        """Rip: plan once more, then start, ask, warn or refuse."""
        view = self.disc
        if view is not None and view.rippable and view.rip.isEnabled():
            self._plan(view, view.options.chosen())

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

        self._errands.run(lambda: self._ports.consider(disc, target, options), planned, failed)

    def _decide(self, view: DiscView, prospect: Prospect, options: RipOptions) -> None:
        outcome = prospect.outcome
        if not isinstance(outcome, RipPlan):
            if outcome.kind != "exists":
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
        self._settings.setValue("target/folder", str(outcome.target.parent))
        view.options.keep(self._settings)
        self.running = self._bridge.submit(outcome)
        self.disc = None
        self._show(RunningView(self.running, headline(outcome.disc)))

    def refresh(self) -> None:
        """Show where the job is now."""
        page = self.currentWidget()
        if isinstance(page, RunningView):
            page.refresh()

    def finish(self) -> None:
        """Show how the job ended."""
        running = self.running
        if running is None or running.report is None:
            return
        outcome = outcome_of(running.report)
        result = ResultView(
            outcome, title=shown(running.job.work.title), running=running, drive=self.is_drive
        )
        result.again_asked.connect(self._again)
        result.eject_asked.connect(self.eject)
        result.log_asked.connect(lambda: dialogs.show_log(self.window(), running.job.log))
        self.result = result
        self._show(result)

    def _again(self) -> None:
        """Go back to the disc; it is looked at anew, for it may be another one."""
        self._look_anew()

    def eject(self) -> None:
        """Open the tray."""
        if self.busy or not self.is_drive:
            return
        node, turn = self.entry.key, self._turn

        def failed(error: DiscwrightError) -> None:
            if turn == self._turn:
                dialogs.tell(self.window(), error)

        self._errands.run(lambda: self._ports.eject(node), lambda _answer: None, failed)

    def target(self) -> Path | None:
        """Give where the image would go now."""
        return None if self.disc is None else self.disc.target.path
