# SPDX-License-Identifier: GPL-3.0-or-later
"""Setting up a burn."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from discwright.devices.model import Device, Drive
from discwright.gui import burning, dialogs, disc_facts
from discwright.gui.bridge import Each
from discwright.gui.burn_options import BurnChoice
from discwright.gui.burning import BurnSurvey
from discwright.gui.entries import medium_title
from discwright.gui.means import Means
from discwright.gui.pages.task import TaskView
from discwright.gui.task import Task, is_busy
from discwright.gui.ticks import Choice
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Refusal
from discwright.wording import _, shown, size

if TYPE_CHECKING:
    from discwright.burn.copy import CopyPlan
    from discwright.burn.plan import BurnPlan
    from discwright.jobs.work import Work
    from discwright.optical.disc import Disc


ONLY_ONE = "one-target"
"""The refusal's kind for a copy to several discs."""


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

    def overruling(self, _kind: str) -> str:
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


class CopyTask(BurnTask):
    """From a disc in one drive to a blank or rewritable disc in another."""

    def __init__(
        self, means: Means, image: Path, nodes: Sequence[str], parent: QWidget, *, disc: "Disc"
    ) -> None:
        self.disc = disc
        super().__init__(means, image, nodes, parent)
        self.view.header.show_text(_("Copy disc"), "")
        self.view.setAccessibleName(_("Copy disc"))
        self.view.go.setText(_("&Copy"))
        self.view.is_of_disc(disc_facts.headline(disc))

    def possible(self) -> tuple[Device, ...]:
        """Give the other drives with a disc that can be written."""
        return tuple(one for one in super().possible() if one.node != self.disc.source)

    def look(self, nodes: Sequence[str], cancel: CancelToken) -> BurnSurvey:
        """Ask the drives; the disc was looked at already."""
        from discwright.burn import copy as _planning  # noqa: F401, PLC0415 - loads it here
        from discwright.burn.image import image_of  # noqa: PLC0415

        ports = self.means.ports
        return BurnSurvey(image_of(self.disc), {node: ports.burner(node, cancel) for node in nodes})

    def plan(self, survey: BurnSurvey, node: str) -> "CopyPlan | Refusal":  # type: ignore[override]
        """Say what copying to the disc in this drive would do."""
        from discwright.burn.copy import plan_copy  # noqa: PLC0415 - loaded by then

        burner = survey.burners[node]
        if burner.problem is not None or burner.medium is None or burner.around is None:
            return burner.problem or Refusal("drive", _("The drive could not be asked."))
        if len(self.view.ticks.chosen) > 1:
            return Refusal(
                ONLY_ONE,
                _("A disc is copied to one other disc at a time."),
                _("Tick one of the drives only."),
            )
        return plan_copy(self.disc, burner.medium, self.options.chosen(), burner.around)

    def may_start(self, plans: Sequence["CopyPlan"]) -> bool:  # type: ignore[override]
        """Ask, if there is something on the other disc that will be lost."""
        return super().may_start([plan.burn for plan in plans if plan.burn is not None])

    def work(self, plans: Sequence["CopyPlan"], _each: Each) -> "Work":  # type: ignore[override]
        """Give the work."""
        return self.means.ports.copy_work(plans[0])
