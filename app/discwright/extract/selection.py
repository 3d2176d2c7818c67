# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files of a disc are meant. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from discwright.extract.names import Parts
from discwright.image.contents import Contents, DiscFile
from discwright.transfer.outcome import Refusal
from discwright.wording import _, shown


@dataclass(frozen=True)
class Selection:
    """What is to be taken out."""

    files: tuple[DiscFile, ...]
    directories: tuple[Parts, ...]
    """Each after the one that it is in."""
    lost: tuple[Parts, ...] = ()
    """Files that are meant but can't be had."""
    damage: tuple[str, ...] = ()
    """Why more may be missing, in sentences."""


def select(contents: Contents, paths: Iterable[str] = ()) -> Selection | Refusal:
    """Give the files and folders at these paths with all that is below; without paths everything.

    Upper and lower case are the same where that is clear.
    """
    wanted = [tuple(part for part in path.split("/") if part not in {"", "."}) for path in paths]
    if not wanted or () in wanted:
        return Selection(contents.files, contents.directories, contents.lost, contents.damage)
    known = {file.parts for file in contents.files} | set(contents.directories) | set(contents.lost)
    folded: dict[Parts, list[Parts]] = {}
    for one in known:
        folded.setdefault(_folded(one), []).append(one)
    roots: set[Parts] = set()
    for one in wanted:
        found = [one] if one in known else folded.get(_folded(one), [])
        if len(found) != 1:
            return _refuse(one, several=bool(found))
        roots.add(found[0])
    directories = [one for one in contents.directories if _below(one, roots)]
    files = tuple(file for file in contents.files if _below(file.parts, roots))
    lost = tuple(one for one in contents.lost if _below(one, roots))
    parents = {
        one[:n] for one in (*directories, *(f.parts for f in files)) for n in range(len(one))
    }
    kept = {*directories, *parents} - {()}
    whole = bool(roots & set(contents.directories))
    return Selection(
        files,
        tuple(one for one in contents.directories if one in kept),
        lost,
        contents.damage if whole or lost else (),
    )


def _below(one: Parts, roots: set[Parts]) -> bool:
    return any(one[:n] in roots for n in range(1, len(one) + 1))


def _folded(parts: Parts) -> Parts:
    return tuple(part.casefold() for part in parts)


def _refuse(parts: Parts, *, several: bool) -> Refusal:
    name = shown("/".join(parts))
    if several:
        return Refusal(
            "ambiguous",
            _("Several files are called {name} if upper and lower case are the same.").format(
                name=name
            ),
            _("Write the name exactly as it is listed."),
        )
    return Refusal(
        "no-such-file",
        _("There is no {name} on the disc.").format(name=name),
        _("See what is there: discwright list SOURCE."),
    )
