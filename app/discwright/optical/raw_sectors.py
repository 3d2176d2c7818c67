# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole sectors of a CD, music and data alike, as something to be read from."""

from discwright.image.layout import RAW_SECTOR
from discwright.optical.drive import Drive
from discwright.optical.drive_source import DriveSource
from discwright.transfer.cancel import CancelToken


class RawSectors:
    """Sectors of 2352 bytes, read with READ CD."""

    sector_size = RAW_SECTOR

    def __init__(self, drive: Drive, sectors: int) -> None:
        self._drive = drive
        self.sectors = sectors

    def read_into(self, lba: int, count: int, buffer: memoryview) -> None:
        """Read sectors; DiscReadError if not all of them come."""
        self._drive.read_raw_into(lba, count, buffer)


class RawSource:
    """A CD in an open drive, to be read in whole sectors; the drive stays its owner's."""

    def __init__(self, source: DriveSource, sectors: int) -> None:
        self._source = source
        self.reader = RawSectors(source.reader, sectors)

    def wait_ready(self, cancel: CancelToken) -> None:
        """Wait until it can be read. Raises SourceError, Cancelled."""
        self._source.wait_ready(cancel)

    def fingerprint(self) -> str:
        """Give the signs of this disc. Raises SourceError."""
        return self._source.fingerprint()
