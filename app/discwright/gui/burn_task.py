# SPDX-License-Identifier: GPL-3.0-or-later
"""Setting up a burn."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from discwright.devices.model import Device, Drive
from discwright.gui import burning, dialogs
from discwright.gui.bridge import Each
from discwright.gui.burn_options import BurnChoice
from discwright.gui.burning import BurnSurvey
from discwright.gui.entries import medium_title
from discwright.gui.means import Means
from discwright.gui.pages.task import TaskView
from discwright.gui.task import Task, is_busy
from discwright.gui.ticks import Choice
from discwright.transfer.cancel import CancelToken
from discwright.wording import _, shown, size

if TYPE_CHECKING:
    from discwright.burn.plan import BurnPlan
    from discwright.jobs.work import Work
    from discwright.transfer.outcome import Refusal


class BurnTask(Task):
    """From an image to blank or rewritable discs."""

    def __init__(self, means: Means, image: Path, nodes: Sequence[str], parent: QWidget) -> None:
        self.options = BurnChoice()
        view = TaskView(
            "burn",
            _("Burn image to disc"),
            _("&Burn"),
            nothing=_("Insert a blank or rewritable disc into a drive: it appears here by itself."),
            fold=self.options,
        )
        super().__init__(means, view, image, nodes, parent)
        self.options.restore(means.settings)

    def possible(self) -> tuple[Device, ...]:
        """Give the drives with a disc that can be written."""
        return burning.candidates(self.means.devices)

    def choice(self, device: Device) -> Choice:
        """Say which drive it is, and what is in it."""
        note = medium_title(device.medium) if isinstance(device, Drive) else ""
        if isinstance(device, Drive) and device.medium.label and not burning.blank(device):
            note = f"{note} · {shown(device.medium.kind)}"
        title = f"{shown(device.name)} ({shown(device.node)})"
        return Choice(device.node, title, note, free=not is_busy(self.means, device.node))

    def look(self, nodes: Sequence[str], cancel: CancelToken) -> BurnSurvey:
        """Look at the image and ask the drives."""
        ports = self.means.ports
        image = ports.burn_image(self.image)
        return BurnSurvey(image, {node: ports.burner(node, cancel) for node in nodes})

    def plan(self, survey: BurnSurvey, node: str) -> "BurnPlan | Refusal":
        """Say what burning with this drive would do."""
        return survey.plan(node, self.options.chosen())

    def show_survey(self, survey: BurnSurvey) -> None:
        """Show the size of the image, and the speeds of the media."""
        from discwright.burn.speed import factor  # noqa: PLC0415 - not needed to start
        from discwright.image.recording import minutes  # noqa: PLC0415 - not needed to start
        from discwright.optical.profile import Family  # noqa: PLC0415 - not needed to start

        image = survey.image
        label = shown(image.label) if image.virtual else ""
        parts = [image.extent if image.size else "", label]
        self.view.show_image(image.name, " · ".join(part for part in parts if part))
        media = [one.medium for one in survey.burners.values() if one.medium is not None]
        self.options.offer_speeds(
            factor(speed, medium.family) for medium in media for speed in medium.speeds_kb
        )
        self.options.offer_erasing(any(medium.profile.rewritable for medium in media))
        self.options.offer_overburning(any(medium.family is Family.CD for medium in media))
        choices = []
        for device in self.possible():
            burner, choice = survey.burners.get(device.node), self.choice(device)
            medium = None if burner is None else burner.medium
            if medium is not None and medium.free_bytes:
                holds = size(medium.free_bytes)
                if not image.as_sectors:
                    holds = minutes(medium.free_sectors)
                room = _("{size} free").format(size=holds)
                if medium.used:
                    room = _("holds {size}").format(size=holds)
                choice = replace(choice, note=f"{choice.note} · {room}")
            choices.append(choice)
        self.view.ticks.show_choices(choices)
        if image.problem is not None:
            self.view.refuse(image.problem)

    def consider(self) -> None:
        """Show what would happen; without a disc, what is wrong with the image."""
        super().consider()
        if self._survey is not None and not self.view.ticks.chosen:
            image = self._survey.image
            if image.problem is not None:
                self.view.refuse(image.problem)

    def steps(self, plans: Sequence["BurnPlan"]) -> list[str]:
        """Say what will happen, in one paragraph for each disc if there are several."""
        if len(plans) == 1:
            return list(plans[0].sentences)
        return [" ".join(plan.sentences) for plan in plans]

    def overruling(self, _node: str, _kind: str) -> str:
        """Overrule nothing: what is refused would spoil a disc."""
        return ""

    def may_start(self, plans: Sequence["BurnPlan"]) -> bool:
        """Ask, if there is something on a disc that will be lost."""
        lost = [plan for plan in plans if plan.destroys]
        self.options.keep(self.means.settings)
        return not lost or dialogs.may_overwrite_discs(self.view.window(), lost)

    def work(self, plans: Sequence["BurnPlan"], each: Each) -> "Work":
        """Give the work."""
        return self.means.ports.burn_work(plans, each)
