# SPDX-License-Identifier: GPL-3.0-or-later
"""Burning as the window sees it: which drives come into question, and what would happen. No Qt."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from discwright.devices.model import Device, Drive, MediumState
from discwright.errors import DiscwrightError
from discwright.transfer.outcome import Refusal
from discwright.transfer.progress import Progress

if TYPE_CHECKING:
    from discwright.burn.copy import CopyPlan
    from discwright.burn.image import BurnImage
    from discwright.burn.options import Blank, BurnOptions
    from discwright.burn.plan import BurnPlan
    from discwright.burn.surroundings import Surroundings
    from discwright.jobs.work import Work
    from discwright.optical.writable import WritableMedium
    from discwright.transfer.cancel import CancelToken
    from discwright.transfer.destination import Destination

REWRITABLE = ("RW", "RE", "RAM")
"""The ends of the names of discs that can be written again: CD-RW, DVD+RW DL, BD-RE, DVD-RAM."""


@dataclass(frozen=True)
class Burner:
    """A drive that was asked about the disc in it."""

    node: str
    medium: "WritableMedium | None" = None
    around: "Surroundings | None" = None
    problem: Refusal | None = None
    """Why it could not be asked."""


@dataclass(frozen=True)
class CopyPlace:
    """What copying with one drive needs: the drive, and a folder for the temporary image."""

    around: "Surroundings"
    folder: "Destination"


@dataclass(frozen=True)
class BurnSurvey:
    """What is known of an image and of the drives that could burn it."""

    image: "BurnImage"
    burners: Mapping[str, Burner] = field(default_factory=dict)
    place: CopyPlace | None = None
    """For a copy into the drive that the disc is in."""

    def plan(self, node: str, options: "BurnOptions") -> "BurnPlan | Refusal":
        """Say what burning with this drive would do, or why it will not be done. Pure."""
        from discwright.burn.plan import plan_burn  # noqa: PLC0415 - not needed to start

        if self.image.problem is not None:
            return self.image.problem
        burner = self.burners[node]
        if burner.problem is not None:
            return burner.problem
        if burner.medium is None or burner.around is None:
            raise ValueError(f"{node} was not asked")
        return plan_burn(self.image, burner.medium, options, burner.around)


def rewritable(drive: Drive) -> bool:
    """Whether the disc in it can be written again, by what udev calls it."""
    kind = drive.medium.kind.removesuffix(" DL")
    return drive.medium.state is not MediumState.NO_MEDIUM and kind.endswith(REWRITABLE)


def blank(drive: Drive) -> bool:
    """Whether a blank disc is in it, by udev."""
    return drive.medium.state is MediumState.BLANK


def candidates(devices: Iterable[Device]) -> tuple[Drive, ...]:
    """Give the drives with a disc that can be written, those with a blank one first."""
    drives = [one for one in devices if isinstance(one, Drive) and (blank(one) or rewritable(one))]
    return tuple(sorted(drives, key=lambda one: not blank(one)))


def read_burner(node: str, cancel: "CancelToken") -> Burner:
    """Ask a drive about the disc in it. Raises Cancelled."""
    from discwright.burn.surroundings import look_around  # noqa: PLC0415
    from discwright.burn.target import read_target  # noqa: PLC0415
    from discwright.jobs.maker_speeds import MakerSpeeds  # noqa: PLC0415

    around = look_around(node)
    if around.problem is not None:
        return Burner(node, problem=around.problem)
    try:
        medium = read_target(node, cancel)
    except DiscwrightError as error:
        problem = Refusal("drive", error.message, error.remedy, error.cause)
        return Burner(node, problem=problem)
    remembered = MakerSpeeds().of(medium.maker)
    return Burner(node, medium, replace(around, remembered_kb=remembered))


def read_copy_place(node: str, folder: Path) -> CopyPlace:
    """Look who uses a drive, and at the folder for a temporary image. Raises nothing."""
    from discwright.burn.copy import temporary_image  # noqa: PLC0415
    from discwright.burn.surroundings import look_around  # noqa: PLC0415
    from discwright.transfer.destination import survey  # noqa: PLC0415

    return CopyPlace(look_around(node), survey(temporary_image(folder)))


def read_burn_image(path: Path) -> "BurnImage":
    """Look at an image. Raises nothing."""
    from discwright.burn import plan as _planning  # noqa: F401, PLC0415 - loads what plans need
    from discwright.burn.image import read_image  # noqa: PLC0415

    return read_image(path)


def burn_work(plans: "Sequence[BurnPlan]", each: Callable[[str, Progress], None]) -> "Work":
    """Give the work of these plans."""
    from discwright.jobs.burn_work import BurnWork  # noqa: PLC0415

    return BurnWork(plans, each=each)


def copy_work(plan: "CopyPlan") -> "Work":
    """Give the work of copying a disc to another one."""
    from discwright.jobs.copy_work import CopyDiscWork  # noqa: PLC0415

    return CopyDiscWork(plan)


def erase_disc_work(burner: Burner, how: "Blank") -> "Work | Refusal":
    """Give the work of erasing this disc, or why it will not be done."""
    from discwright.burn.erase import plan_erase  # noqa: PLC0415
    from discwright.jobs.erase_work import EraseDiscWork  # noqa: PLC0415

    if burner.medium is None or burner.around is None:
        return burner.problem or Refusal("drive", "")
    plan = plan_erase(burner.medium, how, burner.around)
    return plan if isinstance(plan, Refusal) else EraseDiscWork(plan)
