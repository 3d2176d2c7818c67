# SPDX-License-Identifier: GPL-3.0-or-later
"""An image file taken as a disc: plain sectors, BIN/CUE, cdrdao's TOC, Nero's NRG."""

import os
from pathlib import Path
from typing import Protocol

from discwright.errors import ReadError, SourceError
from discwright.image.boot import BootReport, read_boot
from discwright.image.formats import ImageFile, ImageKind, identify
from discwright.image.layout import RAW_SECTOR, ImageTrack
from discwright.image.volumes import Volumes, read_volumes
from discwright.image.wholeness import Wholeness, read_wholeness
from discwright.optical.disc import Disc, DiscStatus, Track, TrackMode
from discwright.optical.fingerprint import UNKNOWN, fingerprint
from discwright.optical.iso_file import IsoFile
from discwright.optical.length import LengthFacts, choose_length
from discwright.optical.profile import Profile
from discwright.optical.toc import (
    MODE_SAMPLES,
    mode_of_samples,
    raw_sector_mode,
    submode_is_form2,
)
from discwright.transfer.cancel import CancelToken
from discwright.transfer.reader import SECTOR, SectorReader
from discwright.wording import _, shown


class _Closing(SectorReader, Protocol):
    def close(self) -> None: ...


def open_image(path: Path) -> "ImageSource":
    """Open an image file as a disc. Raises SourceError for what can't be one."""
    image = identify(path)
    if not image.usable:
        raise image.error()
    reader: _Closing = IsoFile(path) if image.kind is ImageKind.ISO else LayoutReader(image)
    return ImageSource(image, reader)


