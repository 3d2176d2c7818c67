# SPDX-License-Identifier: GPL-3.0-or-later
"""How each kind of medium is written, and what must be done to it before. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from discwright.burn.options import Blank, BurnOptions
from discwright.burn.programs import Program
from discwright.image.recording import SHORTEST_TRACK
from discwright.optical.profile import Family, Profile
from discwright.optical.writable import MediumStatus, WritableMedium

SUPPORTED = frozenset({
    Profile.CD_R, Profile.CD_RW, Profile.DVD_R, Profile.DVD_RAM,
    Profile.DVD_RW_RESTRICTED_OVERWRITE, Profile.DVD_RW_SEQUENTIAL, Profile.DVD_R_DL_SEQUENTIAL,
    Profile.DVD_PLUS_RW, Profile.DVD_PLUS_R, Profile.DVD_PLUS_R_DL, Profile.BD_R_SEQUENTIAL,
    Profile.BD_RE,
})  # fmt: skip
"""The kinds of media that libburn writes."""

_DVD_MINUS = frozenset({
    Profile.DVD_R, Profile.DVD_RW_SEQUENTIAL, Profile.DVD_R_DL_SEQUENTIAL,
})  # fmt: skip

RUN_OUT_PADDING = 150
"""Sectors after a track-at-once track that are lost to readers which look ahead."""


class WriteMode(StrEnum):
    """How the drive is told to write, in the standard's names."""

    SAO = "SAO"
    """Session at once: a CD whose size is known before."""
    TAO = "TAO"
    """Track at once: ends in two sectors that can't be read."""
    DAO = "DAO"
    """Disc at once: a DVD- whose size is known before."""
    INCREMENTAL = "incremental"
    SEQUENTIAL = "sequential"
    """DVD+R and BD-R."""
    OVERWRITE = "overwrite"
    FILE = "file"
    """Not a disc, but a file taken as one."""


class Preparation(StrEnum):
    """What is done to the medium before it is written."""

    NONE = ""
    BLANK_FAST = "blank-fast"
    BLANK_MINIMAL = "blank-minimal"
    """A DVD-RW, for one session of known size: takes a minute, not half an hour."""
    BLANK_FULL = "blank-full"
    FORMAT = "format"
    FORMAT_FULL = "format-full"
    FORMAT_SPARE = "format-spare"
    ZEROS = "zeros"
    """An overwritable medium is written over: formatting may leave what was on it."""
    ZEROS_FIRST = "zeros-first"
    """Only its beginning is written over, where all that is on it is described."""
    TRUNCATE = "truncate"
    """A file taken as a disc is emptied."""

    @property
    def erases(self) -> bool:
        """Whether what is on the disc is lost by it."""
        return self is not Preparation.NONE

    @property
    def blanks(self) -> bool:
        """Whether it is an erasing rather than a formatting."""
        return self in {
            Preparation.BLANK_FAST, Preparation.BLANK_MINIMAL, Preparation.BLANK_FULL,
            Preparation.ZEROS, Preparation.ZEROS_FIRST, Preparation.TRUNCATE,
        }  # fmt: skip


@dataclass(frozen=True)
class Method:
    """How one image gets onto one medium."""

    mode: WriteMode
    preparation: Preparation
    padding: int
    """Sectors of zeros after the image, where the medium needs them."""
    program: Program = Program.XORRISO
    overburnt: int = 0
    """Sectors beyond those that the disc says it holds."""


def method_of(
    medium: WritableMedium, sectors: int, options: BurnOptions, program: Program = Program.XORRISO
) -> Method:
    """Give the way to write ``sectors`` to a medium of a supported kind."""
    mode, preparation = _mode(medium), _preparation(medium, options)
    if program is not Program.XORRISO:
        room = room_of(medium, preparation)
        over = max(0, sectors - room) if room else 0
        return Method(WriteMode.SAO, preparation, 0, program, over)
    return Method(mode, preparation, _padding(medium, mode, sectors), program)


def room_of(medium: WritableMedium, preparation: Preparation) -> int:
    """Give the sectors that the medium says it holds, once it is prepared; 0 if it can't say."""
    return medium.capacity_sectors if preparation.erases else medium.free_sectors


def _mode(medium: WritableMedium) -> WriteMode:
    if medium.virtual:
        return WriteMode.FILE
    if medium.profile.overwritable:
        return WriteMode.OVERWRITE
    if medium.family is Family.CD:
        return WriteMode.SAO if medium.features.cd_sao else WriteMode.TAO
    if medium.profile in _DVD_MINUS:
        return WriteMode.DAO if medium.features.dvd_dao else WriteMode.INCREMENTAL
    return WriteMode.SEQUENTIAL


def _preparation(medium: WritableMedium, options: BurnOptions) -> Preparation:
    if medium.virtual:
        return Preparation.TRUNCATE if medium.used else Preparation.NONE
    full = options.blank is Blank.FULL
    if medium.profile.overwritable:
        return _formatting(medium, full=full)
    if medium.profile is Profile.BD_R_SEQUENTIAL:
        wanted = options.spare and not medium.formatted
        return Preparation.FORMAT_SPARE if wanted else Preparation.NONE
    return blanking(medium, options.blank)


def _formatting(medium: WritableMedium, *, full: bool) -> Preparation:
    """Give how an overwritable medium is formatted; a DVD+RW is as it is written."""
    if full:
        return Preparation.FORMAT_FULL
    if medium.formatted is False and medium.profile is not Profile.DVD_PLUS_RW:
        return Preparation.FORMAT
    return Preparation.NONE


def blanking(medium: WritableMedium, blank: Blank) -> Preparation:
    """Give how a rewritable medium that is written in sessions gets blank."""
    if medium.status is MediumStatus.BLANK or not medium.profile.rewritable:
        return Preparation.NONE
    if blank is Blank.FULL:
        return Preparation.BLANK_FULL
    if medium.profile is Profile.DVD_RW_SEQUENTIAL:
        return Preparation.BLANK_MINIMAL
    return Preparation.BLANK_FAST


def _padding(medium: WritableMedium, mode: WriteMode, sectors: int) -> int:
    """Give the sectors that follow the image.

    A DVD is written in blocks of 16 sectors (32 KiB), a Blu-ray in clusters of 32 (64 KiB): a
    DVD-R at once fails at its very end if its size is no multiple of that.
    """
    if mode is WriteMode.FILE:
        return 0
    if medium.family is Family.CD:
        padding = RUN_OUT_PADDING if mode is WriteMode.TAO else 0
        return max(padding, SHORTEST_TRACK - sectors)
    block = 32 if medium.family is Family.BD else 16
    return -sectors % block
