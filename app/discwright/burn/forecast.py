# SPDX-License-Identifier: GPL-3.0-or-later
"""What a burn will do, and what to know before, in plain words. Pure."""

from discwright.burn.image import BurnImage
from discwright.burn.method import Method, Preparation, WriteMode
from discwright.burn.options import BurnOptions
from discwright.burn.programs import Program
from discwright.burn.speed import speed_words
from discwright.image.boot import BootReport
from discwright.image.recording import minutes
from discwright.optical.profile import Family, Profile
from discwright.optical.writable import MediumStatus, WritableMedium
from discwright.transfer.reader import SECTOR
from discwright.wording import _, counted, shown, size

_SLOW_WITH_SPARE = frozenset({Profile.BD_RE, Profile.DVD_RAM})


def forecast(
    image: BurnImage,
    medium: WritableMedium,
    options: BurnOptions,
    method: Method,
    speed_kb: int | None,
) -> tuple[str, ...]:
    """Say what will happen, in the order in which it happens."""
    steps = [
        _copying(image, method),
        _preparing(medium, method),
        _writing(image, medium, options, speed_kb),
        _mode(method, medium),
    ]
    if options.simulate:
        steps.append(_("It is a simulation: the disc stays as it is."))
    elif options.verify:
        steps.append(_reading_back(medium))
    else:
        steps.append(_("The disc is not read back: nothing proves that it is right."))
    if options.copies > 1 and not options.simulate:
        steps.append(
            counted(
                "Then it goes on with the next disc, {n} disc in all.",
                "Then it goes on with the next disc, {n} discs in all.",
                options.copies,
            )
        )
    return tuple(step for step in steps if step)


def _copying(image: BurnImage, method: Method) -> str:
    if method.program is not Program.CDRSKIN:
        return ""
    return _(
        "The music is copied into a temporary file of {size}, from which cdrskin burns."
    ).format(size=size(image.size))


def _preparing(medium: WritableMedium, method: Method) -> str:
    lost = _("Everything on the disc is lost.") if medium.used else ""
    match method.preparation:
        case Preparation.NONE:
            if lost and method.mode is WriteMode.OVERWRITE:
                what = _("What is on the disc is overwritten.")
                return f"{what} {lost}"
            return ""
        case Preparation.TRUNCATE:
            return _("What is in the file is lost.")
        case Preparation.BLANK_FAST | Preparation.BLANK_MINIMAL:
            what = _("First the disc is erased the quick way, which takes a minute or two.")
        case Preparation.BLANK_FULL | Preparation.ZEROS:
            what = _("First all of the disc is erased, which takes as long as writing it.")
        case Preparation.FORMAT:
            what = _("First the disc is formatted, for it was never used.")
        case Preparation.FORMAT_FULL:
            what = _("First all of the disc is formatted, which takes as long as writing it.")
        case _spare:
            what = _(
                "First the disc is formatted with spare sectors that replace bad ones: there is "
                "less room on it, and it is written at less than half the speed."
            )
    return f"{what} {lost}".strip()


def _writing(
    image: BurnImage, medium: WritableMedium, options: BurnOptions, speed_kb: int | None
) -> str:
    words = {
        "name": image.name,
        "size": image.extent,
        "kind": medium.profile.title,
        "node": shown(medium.node),
        "speed": speed_words(speed_kb, medium.family) if speed_kb else "",
    }
    if medium.virtual:
        return _("{name} ({size}) is written to {node}.").format(**words)
    if options.simulate:
        text = _("The writing of {name} ({size}) to the {kind} in {node} is simulated.")
    elif speed_kb:
        text = _("{name} ({size}) is written to the {kind} in {node}, at {speed}.")
    else:
        text = _("{name} ({size}) is written to the {kind} in {node}.")
    return text.format(**words)


def _mode(method: Method, medium: WritableMedium) -> str:
    match method.mode:
        case WriteMode.SAO | WriteMode.DAO:
            text = _("It is written in one go ({mode}), and the disc is closed.").format(
                mode=method.mode.value
            )
        case WriteMode.TAO:
            text = _(
                "The drive can only write single tracks (TAO): padding follows the image, "
                "because the last two sectors of such a track can't be read."
            )
        case WriteMode.INCREMENTAL | WriteMode.SEQUENTIAL:
            text = _("The disc is closed then, so that every drive reads it.")
        case _in_place:
            text = ""
    if method.padding and method.mode not in {WriteMode.TAO, WriteMode.FILE}:
        padding = _("{size} of zeros follow the image, because a {kind} needs that.").format(
            size=size(method.padding * SECTOR), kind=medium.profile.title
        )
        return f"{text} {padding}".strip()
    return text


def _reading_back(medium: WritableMedium) -> str:
    if medium.virtual:
        return _("Then it is read back and compared with the image.")
    if medium.closes_itself:
        return _(
            "Then the tray opens and closes, and the disc is read back and compared with the image."
        )
    return _(
        "Then the drive opens and waits until you have closed it again, and the disc is read back "
        "and compared with the image."
    )


def warnings(
    image: BurnImage, medium: WritableMedium, options: BurnOptions, method: Method
) -> tuple[str, ...]:
    """Say what the user should know before."""
    found = []
    if method.overburnt:
        found.append(
            _(
                "It is {over} longer than the CD says that it holds. The drive may fail at the "
                "end, and then the disc is lost; and what lies beyond the end may not be readable "
                "everywhere."
            ).format(over=minutes(method.overburnt))
        )
    if _only_music(image):
        pass  # no computer looks for files on it
    elif not image.file_systems:
        found.append(
            _("No file system of discs was found in {name}: it is burned as it is.").format(
                name=image.name
            )
        )
    elif _starts_from_sticks_only(image.boot):
        found.append(_("No computer starts from this disc: the image starts only from USB sticks."))
    if image.recording is not None and image.recording.loses_words:
        found.append(_("It has more titles and names (CD-TEXT) than a CD holds: they're left out."))
    if image.recording is not None and image.recording.changes_without_pause:
        found.append(
            _(
                "There is no pause of two seconds between its data and its music: some drives "
                "can't write or read such a disc."
            )
        )
    if image.wholeness.message:
        found.append(image.wholeness.message)
    if medium.minimally_blanked:
        found.append(
            _(
                "This DVD-RW was erased the quick way: it takes one session, and must be erased "
                "fully before more than one can be written."
            )
        )
    if medium.profile is Profile.BD_R_SEQUENTIAL and medium.formatted and not options.streaming:
        found.append(
            _(
                "This BD-R is formatted with spare sectors: it is written at less than half the "
                "speed."
            )
        )
    if medium.profile in _SLOW_WITH_SPARE and not options.streaming:
        found.append(
            _(
                "The drive checks what it writes onto a {kind} and replaces bad sectors: it takes "
                "about twice the time."
            ).format(kind=medium.profile.title)
        )
    if medium.family is Family.CD and method.mode is WriteMode.SAO and not _underrun(medium):
        found.append(
            _(
                "This drive has no protection against data that comes late: don't start other "
                "large jobs meanwhile."
            )
        )
    return (*found, *image.remarks)


def _only_music(image: BurnImage) -> bool:
    return image.recording is not None and not image.recording.data


def _starts_from_sticks_only(boot: BootReport) -> bool:
    return (boot.isohybrid_mbr or boot.esp) and not (boot.disc_bios or boot.disc_uefi)


def _underrun(medium: WritableMedium) -> bool:
    return medium.features.underrun_free or medium.status is MediumStatus.UNKNOWN
