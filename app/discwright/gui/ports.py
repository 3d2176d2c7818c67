# SPDX-License-Identifier: GPL-3.0-or-later
"""What the window asks of the rest of the program, each thing imported when first used.

The window is up before libcdio, udev or the copier is loaded; tests put other things in place.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from discwright.devices.model import Device
from discwright.gui import burning, writing

if TYPE_CHECKING:
    from discwright.burn.copy import CopyPlan
    from discwright.burn.image import BurnImage
    from discwright.burn.options import Blank
    from discwright.burn.plan import BurnPlan
    from discwright.devices.targets import StickTarget
    from discwright.extract.plan import ExtractOptions, ExtractPlan
    from discwright.extract.source import DiscContents
    from discwright.gui.burning import Burner, CopyPlace
    from discwright.gui.writing import AnyPlan, Material, Place
    from discwright.jobs.history import Entry as PastJob
    from discwright.jobs.queue import JobQueue
    from discwright.jobs.work import Work
    from discwright.optical.disc import Disc
    from discwright.optical.writable import WritableMedium
    from discwright.rip.earlier import Earlier
    from discwright.rip.plan import ImageFormat, RipOptions, RipPlan
    from discwright.stick.source import WriteSource
    from discwright.transfer.cancel import CancelToken
    from discwright.transfer.destination import Destination
    from discwright.transfer.outcome import Refusal
    from discwright.transfer.progress import Progress

    PlanExtract = Callable[[DiscContents, Path, ExtractOptions, CancelToken], ExtractPlan | Refusal]

DevicesSeen = Callable[[tuple[Device, ...]], None]


class DeviceWatch(Protocol):
    """Follows what is plugged in."""

    def start(self) -> None:
        """Begin; the first list comes soon, from another thread."""

    def stop(self) -> None:
        """Stop and wait; no list comes after."""


@dataclass(frozen=True)
class Look:
    """What was found out about a disc before its page is shown."""

    disc: "Disc"
    name: str
    """The suggested file name."""
    refusal: "Refusal | None" = None
    """Why this disc can't become an ISO, whatever the target."""
    speeds: tuple[float, ...] = ()
    """Reading speeds to choose from, as factors."""
    writable: "WritableMedium | None" = None
    """The disc as something to write onto, if it can be."""
    formats: "tuple[ImageFormat, ...]" = ()
    """What it can be copied to, the most likely wanted first; none if it can't be copied."""


@dataclass(frozen=True)
class Prospect:
    """What would come of a rip that was started now."""

    outcome: "RipPlan | Refusal"
    destination: "Destination"
    left: "Left | None" = None
    """What an earlier run left there of what seems to be this disc."""
    need: int = 0
    """Bytes of the image; 0: as many as the disc."""


@dataclass(frozen=True)
class Left:
    """A copy that can be gone on with."""

    finished: bool
    """Whether it has its name already, and only its bad sectors are left."""
    share: int
    """Per cent of the sectors that were read."""
    missing: int
    """Sectors that were not."""


def _watch(callback: DevicesSeen) -> DeviceWatch:
    try:
        from discwright.devices.watch import Watch  # noqa: PLC0415
    except ImportError:
        return _NoDevices(callback)
    return Watch(callback)


class _NoDevices:
    """Where devices can't be followed there are none; image files still work."""

    def __init__(self, callback: DevicesSeen) -> None:
        self._callback = callback

    def start(self) -> None:
        self._callback(())

    def stop(self) -> None:
        pass


def _look(source: str, cancel: "CancelToken") -> Look:
    from discwright.devices.opening import look_at  # noqa: PLC0415
    from discwright.rip.bin_plan import possible_formats  # noqa: PLC0415
    from discwright.rip.plan import refuse_disc, suggested_name  # noqa: PLC0415
    from discwright.rip.run import SPEED_1X_KB  # noqa: PLC0415

    disc = look_at(source, cancel)
    writable = None
    if disc.profile.writable and not disc.virtual:
        writable = burning.read_burner(source, cancel).medium
    unit = SPEED_1X_KB.get(disc.profile.family)
    speeds = {round(kb / unit, 1) for kb in disc.speeds_kb} if unit else set()
    formats = possible_formats(disc)
    return Look(
        disc,
        suggested_name(disc, *formats[:1]),
        refuse_disc(disc),
        tuple(sorted((s for s in speeds if s > 0), reverse=True)),
        writable,
        formats,
    )


def _consider(disc: "Disc", target: Path, options: "RipOptions") -> Prospect:
    from discwright.errors import TargetError  # noqa: PLC0415
    from discwright.rip.bin_plan import bin_path, plan_bin  # noqa: PLC0415
    from discwright.rip.earlier import find  # noqa: PLC0415
    from discwright.rip.plan import ImageFormat, RipPlan, plan_rip  # noqa: PLC0415
    from discwright.transfer.destination import survey  # noqa: PLC0415
    from discwright.transfer.outcome import Refusal  # noqa: PLC0415

    if options.format is ImageFormat.BIN:
        image = survey(bin_path(target))
        sheet = survey(image.path.with_suffix(".cue"))
        there = sheet if sheet.exists and not image.exists else image
        need = RipPlan(disc, image.path, options).size
        return Prospect(plan_bin(disc, options, image, sheet), there, need=need)
    destination, earlier = survey(target), None
    if options.resume or not options.overwrite:
        try:
            earlier = find(destination.path, options.map_file)
        except TargetError as error:
            if options.resume:
                raise
            refusal = Refusal("map", error.message, error.remedy, error.cause)
            return Prospect(refusal, destination)
    outcome = plan_rip(disc, options, destination, earlier)
    return Prospect(outcome, destination, _left(disc, earlier))


