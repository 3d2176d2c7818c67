# SPDX-License-Identifier: GPL-3.0-or-later
"""What a burn will do, or why it will not. Pure: looks at plain data only."""

from dataclasses import dataclass

from discwright.burn import speed
from discwright.burn.forecast import forecast, warnings
from discwright.burn.image import BurnImage
from discwright.burn.method import (
    SUPPORTED,
    Method,
    Preparation,
    WriteMode,
    method_of,
    room_of,
)
from discwright.burn.options import Blank, BurnOptions
from discwright.burn.programs import LAST_LBA, Program, choose_program, recording_for
from discwright.burn.refusals import refuse_burner, refuse_image, refuse_options
from discwright.burn.surroundings import Surroundings
from discwright.image.recording import Recording, minutes
from discwright.optical.profile import Family, Profile
from discwright.optical.writable import MediumStatus, WritableMedium
from discwright.transfer.outcome import Refusal
from discwright.transfer.reader import SECTOR
from discwright.wording import _, size

_SIZES = (
    (359_844, "CD"), (2_295_104, "DVD"), (4_171_712, "DVD DL"), (11_826_176, "BD"),
    (23_652_352, "BD DL"),
)  # fmt: skip
"""Sectors that fit on the usual kinds of discs, the smaller where they differ."""

_SIMULATING = frozenset({
    Profile.CD_R, Profile.CD_RW, Profile.DVD_R, Profile.DVD_RW_SEQUENTIAL,
    Profile.DVD_R_DL_SEQUENTIAL,
})  # fmt: skip
"""Only for these does the standard know a test write (MMC-6 5.3.19, 5.3.20, 5.3.22)."""


@dataclass(frozen=True)
class BurnPlan:
    """What will happen."""

    image: BurnImage
    medium: WritableMedium
    options: BurnOptions
    surroundings: Surroundings
    method: Method
    speed_kb: int | None
    """Write speed in kB/s; None: the drive chooses."""
    warnings: tuple[str, ...] = ()
    """What the user should know before; sentences."""

    @property
    def node(self) -> str:
        """The drive."""
        return self.medium.node

    @property
    def recording(self) -> Recording | None:
        """What is written track by track; None for a run of plain sectors."""
        return recording_for(self.method.program, self.image)

    @property
    def program(self) -> str:
        """The version of the program that writes."""
        return self.surroundings.installed.version(self.method.program)

    @property
    def sectors(self) -> int:
        """Sectors of the image, that are read back too."""
        return self.image.sectors

    @property
    def size(self) -> int:
        """Bytes of the image, as the drive is given them."""
        return self.image.size if self.recording is None else self.recording.size

    @property
    def write_size(self) -> int:
        """Bytes that the drive is given, with padding."""
        return self.size + self.method.padding * SECTOR

    @property
    def track_sectors(self) -> int:
        """Sectors that are written, with padding."""
        return self.image.sectors + self.method.padding

    @property
    def destroys(self) -> bool:
        """Whether something is on the disc that will be lost."""
        return self.medium.used and not self.options.simulate

    @property
    def sentences(self) -> tuple[str, ...]:
        """What will happen, in the order in which it happens."""
        return forecast(self.image, self.medium, self.options, self.method, self.speed_kb)


def plan_burn(
    image: BurnImage, medium: WritableMedium, options: BurnOptions, surroundings: Surroundings
) -> BurnPlan | Refusal:
    """Say what burning ``image`` onto ``medium`` will do, or why it will not be done."""
    refusal = (
        refuse_options(options)
        or refuse_image(image)
        or refuse_burner(medium, surroundings)
        or refuse_medium(medium, options)
        or _refuse_same(image, medium, surroundings)
    )
    if refusal:
        return refusal
    program = choose_program(image, medium, options, surroundings.installed)
    if isinstance(program, Refusal):
        return program
    method = method_of(medium, image.sectors, options, program)
    refusal = (
        _refuse_drive(medium, method)
        or _refuse_room(image, medium, method, options)
        or _refuse_simulation(medium, method, options)
    )
    if refusal:
        return refusal
    chosen = speed.choose_speed(
        medium.speeds_kb,
        wanted_kb=speed.kilobytes(options.speed, medium.family) if options.speed else None,
        remembered_kb=surroundings.remembered_kb,
    )
    return BurnPlan(
        image, medium, options, surroundings, method, chosen,
        warnings(image, medium, options, method),
    )  # fmt: skip


