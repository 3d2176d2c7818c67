# SPDX-License-Identifier: GPL-3.0-or-later
"""What went wrong while writing a file, in a sentence and with what to do about it."""

import errno
from pathlib import Path

from discwright.errors import TargetError
from discwright.wording import _, shown


def target_error(error: OSError, target: Path) -> TargetError:
    """Explain what the system said while ``target`` was being made."""
    message, remedy = _sentences(error.errno or 0)
    name, directory = shown(target.name), shown(str(target.parent))
    number = errno.errorcode.get(error.errno or 0, str(error.errno))
    return TargetError(
        message.format(name=name, directory=directory),
        remedy=remedy.format(name=name, directory=directory),
        cause=f"{number}: {error.strerror or error}",
    )


def _sentences(number: int) -> tuple[str, str]:  # noqa: PLR0911 - a table
    match number:
        case errno.ENOSPC:
            return (
                _("There is no space left for {name} in {directory}."),
                _("Free some space there, or choose another place."),
            )
        case errno.EDQUOT:
            return (
                _("You have used up your share of the disk that {directory} is on."),
                _("Delete files of yours there, or choose another place."),
            )
        case errno.EFBIG:
            return (
                _("{name} is getting bigger than a file may be in {directory}."),
                _("Choose a place on another file system: FAT32 ends at 4 GiB for each file."),
            )
        case errno.EIO | errno.ENXIO | errno.ENODEV:
            return (
                _("The disk that {directory} is on reported an error."),
                _("Check that it is still connected and healthy, or choose another place."),
            )
        case errno.EROFS:
            return (
                _("{directory} can be read but not written."),
                _("Choose another place, or have its file system mounted for writing."),
            )
        case errno.EACCES | errno.EPERM:
            return (
                _("You are not allowed to write in {directory}."),
                _("Choose a place of your own, or have the permissions there changed."),
            )
        case errno.ENOENT | errno.ENOTDIR | errno.ESTALE:
            return (
                _("The directory {directory} is not there."),
                _("It was removed, renamed or unmounted: bring it back or choose another place."),
            )
        case errno.ENAMETOOLONG:
            return (
                _("The name {name} is too long for {directory}."),
                _("Choose a shorter name."),
            )
        case errno.EISDIR:
            return (
                _("{name} in {directory} is a directory, not a file."),
                _("Choose another name."),
            )
        case _unknown:
            return (
                _("{name} can't be written in {directory}."),
                _("Choose another place."),
            )
