# SPDX-License-Identifier: GPL-3.0-or-later
"""A regular file taken as a blank disc, so that burning can be tried without a drive."""

import stat
from pathlib import Path

from discwright.errors import TargetError
from discwright.optical.writable import MediumStatus, WritableMedium
from discwright.transfer.destination import survey
from discwright.transfer.reader import SECTOR
from discwright.transfer.target_errors import target_error
from discwright.wording import _, shown

PREFIX = "stdio:"
"""How libburn calls such a target."""


def file_of(node: str) -> Path | None:
    """Give the file that a target ``stdio:FILE`` names; None for a drive."""
    return Path(node.removeprefix(PREFIX)).absolute() if node.startswith(PREFIX) else None


def read_virtual(node: str) -> WritableMedium:
    """Take ``stdio:FILE`` as a medium: blank if it doesn't exist or is empty.

    Raises TargetError for whatever isn't a regular file or can't be made: libburn would write to
    a hard disk just as well.
    """
    path = file_of(node)
    if path is None:
        raise ValueError(f"{node} is no virtual disc")
    place = survey(path)
    name = shown(path.name)
    if place.problem:
        raise TargetError(place.problem)
    if not place.parent_exists:
        raise TargetError(
            _("The folder {folder} doesn't exist.").format(folder=shown(str(path.parent))),
            remedy=_("Create it, or choose another one."),
        )
    try:
        status = path.stat()
    except FileNotFoundError:
        size = 0
    except OSError as error:
        raise TargetError(_("{name} can't be used.").format(name=name), cause=str(error)) from error
    else:
        if not stat.S_ISREG(status.st_mode):
            raise TargetError(
                _("{name} is not a regular file: it can't serve as a disc.").format(name=name),
                remedy=_("Give the name of a new file."),
            )
        size = status.st_size
    if not place.writable:
        raise TargetError(
            _("You may not write into the folder {folder}.").format(folder=shown(str(path.parent)))
        )
    room = ((place.free_bytes or 0) + size) // SECTOR
    return WritableMedium(
        PREFIX + str(path),
        MediumStatus.OVERWRITABLE if size else MediumStatus.BLANK,
        free_sectors=room,
        capacity_sectors=room,
        erasable=True,
        used=bool(size),
    )


def empty_file(node: str) -> None:
    """Erase a file taken as a disc. Raises TargetError."""
    path = file_of(node)
    if path is None:
        raise ValueError(f"{node} is no virtual disc")
    try:
        path.write_bytes(b"")
    except OSError as error:
        raise target_error(error, path) from error
