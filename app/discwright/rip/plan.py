# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rip will do, or why it will not. Pure: looks at plain data only."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from discwright.image.layout import RAW_SECTOR
from discwright.optical.disc import Disc
from discwright.optical.isolike import disc_warnings, refuse_disc
from discwright.rip.earlier import Earlier, Kind, Places
from discwright.transfer.destination import Destination
from discwright.transfer.digests import ALGORITHMS
from discwright.transfer.outcome import Refusal
from discwright.transfer.reader import SECTOR
from discwright.wording import _, counted, shown, size

__all__ = [
    "MAX_RETRIES", "SIDECAR_ROOM", "ImageFormat", "RipOptions", "RipPlan", "plan_rip",
    "refuse_disc", "refuse_options", "refuse_path", "refuse_room", "suggested_name",
]  # fmt: skip

SIDECAR_ROOM = 1 << 20
"""Bytes kept free beside the image for checksum file, record and map."""

MAX_RETRIES = 1000

_NAME_BYTES = 120
"""A suggested name stays shorter than file systems' 255 bytes, with room for ``.iso.sha256``."""


class ImageFormat(StrEnum):
    """What a disc is copied to. The values are words of the command line."""

    ISO = "iso"
    """Its user data, 2048 bytes of each sector."""
    BIN = "bin"
    """The whole sectors of a CD, and a cue sheet that says which tracks they are."""


@dataclass(frozen=True)
class RipOptions:
    """What the user asks for."""

    hashes: tuple[str, ...] = ("sha256",)
    retries: int = 3
    """Further tries for a sector that can't be read."""
    speed: float | None = None
    """Reading speed as a factor (4 for 4x of the disc's family); None: as the drive likes."""
    verify: bool = False
    """Read the disc a second time and compare."""
    eject: bool = False
    overwrite: bool = False
    """Replace an existing target."""
    map_file: Path | None = None
    """Keep the map of what was read here, in GNU ddrescue's format."""
    resume: bool = False
    """Go on with what an earlier run left, if it left something."""
    format: ImageFormat = ImageFormat.ISO


@dataclass(frozen=True)
class RipPlan:
    """What will happen."""

    disc: Disc
    target: Path
    options: RipOptions
    warnings: tuple[str, ...] = ()
    """What the user should know before; sentences."""
    earlier: Earlier | None = None
    """What is gone on with."""
    replaces: bool = False
    """Whether a file has the name until the copy is whole."""

    @property
    def sectors(self) -> int:
        """Where the disc ends: no sooner than an earlier run saw it end."""
        if self.options.format is ImageFormat.BIN:
            return max((track.start + track.sectors for track in self.disc.tracks), default=0)
        before = self.earlier.sectors if self.earlier is not None else 0
        return max(self.disc.length.sectors, before)

    @property
    def size(self) -> int:
        """Bytes of the image; of whole sectors at most: pauses may turn out to be left out."""
        if self.options.format is ImageFormat.BIN:
            tracks = self.disc.tracks
            return RAW_SECTOR * sum((t.sectors for t in tracks), start=tracks[0].start)
        return self.sectors * SECTOR

    @property
    def sheet(self) -> Path | None:
        """The cue sheet that is written last; None for an image that needs none."""
        is_bin = self.options.format is ImageFormat.BIN
        return self.target.with_suffix(".cue") if is_bin else None

    @property
    def places(self) -> Places:
        """Where the files of the copy lie."""
        bettering = self.earlier is not None and self.earlier.kind is not Kind.UNFINISHED
        return Places(self.target, self.options.map_file, bettering=bettering or self.replaces)


def plan_rip(
    disc: Disc, options: RipOptions, destination: Destination, earlier: Earlier | None = None
) -> RipPlan | Refusal:
    """Say what ripping ``disc`` to ``destination`` will do, or why it will not be done.

    ``earlier``: what an earlier run left there (:func:`discwright.rip.earlier.find`).
    """
    refusal = (
        refuse_disc(disc)
        or refuse_options(options)
        or refuse_path(destination)
        or _refuse_existing(disc, options, destination, earlier)
        or _refuse_room(disc, destination, earlier if options.resume else None)
    )
    if refusal is not None:
        return refusal
    warnings = disc_warnings(disc)
    if not options.resume:
        replaces = destination.exists
        return RipPlan(disc, destination.path, options, warnings, replaces=replaces)
    return RipPlan(
        disc, destination.path, options, (*warnings, *_resume_warnings(disc, earlier)), earlier
    )


def _resume_warnings(disc: Disc, earlier: Earlier | None) -> tuple[str, ...]:
    if earlier is None:
        return (_("There is no unfinished copy there; the disc is copied from its beginning."),)
    more = disc.length.sectors - earlier.sectors
    if not more:
        return ()
    return (
        counted(
            "The disc has {n} sector more in this drive than when the copy was begun.",
            "The disc has {n} sectors more in this drive than when the copy was begun.",
            more,
        )
        if more > 0
        else counted(
            "The disc has {n} sector fewer in this drive than when the copy was begun; "
            "it stays as it is.",
            "The disc has {n} sectors fewer in this drive than when the copy was begun; "
            "they stay as they are.",
            -more,
        ),
    )


