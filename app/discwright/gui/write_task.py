# SPDX-License-Identifier: GPL-3.0-or-later
"""Setting up the writing of sticks."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from discwright.devices.model import Device, Stick
from discwright.gui import dialogs, disc_facts, writing
from discwright.gui.bridge import Each
from discwright.gui.means import Means
from discwright.gui.pages.task import TaskView
from discwright.gui.task import Task, is_busy
from discwright.gui.ticks import Choice
from discwright.gui.write_options import WriteChoice
from discwright.gui.writing import WriteSurvey
from discwright.transfer.cancel import CancelToken
from discwright.wording import _, shown, size

if TYPE_CHECKING:
    from discwright.gui.writing import AnyPlan
    from discwright.jobs.work import Work
    from discwright.optical.disc import Disc
    from discwright.transfer.outcome import Refusal


class WriteTask(Task):
    """From an image to bootable sticks."""

    def __init__(
        self,
        means: Means,
        image: Path,
        nodes: Sequence[str],
        parent: QWidget,
        disc: "Disc | None" = None,
    ) -> None:
        self.disc = disc
        self.options = WriteChoice()
        self._agreed: set[tuple[str, Device | None]] = set()
        """Kinds of refusals that were overruled, and of which stick, if it is about the stick."""
        self._asked: tuple[str, Device | None] = "", None
        """What the box in sight overrules."""
        view = TaskView(
            "stick",
            _("Write USB stick"),
            _("&Write…"),
            nothing=_("Plug in a USB stick or insert a memory card: it appears here by itself."),
            fold=self.options,
        )
        super().__init__(means, view, image, nodes, parent)
        self.options.restore(means.settings)
        if disc is not None:
            view.is_of_disc(disc_facts.headline(disc))
        view.agreed.disconnect()
        view.agreed.connect(self._agree)

    def _agree(self) -> None:
        change = self._agreed.add if self.view.consent.box.isChecked() else self._agreed.discard
        change(self._asked)
        self.consider()

    def use_image(self, image: Path) -> None:
        """Take another image; nothing is agreed to yet."""
        self._agreed.clear()
        super().use_image(image)

    def possible(self) -> tuple[Device, ...]:
        """Give the sticks."""
        return writing.candidates(self.means.devices)

    def choice(self, device: Device) -> Choice:
        """Say which stick it is, and what is on it."""
        title, note = f"{shown(device.name)} ({shown(device.node)})", ""
        if isinstance(device, Stick):
            names = ", ".join(shown(label) for label in device.labels)
            note = " · ".join(part for part in (size(device.size), names) if part)
        return Choice(device.node, title, note, free=not is_busy(self.means, device.node))

    def look(self, nodes: Sequence[str], cancel: CancelToken) -> WriteSurvey:
        """Look at the image and the sticks."""
        ports = self.means.ports
        material = (
            ports.material(self.image, cancel)
            if self.disc is None
            else ports.disc_material(self.disc, cancel)
        )
        installer = material.installer is not None
        return WriteSurvey(
            material, {node: ports.place(node, installer=installer) for node in nodes}
        )

    def plan(self, survey: WriteSurvey, node: str) -> "AnyPlan | Refusal":
        """Say what writing this stick would do."""
        about = {None, self._device(node)}
        agreed = frozenset(kind for kind, device in self._agreed if device in about)
        return survey.plan(node, replace(self.options.chosen(), agreed=agreed))

    def show_survey(self, survey: WriteSurvey) -> None:
        """Show what the image is."""
        self.view.show_image(shown(survey.material.source.name), about_source(survey))

    def steps(self, plans: Sequence["AnyPlan"]) -> list[str]:
        """Say what starts, what is done, and which question the system will ask."""
        from discwright.stick.plan import WritePlan  # noqa: PLC0415 - not needed to start

        first, found = plans[0], []
        if isinstance(first, WritePlan):
            found.append(boot_words(first))
            if first.source.packed:
                found.append(
                    _("The image is unpacked on the way ({method}).").format(
                        method=first.source.method
                    )
                )
            found += [
                _("It is checked against the published {algorithm} before the stick can start.")
                .format(algorithm=algorithm.upper())
                for algorithm in dict.fromkeys(one.algorithm for one in first.expected)
            ]  # fmt: skip
            if first.source.block_map is not None and first.options.block_map:
                found.append(_("Only what the block map beside the image names is written."))
            found.append(
                _("Then every byte is read back and compared.")
                if first.options.verify
                else _("Only the first MiB is read back.")
            )
        else:
            found.append(_("It is an installer of Windows: the stick is formatted (FAT32), and its "
                           "files are copied, read back and compared."))  # fmt: skip
        if any(plan.password_needed for plan in plans):
            found.append(
                _(
                    "Your system will ask for an administrator's password, once for each stick: "
                    "to write it and to read it back."
                )
            )
        return [text for text in found if text]

    def overruling(self, node: str, kind: str) -> str:
        """Say what the user agrees to."""
        asked = kind, self._device(node) if kind in writing.ABOUT_THE_STICK else None
        if asked != self._asked:
            self.view.withdraw()
        self._asked = asked
        return writing.overruling(kind)

    def _device(self, node: str) -> Device | None:
        """Give the stick that has this node now; another one in its place is not equal to it."""
        return next((one for one in self.possible() if one.node == node), None)

    def may_start(self, plans: Sequence["AnyPlan"]) -> bool:
        """Ask: what is on a stick is always lost."""
        self.options.keep(self.means.settings)
        return dialogs.may_overwrite_sticks(self.view.window(), [plan.stick for plan in plans])

    def work(self, plans: Sequence["AnyPlan"], each: Each) -> "Work":
        """Give the work."""
        return self.means.ports.write_work(plans, each)


def about_source(survey: WriteSurvey) -> str:
    """Say how large the image is, and how it is packed."""
    source = survey.material.source
    parts = [
        _("size not known before it is unpacked") if source.size is None else size(source.size)
    ]
    if source.packed:
        parts.append(_("packed: {method}").format(method=source.method))
    return " · ".join(parts)


def boot_words(plan: "AnyPlan") -> str:
    """Say what will start from the stick."""
    from discwright.stick.plan import WritePlan  # noqa: PLC0415 - not needed to start
    from discwright.stick.words import stick_sentence  # noqa: PLC0415 - not needed to start

    return stick_sentence(plan.source.boot) if isinstance(plan, WritePlan) else plan.boot
