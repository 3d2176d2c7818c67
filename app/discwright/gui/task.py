# SPDX-License-Identifier: GPL-3.0-or-later
"""Setting up a burn or the writing of sticks: look, plan, show; at the start once more, and ask."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from discwright.devices.model import Device
from discwright.errors import DiscwrightError
from discwright.gui import announce
from discwright.gui.bridge import Each
from discwright.gui.means import Means
from discwright.gui.pages.task import TaskView
from discwright.gui.theme import Tone
from discwright.gui.ticks import Choice
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Refusal
from discwright.wording import shown

if TYPE_CHECKING:
    from discwright.jobs.work import Work

Outcomes = dict[str, Any]
"""By node: a plan of this kind of task, or a Refusal."""


class Task(QObject):
    """One image and the devices that it may go to. What the kinds have in common."""

    began = Signal(object)
    """A Running: it was started."""

    def __init__(
        self, means: Means, view: TaskView, image: Path, nodes: Sequence[str], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.means = means
        self.view = view
        self.image = image
        self._token = CancelToken()
        self._turn = 0
        self._seen: tuple[Device, ...] | None = None
        self._survey: Any = None
        view.ticks.tick(*nodes)
        view.show_image(shown(image.name), "")
        view.ticks.changed.connect(self.consider)
        view.fold.changed.connect(self.consider)
        view.agreed.connect(self.consider)
        view.start_asked.connect(self.start)

    # What each kind says of itself

    @abstractmethod
    def possible(self) -> tuple[Device, ...]:
        """Give the devices that come into question now."""

    @abstractmethod
    def choice(self, device: Device) -> Choice:
        """Say what a device is."""

    @abstractmethod
    def look(self, nodes: Sequence[str], cancel: CancelToken) -> Any:
        """Look at the image and these devices, in another thread."""

    @abstractmethod
    def plan(self, survey: Any, node: str) -> Any:
        """Give a plan or a Refusal. Pure."""

    @abstractmethod
    def show_survey(self, survey: Any) -> None:
        """Show what is known of image and devices."""

    @abstractmethod
    def steps(self, plans: Sequence[Any]) -> list[str]:
        """Say what will happen."""

    @abstractmethod
    def overruling(self, node: str, kind: str) -> str:
        """Say what the user agrees to who overrules a device's refusal; "" if nobody can."""

    @abstractmethod
    def may_start(self, plans: Sequence[Any]) -> bool:
        """Ask, if something will be lost."""

    @abstractmethod
    def work(self, plans: Sequence[Any], each: Each) -> "Work":
        """Give the work."""

    # What all do

    def use_image(self, image: Path) -> None:
        """Take another image."""
        self.image = image
        self.view.withdraw()
        self.view.show_image(shown(image.name), "")
        self._seen = None
        self.follow()

    def follow(self) -> None:
        """Follow what is plugged in; look again if that is something else now."""
        possible = self.possible()
        self.view.ticks.show_choices([self.choice(device) for device in possible])
        # A drive that is being written must not be asked anything.
        free = tuple(device for device in possible if not is_busy(self.means, device.node))
        if free == self._seen:
            self.consider()
            return
        self._seen = free
        self.view.wait()
        self._run([device.node for device in free], self._surveyed)

    def leave(self) -> None:
        """Drop what was asked; the page goes."""
        self._turn += 1
        self._token.cancel()

    def _run(self, nodes: Sequence[str], done: Callable[[Any], None]) -> None:
        self._turn += 1
        turn, token = self._turn, self._token

        def answered(survey: Any) -> None:
            if turn == self._turn:
                done(survey)

        def failed(error: DiscwrightError) -> None:
            if turn == self._turn:
                refusal = Refusal("source", error.message, error.remedy, error.cause)
                self._survey = None
                self.view.refuse(refusal, Tone.BAD)
                announce.say(self.view, error.sentence())

        self.means.errands.run(lambda: self.look(nodes, token), answered, failed)

    def _surveyed(self, survey: Any) -> None:
        self._survey = survey
        self.show_survey(survey)
        self.consider()

    def _outcomes(self, survey: Any) -> Outcomes:
        known = {device.node for device in self._seen or ()}
        return {n: self.plan(survey, n) for n in self.view.ticks.chosen if n in known}

    def consider(self) -> None:
        """Show what would happen with what is chosen now."""
        if self._survey is not None:
            self._weigh(self._outcomes(self._survey))

    def _weigh(self, outcomes: Outcomes) -> bool:
        """Show these outcomes; give whether all of them are plans."""
        view = self.view
        for node, outcome in outcomes.items():
            if isinstance(outcome, Refusal):
                view.refuse(outcome, overrule=self.overruling(node, outcome.kind))
                return False
        if not outcomes:
            view.forbid()
            return False
        plans = list(outcomes.values())
        view.show_steps(self.steps(plans))
        view.allow(tuple(dict.fromkeys(text for plan in plans for text in plan.warnings)))
        return True

    def start(self) -> None:
        """Look once more, then start, ask, warn or refuse."""
        if not self.view.go.isEnabled():
            return
        self.view.go.setEnabled(False)
        told = self.view.told
        self._run(list(self.view.ticks.chosen), lambda survey: self._decide(survey, told))

    def _decide(self, survey: Any, told: tuple[str, ...]) -> None:
        outcomes = self._outcomes(survey)
        if not self._weigh(outcomes):
            self._seen = None  # what is known may be out of date for the others too
            announce.say(self.view, self.view.message.text)
            return
        if set(self.view.told) - set(told):
            announce.say(self.view, " ".join(self.view.told))
            return
        plans = list(outcomes.values())
        turn = self._turn
        if not self.may_start(plans) or turn != self._turn:
            self.view.go.setFocus()
            return
        running = self.means.bridge.start(lambda each: self.work(plans, each))
        self.leave()
        self.began.emit(running)


def ask_for_image(means: Means, parent: QWidget) -> Path | None:
    """Let the user choose an image; None if they think better of it."""
    from discwright.gui import opening  # noqa: PLC0415 - only when asked for

    return opening.ask_for_image(parent, means.settings)


def is_busy(means: Means, node: str) -> bool:
    """Whether a job has to do with this device."""
    return means.bridge.holder(node) is not None
