# SPDX-License-Identifier: GPL-3.0-or-later
"""What will be compared with what, or why nothing can be said.

Reads checksum files and catalogues, which say what there is to compare with; not the subject.
"""

from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from discwright.check.subject import Subject, disc_subject, file_subject
from discwright.image.catalogue import Catalogue, is_catalogue, read_catalogue
from discwright.image.checksums import Published, find_published, read_checksums
from discwright.image.formats import ImageKind, identify
from discwright.optical.disc import Disc, DiscStatus
from discwright.optical.isolike import refuse_disc
from discwright.transfer.digests import ALGORITHMS
from discwright.transfer.outcome import Refusal
from discwright.transfer.reader import SECTOR
from discwright.wording import _, shown


class Kind(Enum):
    """What a subject is checked against."""

    IMAGE = auto()
    CHECKSUMS = auto()
    CATALOGUE = auto()


_DESCRIPTIONS = frozenset({ImageKind.CUE, ImageKind.TOC})


@dataclass(frozen=True)
class CheckPlan:
    """Against exactly one of three: another image, published checksums, a catalogue."""

    subjects: tuple[Subject, ...]
    """One, or the files of an image that consists of several."""
    other: Path | None = None
    other_size: int = 0
    published: tuple[Published, ...] = ()
    any_of: bool = False
    """A disc bears no file name: it need be only one of those that are published."""
    catalogue: Catalogue | None = None
    named: str = ""
    """What the user named, if that isn't the one subject."""

    @property
    def name(self) -> str:
        """What to call what is checked; safe to show."""
        return shown(Path(self.named).name) if self.named else self.subjects[0].name

    @property
    def source(self) -> str:
        """Path or node of what is checked."""
        return self.named or self.subjects[0].source

    @property
    def node(self) -> str:
        """The drive that is needed, "" if none."""
        subject = self.subjects[0]
        return "" if subject.disc is None else subject.source

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The checksums that have to be computed."""
        if self.catalogue is not None:
            known = (
                algorithm
                for game in self.catalogue.games
                for rom in game.content
                for algorithm, _digest in rom.digests
            )
            return tuple(dict.fromkeys(known)) or ("sha256",)
        found = tuple(dict.fromkeys(one.checksum.algorithm for one in self.published))
        return found or ("sha256",)

    @property
    def against(self) -> tuple[Path, ...]:
        """The files that say what it should be."""
        if self.catalogue is not None:
            return (self.catalogue.path,)
        if self.other is not None:
            return (self.other,)
        return tuple(dict.fromkeys(one.source for one in self.published))


def plan_image_check(image: Path, against: Path | None = None) -> CheckPlan | Refusal:
    """Say what an image file will be checked against; without ``against`` the checksums beside it.

    Raises SourceError for a catalogue that can't be read.
    """
    refusal = _refuse_path(image) or (None if against is None else _refuse_path(against))
    if refusal is not None:
        return refusal
    try:
        subject = file_subject(image)
        if against is None:
            return _plan_published(subject, find_published(image), None)
        match _kind(against):
            case Kind.CATALOGUE:
                return _plan_catalogue(image, against)
            case Kind.IMAGE:
                return _plan_other(subject, against)
            case Kind.CHECKSUMS:
                return _plan_published(subject, _named(image, against), against)
    except OSError as error:
        return _refuse_unreadable(error)


def plan_disc_check(disc: Disc, against: Path) -> CheckPlan | Refusal:
    """Say what a disc will be checked against. Raises SourceError for a bad catalogue."""
    refusal = _refuse_disc(disc) or _refuse_path(against)
    if refusal is not None:
        return refusal
    try:
        match _kind(against):
            case Kind.CATALOGUE:
                sizes = _possible_sizes(disc)
                catalogue = read_catalogue(against, sizes)
                known = {rom.size for game in catalogue.games for rom in game.content}
                subject = disc_subject(disc, tuple(known & set(sizes)))
                return CheckPlan((subject,), catalogue=catalogue)
            case Kind.IMAGE:
                return _plan_other(disc_subject(disc), against)
            case Kind.CHECKSUMS:
                published = tuple(Published(one, against) for one in read_checksums(against))
                return _plan_published(disc_subject(disc), published, against, any_of=True)
    except OSError as error:
        return _refuse_unreadable(error)


def _kind(path: Path) -> Kind:
    """Tell catalogue, image and checksum file apart. Raises OSError.

    By the first bytes: an image may hold checksum files.
    """
    if is_catalogue(path):
        return Kind.CATALOGUE
    with path.open("rb") as file:
        return Kind.IMAGE if b"\0" in file.read(4096) else Kind.CHECKSUMS


def _plan_other(subject: Subject, other: Path) -> CheckPlan | Refusal:
    length = other.stat().st_size
    if subject.disc is None and other.resolve() == Path(subject.source).resolve():
        return Refusal("same-file", _("An image can't be compared with itself."))
    if subject.disc is not None and length < SECTOR:
        return Refusal(
            "source", _("{name} is too short to be an image.").format(name=shown(other.name))
        )
    return CheckPlan((subject,), other=other, other_size=length)


def _possible_sizes(disc: Disc) -> range:
    """Give the sizes that an image of this disc may have: up to 300 sectors less than it."""
    ends = [one.sectors for one in disc.length.candidates if 0 < one.sectors <= disc.length.sectors]
    least = min((*ends, disc.length.sectors - 300))
    return range(max(1, least) * SECTOR, disc.size + 1, SECTOR)


def _plan_published(
    subject: Subject,
    published: tuple[Published, ...],
    against: Path | None,
    *,
    any_of: bool = False,
) -> CheckPlan | Refusal:
    if not published:
        return _refuse_empty(subject.name, against)
    usable = tuple(one for one in published if one.checksum.algorithm in ALGORITHMS)
    if not usable:
        return Refusal(
            "hash",
            _("The only checksums of {name} are of kinds that can't be computed here.").format(
                name=subject.name
            ),
            _("Get a SHA-256 checksum of the image."),
        )
    return CheckPlan((subject,), published=usable, any_of=any_of)


def _plan_catalogue(image: Path, path: Path) -> CheckPlan | Refusal:
    """Plan to look for a file, or for all the files that a description names."""
    found = identify(image)
    files: tuple[Path, ...] = (image,)
    if found.kind in _DESCRIPTIONS:
        if not found.usable:
            return Refusal("image", found.message, found.remedy, found.cause)
        files = tuple(one for one in found.files if one != image)
    subjects = tuple(file_subject(one) for one in files)
    catalogue = read_catalogue(
        path, {one.size for one in subjects}, {Path(one.source).name for one in subjects}
    )
    return CheckPlan(subjects, catalogue=catalogue, named=str(image))


def _named(image: Path, against: Path) -> tuple[Published, ...]:
    return tuple(
        Published(checksum, against)
        for checksum in read_checksums(against)
        if not checksum.name or checksum.name.replace("\\", "/").split("/")[-1] == image.name
    )


def _refuse_disc(disc: Disc) -> Refusal | None:
    if disc.status is DiscStatus.BLANK:
        return Refusal("blank", _("The disc is blank: there is nothing to check."))
    refusal = refuse_disc(disc)
    if refusal is None:
        return None
    return Refusal(
        refusal.kind,
        refusal.message,
        _("Only discs with a single data track can be checked against an image."),
        refusal.cause,
    )


def _refuse_empty(name: str, against: Path | None) -> Refusal:
    if against is None:
        return Refusal(
            "no-checksum",
            _("Beside {name} there is no checksum of it.").format(name=name),
            _("Name a checksum file or another image to compare with."),
        )
    return Refusal(
        "no-checksum",
        _("{file} holds no checksum of {name}.").format(file=shown(against.name), name=name),
        _("Check that the file belongs to this image."),
    )


def _refuse_unreadable(error: OSError) -> Refusal:
    return Refusal(
        "source",
        _("{name} can't be read: {why}.").format(
            name=shown(str(error.filename)), why=error.strerror
        ),
        cause=str(error),
    )


def _refuse_path(path: Path) -> Refusal | None:
    if path.is_file():
        return None
    name = shown(str(path))
    if not path.exists():
        return Refusal("source", _("There is no file {name}.").format(name=name))
    return Refusal("source", _("{name} is no image file.").format(name=name))
