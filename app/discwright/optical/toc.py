# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of contents of a CD, and the tracks of other discs."""

from collections.abc import Sequence
from dataclasses import dataclass

from discwright.optical.disc import Track, TrackMode
from discwright.optical.frames import SYNC

LEAD_OUT = 0xAA
MODE_SAMPLES = 8
"""Sectors of a data track whose header is looked at to tell its mode; Form 2 may come late."""

CONTROL_DATA = 0x04
"""Bit of the control nibble that marks a data track (MMC-6 6.25.3.2)."""


@dataclass(frozen=True)
class TocEntry:
    """A track, or the lead-out with number AAh, of the formatted TOC."""

    number: int
    control: int
    lba: int


@dataclass(frozen=True)
class SessionEntry:
    """A session of the full TOC (points A0h, A1h, A2h)."""

    number: int
    first_track: int
    last_track: int
    lead_out: int


def parse_formatted(data: bytes) -> tuple[TocEntry, ...]:
    """Read format 0 (MMC-6 6.25.3.2); entries beyond the stated length are left out."""
    return tuple(
        TocEntry(entry[2], entry[1] & 0x0F, int.from_bytes(entry[4:8], "big", signed=True))
        for entry in _records(data, 8)
    )


def parse_last_session(data: bytes) -> tuple[int, int] | None:
    """Read format 1: number and first LBA of the last complete session."""
    if len(data) < 12:
        return None
    return data[3], int.from_bytes(data[8:12], "big", signed=True)


def parse_full(data: bytes) -> tuple[SessionEntry, ...]:
    """Read format 2 (MMC-6 6.25.3.4); sessions without their three points are left out."""
    points: dict[int, dict[int, bytes]] = {}
    for entry in _records(data, 11):
        if entry[1] >> 4 == 1:
            points.setdefault(entry[0], {})[entry[3]] = entry
    return tuple(
        SessionEntry(
            number=number,
            first_track=of[0xA0][8],
            last_track=of[0xA1][8],
            lead_out=_lead_out(of[0xA2]),
        )
        for number, of in sorted(points.items())
        if {0xA0, 0xA1, 0xA2} <= of.keys()
    )


def _lead_out(point: bytes) -> int:
    """Convert minutes, seconds and frames (MMC-6 4.2.2), which don't wrap at 90 minutes here.

    Only in lead-ins do 90 minutes and more stand for sectors before 0.
    """
    return (point[8] * 60 + point[9]) * 75 + point[10] - 150


def tracks_of(
    entries: Sequence[TocEntry], sessions: Sequence[SessionEntry] = ()
) -> tuple[Track, ...]:
    """Join the two views of the TOC; a track ends at the next one or its session's lead-out."""
    lead_out = lead_out_of(entries)
    numbered = sorted(
        (entry for entry in entries if 1 <= entry.number <= 99), key=lambda entry: entry.number
    )
    tracks = []
    for index, entry in enumerate(numbered):
        session = next((s for s in sessions if s.first_track <= entry.number <= s.last_track), None)
        following = numbered[index + 1].lba if index + 1 < len(numbered) else lead_out
        end = following if following is not None else entry.lba
        if session is not None and entry.number == session.last_track:
            end = min(end, session.lead_out) if following is not None else session.lead_out
        tracks.append(
            Track(
                number=entry.number,
                session=session.number if session else 1,
                start=entry.lba,
                sectors=max(0, end - entry.lba),
                mode=TrackMode.DATA if entry.control & CONTROL_DATA else TrackMode.AUDIO,
            )
        )
    return tuple(tracks)


def lead_out_of(entries: Sequence[TocEntry]) -> int | None:
    """Give where the last session's lead-out begins; None if the TOC doesn't say."""
    return next((entry.lba for entry in entries if entry.number == LEAD_OUT), None)


def raw_sector_mode(sector: bytes) -> TrackMode:
    """Tell the mode from a raw 2352-byte sector: header byte 15, subheader byte 18 bit 5.

    Source: ECMA-130 14, CD-ROM XA II 4.3.
    """
    if len(sector) < 24 or sector[:12] != SYNC:
        return TrackMode.DATA
    match sector[15] & 0x03:
        case 1:
            return TrackMode.MODE1
        case 2:
            form2 = submode_is_form2(sector[18])
            return TrackMode.MODE2_FORM2 if form2 else TrackMode.MODE2_FORM1
    return TrackMode.DATA


def submode_is_form2(submode: int) -> bool:
    """Tell the form of a Mode 2 sector from its subheader's submode byte, bit 5."""
    return bool(submode & 0x20)


def mode_of_samples(found: set[TrackMode]) -> TrackMode:
    """Give the mode of a track whose sampled sectors had these modes."""
    known = found - {TrackMode.DATA}
    if not known:
        return TrackMode.DATA
    return known.pop() if len(known) == 1 else TrackMode.MODE2_MIXED


def _records(data: bytes, size: int) -> list[bytes]:
    if len(data) < 4:
        return []
    end = min(len(data), 2 + int.from_bytes(data[:2], "big"))
    return [data[at : at + size] for at in range(4, end - size + 1, size)]