class ImageSource:
    """An image file that is open as a disc."""

    def __init__(self, image: ImageFile, reader: _Closing) -> None:
        self._image = image
        self.reader = reader

    def close(self) -> None:
        """Close the files. Safe to call twice."""
        self.reader.close()

    def wait_ready(self, cancel: CancelToken) -> None:
        """Return at once: a file is always ready."""
        cancel.raise_if_cancelled()

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that belong to the image."""
        return self._image.files

    def set_speed(self, kilobytes: int, sectors: int) -> str:
        """Say that a file has no speed."""
        return f"an image file has no speed of {kilobytes} kB/s for {sectors} sectors"

    def eject(self) -> None:
        """Do nothing: a file has no tray."""

    def fingerprint(self) -> str:
        """Give size, time and number of each file that belongs to the image."""
        signs = []
        for path in self._image.files:
            try:
                found = path.stat()
            except OSError:
                signs.append(UNKNOWN)  # given another name meanwhile; it is open all the same
            else:
                signs.append(
                    f"{found.st_dev:x}-{found.st_ino:x}-{found.st_size:x}-{found.st_mtime_ns:x}"
                )
        return fingerprint(signs)

    def examine(self, cancel: CancelToken | None = None) -> Disc:
        """Read what the image says of itself. Raises SourceError, Cancelled."""
        if cancel is not None:
            cancel.raise_if_cancelled()
        tracks = self._tracks()
        volumes, boot, wholeness = Volumes(), BootReport(), Wholeness(known=False)
        data = [track for track in tracks if track.is_data]
        if data:
            volumes = read_volumes(self.reader, data[-1].start)
            boot = read_boot(self.reader)
            wholeness = read_wholeness(self.reader, volumes)
        ends = {end.source: end.sectors for end in volumes.ends}
        facts = LengthFacts(
            Profile.UNKNOWN,
            file=self.reader.sectors,
            iso9660=ends.get("iso9660"),
            udf=ends.get("udf"),
            hfs=ends.get("hfs"),
        )
        return Disc(
            source=str(self._image.path),
            virtual=True,
            profile=Profile.UNKNOWN,
            status=DiscStatus.COMPLETE,
            length=choose_length(facts, {}),
            tracks=tracks,
            sessions=max((track.session for track in tracks), default=1),
            volumes=volumes,
            wholeness=wholeness,
            boot=boot,
            driver=self._image.kind.value,
            odd_bytes=self._image.size % SECTOR if self._image.kind is ImageKind.ISO else 0,
            remarks=self._image.remarks,
            layout=self._image.layout,
            fingerprint=self.fingerprint(),
        )

    def _tracks(self) -> tuple[Track, ...]:
        if isinstance(self.reader, LayoutReader):
            return tuple(
                Track(t.number, t.session, t.start, t.sectors, self.reader.mode_of(t))
                for t in self._image.tracks
            )
        return (Track(1, 1, 0, self.reader.sectors, TrackMode.DATA),)


class LayoutReader:
    """Reads the 2048 bytes of user data out of the sectors that a CD image stores.

    Own arithmetic, because libcdio 2.1's image drivers give wrong bytes as read for images of
    2048-byte sectors, and don't know several files in one cue sheet.
    """

    sector_size = SECTOR

    def __init__(self, image: ImageFile) -> None:
        self._tracks = image.tracks
        self.sectors = image.sectors
        self._fds: dict[Path, int] = {}
        try:
            for track in image.tracks:
                if track.file is not None and track.file not in self._fds:
                    self._fds[track.file] = os.open(track.file, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            self.close()
            raise SourceError(
                _("The file {name} can't be opened: {why}.").format(
                    name=shown(Path(error.filename or "").name), why=error.strerror
                ),
                cause=str(error),
            ) from error

    def close(self) -> None:
        """Close all files. Safe to call twice."""
        while self._fds:
            os.close(self._fds.popitem()[1])

    def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
        """Read sectors of one data track; ReadError where there are none."""
        done = 0
        while done < count:
            track = self._track_at(lba + done)
            if track is None:
                raise _unreadable(lba, count, "no stored data track there")
            here = lba + done - track.start
            if here >= track.sectors:
                part = min(count - done, track.sectors + track.zeros - here)
                buffer[done * SECTOR : (done + part) * SECTOR] = bytes(part * SECTOR)
            else:
                part = min(count - done, track.sectors - here)
                self._user_data(track, here, part, buffer[done * SECTOR :])
            done += part

    def _user_data(self, track: ImageTrack, first: int, count: int, buffer: memoryview) -> None:
        raw = self._stored(track, first, count)
        size, offset = track.format.sector_size, track.format.user_offset
        for n in range(count):
            at = n * size + offset
            buffer[n * SECTOR : (n + 1) * SECTOR] = raw[at : at + SECTOR]

    def mode_of(self, track: ImageTrack) -> TrackMode:
        """Tell a track's mode from sectors spread over it, should the description be wrong."""
        if not track.is_data:
            return TrackMode.AUDIO
        mode_1 = track.format.name.startswith("MODE1")
        if track.format.sector_size == SECTOR:
            return TrackMode.MODE1 if mode_1 else TrackMode.MODE2_FORM1
        if track.format.sector_size == 2324:
            return TrackMode.MODE2_FORM2
        found = set()
        for sector in range(0, track.sectors, max(1, track.sectors // MODE_SAMPLES)):
            try:
                raw = self._stored(track, sector, 1)
            except ReadError:
                continue
            mode = raw_sector_mode(raw) if len(raw) >= RAW_SECTOR else TrackMode.DATA
            if mode is TrackMode.DATA and mode_1:
                mode = TrackMode.MODE1
            elif mode is TrackMode.DATA:
                form2 = submode_is_form2(raw[track.format.user_offset - 6])
                mode = TrackMode.MODE2_FORM2 if form2 else TrackMode.MODE2_FORM1
            found.add(mode)
        return mode_of_samples(found)

    def _track_at(self, lba: int) -> ImageTrack | None:
        return next(
            (
                t
                for t in self._tracks
                if t.is_data and t.start <= lba < t.start + t.sectors + t.zeros
            ),
            None,
        )

    def _stored(self, track: ImageTrack, first: int, count: int) -> bytes:
        """Read whole stored sectors of a track."""
        size = track.format.sector_size
        fd = self._fds.get(track.file) if track.file is not None else None
        try:
            raw = b"" if fd is None else os.pread(fd, count * size, track.offset + first * size)
        except OSError as error:
            raise _unreadable(track.start + first, count, str(error)) from error
        if len(raw) < count * size:
            raise _unreadable(track.start + first, count, "end of file")
        return raw


def _unreadable(lba: int, count: int, cause: str) -> ReadError:
    return ReadError(_("The image can't be read at this place."), lba=lba, count=count, cause=cause)
