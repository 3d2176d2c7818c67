# SPDX-License-Identifier: GPL-3.0-or-later
"""A Windows installer on a disc or in an image, and the tools there are: plain data for plans."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from discwright.devices.target_survey import devices_below_file
from discwright.devices.udisks_sticks import can_format
from discwright.errors import DiscwrightError, ReadError, SourceError
from discwright.image.contents import Contents, DiscFile, FileData, read_contents
from discwright.image.expected import expected_for
from discwright.optical.source import open_source
from discwright.transfer.cancel import CancelToken
from discwright.transfer.destination import survey
from discwright.wording import _, shown

WIMLIB = "wimlib-imagex"

_WIM_HEADER = 16
_WIM_MAGIC = b"MSWIM\0\0\0"
_SOLID = 0x0E00
"""Version of a WIM whose files are packed together and can't be put into several parts."""


@dataclass(frozen=True)
class InstallerSource:
    """What is to be copied."""

    path: str
    """The image file or the drive's node."""
    contents: Contents
    label: str = ""
    """The disc's name, safe to show."""
    fingerprint: str = ""
    """The same as long as the same disc or image is there."""
    unsplittable: frozenset[str] = frozenset()
    """Paths of the WIM files that no program splits."""
    published: str = ""
    """The file beside the image that has a checksum of it, safe to show; "" if there is none."""
    devices: frozenset[str] = frozenset()
    """The devices that it lies on; see :func:`discwright.devices.targets.judge_target`."""

    @property
    def name(self) -> str:
        """The image's file name, or the node; safe to show."""
        return shown(os.path.basename(self.path))  # noqa: PTH119 - may be a node


@dataclass(frozen=True)
class Tools:
    """What the copying needs of the system."""

    wimlib: str = ""
    """Path of wimlib-imagex; "" if it isn't there."""
    formatter_missing: str = ""
    """The program without which UDisks2 can't make the file system; "" if all is there."""
    scratch: Path = field(default_factory=Path)
    """A directory for a large file that is needed while install.wim is split."""
    scratch_free: int | None = None
    """Bytes that can be written there; None if not known."""
    scratch_problem: str = ""


def survey_installer(source: str | Path, cancel: CancelToken | None = None) -> InstallerSource:
    """List what is on a disc or in an image. Raises SourceError, Cancelled."""
    cancel = cancel or CancelToken()
    opened = open_source(source)
    try:
        opened.wait_ready(cancel)
        label = opened.examine(cancel).label  # only then a drive's reader knows its length
        fingerprint = opened.fingerprint()
        contents = read_contents(opened.reader)
        unsplittable = frozenset(
            file.path
            for file in contents.files
            if file.parts[-1].casefold().endswith(".wim")
            and not _splittable(FileData(opened.reader, file), file)
        )
    except ReadError as error:
        raise SourceError(
            _("{name} can't be read: {why}").format(name=shown(str(source)), why=error.message),
            remedy=error.remedy,
            cause=error.cause,
        ) from error
    finally:
        opened.close()
    path = Path(source)
    expected = expected_for(path) if path.is_file() else ()
    return InstallerSource(
        os.fspath(source),
        contents,
        label,
        fingerprint,
        unsplittable,
        expected[0].source if expected else "",
        devices_below_file(path),
    )


def survey_tools(node: str, *, scratch: Path | None = None) -> Tools:
    """See which programs and how much room there are; never raises.

    ``scratch``: where the large file goes; TMPDIR or else /var/tmp, for /tmp may be memory.
    """
    place = scratch or Path(os.environ.get("TMPDIR") or "/var/tmp")  # noqa: S108 - see above
    found = survey(place / "discwright")
    problem = found.problem
    if not problem and not (found.parent_exists and found.writable):
        problem = _("You can't make files in {directory}.").format(directory=shown(str(place)))
    return Tools(
        wimlib=shutil.which(WIMLIB) or "",
        formatter_missing=_formatter_missing(node),
        scratch=place,
        scratch_free=found.free_bytes,
        scratch_problem=problem,
    )


def _formatter_missing(node: str) -> str:
    try:
        return can_format(node, "vfat")
    except DiscwrightError:
        return ""  # without UDisks2 nothing works: the run says so in its own words


def _splittable(data: FileData, file: DiscFile) -> bool:
    """Whether this is a WIM whose files are packed one by one (WIM header: magic, version)."""
    head = memoryview(bytearray(2048))
    if file.size < _WIM_HEADER:
        return False
    data.read_into(head)
    version = int.from_bytes(head[12:16], "little")
    return bytes(head[:8]) == _WIM_MAGIC and version != _SOLID
