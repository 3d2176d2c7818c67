# SPDX-License-Identifier: GPL-3.0-or-later
"""Where images to open come from: a file dialog, or the sample that the program makes."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QFileDialog, QWidget

from discwright.errors import DiscwrightError
from discwright.wording import _

_SUFFIXES = ("iso", "cue", "toc", "nrg", "bin", "img", "raw")
_PACKED = ("xz", "gz", "bz2", "zst", "lz4", "zip")


def ask_for_images(parent: QWidget, settings: QSettings) -> list[str]:
    """Let the user choose image files; none if they think better of it."""
    names, _filter = QFileDialog.getOpenFileNames(
        parent, _("Open an image as a virtual disc"), _folder(settings), _filters()
    )
    if names:
        settings.setValue("open/folder", str(Path(names[0]).parent))
    return names


def ask_for_image(parent: QWidget, settings: QSettings) -> Path | None:
    """Let the user choose one image file; None if they think better of it."""
    name, _filter = QFileDialog.getOpenFileName(
        parent, _("Choose an image"), _folder(settings), _filters()
    )
    if not name:
        return None
    settings.setValue("open/folder", str(Path(name).parent))
    return Path(name)


def ask_for_reference(parent: QWidget, settings: QSettings) -> Path | None:
    """Let the user choose what to check against; None if they think better of it."""
    name, _filter = QFileDialog.getOpenFileName(
        parent,
        _("Choose an image, a checksum file or a catalogue"),
        _folder(settings),
        _("All files (*)"),
    )
    return Path(name) if name else None


def _folder(settings: QSettings) -> str:
    return str(settings.value("open/folder", str(Path.home())))


def _filters() -> str:
    def patterns(suffixes: tuple[str, ...]) -> str:
        return " ".join(f"*.{form}" for s in suffixes for form in (s, s.upper()))

    return ";;".join(
        (
            _("Images ({patterns})").format(patterns=patterns(_SUFFIXES + _PACKED)),
            _("All files (*)"),
        )
    )


def made(sample: Callable[[], Path]) -> Path:
    """Make the sample disc. Raises DiscwrightError if it can't be written."""
    try:
        return sample()
    except OSError as error:
        raise DiscwrightError(
            _("The sample disc could not be written."),
            remedy=_("Make room in your cache folder."),
            cause=str(error),
        ) from error
