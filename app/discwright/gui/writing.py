# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing sticks as the window sees it: which ones, from what, and what would happen. No Qt."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from discwright.devices.model import Device, Stick
from discwright.errors import DiscwrightError
from discwright.transfer.outcome import Refusal
from discwright.transfer.progress import Progress
from discwright.wording import _

if TYPE_CHECKING:
    from discwright.devices.targets import StickFacts, StickTarget
    from discwright.image.expected import Expected
    from discwright.jobs.work import Work
    from discwright.optical.disc import Disc
    from discwright.stick.installer_plan import InstallerPlan
    from discwright.stick.installer_source import InstallerSource, Tools
    from discwright.stick.plan import WritePlan
    from discwright.stick.source import WriteSource
    from discwright.transfer.cancel import CancelToken

    AnyPlan = WritePlan | InstallerPlan


@dataclass(frozen=True)
class Material:
    """What is to be written: an image and, if it is one of Windows' installers, its files."""

    source: "WriteSource"
    installer: "InstallerSource | None" = None


@dataclass(frozen=True)
class Place:
    """A stick that was looked at."""

    facts: "StickFacts"
    tools: "Tools | None" = None
    """What copying files to it needs; only for installers."""


@dataclass(frozen=True)
class WriteWish:
    """What the user wants."""

    verify: bool = True
    eject: bool = False
    expect: str = ""
    """A checksum as it was typed."""
    agreed: frozenset[str] = frozenset()
    """The kinds of refusals that the user has overruled, see :func:`overruling`."""


@dataclass(frozen=True)
class WriteSurvey:
    """What is known of an image and of the sticks."""

    material: Material
    places: Mapping[str, Place] = field(default_factory=dict)

    def plan(self, node: str, wish: WriteWish) -> "AnyPlan | Refusal":
        """Say what writing this stick would do, or why it will not be done. Pure."""
        from discwright.devices.targets import TargetOptions, judge_target  # noqa: PLC0415
        from discwright.stick.plan import WriteOptions, plan_write  # noqa: PLC0415

        place, source = self.places[node], self.material.source
        large = bool(wish.agreed & ABOUT_THE_STICK)
        stick = judge_target(place.facts, TargetOptions(large_ok=large), image_disks=source.devices)
        if isinstance(stick, Refusal):
            return in_the_window(stick)
        try:
            expect = _expected(wish.expect, packed=source.packed)
        except ValueError as error:
            return Refusal("hash", str(error))
        options = WriteOptions(
            verify=wish.verify,
            expect=expect,
            block_map="block-map" not in wish.agreed,
            unbootable_ok="not-hybrid" in wish.agreed,
            eject=wish.eject,
        )
        plan = plan_write(source, stick, options)
        if not isinstance(plan, Refusal):
            return plan
        if plan.kind != "windows" or self.material.installer is None or place.tools is None:
            return in_the_window(plan)
        from discwright.stick.installer_plan import (  # noqa: PLC0415
            InstallerOptions,
            plan_installer,
            refuse_expectation,
        )

        if expect:
            return in_the_window(refuse_expectation())
        wanted = InstallerOptions(eject=wish.eject)
        found = plan_installer(self.material.installer, stick, place.tools, wanted)
        return in_the_window(found) if isinstance(found, Refusal) else found


ABOUT_THE_STICK = frozenset({"large", "rotating"})
"""Kinds of refusals whose overruling counts for the one stick that they are about."""


def overruling(kind: str) -> str:
    """Say what the user agrees to who overrules a refusal of this kind; "" if nobody can."""
    return {
        "not-hybrid": _("&Write it all the same: no computer will start from the stick"),
        "large": _("&This is the right one: it may be overwritten"),
        "rotating": _("&This is the right one: it may be overwritten"),
        "block-map": _("&Ignore the block map"),
    }.get(kind, "")


def in_the_window(refusal: Refusal) -> Refusal:
    """Give the refusal with a remedy for people who have a window and not a command line."""
    other = _("Choose another stick.")
    remedies = {
        "not-hybrid": _("Burn it to a disc, or look for an image made for USB sticks."),
        "large": _("Look closely: if it is the one to be overwritten, say so below."),
        "rotating": _("Look closely: if it is the one to be overwritten, say so below."),
        "block-map": _("Get image and block map again, or let the block map be."),
        "no-device": _("Plug the stick in again."),
        "not-a-stick": other,
        "file": other,
        "partition": other,
        "no-uefi": _("Burn the image to a disc."),
        "expect-installer": _("Check the image on its own page first. Then write it without."),
    }
    return replace(refusal, remedy=remedies.get(refusal.kind, refusal.remedy))


def candidates(devices: Iterable[Device]) -> tuple[Stick, ...]:
    """Give the sticks."""
    return tuple(one for one in devices if isinstance(one, Stick))


