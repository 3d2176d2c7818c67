# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rip will do, or why it will not. Pure: looks at plain data only."""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

from discwright.optical.disc import Disc
from discwright.optical.isolike import disc_warnings, refuse_disc
from discwright.transfer.destination import Destination
from discwright.transfer.digests import ALGORITHMS
from discwright.transfer.outcome import Refusal
from discwright.wording import _, shown, size

__all__ = [
    "MAX_RETRIES", "SIDECAR_ROOM", "RipOptions", "RipPlan", "plan_rip", "refuse_disc",
    "suggested_name",
]  # fmt: skip

SIDECAR_ROOM = 1 << 20
"""Bytes kept free beside the image for checksum file, record and map."""

MAX_RETRIES = 1000

_NAME_BYTES = 120
"""A suggested name stays shorter than file systems' 255 bytes, with room for ``.iso.sha256``."""


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
    """Write a GNU ddrescue map of what was read here."""


@dataclass(frozen=True)
class RipPlan:
    """What will happen."""

    disc: Disc
    target: Path
    options: RipOptions
    warnings: tuple[str, ...] = ()
    """What the user should know before; sentences."""

    @property
    def sectors(self) -> int:
        """How many sectors will be read."""
        return self.disc.length.sectors

    @property
    def size(self) -> int:
        """Bytes of the image."""
        return self.disc.size


def plan_rip(disc: Disc, options: RipOptions, destination: Destination) -> RipPlan | Refusal:
    """Say what ripping ``disc`` to ``destination`` will do, or why it will not be done."""
    refusal = (
        refuse_disc(disc) or _refuse_options(options) or _refuse_target(disc, options, destination)
    )
    return refusal or RipPlan(disc, destination.path, options, disc_warnings(disc))


def _refuse_options(options: RipOptions) -> Refusal | None:
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


def _refuse_target(disc: Disc, options: RipOptions, there: Destination) -> Refusal | None:
    return (
        _refuse_path(there) or _refuse_existing(disc, options, there) or _refuse_room(disc, there)
    )


def _refuse_path(there: Destination) -> Refusal | None:
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


def _refuse_existing(disc: Disc, options: RipOptions, there: Destination) -> Refusal | None:
    name = shown(there.path.name)
    if disc.virtual and Path(disc.source).absolute() == there.path:
        return Refusal(
            "same-file",
            _("{name} is the image itself.").format(name=name),
            _("Choose another name for the copy."),
        )
    if there.exists and not options.overwrite:
        return Refusal(
            "exists",
            _("{name} exists already.").format(name=name),
            _("Choose another name, or replace it."),
        )
    return None


def _refuse_room(disc: Disc, there: Destination) -> Refusal | None:
    if there.max_file_size is not None and disc.size > there.max_file_size:
        return Refusal(
            "file-too-big",
            _(
                "The image needs {need}, but the file system there ({kind}) can't hold a file "
                "of more than {most}."
            ).format(need=size(disc.size), kind=there.file_system, most=size(there.max_file_size)),
            _("Choose a folder on another disk."),
        )
    if there.free_bytes is not None and disc.size + SIDECAR_ROOM > there.free_bytes:
        return Refusal(
            "no-space",
            _("The image needs {need}, but only {free} are free there.").format(
                need=size(disc.size), free=size(there.free_bytes)
            ),
            _("Make room, or choose a folder on another disk."),
        )
    return None


def suggested_name(disc: Disc) -> str:
    """Suggest a file name from the disc's label: safe in every file system, ends in ``.iso``."""
    label = disc.label
    if not label:
        label = Path(disc.source).stem + "-copy" if disc.virtual else disc.kind
    kept = "".join(ch if _safe(ch) else "_" for ch in label.replace(" ", "_"))
    kept = "_".join(part for part in kept.split("_") if part.strip(".")).lstrip(".-")
    while len(kept.encode("utf-8", "replace")) > _NAME_BYTES:
        kept = kept[:-1]
    return (kept.rstrip(". ") or "disc") + ".iso"


def _safe(ch: str) -> bool:
    return ch not in '<>:"/\\|?*\ufffd' and unicodedata.category(ch)[0] not in {"C", "Z"}
