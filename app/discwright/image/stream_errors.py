# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with a file that is to be unpacked, in sentences."""

from discwright.errors import SourceError
from discwright.wording import _, shown, size


def damaged(name: str, cause: str) -> SourceError:
    """The content contradicts itself, or something else follows it."""
    return SourceError(
        _("{name} is damaged: it could not be unpacked to its end.").format(name=shown(name)),
        remedy=_("Download or copy it again, and compare its checksum with the published one."),
        cause=cause,
    )


def cut_off(name: str, cause: str) -> SourceError:
    """The file ends before its content does."""
    return SourceError(
        _("{name} is incomplete: it ends before its content does.").format(name=shown(name)),
        remedy=_("It was probably not downloaded or copied to its end: do that again."),
        cause=cause,
    )


def followed(name: str, cause: str) -> SourceError:
    """Something that isn't padding comes after the end of the compressed content."""
    return SourceError(
        _("{name} is damaged: after its end comes something that does not belong there.").format(
            name=shown(name)
        ),
        remedy=_("Download or copy it again, and compare its checksum with the published one."),
        cause=cause,
    )


def wrong_length(name: str, said: int, cause: str) -> SourceError:
    """The content isn't as long as the file says. ``said``: bytes."""
    return SourceError(
        _("{name} is damaged: its content is not {size} long, as it says itself.").format(
            name=shown(name), size=size(said)
        ),
        remedy=_("Download or copy it again, and compare its checksum with the published one."),
        cause=cause,
    )


def unreadable(name: str, error: OSError) -> SourceError:
    """The system can't read the file."""
    return SourceError(
        _("The file {name} can't be read: {why}.").format(
            name=shown(name), why=error.strerror or str(error)
        ),
        remedy=_("Check the disk that it is on, or copy it again from where it came from."),
        cause=str(error),
    )


def changed(name: str, end: int, expected: int) -> SourceError:
    """The file doesn't end where it ended when it was opened. Bytes."""
    return SourceError(
        _("{name} was changed while it was being read.").format(name=shown(name)),
        remedy=_("Wait until it is downloaded or copied to its end, then try again."),
        cause=f"The file ended at byte {end} of {expected}",
    )


def too_much_memory(name: str, limit: int, cause: str) -> SourceError:
    """Unpacking needs more memory than ``limit`` (bytes)."""
    return SourceError(
        _("{name} can't be unpacked on the way: that needs more than {size} of memory.").format(
            name=shown(name), size=size(limit)
        ),
        remedy=_("Unpack it to a file first, then use that."),
        cause=cause,
    )


def stopped(name: str, cause: str) -> SourceError:
    """The program that unpacks was ended from outside."""
    return SourceError(
        _("The program that unpacks {name} was ended before it was done.").format(name=shown(name)),
        remedy=_("Perhaps the memory was used up: close other programs, then try again."),
        cause=cause,
    )


def not_installed(name: str, package: str, cause: str) -> SourceError:
    """Nothing that unpacks it is here."""
    return SourceError(
        _("What unpacks {name} is not installed.").format(name=shown(name)),
        remedy=_("Install the package “{package}”, or unpack the file first.").format(
            package=package
        ),
        cause=cause,
    )
