# SPDX-License-Identifier: GPL-3.0-or-later
"""What will be taken out of a disc and where it goes, or why not. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from discwright.extract.names import Parts, lay_out, rules_of, stays_inside
from discwright.extract.selection import Selection, select
from discwright.extract.source import DiscContents
from discwright.image.contents import DiscFile
from discwright.image.tree import Attributes, What
from discwright.optical.disc import Disc, Protection
from discwright.transfer.destination import Destination
from discwright.transfer.outcome import Refusal
from discwright.wording import _, counted, shown, size

_BLOCK = 4096
"""Bytes that a file system hands out at once, nearly everywhere."""

_LINKLESS = frozenset({"vfat", "msdos", "exfat"})


class Existing(Enum):
    """What becomes of files that are there already."""

    REFUSE = "refuse"
    SKIP = "skip"
    REPLACE = "replace"


class There(Enum):
    """What is at a place in the folder already."""

    FILE = "file"
    """A file, or a symbolic link."""
    DIRECTORY = "directory"
    SOURCE = "source"
    """A file of the image itself."""
    OTHER = "other"
    """Something that no file can take the place of."""


@dataclass(frozen=True)
class ExtractOptions:
    """What the user asks for."""

    paths: tuple[str, ...] = ()
    """Files and folders of the disc; none: everything."""
    existing: Existing = Existing.REFUSE
    retries: int = 3
    """Further tries for a sector that can't be read."""


@dataclass(frozen=True)
class Item:
    """A file and its place below the folder."""

    file: DiscFile
    target: Parts

    @property
    def shown(self) -> str:
        """The path on the disc, safe to show."""
        return shown(self.file.path, 400)


@dataclass(frozen=True)
class Layout:
    """What goes where, before anybody looked at what is there."""

    selection: Selection
    files: tuple[Item, ...]
    links: tuple[Item, ...]
    directories: Mapping[Parts, Attributes]
    """By their places, each after the one that it is in."""
    left_out: tuple[tuple[str, str], ...] = ()
    """Name, and why it is not taken; both safe to show."""
    renamed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Survey:
    """The folder as it was at one moment."""

    destination: Destination
    """Of a file in the folder, or of the folder if that has to be made."""
    make: bool = False
    """The folder isn't there yet."""
    taken: Mapping[Parts, There] = field(default_factory=dict)
    """Places of the layout where something is."""


@dataclass(frozen=True)
class ExtractPlan:
    """What will happen."""

    disc: Disc
    folder: Path
    layout: Layout
    options: ExtractOptions
    files: tuple[Item, ...]
    """Those that are taken, in the order in which they lie on the disc."""
    links: tuple[Item, ...] = ()
    skipped: int = 0
    """Files that are there already and stay as they are."""
    warnings: tuple[str, ...] = ()
    name: str = ""

    @property
    def size(self) -> int:
        """Bytes of the files that are taken."""
        return sum(item.file.size for item in self.files)


def plan_layout(found: DiscContents, options: ExtractOptions, file_system: str) -> Layout | Refusal:
    """Say which files are meant and what they are called on a file system of this kind."""
    selection = select(found.contents, options.paths)
    if isinstance(selection, Refusal):
        return selection
    places = lay_out(
        selection.directories, [file.parts for file in selection.files], rules_of(file_system)
    )
    files, links, left_out = [], [], []
    for file, target in zip(selection.files, places.files, strict=True):
        item = Item(file, target)
        why = _why_not(item, links_work=file_system not in _LINKLESS)
        if why:
            left_out.append((item.shown, why))
        elif file.attributes.what is What.LINK:
            links.append(item)
        else:
            files.append(item)
    directories = {
        target: found.contents.about.get(one, Attributes())
        for one, target in places.directories.items()
        if one
    }
    return Layout(
        selection, tuple(files), tuple(links), directories, tuple(left_out), tuple(places.renamed)
    )


def _why_not(item: Item, *, links_work: bool) -> str:
    about = item.file.attributes
    match about.what:
        case What.DEVICE:
            return _("a device or a pipe")
        case What.PACKED:
            return _("stored compressed (zisofs)")
        case What.LINK if not links_work:
            return _("a symbolic link, which the file system there can't have")
        case What.LINK if not stays_inside(about.link, len(item.target) - 1):
            return _("a symbolic link that leads out of the folder: {target}").format(
                target=shown(about.link)
            )
        case _:
            return ""


def plan_extract(
    found: DiscContents, folder: Path, layout: Layout, survey: Survey, options: ExtractOptions
) -> ExtractPlan | Refusal:
    """Say what taking these files out into the folder will do, or why it will not be done."""
    refusal = (
        _refuse_folder(survey, folder) or _refuse_nothing(layout) or _refuse_taken(layout, survey)
    )
    if refusal is not None:
        return refusal
    there = [item for item in (*layout.files, *layout.links) if item.target in survey.taken]
    if there and options.existing is Existing.REFUSE:
        return _refuse_existing(there)
    files, links = layout.files, layout.links
    if options.existing is Existing.SKIP:
        files = tuple(item for item in files if item.target not in survey.taken)
        links = tuple(item for item in links if item.target not in survey.taken)
    plan = ExtractPlan(
        found.disc,
        folder,
        layout,
        options,
        tuple(sorted(files, key=lambda item: item.file.offset)),
        links,
        len(there) if options.existing is Existing.SKIP else 0,
        _warnings(found.disc, layout),
        found.name,
    )
    return _refuse_room(plan, survey) or plan