def refuse_medium(medium: WritableMedium, options: BurnOptions) -> Refusal | None:
    """Say why nothing can be written onto this medium as it is; None if something can."""
    if medium.virtual:
        return _refuse_file(medium, options)
    return _refuse_kind(medium) or _refuse_state(medium, options)


def _refuse_file(medium: WritableMedium, options: BurnOptions) -> Refusal | None:
    if medium.used and options.blank in {Blank.AUTO, Blank.NEVER}:
        return Refusal(
            "not-blank",
            _("The file {file} is not empty: what is in it would be lost.").format(
                file=medium.node.removeprefix("stdio:")
            ),
            _("Name a new file, or ask for it to be erased (--blank fast)."),
        )
    return None


def _refuse_kind(medium: WritableMedium) -> Refusal | None:
    node, kind = medium.node, medium.profile.title
    if medium.status is MediumStatus.NONE:
        return Refusal(
            "no-medium",
            _("There is no disc in {node}, or its tray is open.").format(node=node),
            _("Insert a blank disc and close the tray."),
        )
    if medium.profile in SUPPORTED:
        if medium.writes and medium.profile not in medium.writes:
            return Refusal(
                "drive-cannot-write",
                _("The drive {node} reads {kind} discs but can't write them.").format(
                    node=node, kind=kind
                ),
                _("Insert a kind of disc that it writes: {kinds}.").format(kinds=_kinds(medium)),
            )
        return None
    if medium.profile in {Profile.NONE, Profile.UNKNOWN}:
        message = _("The drive {node} does not recognise the disc in it.").format(node=node)
    elif medium.profile.writable:
        message = _("Discs of the kind {kind} can't be written here.").format(kind=kind)
    else:
        message = _(
            "The disc in {node} is a {kind}: it was pressed, or is closed for good, and nothing "
            "can be written onto it."
        ).format(node=node, kind=kind)
    return Refusal("wrong-kind", message, _("Insert a blank or rewritable disc."))


def _kinds(medium: WritableMedium) -> str:
    titles = (profile.title for profile in medium.writes if profile in SUPPORTED)
    return ", ".join(dict.fromkeys(titles)) or _("none")


def _refuse_state(medium: WritableMedium, options: BurnOptions) -> Refusal | None:
    kind = medium.profile.title
    if medium.status is MediumStatus.UNKNOWN:
        return Refusal(
            "unknown-state",
            _("The drive doesn't say whether the {kind} in it can be written.").format(kind=kind),
            _("Take the disc out and insert it again, or try another one."),
        )
    if medium.profile.rewritable:
        return _refuse_erasing(medium, options)
    if medium.status is MediumStatus.APPENDABLE:
        return Refusal(
            "appendable",
            _(
                "Something was written onto this {kind} before: an image added behind it could "
                "not be used."
            ).format(kind=kind),
            _("Insert a blank disc."),
        )
    if medium.status is not MediumStatus.BLANK:
        return Refusal(
            "closed",
            _("This {kind} was written before and is closed: it can't be written again.").format(
                kind=kind
            ),
            _("Insert a blank disc."),
        )
    return None


def _refuse_erasing(medium: WritableMedium, options: BurnOptions) -> Refusal | None:
    """Refuse to erase or format where the user wants neither."""
    if options.blank is not Blank.NEVER:
        return None
    kind = medium.profile.title
    written = medium.status in {MediumStatus.APPENDABLE, MediumStatus.CLOSED}
    if medium.used or written:
        return Refusal(
            "not-blank",
            _("Something is on this {kind}, and it is not to be erased.").format(kind=kind),
            _("Insert a blank disc, or allow this one to be erased."),
        )
    if medium.formatted is False and medium.profile.overwritable:
        return Refusal(
            "unformatted",
            _("This {kind} was never formatted, and it is not to be formatted.").format(kind=kind),
            _("Insert another disc, or allow this one to be formatted."),
        )
    return None


def _refuse_same(
    image: BurnImage, medium: WritableMedium, surroundings: Surroundings
) -> Refusal | None:
    """Refuse to write onto the very disc or file that the image is read from."""
    if image.source == medium.node.removeprefix("stdio:"):
        return Refusal(
            "same-disc",
            _("An image can't be burned onto itself."),
            _("Choose another drive, or another file."),
        )
    if image.device and image.device == surroundings.device:
        return Refusal(
            "same-disc",
            _("The image {name} lies on the very disc that is to be written.").format(
                name=image.name
            ),
            _("Copy it to a hard disk first."),
        )
    return None


