# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be burned, as plain data: an image file, or a disc in another drive."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from discwright.errors import SourceError
from discwright.image.boot import BootReport
from discwright.image.formats import ImageKind, identify
from discwright.image.volumes import FileSystem
from discwright.image.wholeness import Wholeness
from discwright.optical.disc import Disc, TrackMode
from discwright.optical.source import open_source
from discwright.transfer.outcome import Refusal
from discwright.transfer.reader import SECTOR
from discwright.wording import _, shown

_PLAIN_MODES = frozenset({TrackMode.DATA, TrackMode.MODE1, TrackMode.MODE2_FORM1})


@dataclass(frozen=True)
class BurnImage:
    """The source of a burn."""

    source: str
    """Path of the file, or node of a drive."""
    sectors: int
    """Whole sectors of 2048 bytes."""
    label: str = ""
    """Safe to show."""
    file_systems: tuple[FileSystem, ...] = ()
    wholeness: Wholeness = field(default_factory=lambda: Wholeness(known=False))
    boot: BootReport = field(default_factory=BootReport)
    odd_bytes: int = 0
    """Bytes after the last whole sector."""
    title: str = ""
    """What to call it, if not by its file's name or its label; safe to show."""
    virtual: bool = True
    """A file, not a disc in a drive."""
    device: str = ""
    """Major and minor number of the device that the file lies on ("11:0" is a first drive)."""
    fingerprint: str = ""
    """The same as long as it is the same file, unchanged, or the same disc."""
    remarks: tuple[str, ...] = ()
    problem: Refusal | None = None
    """Why it can't be burned at all."""

    @property
    def size(self) -> int:
        """Bytes that are burned."""
        return self.sectors * SECTOR

    @property
    def name(self) -> str:
        """What to call it: its file name, or the label of the disc; safe to show."""
        if self.title:
            return self.title
        return shown(Path(self.source).name) if self.virtual else self.label or self.source


def read_image(source: str | Path) -> BurnImage:
    """Look at an image file; what is wrong with it is in ``problem``. Raises nothing."""
    path = Path(source)
    found = identify(path)
    if not found.usable:
        kind = "compressed" if found.kind is ImageKind.COMPRESSED else "image"
        return _unusable(path, Refusal(kind, found.message, found.remedy, found.cause))
    try:
        opened = open_source(path)
        try:
            disc = opened.examine()
        finally:
            opened.close()
    except SourceError as error:
        return _unusable(path, Refusal("image", error.message, error.remedy, error.cause))
    return image_of(disc)


def image_of(disc: Disc) -> BurnImage:
    """Take an examined disc or image as what is to be burned."""
    return BurnImage(
        source=disc.source,
        sectors=disc.length.sectors if not disc.virtual else _file_sectors(disc),
        label=disc.label,
        file_systems=disc.volumes.file_systems,
        wholeness=disc.wholeness,
        boot=disc.boot,
        odd_bytes=disc.odd_bytes,
        virtual=disc.virtual,
        device=_device_below(disc.source) if disc.virtual else "",
        fingerprint=disc.fingerprint,
        remarks=disc.remarks,
        problem=_refuse_tracks(disc),
    )


def _file_sectors(disc: Disc) -> int:
    """Give all of a plain image: what follows its file systems may be partitions or padding."""
    if disc.driver != ImageKind.ISO.value:
        return disc.length.sectors
    try:
        return Path(disc.source).stat().st_size // SECTOR
    except OSError:
        return disc.length.sectors


def _unusable(path: Path, problem: Refusal) -> BurnImage:
    return BurnImage(str(path), 0, problem=problem)


def _refuse_tracks(disc: Disc) -> Refusal | None:
    """Refuse what one run of 2048-byte sectors can't hold."""
    tracks = disc.tracks
    if len(tracks) == 1 and tracks[0].mode in _PLAIN_MODES and disc.sessions == 1:
        return None
    if disc.audio_tracks:
        what = _("It holds audio tracks: burning music is not in this version yet.")
    elif disc.sessions > 1:
        what = _("It was made in several sessions: these can't be burned in this version yet.")
    elif len(tracks) > 1:
        what = _("It holds several tracks: these can't be burned in this version yet.")
    elif tracks:
        what = _(
            "It holds sectors of 2324 bytes (Mode 2 Form 2, as on Video CDs): these can't be "
            "burned in this version yet."
        )
    else:
        what = _("It holds no track.")
    return Refusal("tracks", what, _("“cdrdao write” and “cdrskin cuefile=” burn such images."))


def _device_below(path: str) -> str:
    """Give the number of the device that holds the file's bytes, "" if it isn't known."""
    try:
        number = Path(path).stat().st_dev
    except OSError:
        return ""
    return f"{os.major(number)}:{os.minor(number)}"
