# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rip must not replace, looked at before the first sector is read."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from discwright.rip.plan import RipPlan, refuse_path
from discwright.transfer.destination import survey
from discwright.transfer.outcome import Refusal
from discwright.transfer.target_errors import target_error
from discwright.wording import _, shown


def guard(plan: RipPlan, sources: Iterable[Path]) -> Refusal | None:
    """Refuse if image or map would replace what nobody can have meant; None if all is well.

    That is a folder or a device, or one of the files (``sources``) that the copied image is in,
    under whatever name. A map replaces an older file only if the image may, or if it is the map
    that is gone on with.
    """
    files = tuple(sources)
    map_file = plan.places.map
    made = [plan.target] if plan.sheet is None else [plan.target, plan.sheet]
    for path in made:
        refusal = _irreplaceable(path, files)
        if refusal is not None:
            return refusal
    places = plan.places
    taken = {plan.target, places.part, places.record, places.part_record}
    if not map_file.name or _place(map_file) in {_place(path) for path in taken}:
        return Refusal(
            "map-exists",
            _("The map can't be written as {name}.").format(name=shown(str(map_file))),
            _("Give a file name of its own for the map."),
        )
    mine = plan.options.overwrite or plan.earlier is not None
    if os.path.lexists(map_file) and not mine:
        return Refusal(
            "map-exists",
            _("{name} exists already.").format(name=shown(str(map_file))),
            _("Choose another name for the map, or replace it."),
        )
    # What can't be written only shows when there is much to lose.
    return _irreplaceable(map_file, files) or refuse_path(survey(places.part_map))


def _irreplaceable(path: Path, sources: tuple[Path, ...]) -> Refusal | None:
    try:
        there = path.lstat()
    except FileNotFoundError:
        return None
    except OSError as error:
        problem = target_error(error, path)
        return Refusal("not-writable", problem.message, problem.remedy, problem.cause)
    if not (stat.S_ISREG(there.st_mode) or stat.S_ISLNK(there.st_mode)):
        return Refusal(
            "not-a-file",
            _("{name} is a folder or a device, not a file.").format(name=shown(str(path))),
            _("Choose another name."),
        )
    if any(_is_file(source, there) for source in sources):
        return Refusal(
            "same-file",
            _("{name} belongs to the image that is copied.").format(name=shown(str(path))),
            _("Choose another name."),
        )
    return None


def _is_file(path: Path, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.stat(), status)
    except OSError:
        return False


def _place(path: Path) -> Path:
    return Path(os.path.realpath(path.parent), path.name)
