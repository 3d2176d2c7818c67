# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages of drives, images and sticks have in common: tasks, jobs and their ends."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from discwright.devices.model import Drive
from discwright.gui import dialogs, opening
from discwright.gui.bridge import Running
from discwright.gui.entries import Entry
from discwright.gui.job_words import outcome_of
from discwright.gui.means import Means
from discwright.gui.pages.frame import Notice
from discwright.gui.pages.result import ResultView
from discwright.transfer.outcome import State
from discwright.wording import _, shown

if TYPE_CHECKING:
    from discwright.gui.browsing import Browsing
    from discwright.gui.pages.disc import DiscView
    from discwright.gui.task import Task
    from discwright.optical.disc import Disc

    Maker = Callable[[Means, Path, Sequence[str], QWidget], Task]


class EntryPage(QStackedWidget):
    """Shows one entry of the list as what it is at the moment."""

    open_asked = Signal()
    sample_asked = Signal()
    changed = Signal()
    """The page is another now, so the list and the menus may be."""
    show_asked = Signal(object)
    """The page of this Running is to be shown."""

    def __init__(self, entry: Entry, means: Means) -> None:
        super().__init__()
        self.entry = entry
        self.means = means
        self.disc: DiscView | None = None
        self.task: Task | None = None
        self.browsing: Browsing | None = None
        self.running: Running | None = None
        self.result: ResultView | None = None
        self.notice: Notice | None = None
        self._last: tuple[Maker, Path, tuple[str, ...]] | None = None
        """The task that the job in sight came from."""

    # What each kind of page says of itself

    def begin(self) -> None:
        """Show the page, if that was not done yet."""

    def use(self, entry: Entry) -> None:
        """Take note that the entry stands for something else now."""
        self.entry = entry

    def home(self) -> None:
        """Show what the entry is, anew."""

    def release(self) -> None:
        """Take note that a job of another page has let go of this device."""

    def follow(self) -> None:
        """Follow what is plugged in."""
        if self.task is not None:
            self.task.follow()

    def reread(self) -> None:
        """Look at it again."""
        if not self.busy:
            self.home()

    def eject(self) -> None:
        """Open the tray, if it has one."""

    def start(self) -> None:
        """Press the big button of the page."""

    # What all have

    @property
    def busy(self) -> bool:
        """Whether a job of this page has not ended."""
        return self.running is not None and not self.running.done

    @property
    def settled(self) -> bool:
        """Whether a change that looks like none should be looked at."""
        return False

    @property
    def rippable(self) -> bool:
        """Whether there is a disc in sight that can be ripped."""
        return self.disc is not None and self.disc.rippable

    @property
    def is_drive(self) -> bool:
        """Whether it is a drive."""
        return isinstance(self.entry.device, Drive)

    @property
    def can_burn(self) -> bool:
        """Whether burning is offered in sight."""
        return False

    @property
    def can_write(self) -> bool:
        """Whether the writing of sticks is offered in sight."""
        return False

    @property
    def can_erase(self) -> bool:
        """Whether erasing is offered in sight."""
        return False

    def press_burn(self) -> None:
        """Press the button that sets up a burn."""

    def press_write(self) -> None:
        """Press the button that sets up the writing of sticks."""

    def takes(self) -> str:
        """Say what dropping an image here does; "" if nothing but opening it."""
        return ""

    def take(self, path: Path) -> None:
        """Use an image that was dropped."""

    def focus_first(self) -> bool:
        """Move the focus to what is most likely wanted; give whether there is such a thing."""
        return False

    def erase(self) -> None:
        """Erase the disc or the stick, after a question."""

    def leave(self) -> None:
        """Drop what is being asked; the page goes."""
        for asking in (self.task, self.browsing):
            if asking is not None:
                asking.leave()

    def burn(self, image: Path | None = None, *nodes: str) -> None:
        """Set up a burn; without an image one is asked for."""
        from discwright.gui.burn_task import BurnTask  # noqa: PLC0415 - not needed to start

        self._set_up(BurnTask, image, nodes)

    def write(self, image: Path | None = None, *nodes: str) -> None:
        """Set up the writing of sticks; without an image one is asked for."""
        from discwright.gui.write_task import WriteTask  # noqa: PLC0415 - not needed to start

        self._set_up(WriteTask, image, nodes)

    def copy_disc(self, disc: "Disc") -> None:
        """Set up the copying of a disc to another one."""
        from discwright.gui.copy_task import CopyTask  # noqa: PLC0415 - not needed to start

        self._set_up(partial(CopyTask, disc=disc), Path(disc.source), ())

    def write_disc(self, disc: "Disc") -> None:
        """Set up the copying of a disc to sticks."""
        from discwright.gui.write_task import WriteTask  # noqa: PLC0415 - not needed to start

        self._set_up(partial(WriteTask, disc=disc), Path(disc.source), ())

    def browse(self, disc: "Disc", name: str) -> None:
        """Show the files of a disc; ``name``: suggested for an image of it."""
        from discwright.gui.browsing import Browsing  # noqa: PLC0415 - not needed to start

        self.leave()
        browsing = Browsing(self.means, disc, name)
        browsing.view.back_asked.connect(self.home)
        browsing.began.connect(
            lambda running: self.show_working(running, {self.entry.key: shown(self.entry.title)})
        )
        self._show(browsing.view)
        self.browsing = browsing

    def _set_up(self, kind: "Maker", image: Path | None, nodes: tuple[str, ...]) -> None:
        image = image or opening.ask_for_image(self.window(), self.means.settings)
        if image is None or self.busy:
            return
        self.leave()
        self.result = self.running = self.disc = self.notice = None
        task = kind(self.means, image, nodes, self)
        task.began.connect(self._begun)
        task.view.back_asked.connect(self.home)
        task.view.image_asked.connect(self._ask_for_another)
        self._last = (kind, image, nodes)
        self._show(task.view)
        self.task = task
        task.follow()
        self.changed.emit()

    def _ask_for_another(self) -> None:
        image = opening.ask_for_image(self.window(), self.means.settings)
        if image is not None and self.task is not None:
            self.use_image(image)

    def use_image(self, image: Path) -> None:
        """Take another image for the task in sight."""
        if self.task is not None and self._last is not None:
            kind, _old, nodes = self._last
            self._last = (kind, image, nodes)
            self.task.use_image(image)

    def _begun(self, running: Running) -> None:
        if self.task is not None and self._last is not None:
            kind, image, _nodes = self._last
            self._last = (kind, image, self.task.view.ticks.chosen)
            names = {
                device.node: self.task.choice(device).title
                for device in self.task.possible()
                if device.node in self._last[2]
            }
            self.show_working(running, names)

    def show_working(self, running: Running, names: Mapping[str, str]) -> None:
        """Show a job of this page that has just begun."""
        from discwright.gui.pages.working import WorkingView  # noqa: PLC0415

        self.running = running
        view = WorkingView(running, names)
        view.show_entry(self.entry)
        self._show(view)

    def forget_all_but(self, page: QWidget) -> None:
        """Forget what was in sight before this page: it is about to be deleted."""
        self.disc = self.disc if self.disc is page else None
        self.notice = self.notice if self.notice is page else None
        self.result = self.result if self.result is page else None

    def _show(self, page: QWidget) -> None:
        self.forget_all_but(page)
        focused = QApplication.focusWidget()
        had_focus = focused is not None and self.isAncestorOf(focused)
        if self.task is not None:
            self.task.leave()
            self.task.deleteLater()
            self.task = None
        if self.browsing is not None:
            self.browsing.leave()
            self.browsing = None
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

    def refresh(self) -> None:
        """Show where the job is now."""
        page = self.currentWidget()
        refresh = getattr(page, "refresh", None)
        if refresh is not None:
            refresh()

    def finish(self) -> None:
        """Show how the job ended."""
        running = self.running
        if running is None or running.report is None:
            return
        plans = getattr(running.job.work, "plans", ())
        said = {warning for plan in plans for warning in plan.warnings}
        outcome = outcome_of(running.report, said, running.job.work.kind)
        result = ResultView(
            outcome, title=shown(running.job.work.title), running=running, drive=self.is_drive
        )
        self._name_ways_on(result, running)
        result.again_asked.connect(self._again)
        result.more_asked.connect(self._once_more)
        result.eject_asked.connect(self.eject)
        result.log_asked.connect(lambda: dialogs.show_log(self.window(), running.job.log))
        self.result = result
        self._show(result)

    def _name_ways_on(self, result: ResultView, running: Running) -> None:
        kind, good = running.job.work.kind, result.outcome.state is State.COMPLETE
        if kind == "rip" and result.outcome.kept:
            result.offer_more(_("&Continue"), "rip")
        elif kind == "rip" and getattr(running.report, "can_go_on", False):
            result.offer_more(_("Try the &bad sectors again"), "rip")
        elif kind == "burn":
            result.offer_more(_("&Burn another") if good else _("&Try again"), "burn")
        elif kind == "write":
            result.offer_more(_("&Write another") if good else _("&Try again"), "stick")
        if kind != "rip":
            result.name_return(_("Bac&k"))

    def _again(self) -> None:
        """Go back to the disc; it is looked at anew, for it may be another one."""
        self.home()

    def _once_more(self) -> None:
        """Set the same up again, for other discs or sticks."""
        if self._last is not None:
            self._set_up(*self._last)