def _left(disc: "Disc", earlier: "Earlier | None") -> Left | None:
    """Say what is left to do, unless what is there is known to be of another disc."""
    from discwright.rip.earlier import Kind  # noqa: PLC0415
    from discwright.rip.identity import signs_agree  # noqa: PLC0415

    if earlier is None or not earlier.map.unfinished().count:
        return None
    if signs_agree(disc, earlier.record) is False:
        return None
    return Left(
        earlier.kind is Kind.IMAGE,
        earlier.map.finished * 100 // max(1, earlier.sectors),
        earlier.map.unfinished().count,
    )


def _work(plan: "RipPlan") -> "Work":
    from discwright.jobs.work import RipWork  # noqa: PLC0415

    return RipWork(plan)


def _check(disc: "Disc", against: Path) -> "Work | Refusal":
    from discwright.check.plan import plan_disc_check, plan_image_check  # noqa: PLC0415
    from discwright.jobs.check_work import CheckWork  # noqa: PLC0415
    from discwright.transfer.outcome import Refusal  # noqa: PLC0415

    if disc.virtual:
        plan = plan_image_check(Path(disc.source), against)
    else:
        plan = plan_disc_check(disc, against)
    return plan if isinstance(plan, Refusal) else CheckWork(plan)


def _list_files(disc: "Disc", cancel: "CancelToken") -> "DiscContents | Refusal":
    from discwright.extract.source import list_disc  # noqa: PLC0415

    return list_disc(disc, cancel)


def _plan_extract(
    found: "DiscContents", folder: Path, options: "ExtractOptions", cancel: "CancelToken"
) -> "ExtractPlan | Refusal":
    from discwright.extract.survey import prepare  # noqa: PLC0415

    return prepare(found, folder, options, cancel)


def _queue() -> "JobQueue":
    from discwright.jobs.queue import JobQueue  # noqa: PLC0415

    return JobQueue()


def _sample() -> Path:
    from platformdirs import user_cache_path  # noqa: PLC0415

    from discwright.image.sample import make_sample  # noqa: PLC0415

    folder = user_cache_path("discwright", appauthor=False, ensure_exists=True)
    return make_sample(folder / "sample.iso")


def _eject(node: str) -> None:
    from discwright.optical.source import open_source  # noqa: PLC0415

    source = open_source(node, control=True)
    try:
        source.eject()
    finally:
        source.close()


def _algorithms() -> tuple[str, ...]:
    from discwright.transfer.digests import ALGORITHMS  # noqa: PLC0415

    return tuple(ALGORITHMS)


def _settings_file() -> Path:
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(home).expanduser() / "discwright" / "window.ini"


@dataclass(frozen=True)
class Ports:
    """The window's way to the rest. Everything but ``queue`` and ``watch`` may take long."""

    watch: Callable[[DevicesSeen], DeviceWatch] = _watch
    look: Callable[[str, "CancelToken"], Look] = _look
    """Examine a disc. Raises DiscwrightError, Cancelled."""
    consider: Callable[["Disc", Path, "RipOptions"], Prospect] = _consider
    """Survey the target and plan."""
    work: Callable[["RipPlan"], "Work"] = _work
    check_work: "Callable[[Disc, Path], Work | Refusal]" = _check
    """Look at what a disc or an image is to be checked against. Raises SourceError."""
    list_files: "Callable[[Disc, CancelToken], DiscContents | Refusal]" = _list_files
    """List what is on a disc. Raises SourceError, Cancelled."""
    plan_extract: "PlanExtract" = _plan_extract
    """Look at the folder and plan. Raises Cancelled."""
    queue: Callable[[], "JobQueue"] = _queue
    sample: Callable[[], Path] = _sample
    """Make the sample disc's image."""
    eject: Callable[[str], None] = _eject
    algorithms: Callable[[], Sequence[str]] = _algorithms
    past_jobs: "Callable[[], Sequence[PastJob]] | None" = None
    """The remembered jobs, newest first; None: ask the queue's history."""
    burn_image: "Callable[[Path], BurnImage]" = burning.read_burn_image
    """Look at an image that is to be burned."""
    burner: "Callable[[str, CancelToken], Burner]" = burning.read_burner
    """Ask a drive about the disc in it. Raises Cancelled."""
    burn_work: "Callable[[Sequence[BurnPlan], Callable[[str, Progress], None]], Work]" = (
        burning.burn_work
    )
    copy_work: "Callable[[CopyPlan], Work]" = burning.copy_work
    copy_place: "Callable[[str, Path], CopyPlace]" = burning.read_copy_place
    """Look at what copying with one drive needs."""
    erase_disc: "Callable[[Burner, Blank], Work | Refusal]" = burning.erase_disc_work
    material: "Callable[[Path, CancelToken], Material]" = writing.read_material
    """Look at an image that is to be written to sticks. Raises SourceError, Cancelled."""
    disc_material: "Callable[[Disc, CancelToken], Material]" = writing.read_disc_material
    """Take a disc as what is written to sticks. Raises SourceError, Cancelled."""
    place: "Callable[..., Place]" = writing.read_place
    """Look at a stick; with ``installer=True`` also at what copying files to it needs."""
    disk_image: "Callable[[Path], WriteSource | None]" = writing.read_disk_image
    """Look at a file that is no disc, but may be for sticks. Raises SourceError."""
    write_work: "Callable[[Sequence[AnyPlan], Callable[[str, Progress], None]], Work]" = (
        writing.write_work
    )
    erase_stick: "Callable[[StickTarget], Work | Refusal]" = writing.erase_stick_work
    compare_work: "Callable[[str, Path], Work | Refusal]" = writing.compare_work
    """Look at a stick and an image that are to be compared. Raises SourceError."""
    settings_file: Path = field(default_factory=_settings_file)
