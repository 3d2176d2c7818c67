# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at the folder that files go to, and planning for what is there."""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from discwright.extract.names import Parts
from discwright.extract.plan import (
    ExtractOptions,
    ExtractPlan,
    Layout,
    Survey,
    There,
    plan_extract,
    plan_layout,
)
from discwright.extract.source import DiscContents
from discwright.transfer.cancel import CancelToken
from discwright.transfer.destination import survey
from discwright.transfer.outcome import Refusal

_ANY = "discwright"
"""A name to ask with whether files can be made in a folder."""


def prepare(
    found: DiscContents,
    folder: Path,
    options: ExtractOptions,
    cancel: CancelToken | None = None,
) -> ExtractPlan | Refusal:
    """Lay the files out, look at the folder, and plan. Raises Cancelled."""
    folder = folder.absolute()
    make = not folder.is_dir()
    there = survey(folder if make else folder / _ANY)
    layout = plan_layout(found, options, there.file_system)
    if isinstance(layout, Refusal):
        return layout
    taken = {} if make else _taken(folder, layout, found.files, cancel or CancelToken())
    return plan_extract(found, folder, layout, Survey(there, make, taken), options)


def _taken(
    folder: Path, layout: Layout, sources: Iterable[Path], cancel: CancelToken
) -> dict[Parts, There]:
    """Give the places of the layout where something is."""
    own = set()
    for path in sources:
        with suppress(OSError):
            status = path.stat()
            own.add((status.st_dev, status.st_ino))
    taken: dict[Parts, There] = {}
    folders: set[Parts] = {()}
    for place in layout.directories:
        cancel.raise_if_cancelled()
        what = _there(folder, place, own) if place[:-1] in folders else None
        if what is There.DIRECTORY:
            folders.add(place)
        if what is not None:
            taken[place] = what
    for item in (*layout.files, *layout.links):
        cancel.raise_if_cancelled()
        what = _there(folder, item.target, own) if item.target[:-1] in folders else None
        if what is not None:
            taken[item.target] = what
    return taken


def _there(folder: Path, place: Parts, own: set[tuple[int, int]]) -> There | None:
    try:
        status = os.lstat(os.path.join(folder, *place))  # noqa: PTH118 - as often as there are files
    except OSError:
        return None  # what is wrong there shows when it is written
    if (status.st_dev, status.st_ino) in own:
        return There.SOURCE
    if stat.S_ISDIR(status.st_mode):
        return There.DIRECTORY
    if stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode):
        return There.FILE
    return There.OTHER
