# SPDX-License-Identifier: GPL-3.0-or-later
"""A CD image (BIN/CUE, cdrdao TOC, Nero NRG) as a disc, through libcdio's image drivers."""

from pathlib import Path

import cdio
import pycdio

from discwright.errors import ReadError, SourceError
from discwright.optical import libcdio
from discwright.optical.disc import Track, TrackMode
from discwright.transfer.reader import SECTOR
from discwright.wording import _, shown

_MODES = {"audio": TrackMode.AUDIO, "data": TrackMode.MODE1, "XA": TrackMode.MODE2_FORM1}
"""libcdio's names of track formats; CD-i and PSX count as mode 2 of both forms."""


class CdioImage:
    """Reads 2048-byte sectors of an image that libcdio understands.

    Raises SourceError if it doesn't. Not for images that hold 2048-byte sectors themselves:
    libcdio 2.1 takes their size divided by 2352 for the length, and gives wrong bytes as read.
    """

    sector_size = SECTOR

    def __init__(self, path: Path) -> None:
        self.path = path
        self._device: cdio.Device | None = None
        with libcdio.messages() as said:
            try:
                self._device = cdio.Device(str(path), pycdio.DRIVER_UNKNOWN)
                self.driver = str(self._device.get_driver_name())
                self.tracks = self._read_tracks(self._device)
            except (OSError, ValueError, cdio.DeviceException, cdio.TrackError) as error:
                self.close()
                raise SourceError(
                    _("{name} can't be used as a disc.").format(name=shown(path.name)),
                    remedy=_("The image may be incomplete, or of a kind that isn't known."),
                    cause=shown("; ".join(said) or str(error)),
                ) from error
        self._handle = int(self._device.cd)
        self.sectors = max((t.start + t.sectors for t in self.tracks), default=0)

    def close(self) -> None:
        """Let go of the image. Safe to call twice."""
        if self._device is not None:
            self._device.close()
            self._device = None

    def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
        """Read sectors of 2048 bytes; ReadError if libcdio can't give them all."""
        address = libcdio.address_of(buffer[: count * SECTOR])
        with libcdio.messages() as said:
            code = -1
            if self._device is not None and lba + count <= self.sectors:
                code = libcdio.library().cdio_read_data_sectors(
                    self._handle, address, lba, SECTOR, count
                )
        if code != 0:
            raise ReadError(
                _("The image {name} can't be read at this place.").format(
                    name=shown(self.path.name)
                ),
                lba=lba,
                count=count,
                cause=shown("; ".join(said) or f"libcdio: {code}"),
            )

    @staticmethod
    def _read_tracks(device: cdio.Device) -> tuple[Track, ...]:
        tracks = []
        first = int(device.get_first_track().track)
        for number in range(first, first + int(device.get_num_tracks())):
            track = device.get_track(number)
            start, last = int(track.get_lsn()), int(track.get_last_lsn())
            mode = _MODES.get(track.get_format(), TrackMode.MODE2_MIXED)
            tracks.append(Track(number, 1, start, max(0, last + 1 - start), mode))
        return tuple(tracks)
