# SPDX-License-Identifier: GPL-3.0-or-later
"""What an earlier run left of a copy: looked for before a plan is made, and read only."""

import contextlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from discwright.errors import TargetError
from discwright.rip.map import RescueMap, Status
from discwright.rip.mapfile import MapError, read_map, tell
from discwright.rip.record import Record, read_record
from discwright.transfer.extents import Extent
from discwright.transfer.partfile import SUFFIX
from discwright.transfer.reader import SECTOR
from discwright.wording import _


class Kind(StrEnum):
    """What was found."""

    UNFINISHED = "unfinished"
    """NAME.part: a copy that was broken off."""
    IMAGE = "image"
    """NAME itself, not all of which could be read."""
    BETTERING = "bettering"
    """Both: NAME.part was going to be a better NAME."""


@dataclass(frozen=True)
class Places:
    """Where the files of a copy lie. What belongs to a file is called as it is, and more.

    The map and record of a copy that is under way lie where they will lie in the end, unless an
    image is there that they don't describe.
    """

    target: Path
    map_file: Path | None = None
    """Where the user wants the map; None: beside the image."""
    bettering: bool = False
    """Whether an image has the name meanwhile."""

    @property
    def part(self) -> Path:
        """The image while it is made."""
        return _added(self.target, SUFFIX)

    @property
    def map(self) -> Path:
        """The map of the image."""
        return self.map_file or _added(self.target, ".map")

    @property
    def record(self) -> Path:
        """The record of the image."""
        return _added(self.target, ".json")

    @property
    def part_map(self) -> Path:
        """The map of the image while it is made."""
        return _added(self.part, ".map") if self.bettering else self.map

    @property
    def part_record(self) -> Path:
        """The record of the image while it is made."""
        return _added(self.part, ".json") if self.bettering else self.record


@dataclass(frozen=True)
class Earlier:
    """A copy that can be gone on with."""

    kind: Kind
    map: RescueMap
    record: Record | None = None
    size: int = 0
    """Bytes that the unfinished file takes on the disk."""

    @property
    def sectors(self) -> int:
        """How many sectors it will have, as far as it knows."""
        return self.map.length

    @property
    def contradicted(self) -> bool:
        """Whether the record tells of a whole image, but the map doesn't: it is another's."""
        record = self.record
        whole = record is not None and not record.unfinished and not record.bad
        return whole and self.map.unfinished().count > 0


def find(target: Path, map_file: Path | None = None) -> Earlier | None:
    """Look for what can be gone on with. Raises TargetError for a map that is none.

    A file without a map tells nothing of what in it was read: it counts only if a record says so.
    Raises TargetError too if a record tells of an unfinished copy, but its map isn't there.
    """
    places = Places(target, map_file)
    bettering = Places(target, map_file, bettering=True)
    part, image = _is_file(places.part), _is_file(target)
    if image and part and _is_file(bettering.part_map):
        return _found(Kind.BETTERING, bettering.part, bettering.part_map, bettering.part_record)
    if part and _is_unfinished(places.record):
        found = _found(Kind.UNFINISHED, places.part, places.part_map, places.part_record)
        if found is None:
            raise TargetError(
                _("An unfinished copy is there, but not the map of what was read of it."),
                remedy=_("Give its map, choose another name, or move that copy away."),
                cause=str(places.map),
            )
        return found
    if image:
        found = _found(Kind.IMAGE, target, places.map, places.record)
        return found or _by_record(target, places.record)
    if part:
        return _found(Kind.UNFINISHED, places.part, places.part_map, places.part_record)
    return None


def _is_unfinished(record_file: Path) -> bool:
    record = read_record(record_file)
    return record is not None and record.unfinished


def _found(kind: Kind, file: Path, map_file: Path, record_file: Path) -> Earlier | None:
    record = read_record(record_file)
    try:
        if not _is_file(map_file):
            return None
        rescue, _current = read_map(map_file)
        status = file.stat()
    except MapError as error:
        raise tell(map_file, error) from error
    except OSError:
        return None
    _cut(rescue, status.st_size // SECTOR)
    return Earlier(kind, rescue, record, status.st_blocks * 512)


def _by_record(image: Path, record_file: Path) -> Earlier | None:
    """Take the bad sectors from the record of an image that has no map."""
    record = read_record(record_file)
    if record is None or not record.bad or record.unfinished:
        return None
    with contextlib.suppress(OSError):
        if image.stat().st_size == record.sectors * SECTOR:
            rescue = RescueMap(record.sectors, Status.FINISHED)
            for run in record.bad:
                rescue.set(run.lba, run.count, Status.BAD)
            return Earlier(Kind.IMAGE, rescue, record)
    return None


def _cut(rescue: RescueMap, there: int) -> None:
    """Take back what a map calls finished and the file is too short for."""
    for run in rescue.of(Status.FINISHED):
        if run.end > there:
            first = max(run.lba, there)
            rescue.forget(Extent(first, run.end - first))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _added(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