def _warnings(disc: Disc, layout: Layout) -> tuple[str, ...]:
    lost, left, renamed = layout.selection.lost, layout.left_out, layout.renamed
    warnings = []
    if disc.protection is not Protection.NONE:
        warnings.append(
            _(
                "This disc is copy-protected with {system}. Discwright doesn't break the "
                "protection: what is encrypted stays encrypted."
            ).format(system=disc.protection.value)
        )
    if lost:
        warnings.append(
            counted(
                "{n} file of the disc can't be had: it is cut off, or its place is not known.",
                "{n} files of the disc can't be had: they are cut off, or their place is not "
                "known.",
                len(lost),
            )
        )
    elif layout.selection.damage:
        warnings.append(
            _("Parts of the disc's directories can't be read: files may be missing. {why}").format(
                why=layout.selection.damage[0]
            )
        )
    if left:
        warnings.append(
            counted(
                "{n} entry is left out: {{name}} is {{why}}.",
                "{n} entries are left out; {{name}} is {{why}}.",
                len(left),
            ).format(name=left[0][0], why=left[0][1])
        )
    if renamed:
        warnings.append(
            counted(
                "{n} name can't be used there as it is: {{old}} becomes {{new}}.",
                "{n} names can't be used there as they are; {{old}} becomes {{new}}.",
                len(renamed),
            ).format(old=shown(renamed[0][0]), new=shown(renamed[0][1]))
        )
    return tuple(warnings)


def _refuse_nothing(layout: Layout) -> Refusal | None:
    if layout.files or layout.links or layout.directories:
        return None
    if layout.selection.lost or layout.selection.damage:
        return Refusal(
            "unreadable",
            _("None of the files can be had."),
            _("Clean the disc and try another drive, or get the image again."),
            " ".join(layout.selection.damage),
        )
    if layout.left_out:
        name, why = layout.left_out[0]
        return Refusal(
            "nothing", _("{name} can't be taken out: it is {why}.").format(name=name, why=why)
        )
    return Refusal("empty", _("There are no files on the disc."))


def _refuse_folder(survey: Survey, folder: Path) -> Refusal | None:
    there, name = survey.destination, shown(str(folder))
    if survey.make and there.exists:
        return Refusal(
            "not-a-folder",
            _("{name} is a file, not a folder.").format(name=name),
            _("Choose another folder."),
            there.problem,
        )
    if not there.parent_exists:
        return Refusal(
            "no-directory",
            _("The folder {folder} doesn't exist.").format(folder=shown(str(there.path.parent))),
            _("Create it, or choose another one."),
            there.problem,
        )
    if there.problem or not there.writable:
        return Refusal(
            "not-writable",
            _("You may not write into the folder {folder}.").format(folder=name),
            _("Choose another one."),
            there.problem,
        )
    return None


def _refuse_taken(layout: Layout, survey: Survey) -> Refusal | None:
    """Refuse where something stands that nothing may replace."""
    for place in layout.directories:
        if survey.taken.get(place, There.DIRECTORY) is not There.DIRECTORY:
            return _in_the_way(place, _("{name} should become a folder, but a file has its name."))
    for item in (*layout.files, *layout.links):
        what = survey.taken.get(item.target, There.FILE)
        if what is There.SOURCE:
            return Refusal(
                "same-file",
                _("{name} belongs to the image that is read.").format(
                    name=shown("/".join(item.target))
                ),
                _("Choose another folder."),
            )
        if what is not There.FILE:
            return _in_the_way(
                item.target, _("{name} should become a file, but something else has its name.")
            )
    return None


def _in_the_way(place: Parts, sentence: str) -> Refusal:
    return Refusal(
        "in-the-way", sentence.format(name=shown("/".join(place))), _("Choose another folder.")
    )


def _refuse_existing(there: list[Item]) -> Refusal:
    return Refusal(
        "exists",
        counted(
            "{n} file is in the folder already: {{name}}.",
            "{n} files are in the folder already, such as {{name}}.",
            len(there),
        ).format(name=shown("/".join(there[0].target))),
        _("Choose another folder, leave such files as they are, or replace them."),
    )


def _refuse_room(plan: ExtractPlan, survey: Survey) -> Refusal | None:
    there = survey.destination
    largest = max((item.file.size for item in plan.files), default=0)
    if there.max_file_size is not None and largest > there.max_file_size:
        return Refusal(
            "file-too-big",
            _(
                "The largest file has {need}, but the file system there ({kind}) can't hold a "
                "file of more than {most}."
            ).format(need=size(largest), kind=there.file_system, most=size(there.max_file_size)),
            _("Choose a folder on another disk."),
        )
    need = sum(-(-item.file.size // _BLOCK) * _BLOCK for item in plan.files)
    need += _BLOCK * len(plan.layout.directories)
    if there.free_bytes is not None and need > there.free_bytes:
        return Refusal(
            "no-space",
            _("The files need {need}, but only {free} are free there.").format(
                need=size(need), free=size(there.free_bytes)
            ),
            _("Make room, or choose a folder on another disk."),
        )
    return None
