# SPDX-License-Identifier: GPL-3.0-or-later
"""From what was read to what it is, in a state and in sentences. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from discwright.check.plan import CheckPlan
from discwright.check.subject import Subject
from discwright.image.catalogue import Catalogue, Game, Rom
from discwright.image.checksums import Published
from discwright.optical.differences import Differences
from discwright.transfer.extents import Extent
from discwright.transfer.outcome import State
from discwright.transfer.reader import SECTOR
from discwright.wording import _, counted, shown, size


@dataclass(frozen=True)
class Seen:
    """What one pass over a subject gave."""

    bytes: int = 0
    digests: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    """By the length in bytes that they are of."""
    bad: tuple[Extent, ...] = ()
    """Sectors that can't be read."""
    differing: tuple[Extent, ...] = ()
    rest_is_zeros: bool | None = None
    """Of two files, whether the longer one has only zeros behind the end of the shorter; None if
    that wasn't looked at."""


@dataclass(frozen=True)
class Verdict:
    """What follows."""

    state: State
    message: str
    remedy: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)
    checks: tuple[tuple[Published, bool], ...] = ()
    title: str = ""
    missing: tuple[Extent, ...] = ()
    """Sectors of the image that the disc doesn't reach."""
    length: int | None = None
    """Bytes of the disc that were meant, where that is not all of it."""
    warnings: tuple[str, ...] = ()


def judge(plan: CheckPlan, seen: Sequence[Seen]) -> Verdict:
    """Say what was found; ``seen`` in the order of the plan's subjects."""
    if plan.catalogue is not None:
        return _by_catalogue(plan, plan.catalogue, seen)
    subject, only = plan.subjects[0], seen[0]
    if plan.other is not None:
        whose = _disc_and_image if subject.disc is not None else _two_files
        return whose(plan, plan.other, only)
    if plan.any_of:
        return _any_published(plan, subject, only)
    return _all_published(plan, subject, only)


def _all_published(plan: CheckPlan, subject: Subject, seen: Seen) -> Verdict:
    found = seen.digests.get(subject.size, {})
    checks = tuple((one, _has(found, one)) for one in plan.published)
    wrong = [one for one, same in checks if not same]
    if wrong:
        return Verdict(
            State.COMPLETE_WITH_ERRORS,
            _("{name} is not what {file} says: the {kind} checksum is another.").format(
                name=plan.name, file=shown(wrong[0].source.name), kind=wrong[0].checksum.algorithm
            ),
            _("Get the image again, or the checksum that belongs to it."),
            found,
            checks,
        )
    message = _("{name} is the same as published in {file}.").format(
        name=plan.name, file=_files(plan)
    )
    return Verdict(State.COMPLETE, message, digests=found, checks=checks)


def _any_published(plan: CheckPlan, subject: Subject, seen: Seen) -> Verdict:
    """A disc is one of those that are published, perhaps with something behind it."""
    for length in reversed(subject.lengths):
        found = seen.digests.get(length, {})
        right = next((one for one in plan.published if _has(found, one)), None)
        if right is None:
            continue
        what = shown(right.checksum.name.replace("\\", "/").rpartition("/")[2])
        file = shown(right.source.name)
        message = (
            _("{disc} is {image}, as published in {file}: {size}.").format(
                disc=plan.name, image=what, file=file, size=size(length)
            )
            if what
            else _("{disc} is what {file} says: {size}.").format(
                disc=plan.name, file=file, size=size(length)
            )
        )
        return Verdict(
            State.COMPLETE, message, "", found, ((right, True),), length=length,
            warnings=_behind(subject, length),
        )  # fmt: skip
    if seen.bad:
        return _unreadable(subject, seen)
    return Verdict(
        State.COMPLETE_WITH_ERRORS,
        _("{disc} has none of the checksums that {file} lists.").format(
            disc=plan.name, file=_files(plan)
        ),
        _("Look whether the file belongs to this release of the disc."),
        seen.digests.get(subject.size, {}),
        tuple((one, False) for one in plan.published),
    )


def _two_files(plan: CheckPlan, other: Path, seen: Seen) -> Verdict:
    ours = plan.subjects[0].size
    names = {"name": plan.name, "other": shown(other.name)}
    if ours == plan.other_size and not seen.differing:
        message = _("{name} and {other} are the same, byte for byte.").format(**names)
        return Verdict(State.COMPLETE, message)
    parts = [_("{name} and {other} are different.").format(**names)]
    if ours != plan.other_size:
        parts.append(
            _("{name} has {size}, {other} has {other_size}.").format(
                size=f"{size(ours)} ({ours} B)",
                other_size=f"{size(plan.other_size)} ({plan.other_size} B)",
                **names,
            )
        )
    if seen.differing:
        parts.append(
            counted(
                "They differ in {n} sector.", "They differ in {n} sectors.",
                sum(run.count for run in seen.differing),
            )
        )  # fmt: skip
    elif seen.rest_is_zeros is not None:
        parts.append(_("As far as the shorter one goes they are the same."))
        parts.append(
            _("What the longer one has behind that are only zeros.")
            if seen.rest_is_zeros
            else _("What the longer one has behind that is more than zeros.")
        )
    return Verdict(State.COMPLETE_WITH_ERRORS, " ".join(parts))


