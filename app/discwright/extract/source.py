# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what is on a disc or in an image: its files by name, size and date."""

import os
from dataclasses import dataclass
from pathlib import Path

from discwright.devices.opening import look_at
from discwright.errors import SourceError
from discwright.image.contents import Contents, read_contents
from discwright.image.volumes import FileSystem
from discwright.optical.disc import Disc, DiscStatus, TrackMode
from discwright.optical.fingerprint import same
from discwright.optical.source import open_source
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Refusal
from discwright.transfer.reader import SectorReader
from discwright.wording import _, shown

_HFS = frozenset({FileSystem.HFS, FileSystem.HFS_PLUS})


@dataclass(frozen=True)
class DiscContents:
    """A disc and what is on it."""

    disc: Disc
    contents: Contents
    files: tuple[Path, ...] = ()
    """The files that an image consists of; none for a drive."""

    @property
    def name(self) -> str:
        """What to call it; safe to show."""
        return self.disc.label or shown(os.path.basename(self.disc.source))  # noqa: PTH119


def read_disc(source: str, cancel: CancelToken | None = None) -> DiscContents | Refusal:
    """Look at a drive or an image and list its files. Raises SourceError, Cancelled."""
    cancel = cancel or CancelToken()
    return list_disc(look_at(source, cancel), cancel)


def list_disc(disc: Disc, cancel: CancelToken) -> DiscContents | Refusal:
    """List the files of a disc that was looked at. Raises SourceError, Cancelled."""
    refusal = refuse_disc(disc)
    if refusal is not None:
        return refusal
    opened = open_source(disc.source)
    try:
        opened.wait_ready(cancel)
        opened.examine(cancel)  # only then a drive's reader knows its length
        reader = _Cancellable(opened.reader, cancel)
        contents = read_contents(reader, session_start(disc))
        cancel.raise_if_cancelled()
        if not same(opened.fingerprint(), disc.fingerprint):
            raise SourceError(
                _("The disc, or the image file that stands for it, was changed meanwhile."),
                remedy=_("Look at it again."),
            )
        files = opened.files
    finally:
        opened.close()
    if contents.file_system is None:
        return _refuse_file_system(disc, contents)
    return DiscContents(disc, contents, files)


def session_start(disc: Disc) -> int:
    """Give the first sector of the last session that holds data: its file system is the one."""
    data = disc.data_tracks
    return min((t.start for t in data if t.session == data[-1].session), default=0)


def refuse_disc(disc: Disc) -> Refusal | None:
    """Say why there are no files to be had from this disc; None if there may be some."""
    if disc.status is DiscStatus.BLANK:
        return Refusal("blank", _("The disc is blank: there are no files on it."))
    if disc.audio_tracks and not disc.data_tracks:
        return Refusal(
            "audio",
            _("This is an audio CD: it holds music in tracks, no files."),
        )
    if any(t.mode in {TrackMode.MODE2_FORM2, TrackMode.MODE2_MIXED} for t in disc.data_tracks):
        return Refusal(
            "form2",
            _(
                "This CD holds sectors of 2324 bytes (Mode 2 Form 2, as on Video CDs): files in "
                "them can't be taken out as they are."
            ),
        )
    return None


def _refuse_file_system(disc: Disc, contents: Contents) -> Refusal:
    found = set(disc.volumes.file_systems)
    if found and found <= _HFS:
        return Refusal(
            "file-system",
            _(
                "The disc has a file system of the Mac ({name}), whose files can't be listed."
            ).format(name=", ".join(system.value for system in disc.volumes.file_systems)),
            _("Copy the disc to an image, and open that on a Mac."),
        )
    return Refusal(
        "file-system",
        _("No file system was found whose files can be listed."),
        cause=" ".join(contents.damage),
    )


class _Cancellable:
    """A reader that stops between two requests when asked to."""

    sector_size = 2048

    def __init__(self, reader: SectorReader, cancel: CancelToken) -> None:
        self._reader = reader
        self._cancel = cancel

    @property
    def sectors(self) -> int:
        return self._reader.sectors

    def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
        self._cancel.raise_if_cancelled()
        self._reader.read_into(lba, count, buffer)
