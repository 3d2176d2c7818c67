# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of contents of a burned CD, beside what it should be. Pure."""

from collections.abc import Sequence

from discwright.image.recording import Recording
from discwright.optical.toc import CONTROL_DATA, TocEntry, lead_out_of
from discwright.wording import _

NAMED = 3
"""Differences that are said one by one."""


def compare_toc(
    recording: Recording, entries: Sequence[TocEntry], sessions: int = 1
) -> tuple[str, ...]:
    """Say where the table of contents differs; () if it is as it should be."""
    tracks = {entry.number: entry for entry in entries if 1 <= entry.number <= 99}
    if not tracks:
        return (_("The disc's table of contents can't be read."),)
    found = []
    if len(tracks) != len(recording.tracks):
        found.append(
            _("The disc has {n} tracks instead of {wanted}.").format(
                n=len(tracks), wanted=len(recording.tracks)
            )
        )
    if sessions > 1:
        found.append(_("The disc has {n} sessions instead of one.").format(n=sessions))
    for track in recording.tracks:
        entry = tracks.get(track.number)
        if entry is None:
            continue
        if entry.lba != track.start:
            found.append(
                _("Track {n} begins at LBA {lba} instead of {wanted}.").format(
                    n=track.number, lba=entry.lba, wanted=track.start
                )
            )
        found += _compare_control(track.number, entry.control, track.control)
    lead_out = lead_out_of(entries)
    if lead_out != recording.sectors:
        found.append(
            _("The disc ends at LBA {lba} instead of {wanted}.").format(
                lba="?" if lead_out is None else lead_out, wanted=recording.sectors
            )
        )
    if len(found) > NAMED:
        return (*found[:NAMED], _("More of its table of contents is different."))
    return tuple(found)


def _compare_control(number: int, control: int, wanted: int) -> list[str]:
    if (control ^ wanted) & CONTROL_DATA:
        if wanted & CONTROL_DATA:
            return [_("Track {n} is marked as music instead of data.").format(n=number)]
        return [_("Track {n} is marked as data instead of music.").format(n=number)]
    if control != wanted:
        return [
            _("The marks of track {n} (copy permitted, pre-emphasis) are different.").format(
                n=number
            )
        ]
    return []