def _disc_and_image(plan: CheckPlan, other: Path, seen: Seen) -> Verdict:
    """Only the image's length counts: what a disc has behind it is padding or run-out."""
    subject = plan.subjects[0]
    wanted = plan.other_size // SECTOR
    missing = wanted - min(wanted, subject.sectors)
    beyond = (Extent(subject.sectors, missing),) if missing else ()
    differences = Differences(wanted, seen.differing, (*seen.bad, *beyond))
    warnings = [*_behind(subject, wanted * SECTOR)]
    if odd := plan.other_size % SECTOR:
        warnings.append(
            counted(
                "The last {n} byte of the image makes no whole sector and was not compared.",
                "The last {n} bytes of the image make no whole sector and were not compared.",
                odd,
            )
        )
    found = seen.digests.get(wanted * SECTOR, {})
    said = differences.sentences()
    if said:
        return Verdict(
            State.COMPLETE_WITH_ERRORS,
            " ".join(said),
            _("Try another drive: it may read the disc better."),
            found,
            missing=beyond,
            warnings=tuple(warnings),
        )
    message = _("{disc} holds {image}: {size} compared, every byte is the same.").format(
        disc=plan.name, image=shown(other.name), size=size(wanted * SECTOR)
    )
    return Verdict(State.COMPLETE, message, digests=found, warnings=tuple(warnings))


def _by_catalogue(plan: CheckPlan, catalogue: Catalogue, seen: Sequence[Seen]) -> Verdict:
    known = shown(catalogue.name or catalogue.path.name, 120)
    subject, only = plan.subjects[0], seen[0]
    for length in reversed(subject.lengths):
        for game in catalogue.games:
            right = _files_of(game, plan, seen, length)
            if right is None:
                continue
            title, found = shown(game.name), only.digests.get(length, {})
            if len(right) == len(game.content):
                message = _("{name} is “{title}” of {catalogue}: every checksum agrees.").format(
                    name=plan.name, title=title, catalogue=known
                )
            else:
                message = _(
                    "{name} is {file}, one of {n} files of “{title}” of {catalogue}."
                ).format(
                    name=plan.name, file=shown(right[0].name), n=len(game.content), title=title,
                    catalogue=known,
                )  # fmt: skip
            return Verdict(
                State.COMPLETE, message, "", found, title=title, length=length,
                warnings=_behind(subject, length),
            )  # fmt: skip
    if only.bad:
        return _unreadable(subject, only)
    message = _("{name} is none of the {n} discs in {catalogue}.").format(
        name=plan.name, n=catalogue.known, catalogue=known
    )
    return Verdict(
        State.COMPLETE_WITH_ERRORS,
        " ".join((message, *_nearly(plan, catalogue, seen))),
        _("Look whether the catalogue is of this system, and up to date; or read the disc again."),
        only.digests.get(subject.size, {}),
    )


def _files_of(
    game: Game, plan: CheckPlan, seen: Sequence[Seen], length: int
) -> tuple[Rom, ...] | None:
    """Give which of the game's files the subjects are; None unless each is another one."""
    left = list(game.content)
    right = []
    for subject, one in zip(plan.subjects, seen, strict=True):
        at = length if subject.disc is not None else subject.size
        rom = next((rom for rom in left if _is(rom, at, one.digests.get(at, {}))), None)
        if rom is None:
            return None
        left.remove(rom)
        right.append(rom)
    return tuple(right)


def _is(rom: Rom, length: int, found: Mapping[str, str]) -> bool:
    return rom.size == length and all(found.get(name) == digest for name, digest in rom.digests)


def _nearly(plan: CheckPlan, catalogue: Catalogue, seen: Sequence[Seen]) -> tuple[str, ...]:
    """Say how near it is to something that is known."""
    for subject, one in zip(plan.subjects, seen, strict=True):
        for game in catalogue.games:
            for rom in game.content:
                if _is(rom, subject.size, one.digests.get(subject.size, {})):
                    continue
                title = shown(game.name)
                if rom.size == subject.size:
                    return (_("“{title}” has this size, but other content.").format(title=title),)
                if rom.name.casefold() == Path(subject.source).name.casefold():
                    return (_other_size(title, rom.size - subject.size),)
    return ()


def _other_size(title: str, more: int) -> str:
    by = (
        counted("{n} sector", "{n} sectors", abs(more) // SECTOR)
        if more % SECTOR == 0
        else counted("{n} byte", "{n} bytes", abs(more))
    )
    if more > 0:
        return _("“{title}” is longer there, by {size}.").format(title=title, size=by)
    return _("“{title}” is shorter there, by {size}.").format(title=title, size=by)


def _unreadable(subject: Subject, seen: Seen) -> Verdict:
    unread = counted(
        "{n} sector can't be read.",
        "{n} sectors can't be read.",
        sum(run.count for run in seen.bad),
    )
    whole = _("So nothing can be said of {disc} as a whole.").format(disc=subject.name)
    return Verdict(
        State.COMPLETE_WITH_ERRORS,
        f"{unread} {whole}",
        _("Clean the disc, or try another drive."),
    )


def _behind(subject: Subject, length: int) -> tuple[str, ...]:
    """Tell of what a disc has behind the end of the image."""
    more = (subject.size - length) // SECTOR
    if more <= 0:
        return ()
    return (
        counted(
            "The disc goes on for {n} sector behind that; it is no part of the image.",
            "The disc goes on for {n} sectors behind that; they are no part of the image.",
            more,
        ),
    )


def _has(found: Mapping[str, str], one: Published) -> bool:
    return found.get(one.checksum.algorithm) == one.checksum.digest


def _files(plan: CheckPlan) -> str:
    return ", ".join(dict.fromkeys(shown(one.source.name) for one in plan.published))
