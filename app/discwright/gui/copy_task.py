# SPDX-License-Identifier: GPL-3.0-or-later
"""Setting up the copying of a disc: to a disc in another drive, or to a blank one in the same."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from discwright.burn.options import Blank
from discwright.devices.model import Device, Drive
from discwright.gui import disc_facts
from discwright.gui.bridge import Each
from discwright.gui.burn_task import BurnTask
from discwright.gui.burning import BurnSurvey
from discwright.gui.folder import FolderButton
from discwright.gui.means import Means
from discwright.gui.ticks import Choice
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Refusal
from discwright.wording import _

if TYPE_CHECKING:
    from discwright.burn.copy import CopyPlan
    from discwright.jobs.work import Work
    from discwright.optical.disc import Disc


ONLY_ONE = "one-target"
"""The refusal's kind for a copy to several discs."""


class CopyTask(BurnTask):
    """From a disc in a drive to a blank or rewritable one in another, or in the same later."""

    def __init__(
        self, means: Means, image: Path, nodes: Sequence[str], parent: QWidget, *, disc: "Disc"
    ) -> None:
        self.disc = disc
        self.folder = FolderButton(_("Folder for the temporary image"))
        super().__init__(means, image, nodes, parent)
        self.folder.use(_usual_folder(means))
        self.folder.chosen.connect(self._look_at_folder)
        self.view.header.show_text(_("Copy disc"), "")
        self.view.setAccessibleName(_("Copy disc"))
        self.view.go.setText(_("&Copy"))
        self.view.is_of_disc(disc_facts.headline(disc))
        self._row = self.view.add_row(_("Temporary &image in"), self.folder)
        self._show_folder()

    def possible(self) -> tuple[Device, ...]:
        """Give the other drives with a disc that can be written, and the disc's own drive."""
        source = self.disc.source
        others = tuple(one for one in super().possible() if one.node != source)
        own = (d for d in self.means.devices if isinstance(d, Drive) and d.node == source)
        return (*others, *(one for one in own if one.writes))

    def choice(self, device: Device) -> Choice:
        """Say which drive it is; of the disc's own, that the discs are changed in between."""
        choice = super().choice(device)
        if device.node != self.disc.source:
            return choice
        return replace(choice, note=_("The same drive: you change the discs in between"))

    @property
    def with_one_drive(self) -> bool:
        """Whether the copy goes into the drive that the disc is in."""
        return self.view.ticks.chosen == (self.disc.source,)

    def look(self, nodes: Sequence[str], cancel: CancelToken) -> BurnSurvey:
        """Ask the drives, and look at the folder; the disc was looked at already."""
        from discwright.burn import copy as _planning  # noqa: F401, PLC0415 - loads it here
        from discwright.burn.image import image_of  # noqa: PLC0415

        ports, source = self.means.ports, self.disc.source
        others = {node: ports.burner(node, cancel) for node in nodes if node != source}
        place = ports.copy_place(source, self.folder.folder) if source in nodes else None
        return BurnSurvey(image_of(self.disc), others, place)

    def plan(self, survey: BurnSurvey, node: str) -> "CopyPlan | Refusal":  # type: ignore[override]
        """Say what copying to the disc in this drive would do."""
        from discwright.burn.copy import plan_copy, plan_copy_with_one_drive  # noqa: PLC0415

        if len(self.view.ticks.chosen) > 1:
            return Refusal(
                ONLY_ONE,
                _("A disc is copied to one other disc at a time."),
                _("Tick one of the drives only."),
            )
        if node == self.disc.source and survey.place is not None:
            place = survey.place
            if place.around.problem is not None:
                return place.around.problem
            # What is put in later can't be asked about now: nothing on it is erased.
            options = replace(self.options.chosen(), blank=Blank.NEVER)
            return plan_copy_with_one_drive(self.disc, options, place.around, place.folder)
        burner = survey.burners.get(node)
        if burner is None or burner.medium is None or burner.around is None:
            problem = burner.problem if burner is not None else None
            return problem or Refusal("drive", _("The drive could not be asked."))
        return plan_copy(self.disc, burner.medium, self.options.chosen(), burner.around)

    def consider(self) -> None:
        """Show what would happen; the folder only where one is needed."""
        self._show_folder()
        super().consider()

    def may_start(self, plans: Sequence["CopyPlan"]) -> bool:  # type: ignore[override]
        """Ask, if there is something on the other disc that will be lost."""
        if self.with_one_drive:
            self.means.settings.setValue("copy/folder", str(self.folder.folder))
        return super().may_start([plan.burn for plan in plans if plan.burn is not None])

    def work(self, plans: Sequence["CopyPlan"], _each: Each) -> "Work":  # type: ignore[override]
        """Give the work."""
        return self.means.ports.copy_work(plans[0])

    def _show_folder(self) -> None:
        for part in (self._row, self.folder):
            part.setVisible(self.with_one_drive)

    def _look_at_folder(self) -> None:
        self._seen = None
        self.follow()


def _usual_folder(means: Means) -> Path:
    from discwright.burn.copy import temporary_folder  # noqa: PLC0415 - not needed to start

    last = str(means.settings.value("copy/folder", ""))
    return Path(last) if last and Path(last).is_dir() else temporary_folder()
