# SPDX-License-Identifier: GPL-3.0-or-later
"""Where images to open come from: a file dialog, or the sample that the program makes."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QFileDialog, QWidget

from discwright.errors import DiscwrightError
from discwright.wording import _

_SUFFIXES = ("iso", "cue", "toc", "nrg", "bin", "img")


def ask_for_images(parent: QWidget, settings: QSettings) -> list[str]:
    """Let the user choose image files; none if they think better of it."""
    patterns = " ".join(f"*.{form}" for s in _SUFFIXES for form in (s, s.upper()))
    names, _filter = QFileDialog.getOpenFileNames(
        parent,
        _("Open an image as a virtual disc"),
        str(settings.value("open/folder", str(Path.home()))),
        ";;".join((_("Disc images ({patterns})").format(patterns=patterns), _("All files (*)"))),
    )
    if names:
        settings.setValue("open/folder", str(Path(names[0]).parent))
    return names


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