def _refuse_drive(medium: WritableMedium, method: Method) -> Refusal | None:
    """Refuse a drive that writes CDs by single tracks only: pauses and marks would be lost.

    What a drive can do with a disc that is to be erased it tells only afterwards.
    """
    able = medium.features.cd_sao or method.preparation.erases
    if method.program is Program.XORRISO or able:
        return None
    return Refusal(
        "drive-cannot-write",
        _(
            "The drive {node} can't write a CD in one go (SAO), without which this image can't be "
            "burned."
        ).format(node=medium.node),
        _("Use another drive."),
    )


def _refuse_room(
    image: BurnImage, medium: WritableMedium, method: Method, options: BurnOptions
) -> Refusal | None:
    room = room_of(medium, method.preparation)
    needed = image.sectors + method.padding
    if not room and method.preparation.erases:
        return None  # only the erased disc tells; asked again before the first byte
    if needed <= room:
        return None
    if not room and method.mode is not WriteMode.FILE:
        return Refusal(
            "unknown-room",
            _("The drive doesn't say how much fits onto the {kind} in it.").format(
                kind=medium.profile.title
            ),
            _("Take the disc out and insert it again, or try another one."),
        )
    return _too_big(image, medium, method, options)


def _too_big(
    image: BurnImage, medium: WritableMedium, method: Method, options: BurnOptions
) -> Refusal | None:
    """Refuse what is larger than the medium, unless it is to be tried."""
    room = room_of(medium, method.preparation)
    needed = image.sectors + method.padding
    over = (needed - room) * SECTOR
    message = _("The image needs {need}, but the disc holds {room}: {over} too much.").format(
        need=size(needed * SECTOR), room=size(room * SECTOR), over=size(over)
    )
    if method.mode is WriteMode.FILE:
        return Refusal("too-big", message, _("Choose a folder on another disk."))
    remedy = _larger(needed, medium.family)
    if method.program is not Program.XORRISO:
        message = _("The image needs {need}, but the CD holds {room}: {over} too much.").format(
            need=minutes(needed), room=minutes(room), over=minutes(needed - room)
        )
        if not image.as_sectors:
            remedy = _("Insert a larger CD, such as one of 80 minutes.")
        if options.overburn and method.program is Program.CDRDAO and needed <= LAST_LBA:
            return None
    if options.overburn:
        return Refusal("overburn", message, f"{_why_no_overburn(image, medium)} {remedy}")
    return Refusal("too-big", message, remedy)


def _why_no_overburn(image: BurnImage, medium: WritableMedium) -> str:
    if medium.family is Family.CD and image.recording is None:
        return _("Only an image file can be written beyond the end of a CD, not a disc.")
    if medium.family is Family.CD:
        return _("No CD is that large.")
    return _("Only CDs can be written beyond their end: a {kind} ends where it says.").format(
        kind=medium.profile.title
    )


def _larger(sectors: int, family: Family) -> str:
    fitting = [title for room, title in _SIZES if sectors <= room]
    if not fitting:
        return _("No disc is large enough for it: write it to a USB stick or a hard disk.")
    if fitting[0] == family.value:
        return _("Insert a larger {kind}, such as one of 80 minutes, or a {other}.").format(
            kind=fitting[0], other=fitting[1]
        )
    return _("Insert a {kind}: it fits there.").format(kind=fitting[0])


def _refuse_simulation(
    medium: WritableMedium, method: Method, options: BurnOptions
) -> Refusal | None:
    if not options.simulate or medium.virtual:
        return None
    if medium.profile not in _SIMULATING or not medium.features.test_write:
        return Refusal(
            "simulate",
            _("This drive can't simulate the writing of a {kind}.").format(
                kind=medium.profile.title
            ),
            _("Burn it without simulation, or try a CD-RW or DVD-RW."),
        )
    if method.preparation is not Preparation.NONE:
        return Refusal(
            "simulate",
            _("The disc would have to be erased before, and a simulation erases nothing."),
            _("Erase the disc first, or insert a blank one."),
        )
    return None
