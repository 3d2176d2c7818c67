# SPDX-License-Identifier: GPL-3.0-or-later
"""Which program can write which image onto which disc. Pure.

xorriso writes one run of 2048-byte sectors, onto everything, and never more than the disc says
that it holds. cdrdao writes CDs, session at once: music, data of both modes, both on one disc,
and more than the disc promises. cdrskin writes music alone, and that only out of one file: its cue
sheets know neither Mode 2 nor music beside data (cdrskin(1), cuefile=; tried with 1.5.4).
"""

from dataclasses import dataclass
from enum import StrEnum

from discwright.burn.image import BurnImage
from discwright.burn.options import BurnOptions
from discwright.image.recording import Recording
from discwright.optical.profile import Family
from discwright.optical.writable import WritableMedium
from discwright.transfer.outcome import Refusal
from discwright.wording import _

LAST_LBA = 99 * 60 * 75 + 59 * 75 + 74 - 150
"""The last address that the table of contents of a CD can tell (MMC-6 4.2.2)."""


class Program(StrEnum):
    """What writes, by the name of its command."""

    XORRISO = "xorriso"
    CDRDAO = "cdrdao"
    CDRSKIN = "cdrskin"


@dataclass(frozen=True)
class Installed:
    """Versions of the programs that are there; "" for one that isn't."""

    xorriso: str = ""
    cdrdao: str = ""
    cdrskin: str = ""

    def version(self, program: Program) -> str:
        """Give the version of one of them."""
        match program:
            case Program.CDRDAO:
                return self.cdrdao
            case Program.CDRSKIN:
                return self.cdrskin
        return self.xorriso


def choose_program(
    image: BurnImage, medium: WritableMedium, options: BurnOptions, installed: Installed
) -> Program | Refusal:
    """Give the program that writes this image onto this medium, or say what is in the way."""
    if not installed.xorriso:  # it erases discs too, and is there whenever anything is burned
        return no_xorriso()
    cd = medium.family is Family.CD and not medium.virtual
    if image.as_sectors and (not cd or image.recording is None or image.recording.plain):
        return _for_sectors(image, medium, options, installed, cd=cd)
    if not cd or image.recording is None:
        return _needs_a_cd(image, medium)
    return _for_tracks(image, image.recording, medium, options, installed)


def recording_for(program: Program, image: BurnImage) -> Recording | None:
    """Give what is written track by track; None for a run of plain sectors."""
    return None if program is Program.XORRISO else image.recording


def no_xorriso() -> Refusal:
    """Say that nothing can be burned."""
    return Refusal(
        "no-program",
        _("The program xorriso, which burns discs, is not installed."),
        _("Install the package xorriso (Fedora, openSUSE, Arch: also libisoburn)."),
    )


def _for_sectors(
    image: BurnImage, medium: WritableMedium, options: BurnOptions, installed: Installed, *,
    cd: bool,
) -> Program | Refusal:  # fmt: skip
    """Take xorriso, unless the end of a CD is to be crossed."""
    room = medium.capacity_sectors or medium.free_sectors
    if not options.overburn or not cd or image.recording is None or image.sectors <= room:
        return Program.XORRISO
    return _cdrdao(installed, None) or Program.CDRDAO


def _for_tracks(
    image: BurnImage, recording: Recording, medium: WritableMedium, options: BurnOptions,
    installed: Installed,
) -> Program | Refusal:  # fmt: skip
    """Take cdrdao; else cdrskin, for music that fits and begins at once."""
    if installed.cdrdao:
        return Program.CDRDAO
    room = medium.capacity_sectors or medium.free_sectors
    if options.overburn and image.sectors > room:
        return _cdrdao(installed, None) or Program.CDRDAO
    if installed.cdrskin and not recording.data and not recording.tracks[0].pregap:
        return Program.CDRSKIN
    return _cdrdao(installed, recording) or Program.CDRDAO


def _cdrdao(installed: Installed, recording: Recording | None) -> Refusal | None:
    if installed.cdrdao:
        return None
    if recording is None:
        what = _("Only the program cdrdao writes more than a CD says that it holds")
    elif recording.music:
        what = _("Music is written to CDs by the program cdrdao")
    else:
        what = _("Only the program cdrdao writes such tracks to a CD as they are")
    return Refusal(
        "no-program",
        _("{what}, and it is not installed.").format(what=what),
        _("Install it (apt install cdrdao), then try again."),
    )


def _needs_a_cd(image: BurnImage, medium: WritableMedium) -> Refusal:
    recording = image.recording
    if recording is not None and recording.music:
        what = _("{name} holds music, and only a CD can hold that.")
    else:
        what = _("{name} holds tracks such as only a CD can hold.")
    message = what.format(name=image.name)
    if medium.virtual:
        return Refusal("needs-cd", message, _("A file can't stand for it: use a drive."))
    return Refusal("needs-cd", message, _("Insert a blank CD-R or CD-RW."))
