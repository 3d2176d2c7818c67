# SPDX-License-Identifier: GPL-3.0-or-later
"""Printing how a command ended, from its report alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from discwright.cli.streams import Streams
from discwright.image.compression_method import name_inside
from discwright.transfer.extents import Extent
from discwright.transfer.outcome import Report
from discwright.wording import _, counted, shown

_DESCRIPTIONS = frozenset({".cue", ".toc", ".nrg"})
"""Of images that consist of more than their own file."""

_MOST = 100
"""Runs of sectors, and names of files, that are printed; the record beside the image has all."""


def print_outcome(report: Report, streams: Streams, *, said: Sequence[str] = ()) -> int:
    """Print the report and give the exit code; ``said``: warnings that were printed before."""
    facts = report.to_json()
    streams.event(facts)
    for text in (report.message, report.remedy):
        if text:
            streams.message(text)
    cause = str(facts.get("cause") or "")
    if cause:
        streams.message(_("Cause: {cause}").format(cause=cause))
    for warning in _sequence(facts.get("warnings")):
        if warning not in said:
            streams.message(_("Note: {text}").format(text=warning))
    _print_result(facts, streams)
    code = report.state.exit_code
    return 1 if streams.lost and not code else code


def _print_result(facts: Mapping[str, object], streams: Streams) -> None:
    digests, whose = facts.get("digests"), _digested(facts)
    if isinstance(digests, Mapping) and whose:
        for name, digest in digests.items():
            streams.result(digest_line(str(name), whose, str(digest)))
    # Of a CD's tracks it is told otherwise where they are, and what is wrong with them.
    bad = _("Bad sectors: {which}") if facts.get("losses") else _("Unreadable sectors: {which}")
    for key, title in (
        ("bad_sectors", bad),
        ("differing_sectors", _("Different sectors: {which}")),
    ):
        runs = [Extent(*run) for run in _sequence(facts.get(key)) if isinstance(run, list)]
        if runs:
            streams.result(title.format(which=", ".join(map(str, runs[:_MOST]))))
            _print_rest(len(runs), streams)
    files = _sequence(facts.get("files_affected"))
    for name in files[:_MOST]:
        streams.result(_("Damaged file: {name}").format(name=shown(str(name))))
    _print_rest(len(files), streams)


def _digested(facts: Mapping[str, object]) -> str:
    """Give what the checksums are of: the image, not the larger disc or stick that it is on."""
    source, target = facts.get("source"), facts.get("target")
    path = Path(source) if isinstance(source, str) and source else None
    if path is None or path.suffix.casefold() in _DESCRIPTIONS:
        return target if isinstance(target, str) else ""
    return str(path.with_name(name_inside(path.name)))


def digest_line(algorithm: str, target: str, digest: str) -> str:
    """Give the line that ``sha256sum --tag`` and its siblings print and their ``-c`` reads.

    GNU coreutils manual, md5sum: a name with a backslash or line break is escaped and the line
    begins with a backslash.
    """
    name = target.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    mark = "\\" if name != target else ""
    return f"{mark}{algorithm.upper().replace('BLAKE2B', 'BLAKE2b')} ({name}) = {digest}"


def _print_rest(count: int, streams: Streams) -> None:
    if count > _MOST:
        streams.result(
            counted("… and {n} more, in the record", "… and {n} more, in the record", count - _MOST)
        )


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, (list, tuple)) else ()
