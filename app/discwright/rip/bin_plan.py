# SPDX-License-Identifier: GPL-3.0-or-later
"""Which discs are copied to BIN/CUE, and what such a copy will do or why it won't be done. Pure.

A file of 2048-byte sectors holds one track of data. Music, Mode 2 Form 2, several tracks or
several sessions need whole sectors of 2352 bytes and a sheet that says what they are.
"""

from pathlib import Path

from discwright.image.cue_writer import can_name
from discwright.image.layout import session_gap
from discwright.optical.disc import Disc, DiscStatus
from discwright.optical.isolike import refuse_disc
from discwright.optical.profile import Family
from discwright.rip.plan import (
    ImageFormat,
    RipOptions,
    RipPlan,
    refuse_options,
    refuse_path,
    refuse_room,
)
from discwright.transfer.destination import Destination
from discwright.transfer.outcome import Refusal
from discwright.wording import _, shown

_OF_BIN = frozenset({".bin", ".cue"})
_OF_ISO = frozenset({".iso", ".img", ".udf"})


def needed_format(disc: Disc) -> ImageFormat:
    """Give what holds all of the disc: an ISO image if that does."""
    whole = refuse_disc(disc) is None or refuse_bin(disc) is not None
    return ImageFormat.ISO if whole else ImageFormat.BIN


def possible_formats(disc: Disc) -> tuple[ImageFormat, ...]:
    """Give what the disc can be copied to, the one that it needs first."""
    found = [ImageFormat.ISO] if refuse_disc(disc) is None else []
    return (*found, ImageFormat.BIN) if refuse_bin(disc) is None else tuple(found)


def chosen_format(disc: Disc, target: str, asked: ImageFormat | None) -> ImageFormat:
    """Give what was asked for, in words or by the target's name; else what the disc needs."""
    if asked is not None:
        return asked
    suffix = Path(target).suffix.casefold()
    if suffix in _OF_BIN:
        return ImageFormat.BIN
    return ImageFormat.ISO if suffix in _OF_ISO else needed_format(disc)


def bin_path(target: Path) -> Path:
    """Give the name of the .bin that belongs to a name that was typed."""
    suffix = target.suffix.casefold()
    if suffix == ".bin":
        return target
    if suffix in _OF_BIN | _OF_ISO:
        return target.with_suffix(".bin")
    return target.with_name(f"{target.name}.bin") if target.name else target


def refuse_bin(disc: Disc) -> Refusal | None:
    """Say why this disc can't be copied to BIN/CUE; None if it can."""
    if disc.virtual:
        return Refusal(
            "image-file",
            _("{name} is an image file: only discs in a drive are copied to BIN/CUE.").format(
                name=shown(Path(disc.source).name)
            ),
        )
    if disc.status is DiscStatus.BLANK:
        return Refusal("blank", _("The disc is blank: there is nothing to copy."))
    if disc.profile.family not in {Family.CD, Family.OTHER}:
        return Refusal(
            "no-cd",
            _("BIN/CUE is for CDs: a {kind} has no tracks and no whole sectors to read.").format(
                kind=disc.kind
            ),
            _("Copy it to an ISO image, which holds all of it."),
        )
    if not disc.tracks or all(track.sectors <= 0 for track in disc.tracks):
        return Refusal("empty", _("The disc says that it holds nothing."))
    return _refuse_contents(disc) or _refuse_sessions(disc)


def _refuse_contents(disc: Disc) -> Refusal | None:
    """Refuse a table of contents by which tracks lie in each other, or before the disc."""
    at = 0
    for track in disc.tracks:
        if track.start < at or track.sectors < 1:
            return Refusal(
                "toc",
                _("The table of contents contradicts itself at track {n}.").format(n=track.number),
                _("Try another drive."),
            )
        at = track.start + track.sectors
    return None


def _refuse_sessions(disc: Disc) -> Refusal | None:
    """Refuse what a sheet can't say: REM SESSION stands for gaps of the usual length."""
    if disc.sessions > 1 and len({track.session for track in disc.tracks}) == 1:
        return Refusal(
            "sessions",
            _("The drive says that there are {n} sessions, but not where they are.").format(
                n=disc.sessions
            ),
            _("Try another drive."),
        )
    for before, track in zip(disc.tracks, disc.tracks[1:], strict=False):
        gap = track.start - (before.start + before.sectors)
        if track.session != before.session and gap != session_gap(before.session):
            return Refusal(
                "session-gap",
                _(
                    "There are {n} sectors between the sessions {one} and {other}: "
                    "a cue sheet can only say that there are {usual}."
                ).format(
                    n=gap,
                    one=before.session,
                    other=track.session,
                    usual=session_gap(before.session),
                ),
            )
    return None


def plan_bin(
    disc: Disc, options: RipOptions, destination: Destination, sheet: Destination
) -> RipPlan | Refusal:
    """Say what copying ``disc`` to the .bin ``destination`` and its ``sheet`` will do, or why not.

    The refusals are those of :func:`discwright.rip.plan.plan_rip` and a few of its own.
    """
    plan = RipPlan(disc, destination.path, options, _warnings(disc), replaces=options.overwrite)
    return (
        refuse_bin(disc)
        or refuse_options(options)
        or _refuse_rescue(options)
        or refuse_path(destination)
        or refuse_path(sheet)
        or _refuse_name(destination.path)
        or _refuse_existing(options, destination, sheet)
        or refuse_room(destination, plan.size)
        or plan
    )


def _refuse_rescue(options: RipOptions) -> Refusal | None:
    if options.resume:
        return Refusal(
            "resume",
            _("A copy to BIN/CUE can't be gone on with: what was begun is not kept."),
            _("Start it anew; damaged places are read last, and tried again."),
        )
    if options.map_file is not None:
        return Refusal(
            "map",
            _("Maps are of sectors of 2048 bytes: a copy to BIN/CUE has none."),
            _("The record beside the image lists what could not be read."),
        )
    return None


def _refuse_name(path: Path) -> Refusal | None:
    if can_name(path.name):
        return None
    return Refusal(
        "name",
        _("A cue sheet can't hold the file name {name}.").format(name=shown(path.name)),
        _("Choose one without quotation marks, colons and backslashes."),
    )


def _refuse_existing(
    options: RipOptions, destination: Destination, sheet: Destination
) -> Refusal | None:
    for there in (destination, sheet):
        if there.exists and not options.overwrite:
            return Refusal(
                "exists",
                _("{name} exists already.").format(name=shown(there.path.name)),
                _("Choose another name, or replace it."),
            )
    return None


def _warnings(disc: Disc) -> tuple[str, ...]:
    found = []
    if disc.status is DiscStatus.APPENDABLE:
        found.append(
            _("The disc isn't closed: more may be added to it later. What is on it is copied.")
        )
    return (*found, *disc.remarks)
