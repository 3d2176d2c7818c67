# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be burned, as plain data: an image file, or a disc in another drive."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from discwright.errors import SourceError
from discwright.image.boot import BootReport
from discwright.image.formats import ImageKind, identify
from discwright.image.layout import CUE_FORMATS, ImageTrack, Layout, Piece
from discwright.image.recording import SHORTEST_TRACK, Form, Recording, form_of, record
from discwright.image.volumes import FileSystem
from discwright.image.wholeness import Wholeness
from discwright.optical.disc import Disc, TrackMode
from discwright.optical.source import open_source
from discwright.transfer.outcome import Refusal
from discwright.transfer.reader import SECTOR
from discwright.wording import _, shown, size

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
    as_sectors: bool = True
    """It can be written as one run of 2048-byte sectors, which any disc holds."""
    recording: Recording | None = None
    """Of an image file: all of it track by track, as only a CD holds it."""

    @property
    def size(self) -> int:
        """Bytes that are burned."""
        if not self.as_sectors and self.recording is not None:
            return self.recording.size
        return self.sectors * SECTOR

    @property
    def extent(self) -> str:
        """How large it is, for people: "4.70 GB", or "12 tracks of music, 54:31"."""
        if not self.as_sectors and self.recording is not None:
            return self.recording.summary
        return size(self.size)

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
    if found.kind is ImageKind.BIN and len(found.files) > 1:
        path = found.files[1]  # its description lies beside it
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
    sectors = disc.length.sectors if not disc.virtual else _file_sectors(disc)
    plain = _is_plain(disc)
    recording = _recording(disc, sectors)
    if recording is not None and not plain:
        sectors = recording.sectors
    return BurnImage(
        source=disc.source,
        sectors=sectors,
        label=disc.label,
        file_systems=disc.volumes.file_systems,
        wholeness=disc.wholeness,
        boot=disc.boot,
        odd_bytes=disc.odd_bytes,
        virtual=disc.virtual,
        device=_device_below(disc.source) if disc.virtual else "",
        fingerprint=disc.fingerprint,
        remarks=disc.remarks,
        problem=_refuse_modes(disc) or (refuse_tracks(recording) if not plain else None),
        as_sectors=plain,
        recording=recording,
    )


def _is_plain(disc: Disc) -> bool:
    """Whether one run of 2048-byte sectors holds all of it."""
    return len(disc.tracks) == 1 and disc.tracks[0].mode in _PLAIN_MODES and disc.sessions == 1


def _refuse_modes(disc: Disc) -> Refusal | None:
    """Refuse raw sectors that are of another mode than their description says."""
    described = () if disc.layout is None else disc.layout.tracks
    for track, found in zip(described, disc.tracks, strict=False):
        mode_1 = form_of(track.format) is Form.MODE1
        if track.is_data and mode_1 is not (found.mode is TrackMode.MODE1):
            return Refusal(
                "tracks",
                _("Track {n} is described as {described}, but its sectors say {found}.").format(
                    n=track.number, described=track.format.name, found=found.mode.value
                ),
                _("Correct its line in the description, or get the image again."),
            )
    return None


def _recording(disc: Disc, sectors: int) -> Recording | None:
    if disc.layout is not None:
        return record(disc.layout)
    if not disc.virtual:
        return None
    path = Path(disc.source)
    track = ImageTrack(
        1, 1, CUE_FORMATS["MODE1/2048"], path, 0, 0, sectors,
        pieces=(Piece(path, 0, sectors * SECTOR),),
    )  # fmt: skip
    return record(Layout((track,), (path,)))


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


def refuse_tracks(recording: Recording | None) -> Refusal | None:
    """Refuse what can't be written track by track. Pure."""
    if recording is None:
        return Refusal(
            "tracks",
            _("The disc isn't one plain data track: only image files of such discs can be burned."),
            _("“cdrdao read-cd” makes an image with all its tracks."),
        )
    tracks = recording.tracks
    first = tracks[0].number if tracks else 0
    if [track.number for track in tracks] != list(range(1, len(tracks) + 1)):
        message = _("Its tracks are not numbered from 1 on: it can't be burned like that.")
        return Refusal("tracks", message, cause=f"tracks from {first} on")
    if not tracks:
        return Refusal("tracks", _("It holds no track."))
    if any(track.source.session > 1 for track in tracks):
        return Refusal(
            "sessions",
            _("It was made in several sessions: only images of one session can be burned."),
            _("Burn the tracks of its first session, with a description of their own."),
        )
    obstacle = next((track.source.obstacle for track in tracks if track.source.obstacle), "")
    if obstacle:
        return Refusal(
            "tracks", _("{what} Such an image can't be burned.").format(what=obstacle),
            _("Make an image with raw sectors (BIN/CUE) of the disc, or WAVE files of the music."),
        )  # fmt: skip
    return _refuse_short(recording)


def _refuse_short(recording: Recording) -> Refusal | None:
    """Refuse tracks of less than four seconds (ECMA-130 20.2, IEC 60908): drives do too."""
    short = [t.number for t in recording.tracks if t.sectors - t.pregap < SHORTEST_TRACK]
    if not short:
        return None
    return Refusal(
        "tracks",
        _("Track {n} is shorter than four seconds: a CD can't hold such a track.").format(
            n=short[0]
        ),
        _("Join it with another track, or lengthen it."),
    )


def _device_below(path: str) -> str:
    """Give the number of the device that holds the file's bytes, "" if it isn't known."""
    try:
        number = Path(path).stat().st_dev
    except OSError:
        return ""
    return f"{os.major(number)}:{os.minor(number)}"
