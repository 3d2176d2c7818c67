# SPDX-License-Identifier: GPL-3.0-or-later
"""``discwright list``: what files are on a disc or in an image."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime

from discwright.cli.interruption import Interruption
from discwright.cli.outcome import print_outcome
from discwright.cli.streams import Streams
from discwright.errors import SourceError
from discwright.extract.selection import Selection, select
from discwright.extract.source import DiscContents, read_disc
from discwright.image.tree import PLAIN, Attributes, What
from discwright.jobs.report import JobReport
from discwright.transfer.cancel import Cancelled
from discwright.transfer.outcome import Refusal, State
from discwright.wording import _, counted, size

Line = tuple[tuple[str, ...], str, int, Attributes]
"""Path, kind, size in bytes, what else is said."""


def list(  # noqa: A001 - each command's module has a function of its name
    arguments: argparse.Namespace, streams: Streams, interruption: Interruption
) -> int:
    """List the files, and give the exit code."""
    try:
        found = interruption.look(lambda cancel: read_disc(arguments.source, cancel))
    except Cancelled:
        report = JobReport(State.CANCELLED, _("The look at the disc was cancelled."))
    except SourceError as error:
        report = JobReport(State.FAILED, error.message, error.remedy, error.cause)
    else:
        report = (
            JobReport.refused(found)
            if isinstance(found, Refusal)
            else _list(found, arguments.path, streams)
        )
    return print_outcome(report, streams)


def _list(found: DiscContents, path: str | None, streams: Streams) -> JobReport:
    selection = select(found.contents, () if path is None else (path,))
    if isinstance(selection, Refusal):
        return JobReport.refused(selection)
    for parts, kind, length, about in sorted(_lines(found, selection), key=lambda line: line[0]):
        name = "/".join(parts)
        streams.event(
            {
                "event": "entry",
                "path": name,
                "type": kind,
                "size": length,
                "modified": _iso(about),
                "mode": None if about.mode is None else f"{about.mode:04o}",
                "link": about.link,
            }
        )
        if not streams.as_json:
            shown_size = "" if kind == "directory" else str(length)
            tail = "/" if kind == "directory" else f" -> {about.link}" if about.link else ""
            when = _iso(about)[:16].replace("T", " ")
            streams.result(f"{shown_size:>14}  {when:<16}  {_one_line(name + tail)}")
    total = sum(file.size for file in selection.files)
    message = counted("{n} file, {{size}}.", "{n} files, {{size}}.", len(selection.files))
    message = message.format(size=size(total))
    if not selection.damage:
        return JobReport(State.COMPLETE, message)
    more = _("Parts of the directories can't be read: files may be missing.")
    return JobReport(
        State.COMPLETE_WITH_ERRORS, f"{message} {more}", cause=" ".join(selection.damage)
    )


def _lines(found: DiscContents, selection: Selection) -> Iterator[Line]:
    about = found.contents.about
    for parts in selection.directories:
        yield parts, "directory", 0, about.get(parts, PLAIN)
    for file in selection.files:
        kind = {What.LINK: "link", What.DEVICE: "device"}.get(file.attributes.what, "file")
        yield file.parts, kind, file.size, file.attributes
    for parts in selection.lost:
        yield parts, "unreadable", 0, PLAIN


def _iso(about: Attributes) -> str:
    """Give the date in UTC; "" if it isn't known or is none."""
    if about.modified is None:
        return ""
    try:
        return datetime.fromtimestamp(about.modified, UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return ""


def _one_line(name: str) -> str:
    """Keep a hostile name from making lines of its own, also in a pipe."""
    return "".join("\ufffd" if ch < " " or ch == "\x7f" else ch for ch in name)
