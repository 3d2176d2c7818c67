# SPDX-License-Identifier: GPL-3.0-or-later
"""Is it the disc that the copy was begun with? What is read of it must be what was read then."""

import os
from pathlib import Path

from discwright.errors import SourceError, TargetError
from discwright.optical.attempts import Attempts
from discwright.optical.disc import Disc
from discwright.optical.fingerprint import same
from discwright.rip.earlier import Earlier
from discwright.rip.map import RescueMap, Status
from discwright.rip.record import Record
from discwright.transfer.reader import SECTOR
from discwright.wording import _, shown

ENOUGH = 16
"""Sectors that must agree, if there are so many: two discs that share these share the rest."""

CANDIDATES = 64
"""Sectors that are tried until enough could be read: in another drive others may fail."""

DESCRIPTOR = 16
"""Where volume descriptors begin (ECMA-119 6.2.1): label, time and size differ between discs."""


def samples(rescue: RescueMap, most: int = CANDIDATES) -> list[int]:
    """Choose sectors of what was read: the first descriptor, then spread over all of it. Pure."""
    runs = rescue.of(Status.FINISHED)
    total = sum(run.count for run in runs)
    wanted = min(most, total)
    chosen: list[int] = []
    if rescue.length > DESCRIPTOR and rescue.at(DESCRIPTOR) is Status.FINISHED:
        chosen.append(DESCRIPTOR)
    before, index = 0, 0
    for number in range(wanted):
        place = number * (total - 1) // max(1, wanted - 1)
        while place >= before + runs[index].count:
            before += runs[index].count
            index += 1
        chosen.append(runs[index].lba + place - before)
    # Far apart first: a few agreeing sectors shall not all be of one end.
    halved = sorted(range(len(chosen)), key=lambda place: f"{place:016b}"[::-1])
    return list(dict.fromkeys([*chosen[:2], *chosen[-1:], *(chosen[n] for n in halved)]))


def signs_agree(disc: Disc, before: Record | None) -> bool | None:
    """Whether the signs that discs are told apart by are those of the earlier copy; None: unknown.

    Two drives may disagree about the length, and so about the table of contents that they make of
    it: the signs count only if the length is the same.
    """
    if before is None or disc.virtual or before.virtual or before.sectors != disc.length.sectors:
        return None
    return same(before.fingerprint, disc.fingerprint)


def ensure_same(disc: Disc, attempts: Attempts, earlier: Earlier, file: Path) -> None:
    """Compare the disc with what was read of it before.

    Raises SourceError if it is another one, TargetError if the copy can't be read, Cancelled.
    """
    agree = signs_agree(disc, earlier.record)
    if agree is False:
        raise _other(f"{earlier.record and earlier.record.fingerprint} / {disc.fingerprint}")
    telling = compared = 0
    buffer = memoryview(bytearray(SECTOR))
    for lba in samples(earlier.map):
        if telling >= ENOUGH or lba >= disc.length.sectors:
            continue
        there = _stored(file, lba)
        if attempts.read(lba, 1, buffer) is not None:
            continue
        if bytes(buffer) != there:
            # Once more: a drive that gives a sector wrongly seldom does so twice.
            if attempts.read(lba, 1, buffer) is None and bytes(buffer) != there:
                raise _other(f"sector {lba} differs")
            continue
        compared += 1
        telling += len(set(there)) > 1
    if earlier.map.finished and not telling and not agree:
        raise SourceError(
            _("It can't be told whether this is the disc that the copy was begun with."),
            remedy=_("Clean the disc, or try the drive that it was begun in."),
            cause=f"{compared} sectors compared, none that tells one disc from another",
        )


def _stored(file: Path, lba: int) -> bytes:
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise _unreadable(file, str(error)) from error
    try:
        return os.pread(descriptor, SECTOR, lba * SECTOR)
    except OSError as error:
        raise _unreadable(file, str(error)) from error
    finally:
        os.close(descriptor)


def _unreadable(file: Path, cause: str) -> TargetError:
    return TargetError(
        _("{name} can't be read.").format(name=shown(file.name)),
        remedy=_("Check the disk that it lies on."),
        cause=cause,
    )


def _other(cause: str) -> SourceError:
    return SourceError(
        _("Another disc is in the drive than the one that the copy was begun with."),
        remedy=_("Put that disc in, or copy this one to a file of its own."),
        cause=cause,
    )
