# SPDX-License-Identifier: GPL-3.0-or-later
"""cdrdao: the description of a disc that it is given, its command line, and a run of it.

All tracks come from its standard input, one after the other, as the description says; so no name
of a file, and nothing else of the image but checked codes and texts, ever reaches it.
"""

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from discwright.burn.cdrdao_transcript import CdrdaoWords
from discwright.burn.plan import BurnPlan
from discwright.burn.program_run import Call
from discwright.burn.speed import factor
from discwright.errors import TargetError
from discwright.image.layout import TEXT_NAMES
from discwright.image.recording import Form, RecordedTrack, Recording
from discwright.optical.profile import Family
from discwright.wording import _

PROGRAM = "cdrdao"

_MODES = {
    Form.AUDIO: "AUDIO",
    Form.MODE1: "MODE1",
    Form.MODE2: "MODE2_FORM_MIX",
    Form.MODE2_FORM1: "MODE2_FORM1",
    Form.MODE2_FORM2: "MODE2_FORM2",
}
_DRIVER = "generic-mmc"
_WITH_TEXT = "0x10"
"""Option of that driver without which CD-TEXT isn't written (cdrdao(1), "DRIVERS")."""

_MOST_TEXT = 160
"""Characters of a CD-TEXT item; all items together have some 3 kB (MMC-6 annex J)."""


def describe(recording: Recording) -> str:
    """Give the description in cdrdao's language (cdrdao(1), "TOC-FILES"). Pure."""
    lines = [f'CATALOG "{recording.layout.catalog}"'] if recording.layout.catalog else []
    lines.append(_disc_type(recording))
    names = _names(recording)
    if names:
        lines.append("CD_TEXT {\n  LANGUAGE_MAP { 0 : EN }")
        lines += [_words(recording.layout.words, names), "}"]
    for track in recording.tracks:
        lines += ["", *_track(track, names)]
    return "\n".join(lines) + "\n"


def _disc_type(recording: Recording) -> str:
    forms = {track.form for track in recording.tracks}
    if forms & {Form.MODE2, Form.MODE2_FORM1, Form.MODE2_FORM2}:
        cdi = any(track.source.format.name.startswith("CDI") for track in recording.tracks)
        return "CD_I" if cdi else "CD_ROM_XA"
    return "CD_ROM" if Form.MODE1 in forms else "CD_DA"


def _track(track: RecordedTrack, names: tuple[str, ...]) -> Iterator[str]:
    marks = track.source.marks
    yield f"TRACK {_MODES[track.form]}"
    yield "COPY" if marks.copy else "NO COPY"
    if not track.form.is_data:
        yield "PRE_EMPHASIS" if marks.emphasis else "NO PRE_EMPHASIS"
        yield "FOUR_CHANNEL_AUDIO" if marks.four_channels else "TWO_CHANNEL_AUDIO"
        if marks.isrc:
            yield f'ISRC "{marks.isrc}"'
    if names:
        yield f"CD_TEXT {{\n{_words(track.source.words, names)}\n}}"
    if track.form.is_data:
        yield f'DATAFILE "-" {track.size}'
    else:
        yield f'FILE "-" 0 {_msf(track.sectors)}'
    if track.pregap:
        yield f"START {_msf(track.pregap)}"
    for index in track.indices:
        yield f"INDEX {_msf(index)}"


def _names(recording: Recording) -> tuple[str, ...]:
    """Give the kinds of CD-TEXT items: one that any track has is demanded of all, two always."""
    if not recording.has_words:
        return ()
    used = {"TITLE", "PERFORMER", *recording.layout.words}
    used.update(*(track.source.words for track in recording.tracks))
    return tuple(name for name in TEXT_NAMES if name in used)


def _words(words: Mapping[str, str], names: tuple[str, ...]) -> str:
    items = "\n".join(f"    {name} {_quoted(words.get(name, ''))}" for name in names)
    return f"  LANGUAGE 0 {{\n{items}\n  }}"


def _quoted(text: str) -> str:
    """Give a text as cdrdao's parser takes it: Latin-1, all but letters and digits by number."""
    raw = text[:_MOST_TEXT].encode("latin-1", "replace")
    plain = re.compile(rb"[A-Za-z0-9 .,'()-]")
    coded = (chr(n) if plain.fullmatch(bytes([n])) else f"\\{n:03o}" for n in raw if n >= 32)
    return f'"{"".join(coded)}"'


def _msf(sectors: int) -> str:
    seconds, frames = divmod(sectors, 75)
    return f"{seconds // 60:02}:{seconds % 60:02}:{frames:02}"


def write_arguments(plan: BurnPlan, description: Path, *, words: bool) -> list[str]:
    """Give the command that writes what the description says.

    Samples come with their low bytes first: --swap.
    """
    wishes = []
    if plan.speed_kb is not None:
        wishes += ["--speed", str(max(1, round(factor(plan.speed_kb, Family.CD))))]
    if plan.options.simulate:
        wishes.append("--simulate")
    if plan.method.overburnt:
        wishes.append("--overburn")
    return [
        PROGRAM, "write", "-n", "-v", "2", "--reload", "--swap", "--device", plan.node,
        "--driver", f"{_DRIVER}:{_WITH_TEXT}" if words else _DRIVER, *wishes, str(description),
    ]  # fmt: skip


@contextmanager
def write_call(plan: BurnPlan, recording: Recording) -> Iterator[Call]:
    """Lay the description into a folder of its own and give the call; both live as long.

    Raises TargetError if there is no place for it.
    """
    try:
        place = tempfile.TemporaryDirectory(prefix="discwright-", ignore_cleanup_errors=True)
    except OSError as error:
        raise _no_place(error) from error
    with place as folder:
        path = Path(folder) / "disc.toc"
        try:
            path.write_text(describe(recording), encoding="ascii")
        except OSError as error:
            raise _no_place(error) from error
        hearing = CdrdaoWords()
        yield Call(
            write_arguments(plan, path, words=recording.has_words),
            hearing.read_line,
            hearing.is_chatter,
            surroundings={"HOME": folder},  # not the user's own wishes from ~/.cdrdao
        )


def _no_place(error: OSError) -> TargetError:
    return TargetError(
        _("No temporary file can be written."),
        remedy=_("Make room in the folder for temporary files, then try again."),
        cause=str(error),
    )