def read_material(path: Path, cancel: "CancelToken") -> Material:
    """Look at an image, packed or not. Raises SourceError, Cancelled."""
    from discwright.devices.opening import look_at  # noqa: PLC0415
    from discwright.image.formats import ImageKind, identify  # noqa: PLC0415
    from discwright.stick.source_survey import survey_source  # noqa: PLC0415

    found = identify(path)
    if found.kind in {ImageKind.CUE, ImageKind.TOC, ImageKind.NRG}:
        # The disc in it is what is wanted, not the file that describes it.
        return read_disc_material(look_at(str(path), cancel), cancel)
    source = survey_source(path)
    boot = source.boot
    installer = None
    if boot is not None and boot.windows_installer and not (boot.stick_bios or boot.stick_uefi):
        from discwright.stick import installer_plan as _planning  # noqa: F401, PLC0415
        from discwright.stick.installer_source import survey_installer  # noqa: PLC0415

        try:
            installer = survey_installer(path, cancel)
        except DiscwrightError:
            installer = None  # then the plan says that it can't be written as it is
    return Material(source, installer)


def read_disc_material(disc: "Disc", cancel: "CancelToken") -> Material:
    """Take a disc as what is written to sticks. Raises SourceError, Cancelled."""
    from discwright.stick import installer_plan as _planning  # noqa: F401, PLC0415
    from discwright.stick.installer_source import survey_installer  # noqa: PLC0415
    from discwright.stick.source_survey import survey_disc  # noqa: PLC0415

    source = survey_disc(disc, cancel)
    boot, installer = source.boot, None
    if boot is not None and boot.windows_installer and not (boot.stick_bios or boot.stick_uefi):
        try:
            installer = survey_installer(disc.source, cancel)
        except DiscwrightError:
            installer = None  # then the plan says that it can't be written as it is
    return Material(source, installer)


def read_place(node: str, *, installer: bool) -> Place:
    """Look at a stick. Raises nothing."""
    from discwright.devices.target_survey import survey_target  # noqa: PLC0415
    from discwright.stick import plan as _planning  # noqa: F401, PLC0415 - loads what plans need
    from discwright.stick.installer_source import survey_tools  # noqa: PLC0415

    return Place(survey_target(node), survey_tools(node) if installer else None)


def read_disk_image(path: Path) -> "WriteSource | None":
    """Look at a file that is no disc; None if it is nothing for sticks either.

    Raises SourceError if it can't be read.
    """
    from discwright.stick.source_survey import survey_disk_image  # noqa: PLC0415

    return survey_disk_image(path)


def write_work(plans: "Sequence[AnyPlan]", each: Callable[[str, Progress], None]) -> "Work":
    """Give the work of these plans, which are of one kind."""
    from discwright.jobs.copy_work import CopyInstallerWork, CopyToStickWork  # noqa: PLC0415
    from discwright.jobs.installer_work import InstallerWork  # noqa: PLC0415
    from discwright.jobs.write_work import WriteWork  # noqa: PLC0415
    from discwright.stick.plan import WritePlan  # noqa: PLC0415

    images = [plan for plan in plans if isinstance(plan, WritePlan)]
    if images:
        kind = WriteWork if images[0].source.disc is None else CopyToStickWork
        return kind(images, each)
    installers = [plan for plan in plans if not isinstance(plan, WritePlan)]
    if Path(installers[0].source.path).is_file():
        return InstallerWork(installers, each)
    return CopyInstallerWork(installers, each)


def plan_stick(place: Place, agreed: frozenset[str] = frozenset()) -> "StickTarget | Refusal":
    """Say whether this stick may be erased. Pure."""
    from discwright.devices.targets import TargetOptions, judge_target  # noqa: PLC0415

    large = bool(agreed & ABOUT_THE_STICK)
    found = judge_target(place.facts, TargetOptions(large_ok=large))
    return in_the_window(found) if isinstance(found, Refusal) else found


def erase_stick_work(stick: "StickTarget") -> "Work | Refusal":
    """Give the work of erasing this stick, or why it will not be done."""
    from discwright.jobs.erase_work import EraseStickWork  # noqa: PLC0415
    from discwright.stick.erase import EraseOptions, plan_erase  # noqa: PLC0415

    plan = plan_erase(stick, EraseOptions())
    return in_the_window(plan) if isinstance(plan, Refusal) else EraseStickWork(plan)


def compare_work(node: str, image: Path, *, allow_file: bool = False) -> "Work | Refusal":
    """Look at a stick and an image; give the work of comparing them, or why it can't be done.

    Raises SourceError.
    """
    from discwright.jobs.compare_work import look_and_plan  # noqa: PLC0415

    found = look_and_plan(node, image, allow_file=allow_file)
    return in_the_window(found) if isinstance(found, Refusal) else found


def _expected(text: str, *, packed: bool) -> "tuple[Expected, ...]":
    """Read a checksum as it was typed. Raises ValueError with a sentence."""
    from discwright.image.expected import Expected, Where, parse_expectation  # noqa: PLC0415

    if not text.strip():
        return ()
    algorithm, digest = parse_expectation(text)
    return (Expected(algorithm, digest, Where.EITHER if packed else Where.CONTENT),)
