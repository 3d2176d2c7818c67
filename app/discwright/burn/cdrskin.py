# SPDX-License-Identifier: GPL-3.0-or-later
"""cdrskin: music alone, from one file with a cue sheet of our own, where cdrdao isn't installed.

It finds out from the size of that file how long the last track is, so that a pipe won't do: the
music is copied into a private folder first.
"""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from discwright.burn.feed import Feed
from discwright.burn.plan import BurnPlan
from discwright.burn.program_run import Call
from discwright.burn.speed import factor
from discwright.burn.transcript import Began, Ended, Event, Step, Written, problem_of
from discwright.errors import TargetError
from discwright.image.recording import RecordedTrack, Recording
from discwright.optical.profile import Family
from discwright.transfer.cancel import CancelToken
from discwright.wording import _

PROGRAM = "cdrskin"

_ROOMY = "/var/tmp"  # noqa: S108 - a folder of its own is made in it; /tmp is often in memory
_MOST_TEXT = 160
_MESSAGE = re.compile(r"(?:cdrskin|lib[a-z]+)\s*: +([A-Z]+) +: (.*)")
_LISTED = re.compile(r"Track (\d+): audio ")
_WRITTEN = re.compile(r"Track \d+: +(\d+) of +\d+ MB written(?:.*\[buf +(\d+)%\])?")
_TRACK_DONE = re.compile(r"Track (\d+): Total bytes read/written: \d+/(\d+)")
_MIB = 1 << 20


def cue_sheet(recording: Recording, store: Path) -> str:
    """Give the cue sheet (cdrskin(1), cuefile=) of music that lies in one file. Pure."""
    layout = recording.layout
    lines = [f"CATALOG {layout.catalog}"] if layout.catalog else []
    if recording.has_words:
        lines += _words(layout.words)
    lines.append(f'FILE "{store}" BINARY')
    for track in recording.tracks:
        lines += _track(track, words=recording.has_words)
    return "\n".join(lines) + "\n"


def _track(track: RecordedTrack, *, words: bool) -> Iterator[str]:
    marks = track.source.marks
    yield f"TRACK {track.number:02} AUDIO"
    flags = ((marks.copy, "DCP"), (marks.emphasis, "PRE"), (marks.four_channels, "4CH"))
    if any(on for on, _flag in flags):
        yield " ".join(("FLAGS", *(flag for on, flag in flags if on)))
    if words:
        yield from _words(track.source.words)
    if marks.isrc:
        yield f"ISRC {marks.isrc}"
    if track.pregap:
        yield f"INDEX 00 {_msf(track.lba)}"
    for number, at in enumerate((0, *track.indices), 1):
        yield f"INDEX {number:02} {_msf(track.start + at)}"


def _words(words: Mapping[str, str]) -> Iterator[str]:
    """Give CD-TEXT; a cue sheet has no way to write a quotation mark."""
    for name in dict.fromkeys(("TITLE", "PERFORMER", *words)):
        text = "".join(ch for ch in words.get(name, "")[:_MOST_TEXT] if ch.isprintable())
        yield f'{name} "{text.replace(chr(34), chr(39))}"'


def _msf(sectors: int) -> str:
    seconds, frames = divmod(sectors, 75)
    return f"{seconds // 60:02}:{seconds % 60:02}:{frames:02}"


def write_arguments(plan: BurnPlan, sheet: Path, *, words: bool) -> list[str]:
    """Give the command that writes what the cue sheet says."""
    wishes = []
    if plan.speed_kb is not None:
        wishes.append(f"speed={max(1, round(factor(plan.speed_kb, Family.CD)))}")
    if plan.options.simulate:
        wishes.append("-dummy")
    if words:
        wishes.append("-text")
    return [
        PROGRAM, "--no_rc", "-v", f"dev={plan.node}", "-sao", "-nopad", *wishes,
        f"cuefile={sheet}",
    ]  # fmt: skip


@contextmanager
def write_call(
    plan: BurnPlan, recording: Recording, feed: Feed, cancel: CancelToken
) -> Iterator[Call]:
    """Copy the music into a folder of its own and give the call; both live as long.

    Raises TargetError if there is no place for it, what the image raises, and Cancelled.
    """
    try:
        place = tempfile.TemporaryDirectory(
            prefix="discwright-", dir=os.environ.get("TMPDIR") or _ROOMY,
            ignore_cleanup_errors=True,
        )  # fmt: skip
    except OSError as error:
        raise _no_place(error) from error
    with place as folder:
        store, sheet = Path(folder) / "music.bin", Path(folder) / "disc.cue"
        try:
            _copy(feed, store, cancel)
            sheet.write_bytes(cue_sheet(recording, store).encode("latin-1", "replace"))
        except OSError as error:
            raise _no_place(error) from error
        hearing = CdrskinWords()
        words = recording.has_words
        yield Call(
            write_arguments(plan, sheet, words=words), hearing.read_line, hearing.is_chatter,
            {"HOME": folder},
        )  # fmt: skip


def _copy(feed: Feed, store: Path, cancel: CancelToken) -> None:
    with store.open("wb") as file:
        for number in range(feed.blocks):
            cancel.raise_if_cancelled()
            file.write(feed.block(number))


def _no_place(error: OSError) -> TargetError:
    return TargetError(
        _("The music can't be copied into a temporary file, from which cdrskin burns it."),
        remedy=_("Make room in {folder}, or install cdrdao (apt install cdrdao).").format(
            folder=os.environ.get("TMPDIR") or _ROOMY
        ),
        cause=str(error),
    )


class CdrskinWords:
    """Reads what cdrskin 1.5 says in one run, as the same events as xorriso's."""

    def __init__(self) -> None:
        self._before = 0
        self._last = 0

    def read_line(self, line: str) -> Event | None:
        """Give what a line says; None for titles, notes and other talk."""
        text = line.strip()
        if message := _MESSAGE.search(text):
            return problem_of(message[1], message[2])
        if listed := _LISTED.match(text):
            self._last = int(listed[1])
        if text.startswith("Starting new track at sector"):
            return Began(Step.WRITING, started=True)
        if written := _WRITTEN.match(text):
            mib = self._before // _MIB + int(written[1])
            return Written(mib, None, int(written[2]) if written[2] else None)
        if done := _TRACK_DONE.match(text):
            self._before += int(done[2])
            if int(done[1]) >= self._last:
                return Began(Step.CLOSING)
            return Written(self._before // _MIB)
        return Ended(Step.WRITING) if text == "cdrskin: burning done" else None

    @staticmethod
    def is_chatter(line: str) -> bool:
        """Tell a line that only says how far it is."""
        text = line.strip()
        return not text or (_WRITTEN.match(text) is not None and not _MESSAGE.search(text))
