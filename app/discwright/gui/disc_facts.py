# SPDX-License-Identifier: GPL-3.0-or-later
"""A disc in plain words: what its page says. Knows no Qt."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from discwright.gui.job_words import grouped
from discwright.image.boot import boot_sentence
from discwright.optical.disc import Disc, DiscStatus, Protection, Track
from discwright.optical.profile import Family
from discwright.wording import _, counted, shown, size

if TYPE_CHECKING:
    from discwright.optical.writable import WritableMedium


@dataclass(frozen=True)
class Fact:
    """A line of the page: what it is about, and what is so."""

    name: str
    text: str


def headline(disc: Disc) -> str:
    """Give the disc's name, or what stands for it."""
    if disc.label:
        return shown(disc.label)
    if disc.status is DiscStatus.BLANK:
        return _("Blank {kind}").format(kind=disc.kind)
    if disc.audio_tracks and not disc.data_tracks:
        return _("Audio CD")
    return _("Disc without a name")


def subtitle(disc: Disc) -> str:
    """Give kind, size and place in one line."""
    parts = [_("Virtual disc") if disc.virtual else disc.kind]
    if disc.length.sectors > 0 and disc.status is not DiscStatus.BLANK:
        parts.append(size(disc.held))
    parts.append(_shown_path(disc.source) if disc.virtual else _drive_name(disc))
    return " · ".join(parts)


def _shown_path(path: str) -> str:
    return shown(path.rpartition("/")[2])


def _drive_name(disc: Disc) -> str:
    name = shown(str(disc.drive)) if disc.drive is not None else ""
    return name or shown(disc.source)


def facts(disc: Disc) -> list[Fact]:
    """Give what is known of the disc, the most asked for first; nothing that is not known."""
    blank = disc.status is DiscStatus.BLANK
    found = [Fact(_("Kind"), _kind(disc))]
    if not blank:
        found.append(Fact(_("File systems"), _file_systems(disc)))
        found.append(Fact(_("Tracks"), _tracks(disc)))
    if disc.layers is not None and disc.layers.count > 1:
        found.append(Fact(_("Layers"), str(disc.layers.count)))
    if disc.length.sectors > 0 and not blank:
        sectors = _("{n} sectors").format(n=grouped(disc.length.sectors))
        found.append(Fact(_("Size"), f"{size(disc.held)} ({sectors})"))
        found.append(Fact(_("Length"), disc.length.reason))
    if disc.volumes.file_systems:
        found.append(Fact(_("Starting a PC"), boot_sentence(disc.boot)))
    if not blank and not disc.virtual:
        found.append(Fact(_("Copy protection"), _protection(disc)))
    if disc.volumes.created:
        found.append(Fact(_("Made"), shown(disc.volumes.created[:16].replace("T", " "))))
    if disc.volumes.publisher:
        found.append(Fact(_("Publisher"), shown(disc.volumes.publisher)))
    found.append(Fact(_("File") if disc.virtual else _("Drive"), _place(disc)))
    return [fact for fact in found if fact.text]


def writing_facts(medium: "WritableMedium") -> list[Fact]:
    """Give what is known of a disc that can be written."""
    from discwright.burn.speed import speed_words  # noqa: PLC0415 - not needed to start

    found = []
    if medium.free_bytes:
        name = _("Holds") if medium.used else _("Room")
        found.append(Fact(name, size(medium.free_bytes)))
    elif medium.capacity_bytes:
        found.append(Fact(_("Holds"), size(medium.capacity_bytes)))
    speeds = ", ".join(speed_words(kb, medium.family) for kb in medium.speeds_kb)
    found.append(Fact(_("Writing speeds"), speeds))
    found.append(Fact(_("Maker"), shown(medium.maker)))
    return [fact for fact in found if fact.text]


def remarks(disc: Disc, *, all_of_them: bool = True) -> list[str]:
    """Give what is odd about the disc, in sentences; if not all, those that no plan warns of."""
    found = list(disc.boot.remarks)
    if all_of_them:
        found = [*disc.length.warnings, *disc.remarks, *disc.volumes.remarks, *found]
    return list(dict.fromkeys(shown(remark, 400) for remark in found))


def _kind(disc: Disc) -> str:
    if disc.virtual:
        return _("An image file, taken as a disc")
    state = {
        DiscStatus.BLANK: _("blank"),
        DiscStatus.APPENDABLE: _("not closed: more can be written"),
        DiscStatus.COMPLETE: _("closed") if disc.profile.writable else "",
    }.get(disc.status, "")
    return ", ".join(part for part in (disc.kind, state) if part)


def _file_systems(disc: Disc) -> str:
    if disc.volumes.file_systems:
        return ", ".join(system.value for system in disc.volumes.file_systems)
    return "" if disc.audio_tracks and not disc.data_tracks else _("None found")


def _tracks(disc: Disc) -> str:
    if not disc.tracks or (disc.profile.family is not Family.CD and len(disc.tracks) == 1):
        return ""
    kinds = []
    if disc.data_tracks:
        kinds.append(_track_count(disc.data_tracks, audio=False))
    if disc.audio_tracks:
        kinds.append(_track_count(disc.audio_tracks, audio=True))
    text = _(" and ").join(kinds)
    if disc.sessions > 1:
        return _("{tracks} in {n} sessions").format(tracks=text, n=disc.sessions)
    return text


def _track_count(tracks: tuple[Track, ...], *, audio: bool) -> str:
    if audio:
        return counted("{n} audio track", "{n} audio tracks", len(tracks))
    modes = ", ".join(sorted({track.mode.value for track in tracks} - {"data"}))
    text = counted("{n} data track", "{n} data tracks", len(tracks))
    return f"{text} ({modes})" if modes else text


def _protection(disc: Disc) -> str:
    if disc.protection is Protection.NONE:
        return _("None that the disc declares")
    return disc.protection.value


def from_home(path: str) -> str:
    """Give a path as people write it: from their home folder on."""
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.expanduser raises without a home
    return f"~{path[len(home) :]}" if path.startswith(f"{home}/") else path


def _place(disc: Disc) -> str:
    if disc.virtual or disc.drive is None:
        return shown(from_home(disc.source), 400)
    firmware = shown(disc.drive.firmware)
    name = _drive_name(disc)
    if firmware:
        name = _("{drive}, firmware {version}").format(drive=name, version=firmware)
    return f"{name} ({shown(disc.source)})"