def refuse_options(options: RipOptions) -> Refusal | None:
    """Say what of the options makes no sense; None if all does."""
    unknown = [name for name in options.hashes if name not in ALGORITHMS]
    if unknown:
        return Refusal(
            "hash",
            _("There is no checksum called “{name}” here.").format(name=shown(unknown[0])),
            _("Choose from: {names}.").format(names=", ".join(ALGORITHMS)),
        )
    if not 0 <= options.retries <= MAX_RETRIES:
        return Refusal(
            "retries", _("The number of retries must be from 0 to {n}.").format(n=MAX_RETRIES)
        )
    if options.speed is not None and not 0 < options.speed <= 1000:
        return Refusal("speed", _("The speed must be a factor such as 4 or 8."))
    return None


def refuse_path(there: Destination) -> Refusal | None:
    """Say why no file can be made there; None if one can."""
    name, folder = shown(there.path.name), shown(str(there.path.parent))
    if there.is_directory:
        return Refusal(
            "is-directory",
            _("{path} is a folder.").format(path=shown(str(there.path))),
            _("Give a file name for the image."),
        )
    if not there.parent_exists:
        return Refusal(
            "no-directory",
            _("The folder {folder} doesn't exist.").format(folder=folder),
            _("Create it, or choose another one."),
            there.problem,
        )
    if there.problem:
        return Refusal(
            "not-writable",
            _("{name} can't be written there.").format(name=name),
            _("Choose another name or folder."),
            there.problem,
        )
    if not there.writable:
        return Refusal(
            "not-writable",
            _("You may not write into the folder {folder}.").format(folder=folder),
            _("Choose another one."),
        )
    return None


def _refuse_existing(
    disc: Disc, options: RipOptions, there: Destination, earlier: Earlier | None
) -> Refusal | None:
    name = shown(there.path.name)
    if disc.virtual and Path(disc.source).absolute() == there.path:
        return Refusal(
            "same-file",
            _("{name} is the image itself.").format(name=name),
            _("Choose another name for the copy."),
        )
    if options.resume:
        return _refuse_to_go_on(name, there, earlier)
    if options.overwrite:
        return None
    if earlier is not None and earlier.kind is not Kind.IMAGE and earlier.map.finished:
        return Refusal(
            "unfinished",
            _("An unfinished copy is there: {share} % of {name} was read.").format(
                share=earlier.map.finished * 100 // max(1, earlier.sectors), name=name
            ),
            _("Go on with it, choose another name, or replace it."),
        )
    if there.exists:
        return Refusal(
            "exists",
            _("{name} exists already.").format(name=name),
            _("Choose another name, or replace it."),
        )
    return None


def _refuse_to_go_on(name: str, there: Destination, earlier: Earlier | None) -> Refusal | None:
    if earlier is None and there.exists:
        return Refusal(
            "no-map",
            _("{name} exists, but there is no map of what was read of it.").format(name=name),
            _("Give its map, or choose another name."),
        )
    if earlier is not None and earlier.kind is Kind.UNFINISHED and there.exists:
        return Refusal(
            "in-the-way",
            _("{name} appeared after the unfinished copy was begun.").format(name=name),
            _("Move that file away, then go on with the copy."),
        )
    if earlier is not None and earlier.kind is Kind.IMAGE and earlier.contradicted:
        return Refusal(
            "other-map",
            _(
                "{name} is complete by its record, but the map says that sectors are missing."
            ).format(name=name),
            _("Give its own map. If the record is of another image, move that away."),
        )
    if earlier is not None and earlier.kind is Kind.IMAGE and not earlier.map.unfinished().count:
        return Refusal(
            "nothing-left",
            _("{name} is complete: every sector was read.").format(name=name),
        )
    return None


def _refuse_room(disc: Disc, there: Destination, earlier: Earlier | None) -> Refusal | None:
    whole = max(disc.size, earlier.sectors * SECTOR if earlier is not None else 0)
    # An image is made better in a copy of it: it stays as it is until that one is whole.
    held = earlier.size if earlier is not None and earlier.kind is not Kind.IMAGE else 0
    return refuse_room(there, whole, held)


def refuse_room(there: Destination, whole: int, held: int = 0) -> Refusal | None:
    """Say why an image of so many bytes has no room there, ``held`` of which are there already."""
    if there.max_file_size is not None and whole > there.max_file_size:
        return Refusal(
            "file-too-big",
            _(
                "The image needs {need}, but the file system there ({kind}) can't hold a file "
                "of more than {most}."
            ).format(need=size(whole), kind=there.file_system, most=size(there.max_file_size)),
            _("Choose a folder on another disk."),
        )
    need = max(0, whole - held)
    if there.free_bytes is not None and need + SIDECAR_ROOM > there.free_bytes:
        return Refusal(
            "no-space",
            _("The image needs {need}, but only {free} are free there.").format(
                need=size(need or SIDECAR_ROOM), free=size(there.free_bytes)
            ),
            _("Make room, or choose a folder on another disk."),
        )
    return None


def suggested_name(disc: Disc, image: ImageFormat = ImageFormat.ISO) -> str:
    """Suggest a file name from the disc's label: safe in every file system, ends as its kind."""
    label = disc.label
    if not label and disc.audio_tracks and not disc.data_tracks:
        label = "audio-cd"
    elif not label:
        label = Path(disc.source).stem + "-copy" if disc.virtual else disc.kind
    kept = "".join(ch if _safe(ch) else "_" for ch in label.replace(" ", "_"))
    kept = "_".join(part for part in kept.split("_") if part.strip(".")).lstrip(".-")
    while len(kept.encode("utf-8", "replace")) > _NAME_BYTES:
        kept = kept[:-1]
    return (kept.rstrip(". ") or "disc") + f".{image}"


def _safe(ch: str) -> bool:
    return ch not in '<>:"/\\|?*\ufffd' and unicodedata.category(ch)[0] not in {"C", "Z"}
